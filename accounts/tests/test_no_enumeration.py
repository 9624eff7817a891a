"""Sign-in, sign-up and reset tell nobody who has an account, and guessing is slowed in every process."""

import re
import statistics
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from accounts.models import User

KNOWN, UNKNOWN = "alice@example.com", "nobody@example.com"


def page(client: Client, path: str, fields: dict[str, str]) -> tuple[int, str, str]:
    """Return status, where it leads, and the text without what differs for everybody."""
    answer = client.post(path, fields, follow=True)
    where = answer.redirect_chain[-1][0] if answer.redirect_chain else ""
    text = re.sub(r"alice@|nobody@|csrfmiddlewaretoken.*?>|nonce=\S+|data-wait=\S+|in \d+ \w+", "", answer.text)
    return answer.status_code, where, text


@pytest.fixture
def confirmed(alice: User, settings: Settings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)


@pytest.mark.parametrize(
    ("path", "field", "more"),
    [
        ("/accounts/login/", "login", {"password": "a-guess-of-mine"}),
        ("/accounts/signup/", "email", {"password1": "a-guess-of-mine"}),
        ("/accounts/password_reset/", "email", {}),
    ],
)
def test_the_same_page_and_status_for_known_and_unknown(
    confirmed: None, path: str, field: str, more: dict[str, str]
) -> None:
    known, unknown = (page(Client(), path, {field: email, **more}) for email in (KNOWN, UNKNOWN))

    assert known == unknown


def test_a_guess_takes_as_long_for_an_unknown_address(confirmed: None, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    alice = User.objects.get()
    alice.set_password("alice-password-1")
    alice.save()

    def seconds(email: str) -> float:
        spent = []
        for _ in range(4):
            cache.clear()
            since = time.process_time()
            Client().post("/accounts/login/", {"login": email, "password": "a-guess-of-mine"})
            spent.append(time.process_time() - since)
        return statistics.median(spent)

    assert 0.6 < seconds(KNOWN) / seconds(UNKNOWN) < 1.7


def guess(address: str, login: str = KNOWN, **headers: str) -> Any:
    return Client(REMOTE_ADDR=address, headers=headers).post(
        "/accounts/login/", {"login": login, "password": "a-guess-of-mine"}
    )


def test_guesses_at_one_account_are_slowed_from_wherever_they_come(alice: User) -> None:
    for number in range(5):
        guess(f"10.0.0.{number}")

    assert "That was one try too many." in guess("10.0.0.99").text


def test_guesses_from_one_address_are_slowed_whatever_account_they_try(alice: User) -> None:
    for number in range(10):
        guess("10.0.0.1", login=f"person-{number}@example.com")

    assert "That was one try too many." in guess("10.0.0.1", login="another@example.com").text
    assert "do not belong together" in guess("10.0.0.2", login="another@example.com").text


def test_a_claimed_address_is_no_way_around_the_limit(alice: User) -> None:
    for number in range(10):
        guess("10.0.0.1", f"person-{number}@example.com", **{"X-Forwarded-For": f"10.1.1.{number}"})

    assert "one try too many" in guess("10.0.0.1", "another@example.com", **{"X-Forwarded-For": "10.1.1.99"}).text


def test_behind_one_proxy_the_address_it_names_last_counts(alice: User, settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(10):
        claimed = f"10.1.1.{number}, 203.0.113.7"  # the client's own claim, then what the proxy saw
        guess("10.0.0.1", f"person-{number}@example.com", **{"X-Forwarded-For": claimed})

    again = guess("10.0.0.1", "another@example.com", **{"X-Forwarded-For": "10.9.9.9, 203.0.113.7"})
    other = guess("10.0.0.1", "another@example.com", **{"X-Forwarded-For": "203.0.113.7, 203.0.113.8"})
    assert "one try too many" in again.text
    assert "do not belong together" in other.text


def test_resets_for_one_address_are_limited(alice: User) -> None:
    statuses = [
        Client(REMOTE_ADDR=f"10.0.0.{number}").post("/accounts/password_reset/", {"email": KNOWN}).status_code
        for number in range(6)
    ]

    assert statuses[:5] == [302] * 5
    assert statuses[5] == 429 or statuses[5] == 200


def test_without_mail_a_taken_address_is_named_since_nothing_else_could_be_true(client: Client, alice: User) -> None:
    answer = client.post("/accounts/signup/", {"email": KNOWN, "password1": "a-guess-of-mine"})

    assert "There is an account with this e-mail address already." in answer.text


def test_a_visitor_who_went_past_one_of_the_proxies_still_gets_an_answer(alice: User, settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2

    assert "do not belong together" in guess("10.0.0.1", **{"X-Forwarded-For": "203.0.113.8"}).text
