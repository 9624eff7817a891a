"""A team is made, named, chosen and deleted."""

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, User
from teams import actions
from teams.models import Invitation, Membership, Team
from teams.permissions import Role
from teams.refusals import Refused
from teams.tests.factories import team_of

pytestmark = pytest.mark.django_db


def test_who_makes_a_team_owns_it_and_works_in_it(alice: User) -> None:
    team = actions.create(by=alice, name="Otters", at=timezone.now())

    place = actions.current_membership(alice)
    assert (place.team, place.role) == (team, Role.OWNER)


def test_a_team_gets_another_name(alice: User) -> None:
    team = team_of(alice, "Otters")

    actions.rename(by=alice, team=team, name="Newts")

    assert Team.objects.get(pk=team.pk).name == "Newts"


def test_a_deleted_team_takes_all_that_is_its_own(alice: User, bob: User) -> None:
    team, other = team_of(alice, editor=bob), team_of(bob, "Newts")
    Invitation.objects.create(
        team=team, email="x@example.com", role=Role.VIEWER, token_hash="x", expires_at=timezone.now()
    )

    actions.delete(by=alice, team=team)

    assert list(Membership.objects.values_list("team", flat=True)) == [other.pk]
    assert not Invitation.objects.exists()


def test_a_personal_team_is_not_deleted(alice: User) -> None:
    with pytest.raises(Refused, match="goes with its owner"):
        actions.delete(by=alice, team=actions.personal_team(alice))


def test_what_is_done_to_a_team_that_is_gone_says_so(alice: User) -> None:
    team = team_of(alice)
    Team.objects.filter(pk=team.pk).delete()

    with pytest.raises(Refused, match="This team was deleted meanwhile"):
        actions.rename(by=alice, team=team, name="Newts")


def test_the_audit_log_outlives_the_team(alice: User) -> None:
    team = actions.create(by=alice, name="Otters", at=timezone.now())
    actions.rename(by=alice, team=team, name="Newts")
    team_id = team.pk
    actions.delete(by=alice, team=team)

    entries = AuditEntry.objects.filter(team_id=team_id).order_by("id").values_list("action", "before", "after")
    assert list(entries) == [
        ("team.created", {}, {"name": "Otters"}),
        ("team.renamed", {"name": "Otters"}, {"name": "Newts"}),
        ("team.deleted", {"name": "Newts"}, {}),
    ]
