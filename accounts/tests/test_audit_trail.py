"""Whatever changes how somebody gets in leaves one entry: who, from where, before and after, and no secret."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import audit, audit_actions
from accounts.models import AuditEntry, Device, User
from accounts.tests import passkeys
from accounts.tests.test_second_step import code_of

ADDRESS, USER_AGENT = "192.0.2.7", "Firefox"
HISTORY_QUERIES = 5
told_on_commit = pytest.mark.django_db(transaction=True)
"""allauth tells of recovery codes after the commit alone."""
PASSWORD = "alice-password-1"
NEW_PASSWORD = "another-of-ours-2"


@pytest.fixture
def browser(alice: User) -> Client:
    client = a_browser()
    sign_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def a_browser(address: str = ADDRESS, user_agent: str = USER_AGENT) -> Client:
    return Client(headers={"user-agent": user_agent}, REMOTE_ADDR=address)


def sign_in(client: Client) -> Client:
    client.post("/accounts/login/", {"login": "alice@example.com", "password": PASSWORD})
    return client


def set_up_app(browser: Client) -> str:
    """Return the secret of the app."""
    page = browser.get("/accounts/mfa/totp/activate/").text
    secret = re.findall(r'id="totp-key"[^>]*>(\w+)<', page)[0]
    browser.post("/accounts/mfa/totp/activate/", {"code": code_of(secret)})
    return str(secret)


def recovery_codes(browser: Client) -> list[str]:
    return browser.get("/accounts/mfa/recovery-codes/download/").text.split()


def entry(action: str, **facts: Any) -> AuditEntry:
    """Return the one entry of an action that has these facts, made by Alice from her browser."""
    (found,) = AuditEntry.objects.filter(action=action, **facts)
    assert (found.actor_label, found.target_label) == ("alice@example.com", "alice@example.com")
    assert (found.address, found.user_agent) == (ADDRESS, USER_AGENT)
    return found


def assert_nowhere_in_the_log(*secrets: str) -> None:
    written = str(list(AuditEntry.objects.values()))
    assert [secret for secret in secrets if secret in written] == []


# --- Second steps


@told_on_commit
@told_on_commit
def test_setting_up_an_app_and_the_codes_that_come_with_it(browser: Client) -> None:
    secret = set_up_app(browser)

    app = entry("mfa.added", after={"method": "an authenticator app"})
    codes = entry("mfa.added", after={"method": "a recovery code"})
    assert (app.before, codes.before) == ({}, {})
    assert_nowhere_in_the_log(secret, *recovery_codes(browser))


def test_removing_the_app_takes_its_codes_too(browser: Client) -> None:
    secret = set_up_app(browser)

    browser.post("/accounts/mfa/totp/deactivate/")

    assert not Authenticator.objects.exists()
    assert entry("mfa.removed", before={"method": "an authenticator app"}).after == {}
    assert entry("mfa.removed", before={"method": "a recovery code"}).after == {}
    assert_nowhere_in_the_log(secret)


@told_on_commit
@told_on_commit
def test_making_new_recovery_codes(browser: Client) -> None:
    set_up_app(browser)
    old = recovery_codes(browser)

    browser.post("/accounts/mfa/recovery-codes/generate/")

    entry("mfa.renewed")
    assert_nowhere_in_the_log(*old, *recovery_codes(browser))


def test_signing_in_with_a_recovery_code_says_how_many_are_left(browser: Client) -> None:
    set_up_app(browser)
    code = recovery_codes(browser)[0]

    elsewhere = sign_in(a_browser())
    elsewhere.post("/accounts/mfa/authenticate/", {"code": code})

    assert entry("mfa.recovery_code_used").after == {"left": 9}
    entry("signin.succeeded", after={"method": "a password and a recovery code"})
    assert_nowhere_in_the_log(code)


def test_confirming_with_a_recovery_code_uses_it_up_too(browser: Client) -> None:
    set_up_app(browser)
    code = recovery_codes(browser)[3]

    browser.post("/accounts/mfa/reauthenticate/", {"code": code})

    used = entry("mfa.recovery_code_used")
    assert audit.sentence_as_text(used) == "alice@example.com used up a recovery code; 9 are left"
    assert_nowhere_in_the_log(code)


def test_a_wrong_code_is_told_without_the_code(browser: Client) -> None:
    set_up_app(browser)

    sign_in(a_browser()).post("/accounts/mfa/authenticate/", {"code": "31415926"})

    (failed,) = AuditEntry.objects.filter(action="signin.code_failed")
    assert (failed.actor, failed.target_label, failed.address) == (None, "alice@example.com", ADDRESS)
    assert_nowhere_in_the_log("31415926")


# --- Passkeys


def test_adding_a_passkey_names_it(browser: Client) -> None:
    passkeys.add(browser, "Blue key")

    assert entry("mfa.added", after__name="Blue key").after == {"method": "a passkey", "name": "Blue key"}
    stored = Authenticator.objects.get(type="webauthn").data["credential"]
    assert_nowhere_in_the_log(stored["rawId"], stored["response"]["attestationObject"])


def test_renaming_a_passkey_tells_both_names(browser: Client) -> None:
    passkeys.add(browser, "Blue key")
    passkey = Authenticator.objects.get(type="webauthn")

    browser.post(reverse("mfa_edit_webauthn", args=[passkey.pk]), {"name": "Office key"})

    passkey.refresh_from_db()
    renamed = entry("mfa.passkey_renamed")
    assert passkey.data["name"] == "Office key"
    assert (renamed.before, renamed.after) == ({"name": "Blue key"}, {"name": "Office key"})


def test_removing_a_passkey_names_it(browser: Client) -> None:
    passkeys.add(browser, "Blue key")
    passkey = Authenticator.objects.get(type="webauthn")

    browser.post(reverse("mfa_remove_webauthn", args=[passkey.pk]))

    assert entry("mfa.removed", before__name="Blue key").before == {"method": "a passkey", "name": "Blue key"}


# --- Devices


def test_signing_out_a_device_names_it(browser: Client) -> None:
    phone = sign_in(a_browser("192.0.2.9", "curl/8.5"))
    device = Device.objects.get(session_key=phone.session.session_key)

    browser.post(f"/accounts/settings/devices/{device.pk}/sign-out/")

    assert entry("session.ended").before == {"device": "curl at 192.0.2.9"}
    assert_nowhere_in_the_log(device.session_key)


def test_signing_out_all_other_devices_names_them_and_not_this_one(browser: Client) -> None:
    for last in (8, 9):
        sign_in(a_browser(f"192.0.2.{last}", "curl/8.5"))
    keys = list(Device.objects.values_list("session_key", flat=True))

    browser.post("/accounts/settings/devices/sign-out-others/")

    assert entry("session.others_ended").before == {"devices": ["curl at 192.0.2.9", "curl at 192.0.2.8"]}
    assert_nowhere_in_the_log(*keys)


# --- The password and the address


def test_changing_the_password_keeps_neither_the_old_nor_the_new_one(browser: Client, alice: User) -> None:
    old = alice.password

    browser.post("/accounts/password_change/", {"oldpassword": PASSWORD, "password1": NEW_PASSWORD})

    alice.refresh_from_db()
    changed = entry("password.changed")
    assert alice.check_password(NEW_PASSWORD)
    assert (changed.before, changed.after) == ({}, {})
    assert_nowhere_in_the_log(PASSWORD, NEW_PASSWORD, old, alice.password)


def test_a_password_set_through_a_link_keeps_no_link(alice: User) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    client = a_browser()
    client.post("/accounts/password_reset/", {"email": alice.email})
    link = next(word for word in str(mail.outbox[-1].body).split() if "/accounts/reset/" in word)

    asked = client.get(link, follow=True)
    client.post(asked.redirect_chain[-1][0], {"password1": NEW_PASSWORD})

    entry("password.reset")
    assert_nowhere_in_the_log(link.rstrip("/").rpartition("/")[2], NEW_PASSWORD)


def test_changing_the_address_tells_both_once_it_is_confirmed(browser: Client, alice: User) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    browser.post("/accounts/settings/email/", {"email": "alice@new.example.com"})
    link = next(word for word in str(mail.outbox[-1].body).split() if "/verify-email/" in word)
    assert not AuditEntry.objects.filter(action="email.changed").exists()

    browser.post(link)

    (changed,) = AuditEntry.objects.filter(action="email.changed")
    assert (changed.actor, changed.address, changed.user_agent) == (alice, ADDRESS, USER_AGENT)
    assert changed.before == {"email": "alice@example.com"}
    assert changed.after == {"email": "alice@new.example.com"}
    assert_nowhere_in_the_log(link.rstrip("/").rpartition("/")[2])


# --- Reading them


def test_the_page_with_ones_own_history_takes_the_same_few_queries_however_long_it_is(
    browser: Client, alice: User, django_assert_num_queries: Any
) -> None:
    browser.get("/accounts/settings/history/")  # the first page somebody opens makes their personal team

    for entries in (1, 200):
        for _ in range(entries):
            audit.record(action=audit_actions.SIGNED_OUT, by=alice, target=alice)
        with django_assert_num_queries(HISTORY_QUERIES):
            page = browser.get("/accounts/settings/history/")

    assert len(page.context["rows"]) == 50
