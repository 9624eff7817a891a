"""What is collected for translation, and what is found wrong with a translation."""

from pathlib import Path

import pytest
from babel.messages.pofile import write_po
from pytest_django import Settings

from config import messages

PYTHON = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
WORD = gettext_lazy("Lazily" " said")
def f(n, label):
    return _("Hello %(name)s") % {}, ngettext("%(n)s day", "%(n)s days", n), pgettext("door", "Open"), _(label)
"""
TEMPLATE = """{% load i18n %}<p title="{% translate 'Close it' %}">{# {% translate "no" %} #}
{% blocktranslate trimmed count n=days|length with who=user.name %}
  {{ who }} has <b>one</b> day (or so)
{% plural %}
  {{ who }} has <b>{{ n }}</b> days (or "so")
{% endblocktranslate %}{{ _("Filtered") }}{% translate "Open" context "shop" %}</p>"""


@pytest.fixture
def project(tmp_path: Path, settings: Settings) -> Path:
    settings.BASE_DIR = tmp_path
    for path, text in {"lib/a.py": PYTHON, "lib/tests/b.py": '_("of a test")', "templates/a.html": TEMPLATE}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def translate(project: Path, *pairs: tuple[str, str]) -> list[str]:
    """Take in what is said, translate each text as itself or as the pair says, and return the faults."""
    messages.bring_up_to_date("de")
    path = project / "locale" / "de" / "LC_MESSAGES" / "django.po"
    catalog = messages.read("de")
    for message in catalog:
        if message.id:
            message.string = dict(pairs).get(str(message.id), message.id)
    with path.open("wb") as file:
        write_po(file, catalog)
    messages.bring_up_to_date("de")
    return messages.faults("de")


def test_what_python_and_templates_say_is_collected_and_nothing_of_tests(project: Path) -> None:
    assert {(message.context, message.id) for message in messages.said() if message.id} == {
        (None, "Lazily said"),
        (None, "Hello %(name)s"),
        (None, ("%(n)s day", "%(n)s days")),
        ("door", "Open"),
        (None, "Close it"),
        (
            None,
            ("%(who)s has <b>one</b> day (or so)", '%(who)s has <b>%(n)s</b> days (or "so")'),
        ),
        (None, "Filtered"),
        ("shop", "Open"),
    }


def test_a_whole_translation_has_no_fault_and_stays_as_it_is(project: Path) -> None:
    assert translate(project) == []
    before = {path: path.read_bytes() for path in (project / "locale").rglob("django.*")}

    messages.bring_up_to_date("de")

    assert {path: path.read_bytes() for path in before} == before
    assert len(before) == 2


def test_what_is_new_and_what_is_gone_is_told_until_the_command_has_run(project: Path) -> None:
    translate(project)
    (project / "lib" / "a.py").write_text('_("New")')

    faults = messages.faults("de")

    assert "not taken in: 'New'" in faults
    assert "said no longer: 'Lazily said'" in faults
    messages.bring_up_to_date("de")
    assert messages.faults("de") == ["not translated: 'New'"]


@pytest.mark.parametrize(
    ("original", "text", "fault"),
    [
        ("Hello %(name)s", "Hallo %(nmae)s", "other placeholders"),
        ("Hello %(name)s", "Hallo", "other placeholders"),
        ("Filtered", "<i>Gefiltert</i>", "other tags"),
        ("Filtered", "Gefiltert ", "other spaces around it"),
        ("Filtered", "", "not translated"),
    ],
)
def test_a_translation_that_loses_something_is_told(project: Path, original: str, text: str, fault: str) -> None:
    assert translate(project, (original, text)) == [f"{fault}: {original!r}"]


def test_an_edit_that_was_not_compiled_is_told(project: Path) -> None:
    translate(project)
    path = project / "locale" / "de" / "LC_MESSAGES" / "django.po"

    path.write_text(path.read_text().replace('msgstr "Filtered"', 'msgstr "Gefiltert"'))

    assert messages.faults("de") == ["not compiled: django.mo"]
