"""Who may try prompts under which team, and what they keep there.

Whoever may make a team's bots may: they write its prompts, and whatever they try counts on the team's budgets as their
chats do. That somebody of the staff sees all calls lets them read, not spend: they, too, ask under teams they are in.
"""

from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import User
from llm_service.models import LLMCallLog, Playground
from llm_service.queries import calls
from teams.models import Membership
from teams.permissions import Permission, roles_that_may
from teams.scoping import TeamScopedQuerySet, live_membership

MAY = Permission.MANAGE_BOTS
SHOWN = 100
REPLAYS_SHOWN = 20


def places(user: User) -> list[Membership]:
    """Return the places in teams under which somebody may ask models here; their personal team is always one."""
    found = Membership.objects.filter(user=user, role__in=roles_that_may(MAY))
    return list(found.select_related("team").order_by("team__name", "team_id")[:300])


def may_ask(user: User, team_id: UUID) -> bool:
    return Membership.objects.filter(user=user, team_id=team_id, role__in=roles_that_may(MAY)).exists()


def open_to(user: User) -> TeamScopedQuerySet[Playground]:
    """Return what somebody may open: their own, and what is shared in their teams."""
    return Playground.objects.open_to(user, MAY).filter(Q(user=user) | Q(is_shared=True))


def changeable_by(user: User) -> TeamScopedQuerySet[Playground]:
    """Return what somebody may change: their own, and shared ones of teams whose members they manage."""
    manages = Q(live_membership(user, Permission.MANAGE_MEMBERS), is_shared=True)
    return Playground.objects.open_to(user, MAY).filter(Q(user=user) | manages)


def listed(user: User, team_id: UUID) -> list[Playground]:
    rows = open_to(user).of(team_id).select_related("user").defer("content")
    return list(rows.order_by(Lower("name"), "pk")[:SHOWN])


def replayable(user: User, call_id: UUID) -> LLMCallLog | None:
    """Return a call whose words somebody may read, or none."""
    call = calls.calls_open_to(user).filter(pk=call_id).first()
    return call if call and calls.may_read_words(user, call.team_id) else None


def replays_of(user: User, call: LLMCallLog) -> list[LLMCallLog]:
    """Return the calls that asked this one again, of those somebody sees, the newest first."""
    rows = calls.calls_open_to(user).filter(replay_of=call.pk).select_related("user").defer(*calls.HEAVY)
    return list(rows.order_by("-created_at", "id")[:REPLAYS_SHOWN])
