"""After an account is deleted, nothing in any table points at its person."""

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db.models import ForeignKey
from django.test import Client
from django.utils.html import escape

from accounts import actions, personal_data
from accounts.models import User, UserSettings
from teams.actions import personal_team

# What is kept on purpose: an account of what was done, by name, until its age ends it.
KEPT = {("accounts.AuditEntry", "target_id")}
POINTERS = ("user_id", "person_id", "actor_id", "owner_id", "target_id", "created_by_id", "invited_by_id")


def pointing_at(person_id: int) -> list[str]:
    found = []
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if not hasattr(field, "attname") or not _may_point(field):
                continue
            place = (model._meta.label, field.attname)
            if place not in KEPT and model._default_manager.filter(**{field.attname: person_id}).exists():
                found.append(".".join(place))
    return found


def _may_point(field: object) -> bool:
    if isinstance(field, ForeignKey):
        return bool(field.related_model is User)
    return str(getattr(field, "attname", "")) in POINTERS


def with_everything(person: User, client: Client) -> None:
    client.post("/accounts/login/", {"login": person.email, "password": "alice-password-1"})
    UserSettings.objects.get_or_create(user=person)
    personal_team(person)
    address, _ = EmailAddress.objects.get_or_create(user=person, email=person.email, defaults={"primary": True})
    EmailConfirmation.create(address)
    Authenticator.objects.create(user=person, type="recovery_codes", data={"seed": "", "used_mask": 0})


@pytest.fixture
def client(db: None) -> Client:
    return Client()


def test_nothing_points_at_a_deleted_person(client: Client, alice: User, bob: User) -> None:
    with_everything(alice, client)
    person_id = alice.pk
    assert len(pointing_at(person_id)) >= 5

    actions.delete_account(by=alice)

    assert pointing_at(person_id) == []
    assert not any(row.get_decoded().get("_auth_user_id") == str(person_id) for row in Session.objects.all())


def test_the_page_says_what_goes_and_what_stays(client: Client, alice: User) -> None:
    client.force_login(alice)
    personal_team(alice)

    page = client.get("/accounts/delete/").text

    assert "What goes" in page
    assert "all your devices are signed out at once" in page
    assert [part.text for part in personal_data.described(alice) if escape(part.text) not in page] == []


def test_someone_without_a_password_proves_it_another_way(client: Client, alice: User) -> None:
    client.force_login(alice)
    alice.set_unusable_password()
    alice.save(update_fields=["password"])
    client.force_login(alice)
    Authenticator.objects.create(user=alice, type="totp", data={"secret": ""})

    answer = client.post("/accounts/delete/")

    assert answer["Location"].startswith("/accounts/")
    assert "reauthenticate" in answer["Location"]
    assert User.objects.filter(pk=alice.pk).exists()


def test_an_admin_deletes_with_the_same_care(client: Client, alice: User, bob: User) -> None:
    boss = User.objects.create_superuser("boss@example.com", "boss-password-1")
    with_everything(alice, Client())
    person_id = alice.pk
    client.force_login(boss)

    client.post(f"/admin/accounts/user/{person_id}/delete/", {"post": "yes"})

    assert not User.objects.filter(pk=person_id).exists()
    assert [name for name in pointing_at(person_id) if not name.startswith("admin.")] == []


def test_the_admin_s_list_tells_whose_address_is_confirmed(client: Client, alice: User, bob: User) -> None:
    boss = User.objects.create_superuser("boss@example.com", "boss-password-1")
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    client.force_login(boss)

    confirmed = client.get("/admin/accounts/user/?email_verified=yes").text
    others = client.get("/admin/accounts/user/?email_verified=no").text

    assert (alice.email in confirmed, bob.email in confirmed) == (True, False)
    assert (alice.email in others, bob.email in others) == (False, True)


def test_the_admin_s_list_of_links_shows_no_key(client: Client, alice: User) -> None:
    boss = User.objects.create_superuser("boss@example.com", "boss-password-1")
    address = EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
    confirmation = EmailConfirmation.create(address)
    client.force_login(boss)

    listed = client.get("/admin/account/emailconfirmation/").text
    shown = client.get(f"/admin/account/emailconfirmation/{confirmation.pk}/change/").text

    assert alice.email in listed
    assert "Expired" in listed  # not sent yet, so of no use
    assert confirmation.key not in listed + shown


def test_a_person_made_inactive_by_an_admin_is_out_everywhere(client: Client, alice: User) -> None:
    boss = User.objects.create_superuser("boss@example.com", "boss-password-1")
    theirs = Client()
    theirs.force_login(alice)
    client.force_login(boss)

    client.post(
        f"/admin/accounts/user/{alice.pk}/change/",
        {"email": alice.email, "name": "", "settings-TOTAL_FORMS": "0", "settings-INITIAL_FORMS": "0"},
    )

    alice.refresh_from_db()
    assert not alice.is_active
    assert theirs.get("/chat/").status_code == 302
    assert not alice.devices.exists()
