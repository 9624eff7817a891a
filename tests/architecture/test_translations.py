"""Every language we speak has words for all that is said, and says the same with them."""

import gettext
import re

import pytest
from django.conf import settings

from config import messages

by_language = pytest.mark.parametrize("language", messages.languages())


@by_language
def test_all_that_python_and_templates_say_is_translated_and_compiled(language: str) -> None:
    assert messages.faults(language) == [], "run `manage.py messages` and translate what is missing"


@by_language
def test_the_compiled_file_is_one_that_any_server_can_read(language: str) -> None:
    with messages.source_of(language).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    assert compiled.gettext("Saved.") != "Saved."
    assert compiled.ngettext("%(count)s hour", "%(count)s hours", 2) != "%(count)s hours"


def test_german_says_du_and_shouts_at_nobody() -> None:
    said = [form for message in messages.read("de") if message.id for form in messages.forms(message.string)]

    assert [text for text in said if "!" in text] == []
    # At the beginning of a sentence "Ihr" is "hers" or "theirs".
    assert [text for text in said if re.search(r"(?<![.:] )\b(Ihre?[mnrs]?|Ihnen)\b", text)] == []
    assert [text for text in said if '"' in text and "=" not in text] == []


@by_language
def test_nothing_is_said_twice_in_a_row(language: str) -> None:
    """Filling in what is missing by a script can append to what is there."""
    said = [form for message in messages.read(language) if message.id for form in messages.forms(message.string)]

    assert [text for text in said if len(text) > 20 and text == text[: len(text) // 2] * 2] == []


def test_each_language_is_called_what_it_calls_itself() -> None:
    assert dict(settings.LANGUAGES)["de"] == "Deutsch"
    assert {code for code, _ in settings.LANGUAGES} == {settings.LANGUAGE_CODE, *messages.languages()}
