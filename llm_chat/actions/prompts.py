"""Prompts are kept, changed and let go."""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from lib import wording
from lib.plain_text import storable
from lib.write_lock import writing
from llm_chat import queries
from llm_chat.actions.starting import Refused
from llm_chat.models import Prompt
from teams import queries as team_queries
from teams.models import Team
from teams.permissions import Permission, may

MOST_PROMPTS = 200
"""Of a person in a team, and as many of the team's."""
LONGEST_TITLE = 80
LONGEST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class PromptValues:
    title: str
    text: str
    shared: bool = False


def save_prompt(*, by: User, team_id: UUID | None, prompt_id: UUID, values: PromptValues) -> Prompt:
    """Keep a prompt under an id that its page chose: a new one, or one that is changed. Raises Refused."""
    title, text = " ".join(storable(values.title).split()), storable(values.text).strip()
    if not 0 < len(title) <= LONGEST_TITLE:
        raise Refused(
            "bad_frame",
            _("A prompt needs a title of at most %(most)s characters.") % {"most": LONGEST_TITLE},
        )
    if not 0 < len(text) <= LONGEST_TEXT:
        raise Refused(
            "bad_frame",
            _("A prompt needs a text of at most %(most)s characters.") % {"most": wording.number(LONGEST_TEXT)},
        )
    with writing():
        place = team_queries.membership(by, team_id) if team_id else None
        if place is None or not may(place.role, Permission.USE_CHAT):
            raise Refused("not_found", _("You are not in this team any more."))
        if values.shared and not may(place.role, Permission.MANAGE_BOTS):
            raise Refused("not_found", _("Only those who may make the team's bots share prompts with it."))
        # All of a person's changes wait for each other here, so that the limit holds.
        User.objects.select_for_update().get(pk=by.pk)
        existing = queries.changeable_prompts_of(by.pk).of(place.team).filter(id=prompt_id).first()
        prompt = existing or Prompt(id=prompt_id, team=place.team)
        prompt.user = None if values.shared else by
        prompt.title, prompt.text, prompt.updated_at = title, text, timezone.now()
        _check_room(by, place.team, shared=values.shared, besides=prompt_id)
        try:
            prompt.save(force_insert=existing is None)
        except IntegrityError:  # somebody else's, or one that is theirs to use alone
            raise Refused("not_found", _("There is no such prompt any more.")) from None
    return prompt


def delete_prompt(*, by: User, prompt_id: UUID) -> None:
    """Let a prompt go. Raises Refused."""
    with writing():
        deleted = queries.changeable_prompts_of(by.pk).filter(id=prompt_id).delete()[0]
    if not deleted:
        raise Refused("not_found", _("There is no such prompt any more."))


def _check_room(by: User, team: Team, *, shared: bool, besides: UUID) -> None:
    held = Prompt.objects.of(team).filter(user=None if shared else by).exclude(id=besides)
    if held.count() >= MOST_PROMPTS:
        sentence = (
            _("%(most)s prompts are the most that the team can have. Delete one first.")
            if shared
            else _("%(most)s prompts are the most that you can keep. Delete one first.")
        )
        raise Refused("too_large", sentence % {"most": MOST_PROMPTS})
