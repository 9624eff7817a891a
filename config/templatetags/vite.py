"""Script and style tags of a front-end entry point, found in the manifest Vite writes."""

import json
from functools import cache
from pathlib import Path
from typing import TypedDict

from django import template
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, to_locale

register = template.Library()


class Chunk(TypedDict, total=False):
    file: str
    css: list[str]
    imports: list[str]
    dynamicImports: list[str]


Manifest = dict[str, Chunk]


@register.simple_tag(takes_context=True)
def vite_asset(context: Context, name: str) -> SafeString:
    """Tags for `static/src/entrypoints/<name>.ts`: its styles, what it imports, then the module itself.

    The words of the page's language, which scripts ask for before they draw anything, are fetched beside them.

    Raises ImproperlyConfigured when the front end is not built or has no such entry point.
    """
    manifest = _manifest()
    key = f"static/src/entrypoints/{name}.ts"
    if key not in manifest:
        raise ImproperlyConfigured(f"The front end has no entry point {name!r}. Run `npm run build`.")
    chunks = [*_imports(manifest, key), manifest[key]]
    nonce = str(context.get("csp_nonce", ""))
    styles = dict.fromkeys(css for chunk in chunks for css in chunk.get("css", []))
    return SafeString(
        format_html_join("\n", '<link rel="stylesheet" href="{}" nonce="{}">', ((static(css), nonce) for css in styles))
        + format_html_join(
            "\n",
            '<link rel="modulepreload" href="{}" nonce="{}">',
            ((static(chunk["file"]), nonce) for chunk in [*chunks[:-1], *_words(context, manifest, chunks)]),
        )
        + format_html('<script type="module" src="{}" nonce="{}"></script>', static(chunks[-1]["file"]), nonce)
    )


def files_of(name: str) -> list[str]:
    """Return the addresses of the style sheets and scripts of an entry point."""
    manifest = _manifest()
    key = f"static/src/entrypoints/{name}.ts"
    chunks = [*_imports(manifest, key), manifest[key]]
    files = [file for chunk in chunks for file in (*chunk.get("css", []), chunk["file"])]
    return [static(file) for file in dict.fromkeys(files)]


@register.simple_tag(takes_context=True)
def vite_preload(context: Context, module: str) -> SafeString:
    """Tags that fetch `static/src/<module>`, which a script of the page is about to import, beside that script."""
    manifest = _manifest()
    key = f"static/src/{module}"
    if key not in manifest:
        raise ImproperlyConfigured(f"The front end has no module {module!r}. Run `npm run build`.")
    files = (
        (static(chunk["file"]), str(context.get("csp_nonce", "")))
        for chunk in [*_imports(manifest, key), manifest[key]]
    )
    return format_html_join("\n", '<link rel="modulepreload" href="{}" nonce="{}">', files)


@register.simple_tag
def vite_inline(name: str) -> SafeString:
    """The script of an entry point written into the page, for one that may not load anything.

    Raises ImproperlyConfigured when it is not built, or is not a single file.
    """
    manifest = _manifest()
    chunk = manifest.get(f"static/src/entrypoints/{name}.ts")
    if chunk is None:
        raise ImproperlyConfigured(f"The front end has no entry point {name!r}. Run `npm run build`.")
    script = _text(_dist() / chunk["file"])
    if chunk.get("imports") or "</script" in script.lower():
        raise ImproperlyConfigured(f"The entry point {name!r} cannot stand in a page: it imports, or ends its own tag.")
    return SafeString(f'<script type="module">{script}</script>')


def _words(context: Context, manifest: Manifest, chunks: list[Chunk]) -> list[Chunk]:
    """The catalogue of the page's language if one of its scripts loads it, once for a page."""
    key = f"locale/{to_locale(get_language() or 'en')}/LC_MESSAGES/djangojs.po"
    is_asked_for = any(key in chunk.get("dynamicImports", []) for chunk in chunks)
    if not is_asked_for or context.render_context.get(key):
        return []
    context.render_context[key] = True
    return [manifest[key]]


def _imports(manifest: Manifest, key: str) -> list[Chunk]:
    """Every chunk the module needs before it runs, dependencies first, each once."""
    ordered: dict[str, Chunk] = {}

    def visit(parent: str) -> None:
        for child in manifest[parent].get("imports", []):
            if child not in ordered:
                visit(child)
                ordered[child] = manifest[child]

    visit(key)
    return list(ordered.values())


def _dist() -> Path:
    return Path(settings.BASE_DIR) / "static" / "dist"


def _manifest() -> Manifest:
    path = _dist() / "manifest.json"
    try:
        changed_at = path.stat().st_mtime_ns
    except FileNotFoundError:
        raise ImproperlyConfigured(f"The front end is not built: {path} is missing. Run `npm run build`.") from None
    return _read(path, changed_at)


@cache
def _read(path: Path, changed_at: int) -> Manifest:
    """Read a manifest once for each time it was written."""
    manifest: Manifest = json.loads(path.read_text())
    return manifest


@cache
def _text(path: Path) -> str:
    """Read a built file once: its name changes with what is in it."""
    return path.read_text()
