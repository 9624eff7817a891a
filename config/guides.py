"""The guides of `docs/guide`, shown as pages: one page per guide, one chapter per file, in the order of its README."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

GUIDES = {"users": _("Using it"), "admins": _("Running it"), "developers": _("Building on it")}
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
PLACE = Path(settings.BASE_DIR) / "docs" / "guide"
LINK = re.compile(r"^- \[[^\]]+\]\(([\w-]+\.md)\)$", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """What stands under one heading of a chapter; the first has none."""

    id: str
    title: str
    html: SafeString


@dataclass(frozen=True)
class Chapter:
    id: str
    title: str
    parts: list[Part]


@dataclass(frozen=True)
class Guide:
    title: str
    lead: str
    chapters: list[Chapter]


def page(request: HttpRequest, guide: str) -> HttpResponse:
    tabs = [(name, title, address(name)) for name, title in GUIDES.items()]
    return render(request, "help/page.html", {"guide": read(guide), "current": guide, "tabs": tabs})


def address(guide: str) -> str:
    return reverse("help" if guide == "users" else f"help_{guide}")


@cache
def read(name: str) -> Guide:
    """Return a guide as it was when the process first needed it."""
    readme = (PLACE / name / "README.md").read_text()
    title, lead, *_ = (block.strip("# \n") for block in readme.split("\n\n"))
    return Guide(title, lead, [_chapter(PLACE / name / file) for file in LINK.findall(readme)])


def _chapter(file: Path) -> Chapter:
    tokens = iter(MARKDOWN.parse(file.read_text()))
    title = ""
    parts: list[tuple[str, list[Token]]] = [("", [])]
    for token in tokens:
        if token.type == "heading_open" and token.tag in {"h1", "h2"}:
            words = next(tokens).content
            next(tokens)  # the heading's end
            if token.tag == "h1":
                title = words
            else:
                parts.append((words, []))
        else:
            _point_at_pages(token, file)
            parts[-1][1].append(token)
    return Chapter(file.stem, title, [_part(file.stem, words, inside) for words, inside in parts if inside])


def _part(chapter: str, title: str, tokens: list[Token]) -> Part:
    html = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    html = html.replace("<table>", '<div class="table-box" tabindex="0"><table>').replace("</table>", "</table></div>")
    html = html.replace("<pre>", '<pre tabindex="0">')
    # Our own files, in which HTML is off.
    return Part(f"{chapter}-{slugify(title)}" if title else "", title, mark_safe(html))  # noqa: S308


def _point_at_pages(token: Token, file: Path) -> None:
    """Turn links between files into links between pages; one to a file that has no page loses its underline alone."""
    for child in token.children or []:
        if child.type == "image":
            source = Path(str(child.attrs["src"]))
            child.attrs |= {"src": static(f"guide/{source.name}"), "loading": "lazy", "decoding": "async"}
        elif child.type == "link_open" and not str(child.attrs["href"]).startswith(("http:", "https:", "mailto:")):
            _point_at_page(child, file)


def _point_at_page(link: Token, file: Path) -> None:
    name, _, anchor = str(link.attrs["href"]).partition("#")
    target = (file.parent / name).resolve()
    guide = target.parent.name
    if target.parent.parent == PLACE and guide in GUIDES:
        inside = f"{target.stem}-{anchor}" if anchor else target.stem
        link.attrs["href"] = f"{address(guide)}#{inside}"
    else:
        link.attrs = {"class": "help-elsewhere", "title": f"{target.name}, in the repository"}
