"""What the audit log says about teams."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts import audit

for role in (gettext_noop("owner"), gettext_noop("admin"), gettext_noop("editor"), gettext_noop("viewer")):
    audit.stored(role)

TEAM_CREATED = audit.action("team.created", _("{actor} created the team {after[name]}"), title=_("Team created"))
TEAM_RENAMED = audit.action(
    "team.renamed", _("{actor} renamed the team from {before[name]} to {after[name]}"), title=_("Team renamed")
)
TEAM_DELETED = audit.action("team.deleted", _("{actor} deleted the team {before[name]}"), title=_("Team deleted"))
TEAM_TRANSFERRED = audit.action(
    "team.transferred", _("{actor} handed the team over to {target}"), title=_("Team transferred")
)
ROLE_CHANGED = audit.action(
    "membership.role_changed",
    _("{actor} changed the role of {target} from {before[role]} to {after[role]}"),
    title=_("Role changed"),
)
MEMBER_REMOVED = audit.action(
    "membership.removed", _("{actor} removed {target}, who was {before[role]}"), title=_("Member removed")
)
MEMBER_LEFT = audit.action(
    "membership.left", _("{actor}, who was {before[role]}, left the team"), title=_("Member left")
)
MEMBER_JOINED = audit.action(
    "membership.joined", _("{actor} joined the team as {after[role]}"), title=_("Member joined")
)
INVITED = audit.action("invitation.sent", _("{actor} invited {target} as {after[role]}"), title=_("Invitation sent"))
INVITED_AGAIN = audit.action(
    "invitation.resent", _("{actor} sent the invitation of {target} again"), title=_("Invitation resent")
)
INVITATION_CANCELLED = audit.action(
    "invitation.cancelled", _("{actor} cancelled the invitation of {target}"), title=_("Invitation cancelled")
)
KEY_MADE = audit.action("api_key.made", _("{actor} made the API key {target}"), title=_("API key made"))
KEY_REVOKED = audit.action("api_key.revoked", _("{actor} revoked the API key {target}"), title=_("API key revoked"))
LOG_DOWNLOADED = audit.action(
    "audit_log.downloaded", _("{actor} downloaded the audit log"), title=_("Audit log downloaded")
)
