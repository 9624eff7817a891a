"""The table from roles to permissions, and who may make whom what."""

from itertools import pairwise

import pytest

from teams.permissions import IN_SHORT, PERMISSIONS, Permission, Role, may, may_change, may_give, roles_that_may

OWNER, ADMIN, EDITOR, VIEWER = Role.OWNER, Role.ADMIN, Role.EDITOR, Role.VIEWER


def test_every_role_has_its_permissions_and_a_sentence() -> None:
    assert set(PERMISSIONS) == set(IN_SHORT) == set(Role)


def test_an_owner_may_do_everything() -> None:
    assert PERMISSIONS[OWNER] == set(Permission)


def test_each_role_may_what_the_one_below_may_and_more() -> None:
    ladder = [PERMISSIONS[role] for role in (VIEWER, EDITOR, ADMIN, OWNER)]

    assert all(lower < higher for lower, higher in pairwise(ladder))


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        (Permission.USE_CHAT, {OWNER, ADMIN, EDITOR, VIEWER}),
        (Permission.MANAGE_BOTS, {OWNER, ADMIN, EDITOR}),
        (Permission.MANAGE_MEMBERS, {OWNER, ADMIN}),
        (Permission.MANAGE_KEYS, {OWNER, ADMIN}),
        (Permission.VIEW_AUDIT, {OWNER, ADMIN}),
        (Permission.MANAGE_OWNERS, {OWNER}),
        (Permission.DELETE_TEAM, {OWNER}),
    ],
)
def test_a_permission_is_held_by_these_roles(permission: Permission, roles: set[Role]) -> None:
    assert set(roles_that_may(permission)) == roles
    assert {role for role in Role if may(role, permission)} == roles


@pytest.mark.parametrize(
    ("by", "may_invite_as"),
    [(OWNER, {OWNER, ADMIN, EDITOR, VIEWER}), (ADMIN, {ADMIN, EDITOR, VIEWER}), (EDITOR, set()), (VIEWER, set())],
)
def test_who_manages_members_gives_roles_and_owners_alone_give_ownership(by: Role, may_invite_as: set[Role]) -> None:
    assert {role for role in Role if may_give(by, role)} == may_invite_as


@pytest.mark.parametrize("by", Role)
@pytest.mark.parametrize("old", Role)
@pytest.mark.parametrize("new", Role)
def test_only_an_owner_makes_or_unmakes_an_owner(by: Role, old: Role, new: Role) -> None:
    touches_an_owner = OWNER in (old, new)

    assert may_change(by, old=old, new=new) == (by == OWNER or (by == ADMIN and not touches_an_owner))
