"""From signing up to being let in, where addresses must be confirmed."""

import re
import time
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import verification
from accounts.models import User

ADA = {"email": "ada@example.com", "password1": "engine-of-1843"}


@pytest.fixture(autouse=True)
def required(settings: Settings, db: None) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds to add to now; the cache's own expiry goes on as it is."""
    ahead, real = [0.0], time.time
    monkeypatch.setattr(time, "time", lambda: real() + ahead[0])
    return ahead


def sign_up(client: Client, email: str = "ada@example.com") -> str:
    """Sign up and return the path of the link in the mail."""
    client.post("/accounts/signup/", {**ADA, "email": email})
    return link()


def link() -> str:
    found = re.search(r"http://testserver(/accounts/verify-email/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def sentence(client: Client, path: str) -> str:
    return re.sub(r"\s+", " ", client.get(path).text)


def test_the_link_confirms_on_a_press_and_signs_in(client: Client) -> None:
    path = sign_up(client)

    looked = client.get(path)
    confirmed_by_looking = EmailAddress.objects.get().verified
    pressed = client.post(path)

    assert "Is this your address?" in looked.text
    assert not confirmed_by_looking
    assert pressed["Location"] == "/chat/"
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)


def test_in_another_browser_it_confirms_and_asks_to_sign_in(client: Client) -> None:
    path = sign_up(client)
    elsewhere = Client()

    answer = elsewhere.post(path, follow=True)

    assert EmailAddress.objects.get().verified
    assert answer.request["PATH_INFO"] == "/accounts/login/"
    assert "_auth_user_id" not in elsewhere.session


def test_nobody_gets_in_before(client: Client) -> None:
    sign_up(client)

    answer = client.post("/accounts/login/", {"login": ADA["email"], "password": ADA["password1"]})

    assert answer["Location"] == "/accounts/verify-email/sent/"
    assert "_auth_user_id" not in client.session


def test_looking_at_a_link_of_another_account_signs_nobody_out(client: Client, alice: User) -> None:
    path = sign_up(Client())
    client.force_login(alice)

    page = sentence(client, path)

    assert "Confirming signs you out of it" in page
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_a_used_link_says_that_all_is_done(client: Client) -> None:
    path = sign_up(client)
    client.post(path)

    assert "This address is confirmed" in sentence(Client(), path)
    assert "This address is confirmed" in Client().post(path).text


def test_an_expired_link_offers_a_new_one_in_the_browser_that_waits_for_it(client: Client, settings: Settings) -> None:
    path = sign_up(client)
    EmailConfirmation.objects.update(sent=timezone.now() - timedelta(seconds=settings.EMAIL_VERIFICATION_TIMEOUT + 1))

    here, elsewhere = sentence(client, path), sentence(Client(), path)
    pressed = client.post(path)

    assert "It is too old. Ask for a new one." in here
    assert "It is too old. Sign in, and we send you a new one." in elsewhere
    assert "It is too old" in pressed.text
    assert not EmailAddress.objects.get().verified


def test_a_link_lasts_as_many_seconds_as_set(client: Client, settings: Settings) -> None:
    settings.EMAIL_VERIFICATION_TIMEOUT = 90
    settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 90 / 86_400
    path = sign_up(client)
    EmailConfirmation.objects.update(sent=timezone.now() - timedelta(seconds=80))
    still = sentence(client, path)
    EmailConfirmation.objects.update(sent=timezone.now() - timedelta(seconds=91))

    assert "Is this your address?" in still
    assert "It is too old" in sentence(client, path)


def test_a_wrong_link_says_what_to_do(client: Client) -> None:
    assert "Open it from the mail itself" in sentence(client, "/accounts/verify-email/long-gone/")
    assert "Open it from the mail itself" in client.post("/accounts/verify-email/long-gone/").text


def test_new_links_are_sent_after_one_two_four_and_eight_minutes(client: Client, clock: list[float]) -> None:
    sign_up(client)
    sent = []

    for minutes in (1, 2, 4, 8, 8):
        clock[0] += 60 * minutes - 5
        client.post("/accounts/verify-email/resend/")
        too_soon = len(mail.outbox)
        clock[0] += 5
        client.post("/accounts/verify-email/resend/")
        sent.append((too_soon, len(mail.outbox)))

    assert sent == [(1, 2), (2, 3), (3, 4), (4, 5), (5, 6)]


def test_the_wait_is_shown(client: Client) -> None:
    sign_up(client)

    page = client.get("/accounts/verify-email/sent/").text
    refused = client.post("/accounts/verify-email/resend/", follow=True).text

    seconds = re.search(r'data-wait="(\d+)"', page)
    assert seconds
    assert 55 <= int(seconds[1]) <= 60
    assert re.search(r"You can ask for another one in (1 minute|5\d seconds)\.", page)
    assert "The last mail went out a moment ago." in refused


def test_after_a_day_the_waits_begin_anew(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "FORGOTTEN_AFTER", 1)
    monkeypatch.setattr(verification, "WAITS", (600,))
    sign_up(client)
    early = verification.wait_for(ADA["email"])

    time.sleep(1.1)

    assert early > 500
    assert verification.wait_for(ADA["email"]) == 0


def test_a_resent_link_works_and_so_does_the_first(client: Client, clock: list[float]) -> None:
    first = sign_up(client)
    clock[0] += 61
    client.post("/accounts/verify-email/resend/")

    assert link() != first
    assert "Is this your address?" in sentence(client, first)
    assert client.post(link())["Location"] == "/chat/"


def test_a_new_link_without_anybody_waiting_leads_to_sign_in(client: Client) -> None:
    answer = client.post("/accounts/verify-email/resend/", follow=True)

    assert answer.request["PATH_INFO"] == "/accounts/login/"
    assert "you get a new link" in answer.text
    assert mail.outbox == []


def test_signing_up_with_a_known_address_looks_exactly_like_a_new_one(client: Client, alice: User) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    new, known = Client(), Client()

    answers = [
        browser.post("/accounts/signup/", {**ADA, "email": email})
        for browser, email in ((new, "new@example.com"), (known, alice.email))
    ]
    pages = [
        re.sub(r"new@example.com|alice@example.com|csrfmiddlewaretoken.*?>|nonce=\S+|\d+", "", browser.get(path).text)
        for browser, path in ((new, answers[0]["Location"]), (known, answers[1]["Location"]))
    ]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"] == "/accounts/verify-email/sent/"
    assert pages[0] == pages[1]
    assert "There is an account with this address already" in str(mail.outbox[-1].body)
    assert verification.wait_for(alice.email) > 0


def test_asking_again_for_a_known_address_is_limited_the_same_way(
    client: Client, alice: User, clock: list[float]
) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    client.post("/accounts/signup/", {**ADA, "email": alice.email})

    client.post("/accounts/verify-email/resend/")
    refused = len(mail.outbox)
    clock[0] += 61
    client.post("/accounts/verify-email/resend/")

    assert (refused, len(mail.outbox)) == (1, 2)


def test_whoever_must_confirm_first_is_told_so_and_whoever_has_is_sent_on(client: Client, alice: User) -> None:
    client.force_login(alice)

    told = client.get("/accounts/verify-required/")
    EmailAddress.objects.filter(user=alice).update(verified=True)

    assert "First, confirm your e-mail address" in told.text
    assert client.get("/accounts/verify-required/")["Location"] == "/chat/"
    assert Client().get("/accounts/verify-required/")["Location"] == "/accounts/login/"
