"""The docs keep up: links resolve, make targets exist, every event and variable is named."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from pydantic import TypeAdapter

from realtime.events import CLIENT_COMMAND, SERVER_EVENT

PAGES = sorted(
    [*settings.BASE_DIR.glob("*.md"), *(settings.BASE_DIR / "docs").rglob("*.md")],
    key=str,
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(settings.BASE_DIR)))
def test_every_link_to_a_file_resolves(page: Path) -> None:
    broken = []
    for link in LINK.findall(page.read_text()):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(settings.BASE_DIR)))
def test_every_make_target_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z -]*):", (settings.BASE_DIR / "Makefile").read_text(), re.MULTILINE))
    known = {name for line in targets for name in line.split()}

    named = set(re.findall(r"(?:`|^)make ([a-z][a-z-]*)", page.read_text(), re.MULTILINE))

    assert named - known == set()


def _event_types() -> set[str]:
    adapters: list[TypeAdapter[object]] = [SERVER_EVENT, CLIENT_COMMAND]  # type: ignore[list-item]
    return {
        definition["properties"]["type"]["const"]
        for adapter in adapters
        for definition in adapter.json_schema()["$defs"].values()
        if "const" in definition["properties"].get("type", {})
    }


def test_every_event_is_described_in_the_architecture_page() -> None:
    text = (settings.BASE_DIR / "docs" / "architecture.md").read_text()

    assert {name for name in _event_types() if f"`{name}`" not in text} == set()


def test_every_variable_is_described_in_the_configuration_page() -> None:
    example = (settings.BASE_DIR / ".env.example").read_text()
    text = (settings.BASE_DIR / "docs" / "configuration.md").read_text()

    variables = re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE)

    assert [name for name in variables if f"`{name}`" not in text] == []
