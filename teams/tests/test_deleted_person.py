import pytest
from django.test import Client

from accounts import actions as accounts
from accounts.models import User
from accounts.personal_data import Blocked
from teams import actions
from teams.models import Membership, Team
from teams.permissions import Role
from teams.tests.factories import join, team_of


def test_a_deleted_account_leaves_no_team_behind(alice: User, bob: User) -> None:
    actions.personal_team(alice)
    theirs = actions.personal_team(bob)
    Membership.objects.create(team=theirs, user=alice, role=Role.EDITOR)

    accounts.delete_account(by=alice)

    assert list(Team.objects.all()) == [theirs]
    assert [membership.user for membership in Membership.objects.all()] == [bob]


def test_the_only_owner_of_a_team_others_work_in_cannot_go(alice: User, bob: User) -> None:
    team_of(alice, "Otters", editor=bob)

    with pytest.raises(Blocked, match="You are the only owner of Otters, and others work in it"):
        accounts.delete_account(by=alice)

    assert Membership.objects.filter(user=alice).exists()


def test_an_owner_beside_another_one_goes_and_the_team_stays(alice: User, bob: User) -> None:
    team = team_of(alice, "Otters")
    join(team, bob, Role.OWNER)

    accounts.delete_account(by=alice)

    assert [place.user for place in team.memberships.all()] == [bob]


def test_a_team_nobody_else_is_in_goes_with_its_owner(alice: User) -> None:
    team_of(alice, "Otters")

    accounts.delete_account(by=alice)

    assert not Team.objects.exists()


def test_the_page_says_what_has_to_be_settled_first_and_deletes_nothing(client: Client, alice: User, bob: User) -> None:
    team = team_of(alice, "Otters", editor=bob)
    client.force_login(alice)

    page = client.post("/accounts/delete/", {"password": "alice-password-1"}).text

    assert "You are the only owner of Otters" in page
    assert f'href="/teams/{team.pk}/settings/"' in page
    assert "Delete my account" not in page
    assert User.objects.filter(pk=alice.pk).exists()
