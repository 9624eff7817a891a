"""Our readers tell what LiteLLM's plain wrapper tells, format by format."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from llm_service import client, library
from llm_service.fakes import FakeServer
from llm_service.parts import ReasoningPart, TextPart, ToolCallPart

MODELS = [
    "openai/fake-20t",
    "openai/fake-3t-reason-tools",
    "openai/fake-3t-reason2",
    "openai/fake-3t-length",
    "openai/fake-3t-filtered",
    "openai/fake-3t-cached-reason",
    "hosted_vllm/fake-3t-reason-tools",
    "hosted_vllm/fake-3t-length",
    "hosted_vllm/fake-3t-cached",
    "anthropic/fake-20t",
    "anthropic/fake-3t-reason-tools",
    "anthropic/fake-3t-length",
    "anthropic/fake-3t-filtered",
    "anthropic/fake-3t-cached",
    "openai/responses/fake-20t",
    "openai/responses/fake-3t-reason-tools",
    "openai/responses/fake-3t-length",
    "openai/responses/fake-3t-cached",
    "groq/fake-3t-tools",
    "openrouter/fake-3t-reason2",
    "deepseek/fake-3t-reason",
]
# Where the wrapper is known to tell less than the vendor sent.
CALL_IDS = {"openai/responses": "call_"}


@dataclass
class Told:
    text: str = ""
    reasoning: str = ""
    tools: dict[int, list[str]] = field(default_factory=dict)
    finish_reason: str = ""
    counts: tuple[Any, ...] = ()

    def add_call(self, index: int, call_id: str, name: str, arguments: str) -> None:
        known = self.tools.setdefault(index, ["", "", ""])
        known[0] = known[0] or call_id.removeprefix("fc_")
        known[1] = known[1] or name
        known[2] += arguments


@pytest.fixture
def other_vendors(vendor: FakeServer, monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    for name in ("GROQ", "OPENROUTER", "DEEPSEEK"):
        monkeypatch.setenv(f"{name}_API_KEY", "test-key")
        monkeypatch.setenv(f"{name}_API_BASE", vendor.url)
    return vendor


@pytest.mark.parametrize("model", MODELS)
async def test_parts_equal_the_plain_wrapper(
    other_vendors: FakeServer, monkeypatch: pytest.MonkeyPatch, settings: Any, model: str
):
    settings.LLM_ALLOWED_MODELS = MODELS
    ours = await _ours(model)
    monkeypatch.setenv("EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER", "false")
    plain = await _plain(model)

    assert ours == plain


@pytest.mark.parametrize("model", ["openai/fake-3t-reason-tools", "openai/fake-3t-cached"])
async def test_parts_are_the_same_when_litellm_uses_the_openai_sdk(
    vendor: FakeServer, monkeypatch: pytest.MonkeyPatch, model: str
):
    without = await _ours(model)
    monkeypatch.setenv("EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER", "false")

    assert await _ours(model) == without


async def test_a_json_schema_reaches_the_vendor_and_its_answer_comes_back(vendor: FakeServer):
    schema = {"type": "object", "properties": {"tea": {"type": "string"}}, "required": ["tea"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "tea", "schema": schema, "strict": True}}
    async with client.stream(
        model="openai/fake-echo",
        messages=[{"role": "user", "content": '{"tea": "green"}'}],
        response_format=wanted,
    ) as reply:
        parts = [part async for part in reply]

    assert "".join(part.text for part in parts if isinstance(part, TextPart)) == '{"tea": "green"}'
    assert vendor.seen[0].body["response_format"] == wanted


async def _ours(model: str) -> Told:
    told = Told()
    async with client.stream(model=model, messages=[{"role": "user", "content": "hi"}]) as reply:
        async for part in reply:
            match part:
                case TextPart(text):
                    told.text += text
                case ReasoningPart(text):
                    told.reasoning += text
                case ToolCallPart(index, call_id, name, arguments):
                    told.add_call(index, call_id, name, arguments)
    usage = reply.usage
    told.finish_reason = reply.finish_reason
    told.counts = (usage.input_tokens, usage.output_tokens, usage.cached_tokens or 0)
    return told


async def _plain(model: str) -> Told:
    told = Told()
    stream = await library.litellm().acompletion(
        model=model,
        messages=[{"role": "user", "content": "hi"}],
        stream=True,
        stream_options={"include_usage": True},
        max_retries=0,
    )
    async for chunk in stream:
        choice = chunk.choices[0]
        told.text += choice.delta.content or ""
        told.reasoning += getattr(choice.delta, "reasoning_content", None) or ""
        for call in choice.delta.tool_calls or ():
            told.add_call(call.index, call.id or "", call.function.name or "", call.function.arguments or "")
        told.finish_reason = choice.finish_reason or told.finish_reason
        usage = getattr(chunk, "usage", None)
        if usage:
            cached = usage.prompt_tokens_details.cached_tokens if usage.prompt_tokens_details else 0
            told.counts = (usage.prompt_tokens, usage.completion_tokens, cached or 0)
    return told
