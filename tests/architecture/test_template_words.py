"""What a template says is marked for translation, whichever way it says it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType

TEMPLATES = Path(settings.BASE_DIR) / "templates"
FOR_DEVELOPERS = "ui"  # the gallery of components, there in DEBUG alone
NAMES = {"UTC", "400", "403", "404", "429", "500", "503"}
NEITHER_SAID = re.compile(r"<(style|script)\b.*?</\1>|<!--.*?-->", re.DOTALL)
BLOCKS_OF_CLASSES = re.compile(r"block (?:body|main)_?class$")
TAG = re.compile(r"<[a-zA-Z/!](?:\"[^\"]*\"|[^<>\"])*>")
SAID_BY_ATTRIBUTES = re.compile(
    r"""\b(?:aria-label|aria-description|aria-placeholder|title|placeholder|alt|data-tooltip)="([^"]*)"
        |<meta\s(?:name|property)="(?:og:)?description"\s+content="([^"]*)\"""",
    re.VERBOSE,
)
GIVEN = re.compile(r"""(?<!_\()(?:\b(\w+)=|\||:)"([^"]*)\"""")
OF_FILTERS = re.compile(r"[A-Z_]+_FORMAT|Y-m-d|H:i:s|true,false")
WORD = re.compile(r"[^\W\d_]{2,}")


def unmarked(source: str, *, is_page: bool = True) -> Iterator[str]:
    """Yield the words of a template that reach a reader as they stand, in no language but ours."""
    said, is_marked, is_class = "", False, False
    for token in Lexer(source).tokenize():
        match token.token_type:
            case TokenType.TEXT:
                said += "" if is_marked or is_class else token.contents
            case TokenType.VAR:
                said += "\0"
                yield from _given(token.contents)
            case TokenType.BLOCK:
                name = token.contents.split()[0]
                is_marked = name.startswith("blocktrans") or (is_marked and not name.startswith("endblocktrans"))
                is_class = bool(BLOCKS_OF_CLASSES.match(token.contents))
                said += "\0"
                if name in {"include", "with", "firstof"}:
                    yield from _given(token.contents)
    if is_page:
        said = NEITHER_SAID.sub("", said)
        yield from _words(" ".join("".join(match) for match in SAID_BY_ATTRIBUTES.findall(said)))
        said = re.sub(r"&[#\w]+;", "", TAG.sub("\0", said))
    yield from _words(said)


def _words(text: str) -> Iterator[str]:
    for piece in text.split("\0"):
        if WORD.search(piece) and piece.strip(" ·\n") not in NAMES:
            yield " ".join(piece.split())


def _given(contents: str) -> Iterator[str]:
    """Yield what a component or a filter is given to say: with a capital or a space in it, it is no name of ours."""
    for name, text in GIVEN.findall(contents):
        is_said = re.search(r"label|title|text$", name) or re.search(r"[A-Z]|\w \w|,\w", text)
        if is_said and "/" not in text and not OF_FILTERS.fullmatch(text):
            yield text


def pages() -> list[Path]:
    files = (path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"})
    return sorted(path for path in files if path.parent.name != FOR_DEVELOPERS)


@pytest.mark.parametrize("template", pages(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_visible_word_of_a_template_is_translated(template: Path) -> None:
    assert list(unmarked(template.read_text(), is_page=template.suffix == ".html")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ("<p>{% if yes %}Hello{% endif %} {{ name }} there</p>", ["Hello", "there"]),
        ('<p>{% translate "Hello" %} · {{ SITE_NAME }} · UTC</p>', []),
        ("{% blocktranslate with n=name %}Hello <b>you</b> {{ n }}{% endblocktranslate %} too", ["too"]),
        ('<img alt="A picture" title="{{ title }}" class="wide">', ["A picture"]),
        ('<meta name="description" content="A chat">', ["A chat"]),
        ("<button aria-label=\"{% if yes %}Open{% else %}{% translate 'Close' %}{% endif %}\">+</button>", ["Open"]),
        ('{% include "button.html" with label="Save" kind="danger" icon="arrow-left" href="/" %}', ["Save"]),
        ('{% include "button.html" with label=_("Save") only %}', []),
        ('{{ count|pluralize:"person is,people are" }} {{ day|date:"DATETIME_FORMAT" }}', ["person is,people are"]),
        ("{# Hello #}<style>p { color: red }</style><!-- Hello -->{% block main_class %}wide{% endblock %}", []),
    ],
)
def test_what_is_not_marked_is_noticed(source: str, found: list[str]) -> None:
    assert list(unmarked(source)) == found
