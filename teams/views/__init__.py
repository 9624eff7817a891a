"""Pages of teams."""

from teams.views.invitations import cancel, invitation, invitations, resend
from teams.views.members import change_role, members, remove
from teams.views.teams import delete, leave, listed, new, settings, switch, transfer

__all__ = [
    "cancel",
    "change_role",
    "delete",
    "invitation",
    "invitations",
    "leave",
    "listed",
    "members",
    "new",
    "remove",
    "resend",
    "settings",
    "switch",
    "transfer",
]
