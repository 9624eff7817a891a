"""Writes about teams. Accounts knows no team: a personal one is made here at first need."""

from django.db import IntegrityError, transaction

from accounts.models import User
from teams.models import Membership, Team


def personal_team(user: User) -> Team:
    """Return the team only this person owns, made now if there is none yet. Safe to call from two places at once."""
    team = Team.objects.filter(personal_owner=user).first()
    if team:
        return team
    try:
        with transaction.atomic():
            team = Team.objects.create(name=user.short_name, personal_owner=user)
            Membership.objects.create(team=team, user=user, role=Membership.Role.OWNER)
            return team
    except IntegrityError:
        return Team.objects.get(personal_owner=user)
