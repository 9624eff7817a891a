"""What a team lets neither out to a vendor nor in to a reader. Held against every call of the team, streams too.

A reply is looked at while it is written: what may still become something forbidden waits for the next words, so that
nothing of it is ever shown. Which guardrail acted is kept with the call, never on what.
"""

import asyncio
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_noop

from lib import masking, patterns
from lib.masking import Detail
from llm_service import errors
from llm_service.memory import Memory
from llm_service.models import Guardrail
from llm_service.parts import Part, ReasoningPart, TextPart
from llm_service.requests import LLMRequest, LLMResult

REMOVED = "[removed]"
NOT_LET_THROUGH = gettext_noop("There is something in this that your team does not let through.")
UNCHECKED = gettext_noop("A rule of your team could not be checked in time, so this went no further.")
SEEN_OF_A_STREAM = 200
"""Characters that an expression sees of a reply under way; what is longer is found at its end only."""
MOST_HELD = 6_000
"""Characters of a reply that wait at most, however long a word goes on."""
MOST_TOGETHER = 100_000
"""Characters of all words of a guardrail, made one expression."""
_SPACE = re.compile(r"\s")
CONTEXT = 64
"""Characters before, which say whether a word begins."""
SECONDS_OF_A_STREAM = 0.02


@dataclass(frozen=True, slots=True)
class Guard:
    """A guardrail, as calls are held against it."""

    id: UUID
    name: str
    is_personal: bool
    words: tuple[str, ...]
    blocks: bool
    checks_requests: bool
    checks_replies: bool
    message: str

    def found(self, text: str, seconds: float = patterns.SECONDS) -> list[Detail]:
        """Return what of a text it forbids. Raises Blocked where that cannot be said in time."""
        if self.is_personal:
            return masking.found(text)
        details = []
        try:
            for pattern in _patterns(self.words):
                details += [Detail(start, end, REMOVED) for start, end in pattern.found(text, seconds=seconds)]
        except patterns.TookTooLong:
            raise self.blocked(UNCHECKED) from None
        return details

    def open_from(self, text: str) -> int:
        """Return from where on a text under way may become something it forbids."""
        if self.is_personal:
            return masking.open_from(text)
        beginnings, longest, has_expressions = _beginnings(self.words)
        if has_expressions:
            return max(0, len(text) - SEEN_OF_A_STREAM)
        end = _SPACE.sub(" ", text[-longest:].casefold())
        return next((len(text) - len(end) + at for at in range(len(end)) if end[at:] in beginnings), len(text))

    def blocked(self, sentence: str = "") -> errors.Blocked:
        error = errors.Blocked(f"Guardrail {self.name}")
        error.user_message = sentence or self.message or NOT_LET_THROUGH  # type: ignore[misc]  # of this one
        return error

    def blocked_reply(self) -> errors.Blocked:
        """Another model may say it in words that are let through."""
        error = self.blocked()
        error.mended_by = ("edit", "model")
        return error


@dataclass(slots=True)
class Guards:
    """Those of one call, and which of them acted."""

    requests: tuple[Guard, ...]
    replies: tuple[Guard, ...]
    acted: dict[str, str] = field(default_factory=dict)

    def asked(self, request: LLMRequest) -> LLMRequest:
        """Return what may leave. What was said before the last answer is masked where it would now be refused: it
        would stop every message after it. Raises Blocked."""
        newest = max((n for n, said in enumerate(request.messages) if said.get("role") == "assistant"), default=-1)
        request.messages = [
            self._let_out(message, refuses=number > newest and message.get("role") == "user")
            for number, message in enumerate(request.messages)
        ]
        return request

    def answered(self, result: LLMResult) -> LLMResult:
        """Return what of a whole answer may be shown. Raises Blocked."""
        result.text = self._masked(result.text, self.replies, refuses=True)
        result.reasoning = self._masked(result.reasoning, self.replies, refuses=True)
        return result

    def seen_whole(self, text: str) -> None:
        """Raise Blocked for what only all of a streamed reply shows: an expression may reach far."""
        for guard in self.replies:
            if guard.blocks and any(map(expression_in, guard.words)) and guard.found(text):
                self.note(guard, "blocked")
                raise guard.blocked_reply()

    def reply(self) -> "Reply":
        return Reply(self)

    def note(self, guard: Guard, action: str) -> None:
        self.acted[guard.name] = action

    def _let_out(self, message: dict[str, Any], *, refuses: bool) -> dict[str, Any]:
        content = message.get("content")
        if isinstance(content, str):
            return {**message, "content": self._masked(content, self.requests, refuses=refuses)}
        if isinstance(content, list):
            return {**message, "content": [self._block(block, refuses=refuses) for block in content]}
        return message

    def _block(self, block: Any, *, refuses: bool) -> Any:
        if not isinstance(block, dict) or not isinstance(block.get("text"), str):
            return block
        return {**block, "text": self._masked(block["text"], self.requests, refuses=refuses)}

    def _masked(self, text: str, guards: Iterable[Guard], *, refuses: bool) -> str:
        for guard in guards:
            details = guard.found(text) if text else []
            if details:
                if guard.blocks and refuses:
                    self.note(guard, "blocked")
                    raise guard.blocked()
                self.note(guard, "masked")
                text = masking.replaced(text, _apart(details))
        return text


class Reply:
    """One reply on its way to its reader."""

    def __init__(self, guards: Guards) -> None:
        self._text, self._reasoning = Passage(guards), Passage(guards)

    def parts(self, part: Part) -> Iterator[Part]:
        """Yield what of a part, and of what waited, may be shown. Raises Blocked."""
        if isinstance(part, TextPart):
            yield from self._rest_of_reasoning()
            if shown := self._text.feed(part.text):
                yield TextPart(shown)
        elif isinstance(part, ReasoningPart):
            if shown := self._reasoning.feed(part.text):
                yield ReasoningPart(shown)
        else:
            yield from self.end()
            yield part

    def end(self) -> Iterator[Part]:
        """Yield what still waited. Raises Blocked."""
        yield from self._rest_of_reasoning()
        if shown := self._text.feed("", is_last=True):
            yield TextPart(shown)

    @property
    def waits(self) -> str:
        """What of the text is not shown until it is sure how it goes on."""
        return self._text.held

    def _rest_of_reasoning(self) -> Iterator[Part]:
        if shown := self._reasoning.feed("", is_last=True):
            yield ReasoningPart(shown)


class Passage:
    """A text under way: what can no longer become anything forbidden goes on, the rest waits."""

    def __init__(self, guards: Guards) -> None:
        self._guards = guards
        self._before = self.held = ""

    def feed(self, text: str, *, is_last: bool = False) -> str:
        self.held += text
        if not self.held:
            return ""
        whole, begin = self._before + self.held, len(self._before)
        details = [
            (detail, guard)
            for guard in self._guards.replies
            for detail in guard.found(whole, SECONDS_OF_A_STREAM)
            if detail.end > begin
        ]
        cut = len(whole)
        if not is_last and len(self.held) <= MOST_HELD:
            cut = min([cut, *(guard.open_from(whole) for guard in self._guards.replies)])
            for detail, _guard in sorted(details, key=lambda each: -each[0].start):
                if detail.end > cut or detail.end == len(whole):
                    cut = min(cut, detail.start)
        cut = max(cut, begin)
        settled = []
        for detail, guard in details:
            if detail.start < cut:
                self._guards.note(guard, "blocked" if guard.blocks else "masked")
                if guard.blocks:
                    raise guard.blocked_reply()
                settled.append(Detail(max(0, detail.start - begin), detail.end - begin, detail.label))
        shown, self.held = self.held[: cut - begin], self.held[cut - begin :]
        self._before = whole[:cut][-CONTEXT:]
        return masking.replaced(shown, _apart(settled))


def stored(team_id: UUID) -> tuple[Guard, ...]:
    """Return a team's guardrails as the database has them, not as they are remembered."""
    return _read().get(team_id, ())


async def of(request: LLMRequest) -> Guards | None:
    """Return what a call is held against, None where its team has nothing. Costs no statement."""
    if request.team_id is None:
        return None
    guards = (await _memory.current()).get(request.team_id)
    if not guards:
        return None
    requests = tuple(guard for guard in guards if guard.checks_requests)
    replies = tuple(guard for guard in guards if guard.checks_replies)
    return Guards(requests, replies)


async def let_out(guards: Guards, request: LLMRequest) -> LLMRequest:
    """Return what may leave. In a thread: a history is long. Raises Blocked."""
    return await asyncio.to_thread(guards.asked, request)


def changed() -> None:
    """A team's guardrails were changed in this transaction."""
    _memory.changed()


def expression_in(line: str) -> str:
    """Return the regular expression that a line between slashes is; empty for plain words."""
    return line[1:-1] if len(line) > 2 and line[0] == line[-1] == "/" else ""


def pattern_of(line: str) -> patterns.Pattern:
    """Return what a line of words, or an expression between slashes, is searched for with. Raises Unusable."""
    return patterns.Pattern(expression_in(line) or _words_as_expression((line,)), ignore_case=True)


def _apart(details: list[Detail]) -> list[Detail]:
    """Leave out what overlaps, in order."""
    apart: list[Detail] = []
    for detail in sorted(details, key=lambda each: (each.start, -each.end)):
        if not apart or detail.start >= apart[-1].end:
            apart.append(detail)
        elif detail.end > apart[-1].end:
            apart[-1] = Detail(apart[-1].start, detail.end, apart[-1].label)
    return apart


@functools.lru_cache(maxsize=256)
def _patterns(lines: tuple[str, ...]) -> tuple[patterns.Pattern, ...]:
    words = tuple(line for line in lines if not expression_in(line))
    together = [patterns.Pattern(_words_as_expression(words), ignore_case=True, longest=MOST_TOGETHER)] if words else []
    return (*together, *(pattern_of(line) for line in lines if expression_in(line)))


def _words_as_expression(words: tuple[str, ...]) -> str:
    return "|".join(_word(word) for word in sorted(words, key=len, reverse=True))


def _word(word: str) -> str:
    """A word stands alone, in scripts that part words; a star at its end is any ending."""
    import regex  # noqa: PLC0415  heavy for what most processes never do

    is_beginning = word.endswith("*") and len(word) > 1
    word = word[:-1] if is_beginning else word
    begin = r"(?<![\w])" if _parts_words(word[0]) else ""
    end = r"\w*" if is_beginning else r"(?!\w)" if _parts_words(word[-1]) else ""
    return begin + r"\s".join(map(regex.escape, word.split())) + end


def _parts_words(character: str) -> bool:
    return character.isalnum() and ord(character) < 0x0E00  # before Thai, Chinese, Japanese


@functools.lru_cache(maxsize=256)
def _beginnings(lines: tuple[str, ...]) -> tuple[frozenset[str], int, bool]:
    """Return what words may begin with, the length of the longest, and whether there are expressions among them."""
    words = [line.removesuffix("*").casefold() for line in lines if not expression_in(line)]
    begins = frozenset(word[:length] for word in words for length in range(1, len(word) + 1))
    return begins, max(map(len, words), default=0) + 1, len(words) < len(lines)


def _read() -> dict[UUID, tuple[Guard, ...]]:
    found: dict[UUID, tuple[Guard, ...]] = {}
    for row in Guardrail.objects.filter(is_active=True).order_by("created_at", "pk"):
        guard = Guard(
            id=row.pk,
            name=row.name,
            is_personal=row.kind == Guardrail.Kind.PERSONAL,
            words=tuple(row.words),
            blocks=row.action == Guardrail.Action.BLOCK,
            checks_requests=row.checks_requests,
            checks_replies=row.checks_replies,
            message=row.message,
        )
        found[row.team_id] = (*found.get(row.team_id, ()), guard)
    return found


_memory: Memory[dict[UUID, tuple[Guard, ...]]] = Memory(_read, {}, "Guardrails")
