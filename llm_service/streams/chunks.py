"""LiteLLM's own response objects, read as parts: for routes without a reader of ours and for the public door."""

from collections.abc import Iterator
from typing import Any

from llm_service.parts import CallUsage, Part, ReasoningPart, TextPart, ToolCallPart
from llm_service.streams import usage as usages


def parts_of_chunk(chunk: Any, seen_calls: set[int]) -> Iterator[Part]:
    """Yield what one streamed chunk adds. `seen_calls` remembers which tool calls have been named."""
    for choice in (getattr(chunk, "choices", None) or [])[:1]:
        delta = choice.delta
        yield from _texts(delta)
        for call in getattr(delta, "tool_calls", None) or ():
            index = call.index or 0
            is_first = index not in seen_calls
            seen_calls.add(index)
            arguments = call.function.arguments or ""
            if is_first:
                yield ToolCallPart(index, call.id or f"call_{index}", call.function.name or "", arguments)
            elif arguments:
                yield ToolCallPart(index, "", "", arguments)


def parts_of_response(response: Any) -> Iterator[Part]:
    """Yield what a whole answer holds."""
    for choice in (getattr(response, "choices", None) or [])[:1]:
        yield from _texts(choice.message)
        for index, call in enumerate(getattr(choice.message, "tool_calls", None) or ()):
            yield ToolCallPart(
                index, call.id or f"call_{index}", call.function.name or "", call.function.arguments or ""
            )


def _texts(message: Any) -> Iterator[Part]:
    reasoning = getattr(message, "reasoning_content", None)
    if reasoning:
        yield ReasoningPart(reasoning)
    if message.content:
        yield TextPart(message.content)


def finish_reason_of(response: Any) -> str:
    for choice in (getattr(response, "choices", None) or [])[:1]:
        return str(choice.finish_reason or "")
    return ""


def usage_of(response: Any) -> CallUsage | None:
    usage = getattr(response, "usage", None)
    if usage is None:
        return None
    found = usages.of_chat(usage if isinstance(usage, dict) else usage.model_dump())
    # Where a vendor tells no counts, LiteLLM makes up zeros.
    return found if found.input_tokens or found.output_tokens else None
