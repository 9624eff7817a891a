from typing import Any

import pytest
from allauth.account.signals import password_changed
from django.core import mail
from django.test import Client

from accounts.devices import DEVICE_SESSION_KEY
from accounts.models import User
from accounts.socket_auth import SignIn, still_signed_in

NEW = "a-brand-new-password-2"


def reset_link(client: Client) -> str:
    client.post("/accounts/password_reset/", {"email": "alice@example.com"})
    return next(word for word in mail.outbox[-1].body.split() if "/accounts/reset/" in word)


def test_a_changed_password_keeps_the_person_signed_in(client: Client, alice: User) -> None:
    client.force_login(alice)

    answer = client.post(
        "/accounts/password_change/", {"oldpassword": "alice-password-1", "password1": NEW}, follow=True
    )

    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert answer.request["PATH_INFO"] == "/accounts/settings/account/"
    assert "Your password is changed." in answer.text


def test_the_session_knows_the_new_password_when_others_are_told_of_it(client: Client, alice: User) -> None:
    client.post("/accounts/login/", {"login": alice.email, "password": "alice-password-1"})
    before = client.session
    sign_in = SignIn(alice.pk, str(before.session_key), before[DEVICE_SESSION_KEY], "en")
    found: list[set[SignIn]] = []

    def look(**_: Any) -> None:
        found.append(still_signed_in([sign_in]))

    password_changed.connect(look)
    client.post("/accounts/password_change/", {"oldpassword": "alice-password-1", "password1": NEW})
    password_changed.disconnect(look)

    assert found == [{sign_in}]
    assert client.session.session_key != before.session_key


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"oldpassword": "guess", "password1": NEW}, "That is not your current password."),
        ({"oldpassword": "alice-password-1", "password1": "12345678"}, "This password is too common."),
    ],
)
def test_a_refused_change_says_why(client: Client, alice: User, given: dict[str, str], sentence: str) -> None:
    client.force_login(alice)

    answer = client.post("/accounts/password_change/", given)

    alice.refresh_from_db()
    assert sentence in answer.text
    assert alice.check_password("alice-password-1")


def test_a_reset_link_sets_a_new_password_and_signs_in(client: Client, alice: User) -> None:
    form = client.get(reset_link(client), follow=True)

    answer = client.post(form.request["PATH_INFO"], {"password1": NEW})

    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_a_reset_link_works_once(client: Client, alice: User) -> None:
    link = reset_link(client)
    form = client.get(link, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW})

    assert "This link no longer works" in Client().get(link, follow=True).text


def test_a_reset_mail_speaks_in_the_name_of_the_product(client: Client, alice: User) -> None:
    reset_link(client)

    assert mail.outbox[-1].subject == "Choose a new password for Parley"
    assert "example.com!" not in mail.outbox[-1].body


def test_asking_for_an_unknown_address_looks_the_same_and_opens_nothing(client: Client, alice: User) -> None:
    known = client.post("/accounts/password_reset/", {"email": "alice@example.com"})
    unknown = client.post("/accounts/password_reset/", {"email": "nobody@example.com"})

    assert known["Location"] == unknown["Location"] == "/accounts/password_reset/done/"
    assert not any("/accounts/reset/" in sent.body for sent in mail.outbox if sent.to == ["nobody@example.com"])
