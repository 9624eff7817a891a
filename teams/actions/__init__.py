"""Writes about teams, their members and who is invited. Each is one transaction."""

from teams.actions.invitations import Link, accept, accept_as_new, cancel, invite, resend
from teams.actions.members import change_role, leave, remove, transfer
from teams.actions.teams import create, current_membership, delete, personal_team, rename, switch

__all__ = [
    "Link",
    "accept",
    "accept_as_new",
    "cancel",
    "change_role",
    "create",
    "current_membership",
    "delete",
    "invite",
    "leave",
    "personal_team",
    "remove",
    "rename",
    "resend",
    "switch",
    "transfer",
]
