"""What people do to get in and out is in the audit log."""

from datetime import timedelta
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import actions, audit, audit_actions, tasks
from accounts.models import AuditEntry, User
from lib import visitor

CREDENTIALS = {"login": "alice@example.com", "password": "alice-password-1"}


def log() -> list[str]:
    return [audit.sentence_as_text(entry) for entry in AuditEntry.objects.order_by("id")]


def test_signing_in_and_out_with_the_way_and_the_place(client: Client, alice: User) -> None:
    client.post("/accounts/login/", CREDENTIALS, REMOTE_ADDR="192.0.2.7", headers={"User-Agent": "Firefox"})
    client.post("/accounts/logout/")

    assert log() == ["alice@example.com signed in with a password", "alice@example.com signed out"]
    entry = AuditEntry.objects.earliest("id")
    assert (entry.actor, entry.address, entry.user_agent) == (alice, "192.0.2.7", "Firefox")


def test_a_failed_sign_in_names_the_address_typed_and_never_the_password(client: Client, alice: User) -> None:
    client.post("/accounts/login/", {"login": "Alice@example.com", "password": "canary-guess"})
    client.post("/accounts/login/", {"login": "nobody@example.com", "password": "canary-guess"})

    assert log() == [f"Somebody failed to sign in as {name}@example.com" for name in ("alice", "nobody")]
    mine, nobodys = AuditEntry.objects.order_by("id")
    assert (mine.actor, mine.target_id, nobodys.target_id) == (None, str(alice.pk), "")
    assert not [entry for entry in AuditEntry.objects.values() if "canary" in str(entry)]


def test_a_password_typed_in_place_of_the_address_is_not_kept(client: Client, alice: User) -> None:
    client.post("/accounts/login/", {"login": "canary-guess", "password": "x"})

    assert not [entry for entry in AuditEntry.objects.values() if "canary" in str(entry)]


def test_tries_beyond_the_limit_are_not_written_down(client: Client, alice: User) -> None:
    for _ in range(9):
        client.post("/accounts/login/", {**CREDENTIALS, "password": "guess"})

    assert len(log()) == 5


def test_a_wrong_password_in_a_signed_in_session_is_told_apart(client: Client, alice: User) -> None:
    client.force_login(alice)

    client.post("/accounts/reauthenticate/", {"password": "guess"})

    assert log() == ["alice@example.com was asked to confirm who they are and gave a wrong answer"]


def test_making_an_account(client: Client, db: None) -> None:
    client.post("/accounts/signup/", {"email": "new@example.com", "password1": "a-password-of-ours-1"})

    assert log()[0] == "new@example.com made an account"
    assert log()[-1] == "new@example.com signed in with a new account"


def test_changing_the_password(client: Client, alice: User) -> None:
    client.force_login(alice)

    client.post("/accounts/password_change/", {"oldpassword": "alice-password-1", "password1": "another-of-ours-2"})

    assert "alice@example.com changed the password of alice@example.com" in log()


def test_setting_a_new_password_through_a_link(client: Client, alice: User) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    client.post("/accounts/password_reset/", {"email": alice.email})
    link = next(word for word in str(mail.outbox[-1].body).split() if "/accounts/reset/" in word)

    asked = client.get(link, follow=True)
    client.post(asked.redirect_chain[-1][0], {"password1": "another-of-ours-2"})

    assert "alice@example.com set a new password through a link in a mail" in log()


def test_confirming_an_address(client: Client, alice: User) -> None:
    address = EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
    confirmation = EmailConfirmation.create(address)
    confirmation.sent = timezone.now()
    confirmation.save()

    client.post(f"/accounts/verify-email/{confirmation.key}/")

    assert "alice@example.com confirmed the address alice@example.com" in log()


def test_deleting_an_account_leaves_the_sentence(alice: User) -> None:
    actions.delete_account(by=alice)

    assert log() == ["alice@example.com deleted the account of alice@example.com"]


def test_making_the_first_superuser(db: None) -> None:
    actions.ensure_superuser(email="boss@example.com", password="boss-password-1")

    assert log() == ["The system made boss@example.com a superuser"]


def test_entries_end_by_their_age_alone(db: None) -> None:
    for days in (0, 399, 401):
        AuditEntry.objects.create(action="old.one", created_at=timezone.now() - timedelta(days=days))

    tasks.forget_old_audit_entries()

    assert AuditEntry.objects.count() == 2


@pytest.fixture
def boss(client: Client, db: None) -> User:
    boss = User.objects.create_superuser("boss@example.com", "boss-password-1")
    client.force_login(boss)
    return boss


def test_staff_see_everything_and_change_nothing(client: Client, boss: User, alice: User) -> None:
    actions.delete_account(by=alice)
    entry = AuditEntry.objects.get()
    page = f"/admin/accounts/auditentry/{entry.pk}/change/"

    assert "deleted the account of alice@example.com" in client.get("/admin/accounts/auditentry/").text
    assert client.get(page).status_code == 200
    assert client.post(page, {"action": "x"}).status_code == 403
    assert client.get("/admin/accounts/auditentry/add/").status_code == 403
    assert client.post(f"/admin/accounts/auditentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    "query", ["?q=bob", "?q=192.0.2.7", "?q=8a6e0804-2bd0-4672-b79d-d97027f9071a", "?action=account.superuser_made"]
)
def test_staff_find_entries_by_name_address_team_and_action(client: Client, boss: User, bob: User, query: str) -> None:
    here = visitor.current.set(visitor.Visitor("192.0.2.7"))
    team_id = UUID("8a6e0804-2bd0-4672-b79d-d97027f9071a")
    audit.record(action=audit_actions.SUPERUSER_MADE, by=boss, target=bob, team_id=team_id)
    visitor.current.reset(here)
    audit.record(action=audit_actions.SIGNED_OUT, by=boss)

    found = client.get(f"/admin/accounts/auditentry/{query}").text

    assert "made bob@example.com a superuser" in found
    assert "boss@example.com signed out" not in found


def test_the_log_in_the_admin_asks_no_more_for_more_entries(
    client: Client, boss: User, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(50):
        audit.record(action=audit_actions.SIGNED_OUT, by=alice)

    client.get("/admin/accounts/auditentry/")  # the first page somebody opens makes their personal team

    with django_assert_max_num_queries(10):
        client.get("/admin/accounts/auditentry/")


def test_giving_somebody_rights_in_the_admin(client: Client, boss: User, alice: User) -> None:
    form = {"email": alice.email, "name": "Alice", "is_active": "on", "is_staff": "on", **INLINE}

    client.post(f"/admin/accounts/user/{alice.pk}/change/", form)

    entry = AuditEntry.objects.get()
    assert audit.sentence_as_text(entry) == "boss@example.com changed what the account of Alice may do"
    assert (entry.before, entry.after) == ({"is_staff": False}, {"is_staff": True})


def test_setting_somebodys_password_in_the_admin(client: Client, boss: User, alice: User) -> None:
    form = {"usable_password": "true", "password1": "canary-of-ours-1", "password2": "canary-of-ours-1"}

    client.post(f"/admin/accounts/user/{alice.pk}/password/", form)

    alice.refresh_from_db()
    assert alice.check_password("canary-of-ours-1")
    assert log() == ["boss@example.com changed the password of alice@example.com"]


def test_what_staff_change_in_the_admin_can_be_read_there(client: Client, boss: User, alice: User) -> None:
    client.post(f"/admin/accounts/user/{alice.pk}/change/", {"email": alice.email, "name": "Alice", **INLINE})

    assert "alice@example.com" in client.get("/admin/admin/logentry/").text


INLINE = {
    "joined_at_0": "2026-01-01",
    "joined_at_1": "00:00:00",
    "settings-TOTAL_FORMS": "0",
    "settings-INITIAL_FORMS": "0",
}
