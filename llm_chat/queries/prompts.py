"""Texts to begin a message with: a person's own in a team, and the team's."""

from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Lower

from llm_chat.models import Prompt
from teams.permissions import Permission
from teams.scoping import TeamScopedQuerySet, live_membership


def prompts_of(user_id: int) -> TeamScopedQuerySet[Prompt]:
    """Return what a person may use: their own, and those of the teams they are in."""
    return Prompt.objects.open_to(user_id, Permission.USE_CHAT).filter(Q(user_id=user_id) | Q(user=None))


def changeable_prompts_of(user_id: int) -> TeamScopedQuerySet[Prompt]:
    """Return what a person may change: their own, and a team's where they may make its bots."""
    of_team = Q(live_membership(user_id, Permission.MANAGE_BOTS), user=None)
    return Prompt.objects.open_to(user_id, Permission.USE_CHAT).filter(Q(user_id=user_id) | of_team)


def prompts_in(user_id: int, team_id: UUID) -> list[Prompt]:
    """Return a person's prompts in a team, their own first, by title."""
    return list(prompts_of(user_id).of(team_id).order_by(F("user").asc(nulls_last=True), Lower("title"), "id"))


def prompt_value(prompt: Prompt) -> dict[str, Any]:
    return {"id": str(prompt.id), "title": prompt.title, "text": prompt.text, "shared": prompt.user_id is None}
