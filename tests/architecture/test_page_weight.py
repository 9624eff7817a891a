"""What the chat page loads before anything can be written. What sets replies comes with the first of them."""

import gzip
import json
from pathlib import Path

from django.conf import settings

DIST = Path(settings.BASE_DIR) / "static" / "dist"
MOST = 60_000


def test_scripts_of_the_chat_page_weigh_at_most_60_kb():
    manifest = json.loads((DIST / "manifest.json").read_text())
    needed = [f"static/src/entrypoints/{name}.ts" for name in ("base", "chat")]
    for key in needed:
        needed += [child for child in manifest[key].get("imports", []) if child not in needed]
    files = [DIST / manifest[key]["file"] for key in needed] + [DIST / "theme.js"]

    weights = {file.name: len(gzip.compress(file.read_bytes(), 9)) for file in files}

    assert sum(weights.values()) <= MOST, weights


def test_markdown_highlighting_and_maths_are_not_among_them():
    manifest = json.loads((DIST / "manifest.json").read_text())
    later, seen, found = ["static/src/entrypoints/chat.ts"], set[str](), set[str]()
    while later:
        key = later.pop()
        if key not in seen:
            seen.add(key)
            late = manifest[key].get("dynamicImports", [])
            found |= set(late)
            later += [*late, *manifest[key].get("imports", [])]

    for part in ("chat/markdown/index.ts", "katex", "languages/python"):
        assert any(part in key for key in found), part
    assert not any("marked" in key or "katex" in key for key in manifest["static/src/entrypoints/chat.ts"]["imports"])


def test_the_playground_begins_without_what_sets_answers():
    manifest = json.loads((DIST / "manifest.json").read_text())
    needed, later = set[str](), ["static/src/entrypoints/base.ts", "static/src/entrypoints/playground.ts"]
    while later:
        key = later.pop()
        if key not in needed:
            needed.add(key)
            later += manifest[key].get("imports", [])

    weights = {key: len(gzip.compress((DIST / manifest[key]["file"]).read_bytes(), 9)) for key in needed}

    assert sum(weights.values()) <= MOST, weights
    assert not any("marked" in key or "chat/markdown/index" in key or "katex" in key for key in needed)


def test_nothing_the_chat_page_may_load_holds_the_library_of_diagrams():
    manifest = json.loads((DIST / "manifest.json").read_text())
    later, found = ["static/src/entrypoints/chat.ts"], set[str]()
    while later:
        key = later.pop()
        found.add(key)
        needed = {*manifest[key].get("imports", []), *manifest[key].get("dynamicImports", [])}
        later += needed - found

    assert not [key for key in found if "mermaid" in key or "sandbox_diagram" in key]
    assert any("mermaid" in key for key in manifest["static/src/entrypoints/sandbox_diagram.ts"]["dynamicImports"])
