"""Which language a page is in."""

import re

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.core.mail import EmailMultiAlternatives
from django.test import Client, RequestFactory
from django.utils import translation
from pytest_django import DjangoAssertNumQueries, Settings

from accounts import audit, audit_actions, language, notices, queries, sign_in_backend
from accounts.models import User, UserSettings

ADDRESS = "/accounts/settings/"


def test_with_one_language_there_is_nothing_to_choose(client: Client, alice: User, settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English")]
    client.force_login(alice)

    assert 'name="language"' not in client.get(ADDRESS).text


def test_a_chosen_language_wins_over_the_browsers(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.post(ADDRESS, {"name": "", "language": "de"})

    page = client.get(ADDRESS, headers={"Accept-Language": "en"})

    assert queries.language_of(alice) == "de"
    assert '<html lang="de"' in page.text
    assert page["Content-Language"] == "de"
    assert '<option value="de" selected>Deutsch</option>' in page.text


def test_without_a_choice_the_browser_decides(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert '<html lang="de"' in client.get(ADDRESS, headers={"Accept-Language": "de"}).text
    assert '<html lang="en"' in client.get(ADDRESS, headers={"Accept-Language": "en"}).text


def test_one_persons_language_is_nobody_elses(client: Client, alice: User, bob: User) -> None:
    client.force_login(alice)
    client.post(ADDRESS, {"name": "", "language": "de"})
    client.get(ADDRESS)
    other = Client()
    other.force_login(bob)

    assert '<html lang="en"' in other.get(ADDRESS).text


@pytest.mark.parametrize("wish", ["fr", "fr-CH, tlh;q=0.5", "", "*", "de;q=0, en"])
def test_where_we_have_no_words_for_the_browsers_wish_the_page_is_english(client: Client, db: None, wish: str) -> None:
    page = client.get("/", headers={"Accept-Language": wish})

    assert '<html lang="en"' in page.text
    assert page["Content-Language"] == "en"


@pytest.mark.parametrize("wish", ["de", "de-AT,de;q=0.9,en;q=0.8", "fr, de;q=0.7, en;q=0.3"])
def test_a_page_before_sign_in_follows_the_browser(client: Client, db: None, wish: str) -> None:
    page = client.get("/accounts/login/", headers={"Accept-Language": wish})

    assert '<html lang="de"' in page.text
    assert page["Content-Language"] == "de"
    assert "accept-language" in page["Vary"].lower()


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/accounts/signup/?next=%2Fchat%2F"])
def test_a_visitor_switches_and_stays_where_they_are(client: Client, db: None, address: str) -> None:
    assert f'<input type="hidden" name="next" value="{address}">' in client.get(address).text

    page = client.post("/language/", {"language": "de", "next": address}, follow=True)

    assert page.request["PATH_INFO"] + ("?" + page.request["QUERY_STRING"]).rstrip("?") == address
    assert '<html lang="de"' in page.text
    assert 'lang="de" aria-current="true">Deutsch' in page.text


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_switch_leads_to_no_other_site(client: Client, db: None, elsewhere: str) -> None:
    answer = client.post("/language/", {"language": "de", "next": elsewhere})

    assert answer["Location"] == "/"


def test_a_language_we_do_not_speak_is_not_kept(client: Client, db: None) -> None:
    answer = client.post("/language/", {"language": "tlh", "next": "/"})

    assert not answer.cookies


def test_whoever_is_signed_in_chooses_in_the_settings(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert 'action="/language/"' not in client.get("/chat/").text


def test_a_page_speaks_german_from_its_forms_to_its_errors(client: Client, db: None) -> None:
    page = client.post("/accounts/login/", {"login": "ada@", "password": ""}, headers={"Accept-Language": "de"}).text

    assert "Das ist keine ganze E-Mail-Adresse. Eine sieht so aus: name@example.com." in page
    assert "Das kann nicht leer bleiben." in page
    assert "Passwort" in page
    assert "Password" not in page


def test_an_address_answers_in_the_language_of_the_account(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.post(ADDRESS, {"name": "", "language": "de"})

    answer = client.post("/accounts/settings/theme/", {"theme": "pink"}, headers={"Accept": "application/json"})

    assert answer.json() == {"error": "Wähl hell, dunkel oder System."}


def test_a_log_that_was_written_in_one_language_is_read_in_another(client: Client, alice: User) -> None:
    entry = audit.record(
        action=audit_actions.SIGNED_IN,
        by=alice,
        target=alice,
        after={"method": audit.AND.join([audit_actions.METHODS["password"], audit_actions.METHODS["totp"]])},
    )

    with translation.override("de"):
        assert audit.sentence_as_text(entry) == (
            "alice@example.com hat sich mit einem Passwort und einer Authenticator-App angemeldet"
        )
    assert audit.sentence_as_text(entry).endswith("signed in with a password and an authenticator app")


def test_what_somebody_reads_who_is_not_there_is_their_choice_else_what_their_browser_last_showed(
    client: Client, alice: User
) -> None:
    assert language.of(alice) == "en"
    signs_in = {"login": alice.email, "password": "alice-password-1"}
    client.post("/accounts/login/", signs_in, headers={"Accept-Language": "de"})

    assert language.of(alice) == "de"

    client.post(ADDRESS, {"name": "", "language": "en"})
    assert language.of(alice) == "en"


def test_a_notice_is_in_the_language_of_the_account_it_is_about(
    rf: RequestFactory, alice: User, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    UserSettings.objects.create(user=alice, language="de")
    request = rf.post("/", headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"})

    notices.send(notices.SECOND_STEP_BY_ADMIN, user=alice, request=request, method="x")
    notices.send("account/email/password_changed", user=alice, request=request)

    by_admin, changed = mailoutbox
    assert by_admin.subject == "Ein zweiter Schritt wurde entfernt · Parley"
    assert "Dein Passwort wurde geändert" in changed.subject
    assert "Firefox auf Linux" in str(changed.body)
    assert re.search(r"\d+\. \w+ \d{4}, \d\d:\d\d UTC", str(changed.body))
    assert '<html lang="de"' in str(changed.alternatives[0][0])


def test_a_choice_on_one_device_is_seen_on_the_other_at_once(alice: User) -> None:
    laptop, phone = Client(), Client()
    laptop.force_login(alice)
    phone.force_login(alice)
    assert '<html lang="en"' in phone.get(ADDRESS).text

    laptop.post(ADDRESS, {"name": "", "language": "de"})
    assert '<html lang="de"' in phone.get(ADDRESS).text

    phone.post(ADDRESS, {"name": "", "language": ""})
    assert '<html lang="en"' in laptop.get(ADDRESS).text


@pytest.mark.parametrize("chosen", ["", "de"])
def test_the_language_of_a_request_costs_no_query_of_its_own(
    client: Client, alice: User, chosen: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(alice)
    client.post(ADDRESS, {"name": "", "language": chosen})
    client.get("/accounts/settings/theme/")

    with django_assert_num_queries(2):  # session, person
        client.get("/accounts/settings/theme/")


def test_whoever_signed_in_under_the_backend_of_before_stays_signed_in(client: Client, alice: User) -> None:
    client.force_login(alice)
    session = client.session
    session[BACKEND_SESSION_KEY] = sign_in_backend.BEFORE
    session.save()

    assert client.get(ADDRESS).status_code == 200
    assert client.session[BACKEND_SESSION_KEY] == sign_in_backend.NOW == settings.AUTHENTICATION_BACKENDS[0]
