"""Named settings are kept, changed and let go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from lib import wording
from lib.write_lock import writing
from llm_chat import queries
from llm_chat.actions.starting import Refused
from llm_chat.models import DefaultPreset, Preset
from llm_chat.thread_settings import checked_instructions
from llm_service import catalogue
from llm_service.parameters import Invalid, checked_parameters
from realtime import events
from realtime.hub import user_topic
from realtime.publish import publish
from teams import queries as team_queries
from teams.models import Team
from teams.permissions import Permission, may

MOST_PRESETS = 50
"""Of a person in a team, and as many of the team's."""
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class PresetValues:
    name: str
    model: str = ""
    instructions: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    shared: bool = False
    is_default: bool = False


def save_preset(*, by: User, team_id: UUID | None, preset_id: UUID, values: PresetValues) -> Preset:
    """Keep a preset under an id that its page chose: a new one, or one that is changed. Raises Refused and Invalid."""
    name = " ".join(values.name.split())
    checked = {
        "name": name,
        "model": values.model,
        "instructions": checked_instructions(values.instructions),
        "parameters": checked_parameters(values.parameters),
        "shared": values.shared,
    }
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid({"name": _("A preset needs a name of at most %(most)s characters.") % {"most": LONGEST_NAME}})
    if values.model and not catalogue.is_allowed(values.model, team_id):
        raise Invalid(
            {
                "model": _("The model '%(model)s' is not available here. Choose another one.")
                % {"model": wording.shown(values.model)}
            }
        )
    with writing():
        place = team_queries.membership(by, team_id) if team_id else None
        if place is None or not may(place.role, Permission.USE_CHAT):
            raise Refused("not_found", _("You are not in this team any more."))
        if values.shared and not may(place.role, Permission.MANAGE_BOTS):
            raise Refused("not_found", _("Only those who may make the team's bots share presets with it."))
        team = place.team
        # All of a person's changes wait for each other here, so that the limit holds.
        User.objects.select_for_update().get(pk=by.pk)
        existing = Preset.objects.filter(id=preset_id).first()
        if existing and not queries.changeable_presets_of(by.pk).of(team).filter(id=preset_id).exists():
            raise Refused("not_found", _("There is no such preset any more."))
        preset = existing or Preset(id=preset_id, team=team, user=by)
        was_shared = existing is not None and existing.shared
        if existing and was_shared and not values.shared:
            preset.user = by  # taken back into somebody's own
        for key, value in checked.items():
            setattr(preset, key, value)
        if existing is None or existing.shared != preset.shared or preset.user_id != by.pk:
            _check_room(by, team, shared=preset.shared, besides=preset.pk)
        preset.save()
        if not preset.shared:
            preset.default_of.exclude(user=by).delete()
        _set_default(by, preset, is_default=values.is_default)
        _tell(by, team, everybody=preset.shared or was_shared)
    return preset


def choose_default_preset(*, by: User, preset_id: UUID, is_default: bool) -> Preset:
    """Have a person's new conversations begin with a preset they may use, or no longer. Raises Refused."""
    with writing():
        preset = queries.presets_of(by.pk).filter(id=preset_id).first()
        if preset is None:
            raise Refused("not_found", _("There is no such preset any more."))
        _set_default(by, preset, is_default=is_default)
        _tell(by, preset.team, everybody=False)
    return preset


def _set_default(by: User, preset: Preset, *, is_default: bool) -> None:
    if is_default:
        DefaultPreset.objects.update_or_create(team_id=preset.team_id, user=by, defaults={"preset": preset})
    else:
        preset.default_of.filter(user=by).delete()


def delete_preset(*, by: User, preset_id: UUID) -> None:
    """Let a preset go; conversations that began with it keep what they have. Raises Refused."""
    with writing():
        preset = queries.changeable_presets_of(by.pk).filter(id=preset_id).select_related("team").first()
        if preset is None:
            raise Refused("not_found", _("There is no such preset any more."))
        _tell(by, preset.team, everybody=preset.shared)
        preset.delete()


def _tell(by: User, team: Team, *, everybody: bool) -> None:
    """On commit, have every tab in which the list may be open look at it again."""
    people = list(team_queries.member_ids(team)) if everybody else [by.pk]
    event = events.PresetsChanged(team_id=team.pk)

    def say() -> None:
        for user_id in people:
            publish(user_topic(user_id), event)

    transaction.on_commit(say)


def _check_room(by: User, team: Team, *, shared: bool, besides: UUID) -> None:
    rows = Preset.objects.of(team).exclude(id=besides)
    held = rows.filter(shared=True) if shared else rows.filter(shared=False, user=by)
    if held.count() >= MOST_PRESETS:
        sentence = (
            _("%(most)s presets are the most that the team can share. Delete one first.")
            if shared
            else _("%(most)s presets are the most that you can keep. Delete one first.")
        )
        raise Refused("too_large", sentence % {"most": MOST_PRESETS})
