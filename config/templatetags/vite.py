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

register = template.Library()


class Chunk(TypedDict, total=False):
    file: str
    css: list[str]
    imports: list[str]


Manifest = dict[str, Chunk]


@register.simple_tag(takes_context=True)
def vite_asset(context: Context, name: str) -> SafeString:
    """Tags for `static/src/entrypoints/<name>.ts`: its styles, what it imports, then the module itself.

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
            ((static(chunk["file"]), nonce) for chunk in chunks[:-1]),
        )
        + format_html('<script type="module" src="{}" nonce="{}"></script>', static(chunks[-1]["file"]), nonce)
    )


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


def _manifest() -> Manifest:
    path = Path(settings.BASE_DIR) / "static" / "dist" / "manifest.json"
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
