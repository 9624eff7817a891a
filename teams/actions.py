"""Writes about teams. Accounts knows no team: a personal one is made here at first need."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from teams import queries
from teams.models import Membership, Team
from teams.permissions import Role


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
