"""The guides say what is true: each path, variable, command, file, label and picture they name exists."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.urls import Resolver404, resolve

ROOT = Path(settings.BASE_DIR)
GUIDE = ROOT / "docs" / "guide"
PAGES = sorted(GUIDE.rglob("*.md"))
PICTURES = sorted((GUIDE / "images").glob("*.webp"))
OUTSIDE_DJANGO = {"/healthz", "/readyz", "/ws/chat/"}
HEAVIEST = 100_000
NOT_OURS = {"var/db.sqlite3", "anymail.backends.mailgun.EmailBackend", "django.core.mail.backends.smtp.EmailBackend"}

by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")


def prose(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def code(page: Path) -> list[str]:
    return re.findall(r"`([^`\n]+)`", prose(page))


@by_page
def test_every_path_resolves(page: Path) -> None:
    unknown = []
    for path in (text for text in code(page) if re.fullmatch(r"/[\w/<>-]*", text) and text not in OUTSIDE_DJANGO):
        try:
            resolve(path.replace("<team_id>", "00000000-0000-0000-0000-000000000000"))
        except Resolver404:
            unknown.append(path)

    assert unknown == []


@by_page
def test_every_variable_is_one_we_read(page: Path) -> None:
    known = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    named = {text for text in code(page) if re.fullmatch(r"[A-Z]+(_[A-Z0-9]+)+", text)}

    assert named - known == set()


@by_page
def test_every_command_exists(page: Path) -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", page.read_text()))

    assert named - get_commands().keys() - {"test"} == set()


@by_page
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = {text for text in code(page) if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", text) and re.search(r"/|\.md$", text)}

    assert [name for name in sorted(named - NOT_OURS) if not (ROOT / name).exists()] == []


def test_every_label_a_user_is_told_to_look_for_is_on_a_page() -> None:
    rooms = ("templates", "static/src", "accounts", "teams", "llm_chat")
    sources = [path for room in rooms for path in (ROOT / room).rglob("*") if path.suffix in {".html", ".ts", ".py"}]
    shown = "\n".join(path.read_text() for path in sources if "tests" not in path.parts)

    told = {
        label for page in (GUIDE / "users").glob("*.md") for label in re.findall(r"\*\*([A-Z][^*]+)\*\*", prose(page))
    }

    assert len(told) > 15
    assert [label for label in sorted(told) if not re.search(rf'[>"`}}]{re.escape(label)}[<"`]', shown)] == []


@pytest.mark.parametrize("guide", ["users", "admins", "developers"])
def test_a_guide_lists_all_its_pages(guide: str) -> None:
    listed = re.findall(r"^- \[[^\]]+\]\(([\w-]+\.md)\)$", (GUIDE / guide / "README.md").read_text(), re.MULTILINE)

    assert sorted(listed) == sorted(page.name for page in (GUIDE / guide).glob("*.md") if page.name != "README.md")


def test_pictures_are_light_and_all_of_them_are_shown() -> None:
    named = {name for page in PAGES for name in re.findall(r"images/([\w-]+\.webp)", page.read_text())}

    assert {picture.name for picture in PICTURES} == named
    assert {picture.name: picture.stat().st_size for picture in PICTURES if picture.stat().st_size > HEAVIEST} == {}


@by_page
def test_sentences_are_short_enough_to_be_read_once(page: Path) -> None:
    paragraphs = re.sub(r"^(#.*|\|.*|!\[.*)$", "", prose(page), flags=re.MULTILINE).split("\n\n")
    sentences = [sentence for paragraph in paragraphs for sentence in re.split(r"[.:;?]\s", paragraph)]

    assert [sentence for sentence in sentences if len(sentence.split()) > 32] == []
