"""How a thread is answered. Without a bot, the model answers itself."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from bots import instructions, tools
from llm_service import catalogue, client
from llm_service.parts import CallUsage, ReasoningPart, TextPart, ToolCallPart

logger = logging.getLogger(__name__)

MAX_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be answered, for whom, and what the calls are logged under."""

    model: str
    history: list[dict[str, Any]]
    user_id: int
    team_id: UUID
    turn_id: UUID
    thread_id: UUID
    message_id: UUID
    instructions: str = ""
    """What the person wants every model to keep in mind."""
    begun: str = ""
    """Text of a reply that broke off and is to be continued."""


@dataclass(frozen=True, slots=True)
class ToolStarted:
    call_id: str
    name: str
    label: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolDone:
    call_id: str
    name: str
    label: str
    result: str | None
    error: str | None


AnswerPart = TextPart | ReasoningPart | ToolStarted | ToolDone


@dataclass(slots=True)
class Spent:
    """What the model calls of one answer used, filled as they end, also when the answer is broken off."""

    calls: list[CallUsage] = field(default_factory=list)


async def answer(question: Question, spent: Spent) -> AsyncIterator[AnswerPart]:
    """Yield the answer piece by piece. Raises llm_service.errors.LLMError; closing it closes the provider's stream."""
    messages = _messages(question)
    toolbox = {tool.name: tool for tool in _tools_for(question.model)}
    used_ids: set[str] = set()
    for round_ in range(MAX_ROUNDS):
        # The last round goes without tools, so that it ends in words.
        offered = [tool.as_schema() for tool in toolbox.values()] if round_ < MAX_ROUNDS - 1 else []
        wanted: dict[int, ToolCallPart] = {}
        said: list[str] = []
        reply = client.stream(
            model=question.model,
            messages=messages,
            user=question.user_id,
            team=question.team_id,
            metadata={
                "feature": "chat",
                "turn_id": str(question.turn_id),
                "thread_id": str(question.thread_id),
                "message_id": str(question.message_id),
            },
            **({"tools": offered} if offered else {}),
        )
        try:
            async with reply:
                async for part in reply:
                    if isinstance(part, ToolCallPart):
                        wanted[part.index] = _merged(wanted.get(part.index), part)
                    else:
                        if isinstance(part, TextPart):
                            said.append(part.text)
                        yield part
        finally:
            spent.calls.append(reply.usage)  # settled only now
        if not wanted:
            return
        wanted = {index: _with_own_id(call, used_ids) for index, call in wanted.items()}
        messages.append(_tool_request("".join(said), wanted))
        for call in wanted.values():
            label = toolbox[call.name].label if call.name in toolbox else call.name
            yield ToolStarted(call.call_id, call.name, label, call.arguments)
            result, error = await _outcome(toolbox, call)
            yield ToolDone(call.call_id, call.name, label, result, error)
            told = f"Error: {error}" if error else result
            messages.append({"role": "tool", "tool_call_id": call.call_id, "content": told})


def _messages(question: Question) -> list[dict[str, Any]]:
    system = instructions.before_the_conversation(question.instructions)
    messages: list[dict[str, Any]] = [{"role": "system", "content": system}, *question.history]
    if question.begun:
        messages.append({"role": "assistant", "content": question.begun})
        messages.append({"role": "user", "content": instructions.CONTINUE})
    return messages


def _tools_for(model: str) -> list[tools.Tool]:
    # Bots will bring their own; until then only the demo model shows what a tool call looks like.
    return [tools.CURRENT_TIME] if catalogue.describe(model).is_demo else []


def _merged(before: ToolCallPart | None, part: ToolCallPart) -> ToolCallPart:
    if before is None:
        return part
    return ToolCallPart(
        part.index, before.call_id or part.call_id, before.name or part.name, before.arguments + part.arguments
    )


def _with_own_id(call: ToolCallPart, used: set[str]) -> ToolCallPart:
    """Some models number the calls of every round anew, some not at all; readers tell calls apart by their ids."""
    own = call.call_id if call.call_id and call.call_id not in used else f"call_{uuid4().hex}"
    used.add(own)
    return replace(call, call_id=own)


def _tool_request(text: str, wanted: dict[int, ToolCallPart]) -> dict[str, Any]:
    return {
        "role": "assistant",
        "content": text or None,
        "tool_calls": [
            {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in wanted.values()
        ],
    }


async def _outcome(toolbox: dict[str, tools.Tool], call: ToolCallPart) -> tuple[str | None, str | None]:
    try:
        return await tools.call(toolbox, call.name, call.arguments), None
    except tools.ToolFailed as failure:
        return None, str(failure)
    except Exception:
        # A broken tool is the model's to work around; the reader sees a sentence, the log the trace.
        logger.exception("The tool %s broke.", call.name)
        return None, "The tool did not work."
