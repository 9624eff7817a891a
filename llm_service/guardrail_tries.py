"""Holds a text against a team's guardrails as if it were sent, or came back. Nothing of it is sent or kept."""

import re
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext

from llm_service import errors, guardrails
from llm_service.guardrails import Guards
from llm_service.parts import CallUsage, TextPart
from llm_service.requests import LLMRequest, LLMResult

_WORDS = re.compile(r"\s*\S+|\s+")
"""A model writes about a word at a time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would become of a text one way."""

    text: str
    """What leaves or is shown; of what is stopped, what was shown by then."""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    outcome: Outcome
    is_checked: bool
    """Whether a rule in use looks at this direction at all."""
    acted: dict[str, str] = field(default_factory=dict)
    whole: Outcome | None = None
    """Of a reply: what becomes of one that is not written before somebody's eyes."""
    waited: int = 0
    """Of a reply: the most letters that were held back at a time."""

    @property
    def differs_whole(self) -> bool:
        """Whether a reply that comes at once fares otherwise."""
        return self.whole is not None and self.whole != self.outcome


def message(team_id: UUID, text: str) -> Tried:
    """Say what would leave of a message. Asks the database."""
    guards = Guards(tuple(guard for guard in guardrails.stored(team_id) if guard.checks_requests), ())
    asked = LLMRequest(model="", messages=[{"role": "user", "content": text}])
    try:
        outcome = Outcome(guards.asked(asked).messages[0]["content"])
    except errors.Blocked as blocked:
        outcome = Outcome("", gettext(blocked.user_message))
    return Tried(outcome, bool(guards.requests), guards.acted)


def reply(team_id: UUID, text: str) -> Tried:
    """Say what would be shown of a reply while it is written, and of one that comes whole. Asks the database."""
    looking = tuple(guard for guard in guardrails.stored(team_id) if guard.checks_replies)
    guards = Guards((), looking)
    shown, refusal, waited = "", "", 0
    under_way = guards.reply()
    try:
        for word in _WORDS.findall(text):
            shown += "".join(part.text for part in under_way.parts(TextPart(word)) if isinstance(part, TextPart))
            waited = max(waited, len(under_way.waits))
        shown += "".join(part.text for part in under_way.end() if isinstance(part, TextPart))
        guards.seen_whole(text)
    except errors.Blocked as blocked:
        refusal = gettext(blocked.user_message)
    return Tried(Outcome(shown, refusal), bool(looking), guards.acted, _whole(looking, text), waited)


def _whole(looking: tuple[guardrails.Guard, ...], text: str) -> Outcome:
    came = LLMResult(LLMRequest(model="", messages=[]), text, "", [], "stop", CallUsage())
    try:
        return Outcome(Guards((), looking).answered(came).text)
    except errors.Blocked as blocked:
        return Outcome("", gettext(blocked.user_message))
