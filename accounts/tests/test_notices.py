"""Whoever changes how somebody gets in, that person is told by mail: what, when, from where, and what to do."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client

from accounts import known_browsers
from accounts.models import User
from accounts.tests import passkeys
from accounts.tests.test_audit_trail import NEW_PASSWORD, PASSWORD, a_browser, recovery_codes, set_up_app, sign_in

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ADDRESS = "192.0.2.7"
told_on_commit = pytest.mark.django_db(transaction=True)
"""allauth tells of authenticator apps and recovery codes after the commit alone."""


@pytest.fixture
def browser(alice: User) -> Client:
    """Alice's, who was asked for her password a moment ago."""
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    client = sign_in(a_browser(ADDRESS, FIREFOX))
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("admin@example.com", "admin-password-1"))
    return client


def told(title: str, to: str = "alice@example.com") -> str:
    """Return the text of the one mail with this title."""
    (found,) = [sent for sent in mail.outbox if sent.subject == f"{title} · Parley"]
    assert found.to == [to]
    return str(found.body)


def news() -> list[EmailMessage]:
    return [sent for sent in mail.outbox if sent.subject.endswith(" · Parley")]


def test_a_changed_password_is_told_with_time_browser_address_and_what_to_do(browser: Client) -> None:
    browser.post("/accounts/password_change/", {"oldpassword": PASSWORD, "password1": NEW_PASSWORD})

    text = told("Your password was changed")
    assert re.search(r"^Time: \d{1,2} \w+ \d{4}, \d\d:\d\d UTC$", text, re.MULTILINE)
    assert "Browser: Firefox on Linux\nIP address: 192.0.2.7\n" in text
    assert "http://testserver/accounts/password_reset/" in text
    assert PASSWORD not in text
    assert NEW_PASSWORD not in text


def test_a_refused_change_of_the_password_is_told_to_nobody(browser: Client) -> None:
    browser.post("/accounts/password_change/", {"oldpassword": "a guess", "password1": NEW_PASSWORD})

    assert news() == []


def test_a_password_set_through_a_link_is_told_once_and_the_sign_in_it_brings_is_not(browser: Client) -> None:
    elsewhere = a_browser("198.51.100.4", FIREFOX)
    elsewhere.post("/accounts/password_reset/", {"email": "alice@example.com"})
    link = next(word for word in str(mail.outbox[-1].body).split() if "/accounts/reset/" in word)
    form = elsewhere.get(link, follow=True)

    elsewhere.post(form.request["PATH_INFO"], {"password1": NEW_PASSWORD})

    assert "through a link in a mail to this address" in told("Your password was changed")
    assert len(news()) == 1


def test_a_changed_address_is_told_to_both(browser: Client) -> None:
    browser.post("/accounts/settings/email/", {"email": "alice@new.example.com"})
    link = next(word for word in str(mail.outbox[-1].body).split() if "/verify-email/" in word)

    browser.post(link)

    old = told("Your e-mail address was changed")
    assert "From now on you sign in with alice@new.example.com." in old
    assert "Write to whoever runs Parley at once." in old
    assert "password_reset" not in old  # its link would no longer come here
    assert "instead of alice@example.com" in told("This is your address now", to="alice@new.example.com")


@told_on_commit
def test_an_authenticator_app_is_told_when_it_comes_and_when_it_goes(browser: Client) -> None:
    secret = set_up_app(browser)
    browser.post("/accounts/mfa/totp/deactivate/")

    came = told("An authenticator app was added")
    assert secret not in came
    assert "no longer takes a code" in told("The authenticator app was removed")


@told_on_commit
def test_new_recovery_codes_are_told_without_them(browser: Client) -> None:
    set_up_app(browser)
    browser.post("/accounts/mfa/recovery-codes/generate/")

    text = told("New recovery codes were made")
    assert not any(code in text for code in recovery_codes(browser))


@told_on_commit
def test_a_used_recovery_code_is_told_with_how_many_are_left(browser: Client) -> None:
    set_up_app(browser)
    code = recovery_codes(browser)[0]
    elsewhere = sign_in(a_browser("198.51.100.4", FIREFOX))

    elsewhere.post("/accounts/mfa/authenticate/", {"code": code})

    text = told("A recovery code was used")
    assert "9 are left." in text
    assert "IP address: 198.51.100.4" in text
    assert code not in text


def test_a_passkey_is_told_when_it_comes_and_when_it_goes(browser: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver", passkeys.HOST]
    passkeys.add(browser, "Laptop")
    key = Authenticator.objects.get(type="webauthn")

    browser.post(f"/accounts/mfa/webauthn/keys/{key.pk}/remove/")

    assert "A passkey was added to your account" in told("A passkey was added")
    assert "It no longer opens it." in told("A passkey was removed")


def test_a_browser_that_is_new_to_the_account_is_told(browser: Client) -> None:
    sign_in(a_browser("198.51.100.4", "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36"))

    text = told("A new browser signed in")
    assert "Browser: Chrome on Windows\nIP address: 198.51.100.4\n" in text


def test_nobody_is_told_of_their_first_sign_in_or_of_a_browser_they_used_before(browser: Client) -> None:
    browser.post("/accounts/logout/")
    sign_in(browser)

    assert news() == []


def test_a_browser_that_others_used_before_is_new_to_this_account(browser: Client, bob: User) -> None:
    elsewhere = a_browser("198.51.100.4", FIREFOX)
    elsewhere.post("/accounts/login/", {"login": "bob@example.com", "password": "bob-password-1"})
    elsewhere.post("/accounts/logout/")

    sign_in(elsewhere)

    assert "in a browser that had not opened it before" in told("A new browser signed in")


@pytest.mark.parametrize("made_up", ["", "[1]", "WzFd:1vabcd:no-signature", "\x00"])
def test_a_made_up_cookie_makes_no_browser_known(browser: Client, alice: User, made_up: str) -> None:
    elsewhere = a_browser("198.51.100.4", FIREFOX)
    elsewhere.cookies[known_browsers.COOKIE] = made_up.replace("1", str(alice.pk))

    sign_in(elsewhere)

    assert told("A new browser signed in")


def test_an_administrator_who_sets_a_password_is_told_of_without_where_they_sit(admin: Client, alice: User) -> None:
    given = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    admin.post(f"/admin/accounts/user/{alice.pk}/password/", given)

    text = told("Your password was changed")
    assert "An administrator of Parley set a new password" in text
    assert "IP address" not in text


@told_on_commit
def test_an_administrator_who_removes_a_second_step_is_told_of(browser: Client, admin: Client, alice: User) -> None:
    set_up_app(browser)
    app = Authenticator.objects.get(user=alice, type="totp")

    admin.post(f"/admin/mfa/authenticator/{app.pk}/delete/", {"post": "yes"})

    assert "removed an authenticator app from your account" in told("A second step was removed")
    assert not Authenticator.objects.filter(user=alice).exists()  # codes alone are no second step
