"""What staff do in the admin, in teams they need not be in.

Whether somebody is staff is asked at the door; what a team needs to go on holds for them as for everybody, and the
team's own audit log tells what they did.
"""

from datetime import datetime

from accounts.models import User
from lib.write_lock import writing
from teams import audit_actions
from teams.actions import invitations, members
from teams.models import Invitation, Membership
from teams.permissions import Role
from teams.refusals import Refused


def change_role(*, by: User, place: Membership, role: Role) -> None:
    """Give a member another role. Raises Refused."""
    with writing():
        members.give(_now(place), role, by=by)


def remove(*, by: User, place: Membership) -> None:
    """Take a member out of a team. Raises Refused."""
    with writing():
        members.end(_now(place), by=by, told_as=audit_actions.MEMBER_REMOVED)


def cancel(*, by: User, invitation: Invitation, at: datetime) -> None:
    """Make the link of an invitation worthless. Raises Refused."""
    with writing():
        invitations.end(invitations.held(invitation.team, invitation.pk), by=by, at=at)


def _now(place: Membership) -> Membership:
    found = members.held(place.team, [place.user_id]).get(place.user_id)
    if found is None:
        raise Refused(members.NOT_HERE)
    return found
