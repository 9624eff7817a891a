"""Who may do what in a team: one table from roles to permissions, and who may give which role to whom.

A page asks for a permission, never for a role.
"""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from lib.wording import Text


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    EDITOR = "editor", _("Editor")
    VIEWER = "viewer", _("Viewer")


class Permission(StrEnum):
    """What one may do; the value finishes the sentence "You may ..."."""

    VIEW_TEAM = gettext_noop("see the team and who is in it")
    USE_CHAT = gettext_noop("chat, and talk to the team's bots")
    VIEW_BOTS = gettext_noop("look at how bots are made")
    MANAGE_BOTS = gettext_noop("make, change and publish bots")
    MANAGE_KNOWLEDGE = gettext_noop("add and remove documents")
    MANAGE_CHANNELS = gettext_noop("put bots on channels")
    VIEW_TRANSCRIPTS = gettext_noop("read what others said to bots")
    RUN_EVALUATIONS = gettext_noop("test and rate bots")
    RENAME_TEAM = gettext_noop("rename the team")
    MANAGE_MEMBERS = gettext_noop("invite, remove and change the role of members")
    MANAGE_KEYS = gettext_noop("make and revoke API keys")
    MANAGE_PROVIDERS = gettext_noop("connect model vendors and set limits")
    VIEW_USAGE = gettext_noop("see what the team uses and what it costs")
    READ_CALLS = gettext_noop("read what was sent to models")
    VIEW_AUDIT = gettext_noop("read the audit log")
    MANAGE_BILLING = gettext_noop("pay for the team")
    MANAGE_OWNERS = gettext_noop("make and unmake owners")
    DELETE_TEAM = gettext_noop("delete the team")


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
    Permission.READ_CALLS,
    Permission.VIEW_AUDIT,
}
_OWNER = _ADMIN | {Permission.MANAGE_BILLING, Permission.MANAGE_OWNERS, Permission.DELETE_TEAM}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.EDITOR: _EDITOR,
    Role.ADMIN: _ADMIN,
    Role.OWNER: _OWNER,
}

IN_SHORT: dict[Role, Text] = {
    Role.VIEWER: _("Chats and looks, changes nothing of the team's."),
    Role.EDITOR: _("Makes and publishes bots and their knowledge."),
    Role.ADMIN: _("Also invites people, keeps keys and reads the audit log."),
    Role.OWNER: _("Also deletes the team and names other owners."),
}

_WITH_ARTICLE = {
    Role.OWNER: _("an owner"),
    Role.ADMIN: _("an admin"),
    Role.EDITOR: _("an editor"),
    Role.VIEWER: _("a viewer"),
}

_IN_A_SENTENCE = {
    Role.VIEWER: _("A viewer chats and looks, changes nothing of the team's."),
    Role.EDITOR: _("An editor makes and publishes bots and their knowledge."),
    Role.ADMIN: _("An admin also invites people, keeps keys and reads the audit log."),
    Role.OWNER: _("An owner also deletes the team and names other owners."),
}


def with_article(role: Role | str) -> str:
    """Name a role the way it is said of a person: "You are an owner"."""
    return str(_WITH_ARTICLE[Role(role)])


def in_a_sentence(role: Role) -> str:
    """Say what a role may do to somebody who is about to get it."""
    return str(_IN_A_SENTENCE[role])


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

    CHAT = "chat", _("Chat, and talk to bots")
    READ_THREADS = "threads.read", _("Read conversations")
    MANAGE_BOTS = "bots.manage", _("Make, change and publish bots")
    MANAGE_KNOWLEDGE = "knowledge.manage", _("Add and remove documents")
    READ_USAGE = "usage.read", _("See what is used and what it costs")


SCOPE_NEEDS: dict[Scope, Permission] = {
    Scope.CHAT: Permission.USE_CHAT,
    Scope.READ_THREADS: Permission.VIEW_TRANSCRIPTS,
    Scope.MANAGE_BOTS: Permission.MANAGE_BOTS,
    Scope.MANAGE_KNOWLEDGE: Permission.MANAGE_KNOWLEDGE,
    Scope.READ_USAGE: Permission.VIEW_USAGE,
}
"""The permission whoever made the key must still have for the scope to count."""
