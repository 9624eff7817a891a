"""The admin changes teams by the product's own rules: what is refused and logged there is refused and logged here."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry, User
from teams import actions, keys
from teams.models import ApiKey, Invitation, Membership, Team
from teams.permissions import Role
from teams.tests.factories import join, team_of

ADMIN = "/admin/teams"


@pytest.fixture
def boss(client: Client, db: None) -> User:
    boss = User.objects.create_superuser("boss@example.com", "boss-password-1")
    client.force_login(boss)
    return boss


@pytest.fixture
def otters(boss: User, alice: User, bob: User) -> Team:
    """Alice owns it, bob looks on; boss is not in it."""
    return team_of(alice, "Otters", viewer=bob)


@pytest.fixture
def invitation(otters: Team, alice: User) -> Invitation:
    return actions.invite(
        by=alice, team=otters, email="new@example.com", role=Role.EDITOR, link=lambda token: token, at=timezone.now()
    )


@pytest.fixture
def key(otters: Team, alice: User) -> tuple[ApiKey, str]:
    return keys.create(by=alice, team=otters, name="Nightly", scopes=["chat"], expires_at=None)


def place(team: Team, person: User) -> Membership:
    return Membership.objects.get(team=team, user=person)


def log() -> list[tuple[Any, ...]]:
    return list(
        AuditEntry.objects.order_by("id").values_list("action", "actor_label", "target_label", "before", "after")
    )


def act(client: Client, page: str, action: str, *rows: object, **more: str) -> Any:
    chosen = {"action": action, "_selected_action": [str(row) for row in rows], **more}
    return client.post(f"{ADMIN}/{page}/", chosen, follow=True)


@pytest.mark.parametrize(
    "page",
    [
        *("team/", "team/{team}/change/", "team/{team}/delete/", "membership/", "membership/{place}/change/"),
        *("membership/{place}/delete/", "invitation/", "invitation/{invitation}/change/"),
        *("apikey/", "apikey/{key}/change/", "membership/?team__id__exact={team}"),
    ],
)
def test_every_page_about_teams_opens(
    client: Client, otters: Team, alice: User, invitation: Invitation, key: tuple[ApiKey, str], page: str
) -> None:
    rows = {"team": otters.pk, "place": place(otters, alice).pk, "invitation": invitation.pk, "key": key[0].pk}

    assert client.get(f"{ADMIN}/{page.format(**rows)}").status_code == 200


@pytest.mark.parametrize("page", ["team", "membership", "invitation", "apikey"])
def test_nothing_is_added_here(client: Client, boss: User, page: str) -> None:
    assert client.get(f"{ADMIN}/{page}/add/").status_code == 403


@pytest.mark.parametrize("page", ["team", "membership", "invitation", "apikey"])
def test_who_is_not_staff_gets_nowhere(client: Client, otters: Team, alice: User, page: str) -> None:
    client.force_login(alice)

    assert client.get(f"{ADMIN}/{page}/").status_code == 302


# --- Lists


def test_a_team_is_found_by_a_member_and_shows_how_many_it_has(client: Client, otters: Team) -> None:
    found = client.get(f"{ADMIN}/team/?q=bob@example.com").text

    assert f'<a href="/admin/teams/membership/?team__id__exact={otters.pk}">2</a>' in found


@pytest.mark.parametrize("page", ["team/", "team/{team}/change/", "team/{team}/delete/", "membership/"])
def test_pages_ask_the_database_no_more_for_a_thousand_members(
    client: Client, otters: Team, page: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    people = User.objects.bulk_create(User(email=f"person{number}@example.com") for number in range(1_000))
    Membership.objects.bulk_create(Membership(team=otters, user=person, role=Role.EDITOR) for person in people)

    client.get(f"{ADMIN}/team/")  # the personal team of whoever looks is made once
    with django_assert_max_num_queries(10):
        assert client.get(f"{ADMIN}/{page.format(team=otters.pk)}").status_code == 200


# --- Teams


def test_a_new_name_is_in_the_teams_log(client: Client, otters: Team) -> None:
    client.post(f"{ADMIN}/team/{otters.pk}/change/", {"name": "  The\tNewts "})

    assert Team.objects.get(pk=otters.pk).name == "The Newts"
    assert log() == [("team.renamed", "boss@example.com", "Otters", {"name": "Otters"}, {"name": "The Newts"})]


def test_a_name_the_product_would_refuse_is_refused(client: Client, otters: Team) -> None:
    answer = client.post(f"{ADMIN}/team/{otters.pk}/change/", {"name": "x" * 81})

    assert "A name can have 80 characters." in answer.text
    assert Team.objects.get(pk=otters.pk).name == "Otters"


def test_the_owner_of_a_personal_team_is_not_changed(client: Client, boss: User, alice: User, bob: User) -> None:
    team = actions.personal_team(alice)

    client.post(f"{ADMIN}/team/{team.pk}/change/", {"name": "alice", "personal_owner": bob.pk})

    assert Team.objects.get(pk=team.pk).personal_owner == alice


@pytest.mark.parametrize("from_the_list", [True, False])
def test_deleting_a_team_is_logged(client: Client, otters: Team, from_the_list: bool) -> None:
    if from_the_list:
        act(client, "team", "delete_selected", otters.pk, post="yes")
    else:
        client.post(f"{ADMIN}/team/{otters.pk}/delete/", {"post": "yes"})

    assert not Team.objects.filter(pk=otters.pk).exists()
    assert log() == [("team.deleted", "boss@example.com", "Otters", {"name": "Otters"}, {})]


def test_the_page_that_deletes_a_team_says_what_goes_in_words(client: Client, otters: Team) -> None:
    assert "the membership of everybody in it" in client.get(f"{ADMIN}/team/{otters.pk}/delete/").text


@pytest.mark.parametrize("from_the_list", [True, False])
def test_a_personal_team_stays_and_the_page_says_why(
    client: Client, otters: Team, alice: User, from_the_list: bool
) -> None:
    team = actions.personal_team(alice)

    if from_the_list:
        answer = act(client, "team", "delete_selected", otters.pk, team.pk, post="yes")
    else:
        answer = client.post(f"{ADMIN}/team/{team.pk}/delete/", {"post": "yes"}, follow=True)

    assert "Nothing was changed. A personal team cannot be deleted" in answer.text
    assert Team.objects.filter(pk__in=[otters.pk, team.pk]).count() == 2
    assert log() == []


# --- Members


def test_a_new_role_is_logged_with_what_it_was(client: Client, otters: Team, bob: User) -> None:
    client.post(f"{ADMIN}/membership/{place(otters, bob).pk}/change/", {"role": "admin"})

    assert place(otters, bob).role == Role.ADMIN
    expected = ("membership.role_changed", "boss@example.com", "bob@example.com", {"role": "viewer"}, {"role": "admin"})
    assert log() == [expected]


def test_the_person_and_the_team_of_a_place_stay(client: Client, otters: Team, bob: User, charlie: User) -> None:
    at = place(otters, bob).pk

    client.post(f"{ADMIN}/membership/{at}/change/", {"role": "admin", "user": charlie.pk, "team": "x"})

    assert Membership.objects.get(pk=at).user == bob


def test_the_last_owner_stays_one(client: Client, otters: Team, alice: User) -> None:
    answer = client.post(f"{ADMIN}/membership/{place(otters, alice).pk}/change/", {"role": "viewer"}, follow=True)

    assert "Nothing was changed. alice is the only owner of this team." in answer.text
    assert place(otters, alice).role == Role.OWNER
    assert log() == []


@pytest.mark.parametrize("from_the_list", [True, False])
def test_the_last_owner_is_not_removed(
    client: Client, otters: Team, alice: User, bob: User, from_the_list: bool
) -> None:
    at = place(otters, alice).pk

    if from_the_list:
        answer = act(client, "membership", "delete_selected", at, place(otters, bob).pk, post="yes")
    else:
        answer = client.post(f"{ADMIN}/membership/{at}/delete/", {"post": "yes"}, follow=True)

    assert "alice is the only owner of this team. Make someone else an owner first." in answer.text
    assert Membership.objects.filter(team=otters).count() == 2
    assert log() == []


def test_not_all_owners_are_removed_at_once(client: Client, otters: Team, alice: User, charlie: User) -> None:
    join(otters, charlie, Role.OWNER)

    act(client, "membership", "delete_selected", place(otters, alice).pk, place(otters, charlie).pk, post="yes")

    assert Membership.objects.filter(team=otters, role=Role.OWNER).count() == 2


def test_removing_somebody_is_logged(client: Client, otters: Team, bob: User) -> None:
    client.post(f"{ADMIN}/membership/{place(otters, bob).pk}/delete/", {"post": "yes"})

    assert not Membership.objects.filter(team=otters, user=bob).exists()
    assert log() == [("membership.removed", "boss@example.com", "bob@example.com", {"role": "viewer"}, {})]


def test_a_personal_team_keeps_its_person(client: Client, boss: User, alice: User) -> None:
    team = actions.personal_team(alice)

    answer = client.post(f"{ADMIN}/membership/{place(team, alice).pk}/delete/", {"post": "yes"}, follow=True)

    assert "This is a personal team" in answer.text
    assert Membership.objects.filter(team=team).exists()


# --- Invitations


def test_cancelling_an_invitation_ends_its_link_and_is_logged(client: Client, invitation: Invitation) -> None:
    answer = act(client, "invitation", "cancel", invitation.pk)

    assert "Cancelled: 1 invitation." in answer.text
    assert Invitation.objects.get().state(timezone.now()) == Invitation.State.CANCELLED
    assert log()[-1][:3] == ("invitation.cancelled", "boss@example.com", "new@example.com")


def test_an_invitation_that_is_over_is_not_cancelled_again(client: Client, invitation: Invitation) -> None:
    act(client, "invitation", "cancel", invitation.pk)

    answer = act(client, "invitation", "cancel", invitation.pk)

    assert "Nothing was changed. This invitation was accepted or cancelled meanwhile." in answer.text


def test_an_invitation_is_not_edited(client: Client, invitation: Invitation) -> None:
    answer = client.post(f"{ADMIN}/invitation/{invitation.pk}/change/", {"email": "me@example.com", "role": "owner"})

    assert answer.status_code == 403
    assert client.post(f"{ADMIN}/invitation/{invitation.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Invitation.objects.get().email == "new@example.com"


# --- API keys


def test_revoking_a_key_ends_it_and_is_logged(client: Client, key: tuple[ApiKey, str]) -> None:
    answer = act(client, "apikey", "revoke", key[0].pk)

    assert "Revoked: 1 API key." in answer.text
    with pytest.raises(keys.KeyRefused, match="revoked"):
        keys.authenticate(f"Bearer {key[1]}")
    assert log()[-1][:2] == ("api_key.revoked", "boss@example.com")


def test_a_key_is_not_edited_or_deleted(client: Client, key: tuple[ApiKey, str]) -> None:
    for page in ("change", "delete"):
        answer = client.post(f"{ADMIN}/apikey/{key[0].pk}/{page}/", {"name": "Mine", "post": "yes"})
        assert answer.status_code == 403

    assert ApiKey.objects.get().name == "Nightly"


@pytest.mark.parametrize("page", ["apikey/", "apikey/{key}/change/", "invitation/", "invitation/{invitation}/change/"])
def test_no_hash_is_shown(client: Client, invitation: Invitation, key: tuple[ApiKey, str], page: str) -> None:
    shown = client.get(f"{ADMIN}/{page.format(key=key[0].pk, invitation=invitation.pk)}").text

    assert key[0].name in shown or invitation.email in shown
    assert key[0].hashed not in shown
    assert invitation.token_hash not in shown


@pytest.mark.parametrize(("permission", "status"), [("view_apikey", False), ("change_apikey", True)])
def test_staff_who_may_only_look_end_nothing(
    client: Client, charlie: User, key: tuple[ApiKey, str], permission: str, status: bool
) -> None:
    charlie.is_staff = True
    charlie.save()
    charlie.user_permissions.set(Permission.objects.filter(codename__in=["view_apikey", permission]))
    client.force_login(charlie)

    act(client, "apikey", "revoke", key[0].pk)

    assert (ApiKey.objects.get().revoked_at is not None) == status
