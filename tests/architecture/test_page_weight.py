"""What the chat page loads before anything can be read. Highlighting and maths come when a reply needs them."""

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


def test_highlighting_and_maths_are_not_among_them():
    manifest = json.loads((DIST / "manifest.json").read_text())
    chat = manifest["static/src/entrypoints/chat.ts"]

    assert any("katex" in key for key in chat["dynamicImports"])
    assert any("languages/python" in key for key in chat["dynamicImports"])
    assert not any("katex" in key or "highlight.js" in key for key in chat.get("imports", []))
