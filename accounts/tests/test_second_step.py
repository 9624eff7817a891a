"""Codes after the password, recovery codes, and asking again before something important."""

import json
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.webauthn.internal import auth as webauthn_auth
from django.test import Client
from fido2.cose import ES256
from fido2.webauthn import AttestedCredentialData

from accounts.models import User

CREDENTIALS = {"login": "alice@example.com", "password": "alice-password-1"}


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def signed_in(client: Client) -> Client:
    client.post("/accounts/login/", CREDENTIALS)
    client.post("/accounts/reauthenticate/", {"password": CREDENTIALS["password"]})
    return client


@pytest.fixture
def secret(client: Client, alice: User) -> str:
    """Alice has set up an app; she is signed in with `client`."""
    page = signed_in(client).get("/accounts/mfa/totp/activate/").text
    found = re.search(r'id="totp-key"[^>]*>(\w+)<', page)
    assert found
    client.post("/accounts/mfa/totp/activate/", {"code": code_of(found[1])})
    return found[1]


def test_setting_up_the_app_brings_recovery_codes(client: Client, alice: User, secret: str) -> None:
    page = client.get("/accounts/mfa/recovery-codes/").text

    assert {one.type for one in Authenticator.objects.filter(user=alice)} == {"totp", "recovery_codes"}
    assert len(re.findall(r"\b\d{8}$", page, re.MULTILINE)) == 10


def test_a_wrong_code_sets_nothing_up(client: Client, alice: User) -> None:
    signed_in(client).get("/accounts/mfa/totp/activate/")

    answer = client.post("/accounts/mfa/totp/activate/", {"code": "000000"})

    assert "This code is not right, or no longer." in answer.text
    assert not Authenticator.objects.exists()


def test_the_password_alone_no_longer_lets_in(secret: str) -> None:
    elsewhere = Client()
    asked = elsewhere.post("/accounts/login/", CREDENTIALS)

    wrong = elsewhere.post("/accounts/mfa/authenticate/", {"code": "000000"})
    was_in = "_auth_user_id" in elsewhere.session

    assert asked["Location"] == "/accounts/mfa/authenticate/"
    assert "This code is not right" in wrong.text
    assert not was_in


def test_a_passkey_is_offered_to_those_who_have_one(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = Client()
    elsewhere.post("/accounts/login/", CREDENTIALS)
    without = elsewhere.get("/accounts/mfa/authenticate/").text
    point = {1: 2, 3: -7, -1: 1, -2: b"\1" * 32, -3: b"\2" * 32}
    passkey = AttestedCredentialData.create(b"\0" * 16, b"passkey", ES256(point))
    monkeypatch.setattr(webauthn_auth, "get_credentials", lambda user: [passkey])
    having = elsewhere.get("/accounts/mfa/authenticate/").text

    assert "Use a passkey" not in without
    assert "Use a passkey" in having


def test_a_code_lets_in_once(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code = code_of(secret)
    first, second = Client(), Client()
    for browser in (first, second):
        browser.post("/accounts/login/", CREDENTIALS)

    first.post("/accounts/mfa/authenticate/", {"code": code})
    second.post("/accounts/mfa/authenticate/", {"code": code})

    entered = ["_auth_user_id" in browser.session for browser in (first, second)]
    assert entered.count(True) <= 1  # the one it was set up with may be this very code


def test_a_recovery_code_lets_in_once(client: Client, secret: str) -> None:
    code = client.get("/accounts/mfa/recovery-codes/download/").text.split()[0]

    entered = []
    for _ in range(2):
        browser = Client()
        browser.post("/accounts/login/", CREDENTIALS)
        browser.post("/accounts/mfa/authenticate/", {"code": code})
        entered.append("_auth_user_id" in browser.session)

    assert entered == [True, False]


def test_secrets_are_not_readable_in_the_database(client: Client, secret: str) -> None:
    codes = client.get("/accounts/mfa/recovery-codes/download/").text.split()
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))

    assert secret not in stored
    assert not any(code in stored for code in codes)
    assert TOTP(Authenticator.objects.get(type="totp")).validate_code("000000") is False


def test_important_pages_ask_for_the_password_again_after_a_while(client: Client, alice: User) -> None:
    signed_in(client)
    session = client.session
    old = {"method": "password", "reauthenticated": True, "at": time.time() - 3600}
    session["account_authentication_methods"] = [old]
    session.save()

    asked = client.get("/accounts/mfa/totp/activate/")
    wrong = client.post(asked["Location"], {"password": "guess"})
    right = client.post(asked["Location"], {"password": "alice-password-1"})

    assert asked["Location"] == "/accounts/reauthenticate/?next=%2Faccounts%2Fmfa%2Ftotp%2Factivate%2F"
    assert "That is not your password." in wrong.text
    assert right["Location"] == "/accounts/mfa/totp/activate/"


def test_a_made_up_passkey_lets_nobody_in(client: Client, alice: User) -> None:
    for credential in ("", "{}", "null", "[]", '{"id": "x"}', "not json"):
        answer = client.post("/accounts/mfa/webauthn/login/", {"credential": credential})
        assert answer["Location"] == "/accounts/login/"

    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("path", ["", "webauthn/", "webauthn/add/", "totp/activate/", "recovery-codes/"])
def test_a_stranger_is_asked_to_sign_in(client: Client, db: None, path: str) -> None:
    assert client.get(f"/accounts/mfa/{path}")["Location"].startswith("/accounts/login/")
