"""Reads about teams."""

import hashlib
from collections.abc import Collection
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from teams.models import Invitation, Membership, Team
from teams.permissions import Role
from teams.refusals import Refused


def membership(user: User, team_id: UUID) -> Membership | None:
    """Return the person's place in a team, with the team; None for a team they are not in or that does not exist."""
    return Membership.objects.filter(user=user, team_id=team_id).select_related("team").first()


def current_membership(user: User) -> Membership | None:
    """Return the membership chosen last, else that in the personal team; None if it has not been made yet."""
    newest = _last_chosen_first(user).first()
    return newest if newest and (newest.chosen_at or newest.team.is_personal) else None


def _last_chosen_first(user: User) -> QuerySet[Membership]:
    return (
        Membership.objects.filter(user=user)
        .select_related("team")
        .order_by(F("chosen_at").desc(nulls_last=True), F("team__personal_owner").asc(nulls_last=True), "-id")
    )


def locked(team: Team) -> Team:
    """Hold the team's row until the transaction ends, and return it as it is now. Raises Refused if it is gone."""
    held = Team.objects.select_for_update().filter(pk=team.pk).first()
    if held is None:
        raise Refused("This team was deleted meanwhile.")
    return held


def places(team: Team, user_ids: Collection[int]) -> QuerySet[Membership]:
    return Membership.objects.filter(team=team, user_id__in=user_ids).select_related("user")


def member_ids(team: Team) -> QuerySet[Membership, int]:
    return Membership.objects.filter(team=team).values_list("user_id", flat=True)


def other_owners(place: Membership) -> QuerySet[Membership]:
    return Membership.objects.filter(team_id=place.team_id, role=Role.OWNER).exclude(pk=place.pk)


# --- Addresses and invitations ----------------------------------------------------------------------------------------


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invitation(token: str) -> Invitation | None:
    """Return the invitation whose link this is, with its team."""
    found = Invitation.objects.filter(token_hash=hash_of(token)).select_related("team", "invited_by")
    return found.first()


def has_address(user: User, email: str) -> bool:
    """Tell whether mail to `email` is this person's: the address they sign in with, or another confirmed one."""
    if user.email.lower() == email.lower():
        return True
    is_confirmed: bool = EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists()
    return is_confirmed


def _with_address(email: str) -> QuerySet[User]:
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), email__iexact=email, verified=True)
    return User.objects.filter(Q(email__iexact=email) | Exists(confirmed))


def person_with_address(email: str) -> User | None:
    return _with_address(email).first()


def member_with_address(team: Team, email: str) -> Membership | None:
    return Membership.objects.filter(team=team, user__in=_with_address(email)).first()


# --- Whose a team is --------------------------------------------------------------------------------------------------


def left_without_owner(user: User) -> QuerySet[Team]:
    """Return the teams that others are in and that only this person owns."""
    return _owned_alone(user).filter(Exists(_others(user)))


def left_empty(user: User) -> QuerySet[Team]:
    """Return the shared teams that nobody but this person is in."""
    return _owned_alone(user).filter(~Exists(_others(user)))


def _owned_alone(user: User) -> QuerySet[Team]:
    owned = Team.objects.filter(memberships__user=user, memberships__role=Role.OWNER, personal_owner=None)
    return owned.filter(~Exists(_others(user).filter(role=Role.OWNER)))


def _others(user: User) -> QuerySet[Membership]:
    return Membership.objects.filter(team=OuterRef("pk")).exclude(user=user)
