"""Roles are changed, members removed, teams left and handed over; an owner always remains."""

from collections.abc import Callable

import pytest
from django.core.mail import EmailMultiAlternatives

from accounts.models import AuditEntry, User
from teams import actions
from teams.models import Membership, Team
from teams.permissions import Role
from teams.refusals import Refused
from teams.tests.factories import join, team_of

OWNER, ADMIN, EDITOR, VIEWER = Role.OWNER, Role.ADMIN, Role.EDITOR, Role.VIEWER

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(alice: User) -> Team:
    """Alice owns it; what the others are is each test's choice."""
    return team_of(alice)


def role_of(person: User, team: Team) -> Role | None:
    role = Membership.objects.filter(user=person, team=team).values_list("role", flat=True).first()
    return Role(role) if role else None


def was_done(action: Callable[[], object]) -> bool:
    try:
        action()
    except Refused:
        return False
    return True


@pytest.mark.parametrize("by", Role)
@pytest.mark.parametrize("old", Role)
@pytest.mark.parametrize("new", Role)
def test_admins_change_roles_below_owner_and_owners_all_of_them(
    team: Team, bob: User, charlie: User, by: Role, old: Role, new: Role
) -> None:
    join(team, bob, by)
    join(team, charlie, old)

    done = was_done(lambda: actions.change_role(by=bob, team=team, user_id=charlie.pk, role=new))

    assert done == (by == OWNER or (by == ADMIN and OWNER not in (old, new)))
    assert role_of(charlie, team) == (new if done else old)


@pytest.mark.parametrize("by", Role)
@pytest.mark.parametrize("role", Role)
def test_admins_remove_everybody_but_owners_and_owners_all(
    team: Team, bob: User, charlie: User, by: Role, role: Role
) -> None:
    join(team, bob, by)
    join(team, charlie, role)

    done = was_done(lambda: actions.remove(by=bob, team=team, user_id=charlie.pk))

    assert done == (by == OWNER or (by == ADMIN and role != OWNER))
    assert role_of(charlie, team) == (None if done else role)


@pytest.mark.parametrize("role", Role)
def test_anybody_leaves_while_another_owner_stays(team: Team, bob: User, role: Role) -> None:
    join(team, bob, role)

    actions.leave(by=bob, team=team)

    assert role_of(bob, team) is None


@pytest.mark.parametrize("by", Role)
def test_owners_alone_hand_the_team_over_and_stay_as_admins(team: Team, bob: User, charlie: User, by: Role) -> None:
    join(team, bob, by)
    join(team, charlie, VIEWER)

    done = was_done(lambda: actions.transfer(by=bob, team=team, user_id=charlie.pk))

    assert done == (by == OWNER)
    assert (role_of(bob, team), role_of(charlie, team)) == ((ADMIN, OWNER) if done else (by, VIEWER))


def test_the_last_owner_cannot_leave_be_demoted_or_be_removed(team: Team, alice: User, bob: User) -> None:
    join(team, bob, ADMIN)

    for attempt in (
        lambda: actions.leave(by=alice, team=team),
        lambda: actions.change_role(by=alice, team=team, user_id=alice.pk, role=ADMIN),
        lambda: actions.remove(by=alice, team=team, user_id=alice.pk),
    ):
        with pytest.raises(Refused, match="You are the only owner of this team"):
            attempt()

    assert role_of(alice, team) == OWNER


def test_one_of_two_owners_may_step_down(team: Team, alice: User, bob: User) -> None:
    join(team, bob, OWNER)

    actions.change_role(by=alice, team=team, user_id=alice.pk, role=VIEWER)

    assert role_of(alice, team) == VIEWER


def test_a_role_taken_a_moment_ago_is_no_longer_a_right(team: Team, bob: User, charlie: User) -> None:
    place = join(team, bob, ADMIN)
    join(team, charlie, VIEWER)
    Membership.objects.filter(pk=place.pk).update(role=VIEWER)

    with pytest.raises(Refused, match="does not let you"):
        actions.remove(by=bob, team=team, user_id=charlie.pk)


def test_outsiders_change_nobody(team: Team, alice: User, charlie: User) -> None:
    with pytest.raises(Refused, match="You are not in this team any more"):
        actions.remove(by=charlie, team=team, user_id=alice.pk)


def test_someone_who_has_just_left_is_named_so(team: Team, alice: User, bob: User) -> None:
    with pytest.raises(Refused, match="This person is not in the team any more"):
        actions.change_role(by=alice, team=team, user_id=bob.pk, role=ADMIN)


def test_nobody_hands_a_team_over_to_themselves(team: Team, alice: User) -> None:
    with pytest.raises(Refused, match="You own this team already"):
        actions.transfer(by=alice, team=team, user_id=alice.pk)


@pytest.mark.parametrize("act", [actions.leave, lambda **who: actions.transfer(**who, user_id=who["by"].pk)])
def test_a_personal_team_is_neither_left_nor_handed_over(alice: User, act: Callable[..., object]) -> None:
    with pytest.raises(Refused, match="This is a personal team"):
        act(by=alice, team=actions.personal_team(alice))


def test_whoever_is_handed_a_team_is_told(
    team: Team, alice: User, bob: User, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    join(team, bob, VIEWER)

    actions.transfer(by=alice, team=team, user_id=bob.pk)

    (told,) = mailoutbox
    assert told.to == ["bob@example.com"]
    assert f"alice@example.com handed the team {team.name} on Parley over to you." in told.body


def test_the_audit_log_has_who_what_before_and_after(team: Team, alice: User, bob: User) -> None:
    join(team, bob, VIEWER)

    actions.change_role(by=alice, team=team, user_id=bob.pk, role=ADMIN)
    actions.change_role(by=alice, team=team, user_id=bob.pk, role=ADMIN)  # nothing changes, so nothing is told
    actions.transfer(by=alice, team=team, user_id=bob.pk)
    actions.remove(by=bob, team=team, user_id=alice.pk)

    entries = AuditEntry.objects.filter(team_id=team.pk).order_by("id")
    assert [(entry.action, entry.actor_label, entry.target_label) for entry in entries] == [
        ("membership.role_changed", "alice@example.com", "bob@example.com"),
        ("team.transferred", "alice@example.com", "bob@example.com"),
        ("membership.removed", "bob@example.com", "alice@example.com"),
    ]
    assert (entries[0].before, entries[0].after) == ({"role": "viewer"}, {"role": "admin"})
