"""Reads about teams."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import Count, Exists, F, Model, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounts.models import User
from teams.models import WAITING, ApiKey, Invitation, Membership, Team
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
        raise Refused(_("This team was deleted meanwhile."))
    return held


def places(team: Team, user_ids: Collection[int]) -> QuerySet[Membership]:
    return Membership.objects.filter(team=team, user_id__in=user_ids).select_related("user")


def member_ids(team: Team) -> QuerySet[Membership, int]:
    return Membership.objects.filter(team=team).values_list("user_id", flat=True)


def other_owners(place: Membership) -> QuerySet[Membership]:
    return Membership.objects.filter(team_id=place.team_id, role=Role.OWNER).exclude(pk=place.pk)


def is_last_owner(user: User, team: Team) -> bool:
    owners = Membership.objects.filter(team=team, role=Role.OWNER)
    return owners.filter(user=user).exists() and not owners.exclude(user=user).exists()


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


# --- Pages: by key, so that the thousandth costs what the first does --------------------------------------------------

PAGE = 25
RECENT = 5


@dataclass(frozen=True, slots=True)
class Listed[Row]:
    """One page of a list; `after` leads to the next one, empty at the end."""

    rows: list[Row]
    after: str


def _listed[Row: Model](rows: QuerySet[Row], key: Callable[[Row], object]) -> Listed[Row]:
    found = list(rows[: PAGE + 1])
    return Listed(found[:PAGE], str(key(found[PAGE - 1])) if len(found) > PAGE else "")


def members(team: Team, *, search: str = "", after: str = "") -> Listed[Membership]:
    """Return members by address; `search` is a part of a name or an address."""
    rows = Membership.objects.filter(team=team, user__email__gt=after).select_related("user").order_by("user__email")
    if search:
        rows = rows.filter(Q(user__email__icontains=search) | Q(user__name__icontains=search))
    return _listed(rows, lambda place: place.user.email)


def waiting_invitations(team: Team, *, after: str = "") -> Listed[Invitation]:
    rows = Invitation.objects.of(team).filter(WAITING, email__gt=after).select_related("invited_by")
    return _listed(rows.order_by("email"), lambda invitation: invitation.email)


def waiting_invitation(team: Team, invitation_id: UUID) -> Invitation | None:
    return Invitation.objects.of(team).filter(WAITING, pk=invitation_id).first()


def teams_of(user: User, *, search: str = "", after: str = "") -> Listed[Membership]:
    """Return the person's teams by name, each with how many are in it (`size`)."""
    sizes = Membership.objects.filter(team=OuterRef("team")).order_by().values("team").annotate(size=Count("pk"))
    rows = Membership.objects.filter(user=user).select_related("team").annotate(size=Subquery(sizes.values("size")))
    if search:
        rows = rows.filter(team__name__icontains=search)
    key = _uuid(after)
    last = Team.objects.filter(memberships__user=user, id=key).first() if key else None
    if last:
        rows = rows.filter(Q(team__name__gt=last.name) | Q(team__name=last.name, team_id__gt=last.pk))
    return _listed(rows.order_by("team__name", "team_id"), lambda place: place.team_id)


def recent_teams(user: User) -> list[Team]:
    """Return the few teams the person is most likely to switch to."""
    return [place.team for place in _last_chosen_first(user)[:RECENT]]


def member_count(team: Team) -> int:
    return Membership.objects.filter(team=team).count()


def keys(team: Team, *, after: str = "") -> Listed[ApiKey]:
    """Return a team's API keys, the newest first."""
    rows = ApiKey.objects.of(team).select_related("created_by").order_by("-id")
    if after.isascii() and after.isdigit() and len(after) < 19:
        rows = rows.filter(id__lt=int(after))
    return _listed(rows, lambda key: str(key.pk))


def working_key(team: Team, key_id: int) -> ApiKey | None:
    return ApiKey.objects.of(team).filter(pk=key_id, revoked_at=None).first()


def members_in_words(team: Team) -> str:
    count = member_count(team)
    return _("the membership of everybody in it") if count > 1 else ""


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
