"""One claimed turn, written to its one terminal event, whatever happens to the sockets.

What must never happen here: a query on the event loop, or an await that a slow reader or a hung Redis could hold up.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from django.db import Error as DatabaseError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import language
from bots.answer import Question, answer
from lib import logs
from lib.plain_text import storable
from llm_chat import actions, pictures
from llm_chat.actions.ending import Outcome
from llm_chat.actions.running import Claim, Progress
from llm_chat.draft import Draft, fold
from llm_chat.models import Status, Turn
from llm_chat.usage import total
from llm_service import abilities
from llm_service.errors import LLMError
from llm_service.parts import ReasoningPart, TextPart
from llm_service.tool_rounds import AnswerPart, Spent, ToolDone, ToolStarted
from realtime import events, hub
from realtime.bridge import in_db
from realtime.hub import thread_topic

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 0.03
FLUSH_CHARACTERS = 4_000
PARTS_BETWEEN_YIELDS = 32
RETRY_SECONDS = 1.0


def _told(failure: LLMError) -> events.MessageError:
    wait = failure.retry_after
    return events.MessageError(
        code=failure.code,
        message=_(failure.user_message),
        retryable=failure.retryable,
        retry_after=wait,
        retry_at=None if wait is None else timezone.now() + timedelta(seconds=wait),
        mended_by=list(failure.mended_by),
    )


class Stopwatch:
    """Adds up the times in which something went on."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._spent = 0.0
        self._since: float | None = None
        self._ever = False

    def runs(self, goes_on: bool) -> None:
        if goes_on == (self._since is not None):
            return
        now = self._clock()
        if self._since is not None:
            self._spent += now - self._since
        self._since = now if goes_on else None
        self._ever = True

    @property
    def milliseconds(self) -> int | None:
        """Stop it and return the sum; None if it never ran."""
        self.runs(False)
        return round(self._spent * 1000) if self._ever else None


class Run:
    """One claimed turn on its way to its end."""

    def __init__(self, claim: Claim, server: hub.Hub) -> None:
        self.claim = claim
        self.draft = Draft()
        self.task: asyncio.Task[None] | None = None
        self.saved_seq = 0
        self.under_way = asyncio.Event()  # something was said, or it ended without
        self._hub = server
        self._topic = thread_topic(claim.thread_id)
        self._thread_key, self._turn_key = str(claim.thread_id), str(claim.turn_id)
        self._pending: list[str] = []
        self._pending_size = 0
        self._pending_kind: type[events.TextDelta] | type[events.ReasoningDelta] = events.TextDelta
        self._flushed_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._end_as: Status | None = None
        self._begun = False
        self._ending = False
        self.is_complete = False
        self._spent = Spent()
        self._begun_at = time.monotonic()
        self._reasoning = Stopwatch()

    # --- Ending early

    def stop(self, status: Status = Status.STOPPED) -> None:
        """Have the turn end with what it has; without effect once it is ending."""
        if not self._ending and self._end_as is None:
            self._end_as = status
            if self._begun and self.task:  # a task cancelled before its first step would never say how it ended
                self.task.cancel()

    def lose(self) -> None:
        """Somebody else ended the turn: say and write nothing more. An end being stored finds that out itself."""
        if self._ending:
            return
        self._ending = True
        if self._timer:
            self._timer.cancel()
        if self.task:
            self.task.cancel()

    # --- Writing

    async def run(self) -> None:
        self._begun = True
        logs.turn_id.set(str(self.claim.turn_id))
        translation.activate(language.spoken(self.claim.language))  # the task's own: it has a context to itself
        self._open()
        error: events.MessageError | None = None
        status = self._end_as or Status.COMPLETE
        try:
            if not self._end_as:
                await self._write()
        except asyncio.CancelledError:
            if self._ending:
                return
            status = self._end_as or Status.INTERRUPTED
        except LLMError as failure:
            status = Status.ERROR
            error = _told(failure)
        except Exception:
            # Whatever broke, the reader gets a terminal event; the trace goes to the log.
            logger.exception("A turn broke.")
            status = Status.ERROR
            error = events.MessageError(
                code="internal_error",
                message=_("Something went wrong on our side. Your message is kept."),
                retryable=True,
            )
        self._ending = True
        self._flush()
        await self._finish(status, error)

    def _open(self) -> None:
        claim = self.claim
        self._emit(
            events.ResponseCreated(
                thread_id=claim.thread_id,
                turn_id=claim.turn_id,
                message_id=claim.message_id,
                seq=1,
                model=claim.model,
            )
        )
        begun = claim.reply
        self.draft.text_pieces = [begun.content] if begun.content else []
        self.draft.reasoning_pieces = [begun.reasoning] if begun.reasoning else []
        self.draft.tools = {call["call_id"]: events.ToolCall(**call) for call in begun.tools}

    async def _write(self) -> None:
        claim = self.claim
        question = Question(
            model=claim.model,
            history=await self._history(),
            user_id=claim.user_id,
            team_id=claim.team_id,
            turn_id=claim.turn_id,
            thread_id=claim.thread_id,
            message_id=claim.message_id,
            instructions=claim.instructions,
            thread_instructions=claim.thread_instructions,
            summary=claim.told.summary,
            leaves_out=not claim.told.is_whole,
            parameters=claim.parameters,
            temporary=claim.temporary,
            begun=claim.reply.content if claim.mode == Turn.Mode.CONTINUE else "",
        )
        parts = answer(question, self._spent)
        try:
            since_yield = 0
            async for part in parts:
                self._take(part)
                self.under_way.set()
                since_yield += 1
                if since_yield >= PARTS_BETWEEN_YIELDS:
                    # A fast provider's buffered chunks arrive without a wait; other sockets want a turn, too.
                    since_yield = 0
                    await asyncio.sleep(0)
        finally:
            await parts.aclose()

    async def _history(self) -> list[dict[str, Any]]:
        """Return what is told, with its pictures or with words in their place."""
        history = self.claim.told.messages
        if not pictures.has_pictures(history):
            return list(history)
        if abilities.sees_images(self.claim.model):
            return await asyncio.to_thread(pictures.put_before, history)
        return pictures.put_in_words(history)

    def _take(self, part: AnswerPart) -> None:
        self._reasoning.runs(isinstance(part, ReasoningPart))
        match part:
            case TextPart(text):
                self._add(events.TextDelta, text)
            case ReasoningPart(text):
                self._add(events.ReasoningDelta, text)
            case ToolStarted():
                self._flush()
                self._emit(
                    events.ToolCallStarted(
                        turn_id=self.claim.turn_id,
                        seq=self.draft.seq + 1,
                        call_id=storable(part.call_id),
                        name=storable(part.name),
                        label=storable(part.label),
                        arguments=storable(part.arguments),
                    )
                )
            case ToolDone():
                self._flush()
                self._emit(
                    events.ToolCallCompleted(
                        turn_id=self.claim.turn_id,
                        seq=self.draft.seq + 1,
                        call_id=storable(part.call_id),
                        name=storable(part.name),
                        label=storable(part.label),
                        result=None if part.result is None else storable(part.result),
                        error=None if part.error is None else storable(part.error),
                    )
                )

    def _add(self, kind: type[events.TextDelta] | type[events.ReasoningDelta], text: str) -> None:
        if not text:
            return
        if kind is not self._pending_kind:
            self._flush()
            self._pending_kind = kind
        self._pending.append(text)
        self._pending_size += len(text)
        due = self._flushed_at + FLUSH_SECONDS
        if self._hub.loop.time() >= due or self._pending_size >= FLUSH_CHARACTERS:
            self._flush()
        elif self._timer is None:
            self._timer = self._hub.loop.call_at(due, self._flush)

    def _flush(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if not self._pending:
            return
        delta = storable("".join(self._pending))
        self._pending.clear()
        self._pending_size = 0
        self._flushed_at = self._hub.loop.time()
        self._emit(self._pending_kind(turn_id=self.claim.turn_id, seq=self.draft.seq + 1, delta=delta))

    def _emit(self, event: events.TurnEvent) -> None:
        fold(self.draft, event)
        packet = hub.Packet(event.model_dump_json(), self._thread_key, self._turn_key, event.seq)
        self._hub.publish(self._topic, packet)

    # --- Keeping

    def progress(self) -> Progress:
        draft = self.draft
        return Progress(self.claim, draft.seq, draft.text, draft.reasoning, _tool_values(draft))

    def snapshot(self) -> events.RunningTurn:
        draft = self.draft
        return events.RunningTurn(
            turn_id=self.claim.turn_id,
            message_id=self.claim.message_id,
            seq=draft.seq,
            text=draft.text,
            reasoning=draft.reasoning,
            tools=list(draft.tools.values()),
        )

    async def _finish(self, status: Status, error: events.MessageError | None) -> None:
        draft = self.draft
        outcome = Outcome(
            status=status,
            seq=draft.seq + 1,
            text=draft.text,
            reasoning=draft.reasoning,
            tools=_tool_values(draft),
            usage=total(
                self._spent.calls,
                duration_ms=round((time.monotonic() - self._begun_at) * 1000),
                reasoning_ms=self._reasoning.milliseconds,
            ),
            error=error,
        )
        await persistently(lambda: in_db(actions.finish, claim=self.claim, outcome=outcome))
        self.is_complete = status == Status.COMPLETE


def _tool_values(draft: Draft) -> list[dict[str, object]]:
    return [call.model_dump() for call in draft.tools.values()]


async def persistently(attempt: Callable[[], Awaitable[object]]) -> None:
    """Write an end however long the database is away: the fencing token says whether it still counts."""
    while True:
        try:
            await asyncio.shield(asyncio.ensure_future(attempt()))
            return
        except DatabaseError as error:
            logger.warning("The end of a turn could not be stored yet: %s", error)
            await asyncio.sleep(RETRY_SECONDS)
