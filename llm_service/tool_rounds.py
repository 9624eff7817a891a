"""An answer that uses tools: the model is asked, its tools run while it still writes, and it is asked again with what
they said. Each round is a call with a log of its own; whoever stops reading stops the tools as well.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from llm_service import abilities, client, tools
from llm_service.parts import CallUsage, ReasoningPart, TextPart, ToolCallPart
from llm_service.tools import Outcome, Tool


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool is asked; its arguments are complete."""

    call_id: str
    name: str
    label: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolDone:
    """A tool has answered, or could not. Tools of one round end in any order."""

    call_id: str
    name: str
    label: str
    result: str | None
    error: str | None


AnswerPart = TextPart | ReasoningPart | ToolStarted | ToolDone


@dataclass(frozen=True, slots=True)
class Bounds:
    rounds: int = 8
    """Calls of the model; in the last one it may use no tool, so that the answer ends in words."""
    calls: int = 32
    """Tool calls of the whole answer. Those beyond it are told that it is too many."""
    at_once: int = 4


BOUNDS = Bounds()


@dataclass(slots=True)
class Spent:
    """What the model calls of one answer used, filled as they end, also when the answer is broken off."""

    calls: list[CallUsage] = field(default_factory=list)
    call_ids: list[str] = field(default_factory=list)
    """Their rows in the log."""
    finish_reason: str = ""
    """Of the last one."""


async def stream_answer(
    *,
    messages: Sequence[dict[str, Any]],
    offered: Sequence[Tool],
    spent: Spent,
    bounds: Bounds = BOUNDS,
    **asked: Any,
) -> AsyncGenerator[AnswerPart, None]:
    """Yield an answer piece by piece; `asked` is what `client.stream` takes. Raises as it does.

    Closing it hangs up on the model and gives up the tools that still run.
    """
    messages = list(messages)
    book = _Book({tool.name: tool for tool in offered}, asyncio.Semaphore(bounds.at_once), bounds.calls)
    for number in range(bounds.rounds):
        is_last = number == bounds.rounds - 1
        reply = client.stream(messages=messages, **_with_tools(asked, offered, number, is_last))
        round_ = _Round(reply, book, runs_tools=not is_last)
        parts = round_.parts()
        try:
            async for part in parts:
                yield part
        finally:
            await parts.aclose()
            await round_.close()
            spent.calls.append(reply.usage)  # settled only now
            spent.call_ids.append(reply.call_id)
            spent.finish_reason = reply.finish_reason
        if not round_.wanted:
            return
        messages += round_.told()


def _with_tools(asked: dict[str, Any], offered: Sequence[Tool], number: int, is_last: bool) -> dict[str, Any]:
    if not offered:
        return asked
    asked = {**asked, "tools": [tool.as_schema() for tool in offered]}
    if is_last:
        # They stay named: some vendors refuse a history with tool calls where no tools are.
        asked["tool_choice"] = "none"
    elif number:
        asked.pop("tool_choice", None)  # a tool that must be used has been used
    if number and abilities.provider_of(asked["model"]) == "anthropic":
        # It wants its signed thoughts back before a tool's result, and we keep none.
        asked["wishes"] = {**(asked.get("wishes") or {}), "reasoning_effort": None}
    return asked


@dataclass(slots=True)
class _Book:
    """What all rounds of one answer share."""

    toolbox: dict[str, Tool]
    room: asyncio.Semaphore
    calls_left: int
    used_ids: set[str] = field(default_factory=set)

    def own_id(self, call_id: str) -> str:
        """Some models number the calls of every round anew, some not at all; readers tell calls apart by their ids."""
        own = call_id if call_id and call_id not in self.used_ids else f"call_{uuid4().hex}"
        self.used_ids.add(own)
        return own

    def label(self, name: str) -> str:
        return str(self.toolbox[name].label) if name in self.toolbox else name


class _Wanted:
    """One tool call as the model writes it."""

    def __init__(self, part: ToolCallPart) -> None:
        self.call_id, self.name, self.arguments = part.call_id, part.name, ""
        self.outcome: Outcome | None = None
        self.is_running = False
        self._depth = 0
        self._is_in_text = self._is_escaped = False

    def add(self, piece: str) -> bool:
        """Take more of the arguments; whether they are complete, which an object of JSON says of itself."""
        self.arguments += piece
        for character in piece:
            if self._is_escaped:
                self._is_escaped = False
            elif self._is_in_text:
                self._is_escaped = character == "\\"
                self._is_in_text = character != '"'
            elif character == '"':
                self._is_in_text = True
            elif character in "{[":
                self._depth += 1
            elif character in "}]":
                self._depth -= 1
                if self._depth <= 0:
                    return True
        return False


class _Round:
    """One call of the model, and the tools it asks for."""

    def __init__(self, reply: client.ReplyStream, book: _Book, *, runs_tools: bool) -> None:
        self.wanted: dict[int, _Wanted] = {}
        self._reply = reply
        self._book = book
        self._runs_tools = runs_tools
        self._said: list[str] = []
        # Filled once tools run: then what they answer comes between what the model writes.
        self._queue: asyncio.Queue[AnswerPart | Exception | None] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()

    async def parts(self) -> AsyncGenerator[AnswerPart, None]:
        async for part in self._reply:
            if isinstance(part, TextPart):
                self._said.append(part.text)
                yield part
            elif isinstance(part, ReasoningPart):
                yield part
            elif started := self._written(part):
                yield started
                break
        else:
            for each in self._start_the_rest():
                yield each
            if not self._tasks:
                return
        self._begin(self._read_on())
        while self._tasks or not self._queue.empty():
            item = await self._queue.get()
            if isinstance(item, Exception):
                raise item
            if item is not None:
                yield item

    async def close(self) -> None:
        """Hang up, and give up what still runs."""
        running = list(self._tasks)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)
        await self._reply.__aexit__(None, None, None)

    def told(self) -> list[dict[str, Any]]:
        """Return what the next round hears: the model's own request, and what the tools said."""
        calls = [self.wanted[index] for index in sorted(self.wanted)]
        request = {
            "role": "assistant",
            "content": "".join(self._said) or None,
            "tool_calls": [
                {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in calls
            ],
        }
        answers = [
            {"role": "tool", "tool_call_id": call.call_id, "content": call.outcome.told if call.outcome else ""}
            for call in calls
        ]
        return [request, *answers]

    def _written(self, part: ToolCallPart) -> ToolStarted | None:
        """Take a piece of a tool call, and start the tool when it is the last one."""
        if not self._runs_tools:
            return None
        call = self.wanted.get(part.index)
        if call is None:
            call = self.wanted[part.index] = _Wanted(part)
        elif not call.name:
            call.name = part.name
        return self._start(call) if not call.is_running and call.add(part.arguments) else None

    def _start(self, call: _Wanted) -> ToolStarted:
        call.is_running = True
        call.call_id = self._book.own_id(call.call_id)
        self._book.calls_left -= 1
        self._begin(self._run(call, is_too_many=self._book.calls_left < 0))
        return ToolStarted(call.call_id, call.name, self._book.label(call.name), call.arguments)

    def _start_the_rest(self) -> list[ToolStarted]:
        """Run those whose arguments never came to an end: without any, or broken, which the tool's door says."""
        return [self._start(call) for call in self.wanted.values() if not call.is_running]

    async def _run(self, call: _Wanted, *, is_too_many: bool) -> None:
        if is_too_many:
            call.outcome = Outcome(None, "Too many tools were asked for this answer. Answer with what you know.")
        else:
            async with self._book.room:
                call.outcome = await tools.call(self._book.toolbox, call.name, call.arguments)
        done = ToolDone(call.call_id, call.name, self._book.label(call.name), call.outcome.result, call.outcome.error)
        self._queue.put_nowait(done)

    async def _read_on(self) -> None:
        try:
            async for part in self._reply:
                if isinstance(part, TextPart):
                    self._said.append(part.text)
                shown = self._written(part) if isinstance(part, ToolCallPart) else part
                if shown:
                    self._queue.put_nowait(shown)
            for each in self._start_the_rest():
                self._queue.put_nowait(each)
        except Exception as error:  # noqa: BLE001  raised to whoever reads the answer
            self._queue.put_nowait(error)

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._queue.put_nowait(None)  # wakes whoever waits for the last one
