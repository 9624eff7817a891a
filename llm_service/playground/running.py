"""One model's answer in the playground, as lines of JSON while it is written. Whoever stops reading hangs up on it.

Each line is an object with a `type`: `begun` (`call`, the id its log will have), `text`, `reasoning`, `tool` (pieces of
a call that share `index`), `ping`, and last `ended` (`status`, `error`, `numbers`, `check`).
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.utils import translation
from django.utils.translation import gettext as _

from llm_service import client
from llm_service.errors import LLMError
from llm_service.parts import Part, ReasoningPart, TextPart, ToolCallPart
from llm_service.playground import content
from llm_service.playground.content import Question

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 8
"""Answers written for one person by one process: two pages of four."""
GATHER = 0.03
"""How long pieces are gathered for one line, in seconds."""
PING = 15.0
FEATURE = "playground"

Event = dict[str, Any]

_running: Counter[int] = Counter()
_tasks: set[asyncio.Task[None]] = set()


@dataclass(frozen=True)
class Run:
    model: str
    question: Question
    user_id: int
    team_id: UUID
    replay_of: UUID | None
    language: str

    def arguments(self) -> dict[str, Any]:
        metadata = {"feature": FEATURE, **({"replay_of": str(self.replay_of)} if self.replay_of else {})}
        asked = self.question.arguments(self.model)
        return {**asked, "user": self.user_id, "team": self.team_id, "metadata": metadata}


class Lines:
    """The answer, line by line. Closing it ends the call, which is logged as cancelled."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def close(self) -> None:
        """Called by the response at its end, however it ends, in a thread of its own."""
        if self._loop and self._task and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._task.cancel)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        run = self._run
        if _running[run.user_id] >= MOST_AT_ONCE:
            with translation.override(run.language):
                said = _("%(most)s models are answering you already. Stop one first.") % {"most": MOST_AT_ONCE}
            yield _line(_refused(said))
            return
        queue: asyncio.Queue[Event] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._task = _begun(run, queue.put_nowait)
        try:
            while True:
                try:
                    found = [await asyncio.wait_for(queue.get(), PING)]
                except TimeoutError:
                    yield _line({"type": "ping"})
                    continue
                while not queue.empty():
                    found.append(queue.get_nowait())
                yield b"".join(map(_line, _together(found)))
                if found[-1]["type"] == "ended":
                    return
                await asyncio.sleep(GATHER)
        finally:
            self._task.cancel()


def _begun(run: Run, say: Callable[[Event], None]) -> asyncio.Task[None]:
    def ended(task: asyncio.Task[None]) -> None:
        _tasks.discard(task)
        _running.subtract([run.user_id])
        if _running[run.user_id] <= 0:
            del _running[run.user_id]

    task = asyncio.create_task(_ask(run, say))
    _tasks.add(task)
    _running[run.user_id] += 1
    task.add_done_callback(ended)
    return task


async def end_all() -> None:
    """End what is being answered, as the server ends: each call is logged as cancelled, and its page is told."""
    tasks = list(_tasks)
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=2)


async def _ask(run: Run, say: Callable[[Event], None]) -> None:
    translation.activate(run.language)  # of this task alone
    texts: list[str] = []
    asks_tools = False
    try:
        arguments = await asyncio.to_thread(run.arguments)
        async with client.stream(**arguments) as reply:
            say({"type": "begun", "call": reply.call_id})
            async for part in reply:
                if isinstance(part, TextPart):
                    texts.append(part.text)
                asks_tools = asks_tools or isinstance(part, ToolCallPart)
                say(_event_of(part))
    except asyncio.CancelledError:
        say(_refused(_("The server was restarted. Run it again."), status="cancelled"))
        raise
    except LLMError as error:
        status = "blocked" if error.code in {"blocked", "budget_exceeded", "too_many_calls"} else "error"
        say(_refused(_(error.user_message), status=status, numbers=_numbers(reply)))
    except Exception:
        # The reader gets a sentence, the log the trace: nothing else would end this page's waiting.
        logger.exception("A playground could not ask %s.", run.model)
        say(_refused(_("That did not work, and it was not your doing. Try again in a moment.")))
    else:
        check = None if asks_tools else await _checked(run.question, "".join(texts))
        say({"type": "ended", "status": "success", "error": "", "numbers": _numbers(reply), "check": check})


async def _checked(question: Question, text: str) -> Event | None:
    if question.schema is None or not text:
        return None
    problem = await asyncio.to_thread(content.what_does_not_fit, text, question.schema)
    return {"fits": not problem, "problem": problem}


def _event_of(part: Part) -> Event:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text}
    if isinstance(part, ReasoningPart):
        return {"type": "reasoning", "text": part.text}
    return {"type": "tool", "index": part.index, "id": part.call_id, "name": part.name, "arguments": part.arguments}


def _refused(sentence: str, *, status: str = "error", numbers: Event | None = None) -> Event:
    return {"type": "ended", "status": status, "error": sentence, "numbers": numbers, "check": None}


def _numbers(reply: client.ReplyStream) -> Event:
    """Return what the call took under the names of `replay.numbers`."""
    usage = reply.usage
    wrote_ms = (usage.duration_ms or 0) - (usage.time_to_first_token_ms or 0)
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cached_tokens": usage.cached_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "is_estimated": usage.usage_source == "estimated",
        "cost_usd": None if usage.cost_usd is None else f"{usage.cost_usd:f}",
        "first_ms": usage.time_to_first_token_ms,
        "took_ms": usage.duration_ms,
        "speed": usage.output_tokens / wrote_ms * 1000 if usage.output_tokens and wrote_ms > 0 else None,
        "model": reply.response_model,
        "finish_reason": reply.finish_reason,
    }


def _together(events: list[Event]) -> list[Event]:
    """Put neighbours of one kind into one event."""
    found: list[Event] = []
    for event in events:
        last = found[-1] if found else None
        if last and last["type"] == event["type"] and event["type"] in ("text", "reasoning"):
            last["text"] += event["text"]
        else:
            found.append(event)
    return found


def _line(event: Event) -> bytes:
    return orjson.dumps(event) + b"\n"
