import json
import os
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.template import Context, Template
from django.utils import translation
from pytest_django import Settings

GERMAN = "locale/de/LC_MESSAGES/djangojs.po"


@pytest.fixture
def built(settings: Settings, tmp_path: Path) -> Path:
    settings.BASE_DIR = tmp_path
    dist = tmp_path / "static" / "dist"
    dist.mkdir(parents=True)
    (dist / "manifest.json").write_text(
        json.dumps(
            {
                "static/src/entrypoints/chat.ts": {
                    "file": "assets/chat-1.js",
                    "css": ["assets/chat-1.css"],
                    "imports": ["_a.js", "_b.js"],
                },
                "_a.js": {"file": "assets/a-1.js", "imports": ["_b.js"], "css": ["assets/chat-1.css"]},
                "_b.js": {"file": "assets/b-1.js", "dynamicImports": [GERMAN]},
                GERMAN: {"file": "assets/german-1.js"},
                "static/src/chat/late.ts": {"file": "assets/late-1.js", "imports": ["_b.js"]},
            }
        )
    )
    return dist


def render(source: str) -> str:
    return Template("{% load vite %}" + source).render(Context({"csp_nonce": "n0nce"}))


def test_entry_becomes_a_module_script_with_the_nonce(built):
    assert '<script type="module" src="/static/assets/chat-1.js" nonce="n0nce"></script>' in render(
        '{% vite_asset "chat" %}'
    )


def test_styles_of_the_entry_and_its_imports_are_linked_once(built):
    assert render('{% vite_asset "chat" %}').count('href="/static/assets/chat-1.css"') == 1


def test_imports_are_preloaded_dependencies_first(built):
    html = render('{% vite_asset "chat" %}')

    assert html.index("assets/b-1.js") < html.index("assets/a-1.js") < html.index("assets/chat-1.js")
    assert html.count("assets/b-1.js") == 1


def test_words_of_the_pages_language_are_fetched_beside_its_scripts_and_once(built):
    with translation.override("de"):
        html = render('{% vite_asset "chat" %}{% vite_asset "chat" %}')

    assert html.count('<link rel="modulepreload" href="/static/assets/german-1.js" nonce="n0nce">') == 1


@pytest.mark.parametrize("language", ["en", "fr"])
def test_english_needs_no_words(built, language):
    with translation.override(language):
        assert "german" not in render('{% vite_asset "chat" %}')


def test_unbuilt_front_end_names_the_command_that_builds_it(settings, tmp_path):
    settings.BASE_DIR = tmp_path

    with pytest.raises(ImproperlyConfigured, match="npm run build"):
        render('{% vite_asset "chat" %}')


def test_unknown_entry_is_named(built):
    with pytest.raises(ImproperlyConfigured, match="'nowhere'"):
        render('{% vite_asset "nowhere" %}')


def test_rebuild_is_noticed_without_a_restart(built):
    render('{% vite_asset "chat" %}')
    manifest = built / "manifest.json"
    manifest.write_text(json.dumps({"static/src/entrypoints/chat.ts": {"file": "assets/chat-2.js"}}))
    os.utime(manifest, ns=(0, manifest.stat().st_mtime_ns + 1_000_000_000))

    assert "assets/chat-2.js" in render('{% vite_asset "chat" %}')


def test_a_module_imported_later_is_fetched_with_what_it_needs(built):
    assert render('{% vite_preload "chat/late.ts" %}').split("\n") == [
        '<link rel="modulepreload" href="/static/assets/b-1.js" nonce="n0nce">',
        '<link rel="modulepreload" href="/static/assets/late-1.js" nonce="n0nce">',
    ]


def test_a_module_that_does_not_exist_is_named(built):
    with pytest.raises(ImproperlyConfigured, match=r"missing\.ts"):
        render('{% vite_preload "chat/missing.ts" %}')
