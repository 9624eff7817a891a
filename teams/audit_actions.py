"""What the audit log says about teams."""

from accounts import audit

TEAM_CREATED = audit.action("team.created", "{actor} created the team {after[name]}")
TEAM_RENAMED = audit.action("team.renamed", "{actor} renamed the team from {before[name]} to {after[name]}")
TEAM_DELETED = audit.action("team.deleted", "{actor} deleted the team {before[name]}")
TEAM_TRANSFERRED = audit.action("team.transferred", "{actor} handed the team over to {target}")
ROLE_CHANGED = audit.action(
    "membership.role_changed", "{actor} changed the role of {target} from {before[role]} to {after[role]}"
)
MEMBER_REMOVED = audit.action("membership.removed", "{actor} removed {target}, who was {before[role]}")
MEMBER_LEFT = audit.action("membership.left", "{actor}, who was {before[role]}, left the team")
MEMBER_JOINED = audit.action("membership.joined", "{actor} joined the team as {after[role]}")
INVITED = audit.action("invitation.sent", "{actor} invited {target} as {after[role]}")
INVITED_AGAIN = audit.action("invitation.resent", "{actor} sent the invitation of {target} again")
INVITATION_CANCELLED = audit.action("invitation.cancelled", "{actor} cancelled the invitation of {target}")

KEY_MADE = audit.action("api_key.made", "{actor} made the API key {target}", title="API key made")
KEY_REVOKED = audit.action("api_key.revoked", "{actor} revoked the API key {target}", title="API key revoked")
LOG_DOWNLOADED = audit.action("audit_log.downloaded", "{actor} downloaded the audit log")
