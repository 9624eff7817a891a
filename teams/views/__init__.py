"""Pages of teams."""

from teams.views.audit_log import audit_log, audit_log_file
from teams.views.invitations import cancel, invitation, invitations, resend
from teams.views.keys import keys, own_keys, revoke_key
from teams.views.members import change_role, members, remove
from teams.views.teams import delete, leave, listed, new, settings, switch, transfer

__all__ = [
    "audit_log",
    "audit_log_file",
    "cancel",
    "change_role",
    "delete",
    "invitation",
    "invitations",
    "keys",
    "leave",
    "listed",
    "members",
    "new",
    "own_keys",
    "remove",
    "resend",
    "revoke_key",
    "settings",
    "switch",
    "transfer",
]
