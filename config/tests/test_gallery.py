import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from config import gallery

COMPONENTS = sorted((Path(django_settings.BASE_DIR) / "templates" / "components").glob("*.html"))


@pytest.mark.parametrize("page", ["/ui/", "/ui/500/"])
def test_outside_debug_there_is_no_gallery(client: Client, page: str) -> None:
    assert client.get(page).status_code == 404


def test_in_debug_it_shows_both_themes(client: Client, settings: Settings, db: None) -> None:
    settings.DEBUG = True

    page = client.get("/ui/").text

    assert 'aria-label="light"' in page
    assert 'aria-label="dark"' in page


def test_no_id_appears_twice(client: Client, settings: Settings, db: None) -> None:
    settings.DEBUG = True

    ids = re.findall(r'\sid="([^"]+)"', client.get("/ui/").text)

    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("page", gallery.ERROR_PAGES)
def test_each_error_page_can_be_looked_at(client: Client, settings: Settings, db: None, page: str) -> None:
    settings.DEBUG = True

    assert 'class="page-title"' in client.get(f"/ui/{page}/").text


def test_every_icon_that_is_used_is_drawn() -> None:
    drawn = set(re.findall(r'id="icon-([a-z-]+)"', Path(COMPONENTS[0].parent / "icons.html").read_text()))
    root = Path(django_settings.BASE_DIR)
    sources = [*(root / "templates").rglob("*.html"), *(root / "static" / "src").rglob("*.ts")]
    used = {
        name
        for path in sources
        for name in re.findall(r'(?:#icon-|icon=")([a-z-]+)|icon\.html" with name="([a-z-]+)"', path.read_text())
        for name in name
        if name
    }

    assert used <= drawn


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda path: path.stem)
def test_every_component_is_used_somewhere(component: Path) -> None:
    templates = (Path(django_settings.BASE_DIR) / "templates").rglob("*.html")

    assert any(f"components/{component.name}" in path.read_text() for path in templates if path != component)
