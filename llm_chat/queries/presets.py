"""Named settings: a person's own in a team, and the team's."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import ngettext

from lib import wording
from llm_chat.models import DefaultPreset, Preset
from teams.models import Team
from teams.permissions import Permission
from teams.scoping import TeamScopedQuerySet, live_membership


def presets_of(user_id: int) -> TeamScopedQuerySet[Preset]:
    """Return what a person may use: their own presets, and those shared in the teams they are in."""
    return Preset.objects.open_to(user_id, Permission.USE_CHAT).filter(Q(user_id=user_id) | Q(shared=True))


def changeable_presets_of(user_id: int) -> TeamScopedQuerySet[Preset]:
    """Return what a person may change: their own, and shared ones of teams whose bots they may make."""
    may_share = Q(live_membership(user_id, Permission.MANAGE_BOTS), shared=True)
    return Preset.objects.open_to(user_id, Permission.USE_CHAT).filter(Q(user_id=user_id, shared=False) | may_share)


def presets_in(user_id: int, team_id: UUID) -> list[tuple[Preset, bool]]:
    """Return a person's presets in a team, their own first, by name, each with whether it is their default."""
    chosen = Exists(DefaultPreset.objects.filter(user_id=user_id, preset=OuterRef("pk")))
    rows = presets_of(user_id).of(team_id).annotate(chosen=chosen)
    return [(row, row.chosen) for row in rows.order_by(F("shared").asc(), Lower("name"), "id")]


def default_preset(user_id: int, team_id: UUID) -> Preset | None:
    return presets_of(user_id).of(team_id).filter(default_of__user_id=user_id).first()


def presets_in_words(team: Team) -> str:
    count = Preset.objects.of(team).count()
    words = ngettext("%(count)s preset", "%(count)s presets", count) % {"count": wording.number(count)}
    return words if count else ""


def preset_value(preset: Preset, *, is_default: bool) -> dict[str, Any]:
    return {
        "id": str(preset.id),
        "name": preset.name,
        "model": preset.model,
        "instructions": preset.instructions,
        "parameters": preset.parameters,
        "shared": preset.shared,
        "is_default": is_default,
    }
