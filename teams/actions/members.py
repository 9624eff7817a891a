"""Who is in a team and as what. Every change holds the team's row, so a team is never left without an owner."""

from collections.abc import Collection

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit, language
from accounts.models import User
from lib import mail
from lib.write_lock import writing
from teams import audit_actions, departures, queries
from teams.models import Membership, Team
from teams.permissions import Permission, Role, may, may_change, may_give
from teams.refusals import Refused

ONLY_OWNERS = gettext_lazy("Only an owner can make someone an owner, or change or remove one.")
NOT_HERE = gettext_lazy("This person is not in the team any more.")


def change_role(*, by: User, team: Team, user_id: int, role: Role) -> Membership:
    """Give a member another role. Raises Refused."""
    with writing():
        actor, target = _both(by, team, user_id)
        _need(actor, _("Your role in this team does not let you change roles."))
        if not may_change(actor.role, old=target.role, new=role):
            raise Refused(ONLY_OWNERS)
        give(target, role, by=by)
    return target


def remove(*, by: User, team: Team, user_id: int) -> Membership:
    """Take a member out of the team. What they made there stays. Raises Refused."""
    with writing():
        actor, target = _both(by, team, user_id)
        _need(actor, _("Your role in this team does not let you remove members."))
        if not may_give(actor.role, target.role):
            raise Refused(ONLY_OWNERS)
        end(target, by=by, told_as=audit_actions.MEMBER_REMOVED)
    return target


def leave(*, by: User, team: Team) -> None:
    """Raises Refused for the last owner, and for a personal team."""
    with writing():
        actor, _ = _both(by, team, by.pk)
        end(actor, by=by, told_as=audit_actions.MEMBER_LEFT)


def transfer(*, by: User, team: Team, user_id: int) -> Membership:
    """Make another member the owner in one's own place, and tell them; one stays as an admin. Raises Refused."""
    with writing():
        actor, target = _both(by, team, user_id)
        if not may(actor.role, Permission.MANAGE_OWNERS):
            raise Refused(_("Only an owner can hand the team over."))
        if target == actor:
            raise Refused(_("You own this team already. Choose somebody else."))
        _record(audit_actions.TEAM_TRANSFERRED, target, by, becomes=Role.OWNER)
        target.role, actor.role = Role.OWNER, Role.ADMIN
        Membership.objects.bulk_update([target, actor], ["role"])
        context = {"team": team.name, "giver": by.name or by.email, "giver_email": by.email}
        mail.send("teams/email/handed_over", to=target.user.email, context=context, language=language.of(target.user))
    return target


# --- What a change comes down to, whoever makes it --------------------------------------------------------------------


def held(team: Team, user_ids: Collection[int]) -> dict[int, Membership]:
    """Hold the team and return the places of these people in it, as they are now. Raises Refused."""
    locked = queries.locked(team)
    if locked.is_personal:
        raise Refused(_("This is a personal team: only its owner is in it. Create a team to work with others."))
    return {place.user_id: place for place in queries.places(locked, user_ids)}


def give(place: Membership, role: Role, *, by: User) -> None:
    """Change the role at a place whose team is held. Raises Refused for the last owner."""
    if role != Role.OWNER:
        _keep_an_owner(place, by)
    if place.role == role:
        return
    _record(audit_actions.ROLE_CHANGED, place, by, becomes=role)
    place.role = role
    place.save(update_fields=["role"])


def end(place: Membership, *, by: User, told_as: audit.Action) -> None:
    """Empty a place whose team is held. Raises Refused for the last owner."""
    _keep_an_owner(place, by)
    departures.tell(place.team_id, [place.user_id])
    _record(told_as, place, by)
    Membership.objects.filter(pk=place.pk).delete()


def _both(by: User, team: Team, user_id: int) -> tuple[Membership, Membership]:
    """Hold the team and return the places of the actor and of the other person, as they are now."""
    places = held(team, {by.pk, user_id})
    if by.pk not in places:
        raise Refused(_("You are not in this team any more."))
    if user_id not in places:
        raise Refused(NOT_HERE)
    return places[by.pk], places[user_id]


def _need(actor: Membership, refusal: str) -> None:
    if not may(actor.role, Permission.MANAGE_MEMBERS):
        raise Refused(refusal)


def _keep_an_owner(place: Membership, by: User) -> None:
    if place.role == Role.OWNER and not queries.other_owners(place).exists():
        if place.user_id == by.pk:
            raise Refused(_("You are the only owner of this team. Make someone else an owner first."))
        whose = {"name": place.user.short_name}
        raise Refused(_("%(name)s is the only owner of this team. Make someone else an owner first.") % whose)


def _record(action: audit.Action, place: Membership, by: User, *, becomes: Role | None = None) -> None:
    audit.record(
        action=action,
        by=by,
        team_id=place.team_id,
        target=place.user,
        before={"role": place.role},
        after={"role": becomes} if becomes else None,
    )
