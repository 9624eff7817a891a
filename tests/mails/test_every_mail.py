"""What holds for each mail there is: two parts that say the same, nothing loaded, nothing but text in a name."""

import re
from html import unescape
from pathlib import Path

import allauth
import pytest
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import translation

from accounts import notices
from tests.mails import samples

NOT_OURS = {  # of pages and ways in that this product does not have
    "account/email/email_deleted",
    "socialaccount/email/account_connected",
    "socialaccount/email/account_disconnected",
}


def html_of(message: EmailMultiAlternatives) -> str:
    return str(message.alternatives[0][0])


@pytest.fixture(params=[*samples.SAMPLES, *notices.NOTICES])
def message(request: pytest.FixtureRequest) -> EmailMultiAlternatives:
    if request.param in samples.SAMPLES:
        return samples.SAMPLES[request.param].render()
    return samples.notice(request.param)


def test_both_parts_hold_the_same_links(message: EmailMultiAlternatives) -> None:
    in_text = re.findall(r"https?://[^\s<>]+", str(message.body))
    in_html = re.findall(r'href="([^"]+)"', html_of(message))

    assert set(in_text) == {unescape(link) for link in in_html}


def test_a_mail_has_a_language_one_heading_a_title_and_a_line_for_the_list(message: EmailMultiAlternatives) -> None:
    html = html_of(message)

    assert '<html lang="en' in html
    assert len(re.findall(r"<h1\b[^>]*>\s*\S", html)) == html.count("<h1") == 1
    assert re.search(r"<title>[^<\n]+</title>", html)
    assert re.search(r'<div style="display:none[^>]*>\s*\w', html)


def test_opening_a_mail_loads_nothing(message: EmailMultiAlternatives) -> None:
    html = html_of(message)

    assert not re.search(r"<(img|link|script|iframe|object|video)\b", html)
    assert not re.search(r"\bsrc=|url\(|@import|http-equiv", html)


def test_a_mail_asks_for_one_thing_at_most(message: EmailMultiAlternatives) -> None:
    assert html_of(message).count('<td class="mail-button"') <= 1


def test_a_subject_is_one_short_line(message: EmailMultiAlternatives) -> None:
    assert "\n" not in message.subject
    assert "\r" not in message.subject
    assert 0 < len(message.subject) <= 78


def test_nothing_is_left_to_fill_in(message: EmailMultiAlternatives) -> None:
    html, text = re.sub(r"<style>.*?</style>", "", html_of(message), flags=re.DOTALL), str(message.body)

    assert not re.search(r"\{[%{#\w]|\bNone\b| \.| ,|\(\)", html)
    assert not re.search(r"\{[%{#\w]|\bNone\b| \.| ,|\(\)|\n\n\n", text)


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_a_mail_is_in_german_in_each_of_its_parts(name: str) -> None:
    english = samples.SAMPLES[name].render()
    with translation.override("de"):
        german = samples.SAMPLES[name].render()

    assert '<html lang="de" dir="ltr">' in html_of(german)
    assert "hat dies an" in html_of(german)
    assert "hat dies an" in str(german.body)
    assert not {*lines(english)} & {*lines(german)}
    assert german.subject != english.subject
    assert len(german.subject) <= 78


def lines(message: EmailMultiAlternatives) -> list[str]:
    return [line for line in str(message.body).splitlines() if " " in line]


def test_names_are_text_in_the_html_and_themselves_in_the_text() -> None:
    message = samples.longest().render()

    assert "&lt;script&gt;alert(" in html_of(message)
    assert "<script" not in html_of(message)
    assert "<b>" not in html_of(message)
    assert "<script>alert('x')</script>" in str(message.body)


def test_a_long_name_is_cut_in_the_subject_and_whole_in_the_text() -> None:
    message = samples.longest().render()

    assert len(message.subject) < 130
    assert samples.longest().context["team"] in str(message.body)


def test_no_mail_is_missing_here() -> None:
    templates = Path(settings.BASE_DIR) / "templates"
    there_are = {
        str(path.relative_to(templates)).removesuffix("_subject.txt") for path in templates.rglob("email/*_subject.txt")
    }

    assert all((templates / f"{name}_message.html").exists() for name in there_are)
    assert there_are == {sample.name for sample in samples.SAMPLES.values()} | {"accounts/email/notice"}


def test_whatever_allauth_tells_people_is_told_in_our_words() -> None:
    told = re.compile(r'send_notification_mail\(\s*"([^"]+)"')
    sources = Path(allauth.__path__[0]).rglob("*.py")

    names = {name for source in sources for name in told.findall(source.read_text())} - NOT_OURS

    assert "mfa/email/totp_activated" in names
    assert names == {name for name in notices.NOTICES if "/email/" in name}
