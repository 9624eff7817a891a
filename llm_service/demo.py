"""The offline demo model `demo/parley`: scripted, honest about it, and on the same path as every other model.

It stands behind LiteLLM's custom-provider hook. Imported by `library` only: its base class is LiteLLM's.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

from django.conf import settings
from litellm import CustomLLM
from litellm.types.utils import Choices, Delta, Message, ModelResponse, ModelResponseStream, StreamingChoices, Usage

from llm_service import demo_script, tokens
from llm_service.demo_script import Reply

MODEL = "parley"


class DemoError(Exception):
    """What a vendor's overload looks like to LiteLLM."""

    status_code = 503
    message = "The demo model was asked to fail: overloaded."

    def __init__(self) -> None:
        super().__init__(self.message)


class DemoModel(CustomLLM):  # type: ignore[misc]
    async def acompletion(self, *, model: str, messages: list[dict[str, Any]], **kwargs: Any) -> ModelResponse:
        reply = _reply(messages, kwargs)
        await asyncio.sleep(_pause() * 5)
        message = Message(content=reply.text, tool_calls=_whole_calls(reply) or None)
        if reply.reasoning:
            message.reasoning_content = reply.reasoning
        return ModelResponse(
            model=model,
            choices=[Choices(index=0, message=message, finish_reason=reply.finish_reason)],
            usage=_usage(messages, reply),
        )

    async def astreaming(
        self, *, model: str, messages: list[dict[str, Any]], **kwargs: Any
    ) -> AsyncIterator[ModelResponseStream]:
        reply = _reply(messages, kwargs)
        pause = _pause()
        started = time.monotonic()
        deltas = list(_deltas(reply)) or [Delta(content=" ")]
        for number, delta in enumerate(deltas[:-1], start=1):
            # Kept to a clock, so that a slow reader does not slow the model as well.
            late = started + number * pause - time.monotonic()
            if late > 0:
                await asyncio.sleep(late)
            yield _chunk(model, delta)
        # LiteLLM drops a last chunk that holds nothing but the end.
        yield _chunk(model, deltas[-1], reply.finish_reason, _usage(messages, reply))


def register(library: Any) -> None:
    library.custom_provider_map = [
        *(entry for entry in library.custom_provider_map if entry["provider"] != "demo"),
        {"provider": "demo", "custom_handler": DemoModel()},
    ]
    from litellm.utils import custom_llm_setup  # noqa: PLC0415  heavy

    custom_llm_setup()


def _reply(messages: list[dict[str, Any]], kwargs: dict[str, Any]) -> Reply:
    params = kwargs.get("optional_params") or {}
    reply = demo_script.reply_to(messages, tools=params.get("tools") or [])
    if reply.fails:
        raise DemoError
    most = params.get("max_tokens")
    return demo_script.cut(reply, most) if most else reply


def _pause() -> float:
    speed: float = settings.LLM_DEMO_TOKENS_PER_SECOND
    return 1 / speed if speed > 0 else 0.0


def _deltas(reply: Reply) -> Iterator[Delta]:
    for piece in demo_script.pieces(reply.reasoning):
        yield Delta(reasoning_content=piece, content=None)
    for piece in demo_script.pieces(reply.text):
        yield Delta(content=piece)
    for index, call in enumerate(reply.tool_calls):
        function = {"name": call.name, "arguments": ""}
        yield Delta(tool_calls=[{"index": index, "id": call.call_id, "type": "function", "function": function}])
        for piece in demo_script.pieces(call.arguments):
            yield Delta(tool_calls=[{"index": index, "type": "function", "function": {"arguments": piece}}])


def _whole_calls(reply: Reply) -> list[dict[str, Any]]:
    return [
        {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in reply.tool_calls
    ]


def _chunk(model: str, delta: Delta, finish: str | None = None, usage: Usage | None = None) -> ModelResponseStream:
    chunk = ModelResponseStream(model=model, choices=[StreamingChoices(index=0, delta=delta, finish_reason=finish)])
    if usage:
        chunk.usage = usage
    return chunk


def _usage(messages: list[dict[str, Any]], reply: Reply) -> Usage:
    reasoning = len(list(demo_script.pieces(reply.reasoning)))
    written = reasoning + len(list(demo_script.pieces(reply.text + "".join(c.arguments for c in reply.tool_calls))))
    read = tokens.estimate_messages(messages)
    return Usage(
        prompt_tokens=read,
        completion_tokens=written,
        total_tokens=read + written,
        completion_tokens_details={"reasoning_tokens": reasoning},
    )
