"""Who may do what in a team: one table from roles to permissions, and who may give which role to whom.

A page asks for a permission, never for a role.
"""

from enum import StrEnum

from django.db import models


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    EDITOR = "editor", "Editor"
    VIEWER = "viewer", "Viewer"


class Permission(StrEnum):
    """What one may do; the value finishes the sentence "You may ..."."""

    VIEW_TEAM = "see the team and who is in it"
    USE_CHAT = "chat, and talk to the team's bots"
    VIEW_BOTS = "look at how bots are made"
    MANAGE_BOTS = "make, change and publish bots"
    MANAGE_KNOWLEDGE = "add and remove documents"
    MANAGE_CHANNELS = "put bots on channels"
    VIEW_TRANSCRIPTS = "read what others said to bots"
    RUN_EVALUATIONS = "test and rate bots"
    RENAME_TEAM = "rename the team"
    MANAGE_MEMBERS = "invite, remove and change the role of members"
    MANAGE_KEYS = "make and revoke API keys"
    MANAGE_PROVIDERS = "connect model vendors and set limits"
    VIEW_USAGE = "see what the team uses and what it costs"
    VIEW_AUDIT = "read the audit log"
    MANAGE_BILLING = "pay for the team"
    MANAGE_OWNERS = "make and unmake owners"
    DELETE_TEAM = "delete the team"


_VIEWER = frozenset({Permission.VIEW_TEAM, Permission.USE_CHAT, Permission.VIEW_BOTS})
_EDITOR = _VIEWER | {
    Permission.MANAGE_BOTS,
    Permission.MANAGE_KNOWLEDGE,
    Permission.MANAGE_CHANNELS,
    Permission.VIEW_TRANSCRIPTS,
    Permission.RUN_EVALUATIONS,
}
_ADMIN = _EDITOR | {
    Permission.RENAME_TEAM,
    Permission.MANAGE_MEMBERS,
    Permission.MANAGE_KEYS,
    Permission.MANAGE_PROVIDERS,
    Permission.VIEW_USAGE,
    Permission.VIEW_AUDIT,
}
_OWNER = _ADMIN | {Permission.MANAGE_BILLING, Permission.MANAGE_OWNERS, Permission.DELETE_TEAM}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.EDITOR: _EDITOR,
    Role.ADMIN: _ADMIN,
    Role.OWNER: _OWNER,
}

IN_SHORT: dict[Role, str] = {
    Role.VIEWER: "Chats and looks, changes nothing of the team's.",
    Role.EDITOR: "Makes and publishes bots and their knowledge.",
    Role.ADMIN: "Also invites people, keeps keys and reads the audit log.",
    Role.OWNER: "Also deletes the team and names other owners.",
}


def in_a_sentence(role: Role) -> str:
    """Say what a role may do to somebody who is about to get it."""
    short = IN_SHORT[role]
    return f"{'A' if role == Role.VIEWER else 'An'} {role.label.lower()} {short[0].lower()}{short[1:]}"


def may(role: Role | str, *permissions: Permission) -> bool:
    """Tell whether somebody of this role may do all of it."""
    return PERMISSIONS[Role(role)].issuperset(permissions)


def roles_that_may(permission: Permission) -> list[Role]:
    return [role for role, permissions in PERMISSIONS.items() if permission in permissions]


def may_give(by: Role | str, role: Role | str) -> bool:
    """Tell whether one of role `by` may invite somebody as `role`, or remove somebody who has it."""
    return may(by, Permission.MANAGE_MEMBERS) and (role != Role.OWNER or may(by, Permission.MANAGE_OWNERS))


def may_change(by: Role | str, *, old: Role | str, new: Role | str) -> bool:
    """Tell whether one of role `by` may turn an `old` into a `new`. Only owners give or take ownership."""
    return may_give(by, old) and may_give(by, new)


class Scope(models.TextChoices):
    """What an API key may be made for."""

    CHAT = "chat", "Chat, and talk to bots"
    READ_THREADS = "threads.read", "Read conversations"
    MANAGE_BOTS = "bots.manage", "Make, change and publish bots"
    MANAGE_KNOWLEDGE = "knowledge.manage", "Add and remove documents"
    READ_USAGE = "usage.read", "See what is used and what it costs"


SCOPE_NEEDS: dict[Scope, Permission] = {
    Scope.CHAT: Permission.USE_CHAT,
    Scope.READ_THREADS: Permission.VIEW_TRANSCRIPTS,
    Scope.MANAGE_BOTS: Permission.MANAGE_BOTS,
    Scope.MANAGE_KNOWLEDGE: Permission.MANAGE_KNOWLEDGE,
    Scope.READ_USAGE: Permission.VIEW_USAGE,
}
"""The permission whoever made the key must still have for the scope to count."""
