"""Reads about teams."""

from uuid import UUID

from django.db.models import F

from accounts.models import User
from teams.models import Membership


def membership(user: User, team_id: UUID) -> Membership | None:
    """Return the person's place in a team, with the team; None for a team they are not in or that does not exist."""
    return Membership.objects.filter(user=user, team_id=team_id).select_related("team").first()


def current_membership(user: User) -> Membership | None:
    """Return the membership chosen last, else that in the personal team; None if it has not been made yet."""
    newest = (
        Membership.objects.filter(user=user)
        .select_related("team")
        .order_by(F("chosen_at").desc(nulls_last=True), F("team__personal_owner").asc(nulls_last=True))
        .first()
    )
    return newest if newest and (newest.chosen_at or newest.team.personal_owner_id) else None
