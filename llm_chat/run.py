"""One claimed turn, written to its one terminal event, whatever happens to the sockets.

What must never happen here: a query on the event loop, or an await that a slow reader or a hung Redis could hold up.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from django.db import Error as DatabaseError

from bots.answer import AnswerPart, Question, Spent, ToolDone, ToolStarted, answer
from lib import logs
from lib.plain_text import storable
from llm_chat import actions
from llm_chat.actions.ending import Outcome
from llm_chat.actions.running import Claim, Progress
from llm_chat.draft import Draft, fold
from llm_chat.models import Status, Turn
from llm_chat.usage import total
from llm_service.errors import LLMError
from llm_service.parts import ReasoningPart, TextPart
from realtime import events, hub
from realtime.bridge import in_db
from realtime.hub import thread_topic

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 0.03
FLUSH_CHARACTERS = 4_000
PARTS_BETWEEN_YIELDS = 32
RETRY_SECONDS = 1.0


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
        self._spent = Spent()
        self._begun_at = time.monotonic()

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
            error = events.MessageError(code=failure.code, message=failure.user_message, retryable=failure.retryable)
        except Exception:
            # Whatever broke, the reader gets a terminal event; the trace goes to the log.
            logger.exception("A turn broke.")
            status = Status.ERROR
            error = events.MessageError(
                code="internal_error", message="Something went wrong on our side. Your message is kept.", retryable=True
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
            history=list(claim.history),
            user_id=claim.user_id,
            team_id=claim.team_id,
            turn_id=claim.turn_id,
            thread_id=claim.thread_id,
            message_id=claim.message_id,
            instructions=claim.instructions,
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
            await parts.aclose()  # type: ignore[attr-defined]  # an async generator

    def _take(self, part: AnswerPart) -> None:
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
                        call_id=part.call_id,
                        name=part.name,
                        label=part.label,
                        arguments=storable(part.arguments),
                    )
                )
            case ToolDone():
                self._flush()
                self._emit(
                    events.ToolCallCompleted(
                        turn_id=self.claim.turn_id,
                        seq=self.draft.seq + 1,
                        call_id=part.call_id,
                        name=part.name,
                        label=part.label,
                        result=None if part.result is None else storable(part.result),
                        error=part.error,
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
            usage=total(self._spent.calls, duration_ms=round((time.monotonic() - self._begun_at) * 1000)),
            error=error,
        )
        await persistently(lambda: in_db(actions.finish, claim=self.claim, outcome=outcome))


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
