"""A new DJANGO_SECRET_KEY locks nobody out while the one of before stands in DJANGO_SECRET_KEY_FALLBACKS."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import second_step, socket_auth
from accounts.models import User

CREDENTIALS = {"login": "alice@example.com", "password": "alice-password-1"}
OLD, NEW = "the-secret-of-before-and-long-enough", "the-secret-of-today-and-long-enough"


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


@pytest.fixture
def secret(alice: User, settings: Any) -> str:
    """Alice set up an app and recovery codes under the secret of before."""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    key = str(generate_totp_secret())
    TOTP.activate(alice, key)
    adapter = second_step.SecondStepAdapter()
    codes = {"migrated_codes": [adapter.encrypt("12345678"), adapter.encrypt("87654321")], "used_mask": 0}
    Authenticator.objects.create(user=alice, type="recovery_codes", data=codes)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    return key


def enters(code: str) -> bool:
    browser = Client()
    browser.post("/accounts/login/", CREDENTIALS)
    browser.post("/accounts/mfa/authenticate/", {"code": code})
    return "_auth_user_id" in browser.session


def test_codes_are_read_with_the_secret_of_before(secret: str) -> None:
    assert enters(code_of(secret))
    assert enters("12345678")


def test_what_is_written_anew_needs_the_secret_of_before_no_more(secret: str, settings: Any, capsys: Any) -> None:
    call_command("encrypt_anew")
    settings.SECRET_KEY_FALLBACKS = []

    assert "2 written with DJANGO_SECRET_KEY." in capsys.readouterr().out
    assert enters(code_of(secret))
    assert enters("87654321")


def test_what_is_new_already_is_left_as_it_is(secret: str) -> None:
    second_step.encrypt_anew()
    stored = list(Authenticator.objects.order_by("pk").values_list("data", flat=True))

    done = second_step.encrypt_anew()

    assert done == second_step.WrittenAnew(written=0, unreadable=0)
    assert list(Authenticator.objects.order_by("pk").values_list("data", flat=True)) == stored


def test_without_the_secret_of_before_the_command_says_how_many_are_out_of_reach(secret: str, settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = []

    with pytest.raises(CommandError, match="2 cannot be read"):
        call_command("encrypt_anew")


def test_a_code_that_cannot_be_checked_is_answered_with_a_sentence(secret: str, settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = []
    browser = Client()
    browser.post("/accounts/login/", CREDENTIALS)

    answer = browser.post("/accounts/mfa/authenticate/", {"code": code_of(secret)})

    assert answer.status_code == 200
    assert "Codes cannot be checked" in answer.text
    assert "_auth_user_id" not in browser.session


def test_who_is_signed_in_stays_so(alice: User, settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    browser = Client()
    browser.post("/accounts/login/", CREDENTIALS)

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    with_both = browser.get("/accounts/settings/").status_code
    settings.SECRET_KEY_FALLBACKS = []

    assert (with_both, browser.get("/accounts/settings/").status_code) == (200, 200)


def test_a_socket_that_comes_back_first_does_not_end_the_session(alice: User, settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    browser = Client()
    browser.post("/accounts/login/", CREDENTIALS)
    cookie = f"{settings.SESSION_COOKIE_NAME}={browser.session.session_key}"

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    admitted = socket_auth.admit({"headers": [(b"cookie", cookie.encode())]})

    assert admitted is not None
    assert admitted[0] == alice
    assert browser.get("/accounts/settings/").status_code == 200


def test_a_link_in_a_mail_still_works(alice: User, settings: Any, mailoutbox: list[Any]) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    Client().post("/accounts/password_reset/", {"email": "alice@example.com"})
    found = re.search(r"https?://\S+", mailoutbox[-1].body)
    assert found

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]

    assert "New password" in Client().get(found[0], follow=True).text
