"""A team begins, gets a name, is chosen and ends. Accounts knows no team: a personal one is made at first need."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from lib.write_lock import writing
from teams import audit_actions, contents, departures, queries
from teams.models import Membership, Team
from teams.permissions import Role
from teams.refusals import Refused


def personal_team(user: User) -> Team:
    """Return the team only this person owns, made now if there is none yet. Safe to call from two places at once."""
    team = Team.objects.filter(personal_owner=user).first()
    if team:
        return team
    try:
        with transaction.atomic():
            team = Team.objects.create(name=user.short_name, personal_owner=user)
            Membership.objects.create(team=team, user=user, role=Role.OWNER)
            return team
    except IntegrityError:
        return Team.objects.get(personal_owner=user)


def current_membership(user: User) -> Membership:
    """Return where the person is working: in the team chosen last, else in their personal one, made at need."""
    chosen = queries.current_membership(user)
    if chosen:
        return chosen
    team = personal_team(user)
    return Membership.objects.select_related("team").get_or_create(team=team, user=user, defaults={"role": Role.OWNER})[
        0
    ]


def switch(*, by: User, team: Team, at: datetime) -> None:
    """Make this team the one the person works in from now on."""
    Membership.objects.filter(user=by, team=team).update(chosen_at=at)


def create(*, by: User, name: str, at: datetime) -> Team:
    """Make a team that `by` owns and works in from now on."""
    with writing():
        team = Team.objects.create(name=name, created_at=at)
        Membership.objects.create(team=team, user=by, role=Role.OWNER, created_at=at, chosen_at=at)
        audit.record(action=audit_actions.TEAM_CREATED, by=by, team_id=team.pk, target=team, after={"name": name})
    return team


def rename(*, by: User, team: Team, name: str) -> None:
    with writing():
        locked = queries.locked(team)
        if locked.name == name:
            return
        audit.record(
            action=audit_actions.TEAM_RENAMED,
            by=by,
            team_id=locked.pk,
            target=locked,
            before={"name": locked.name},
            after={"name": name},
        )
        locked.name = team.name = name
        locked.save(update_fields=["name"])


def delete(*, by: User, team: Team) -> None:
    """Remove a team with everything in it. Raises Refused for a personal one."""
    with writing():
        locked = queries.locked(team)
        if locked.is_personal:
            raise Refused(_("A personal team cannot be deleted: it goes with its owner's account."))
        departures.tell(locked.pk, queries.member_ids(locked))
        audit.record(
            action=audit_actions.TEAM_DELETED, by=by, team_id=locked.pk, target=locked, before={"name": locked.name}
        )
        contents.erase(locked)
        locked.delete()
