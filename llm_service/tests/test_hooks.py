"""Hooks see every call, streams too, and may change or refuse it."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from llm_service import client, errors
from llm_service.fakes import FakeServer
from llm_service.parts import TextPart
from llm_service.requests import LLMRequest, LLMResult
from llm_service.tests.conftest import Logs
from realtime.bridge import in_db

HERE = "llm_service.tests.test_hooks"


def refuse_secrets(request: LLMRequest) -> None:
    if "secret" in str(request.messages):
        raise errors.Blocked("no secrets")


async def shout(request: LLMRequest) -> LLMRequest:
    request.messages = [{**message, "content": message["content"].upper()} for message in request.messages]
    return request


def refuse_amber(result: LLMResult) -> None:
    if "amber" in result.text:
        raise errors.Blocked("no amber")


def hide_amber(result: LLMResult) -> LLMResult:
    result.text = result.text.replace("amber", "*****")
    return result


def hide_amber_unseen(result: LLMResult) -> LLMResult:
    return hide_amber(result)


hide_amber_unseen.before_delivery = True  # type: ignore[attr-defined]


def asking(model: str = "openai/fake-3t", text: str = "hi") -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}]}


def test_a_pre_call_hook_can_block_before_anything_is_sent(vendor: FakeServer, logs: Logs, settings: Settings):
    settings.LLM_PRE_CALL_HOOKS = [f"{HERE}.refuse_secrets"]

    with pytest.raises(errors.Blocked):
        client.completion(**asking(text="a secret"))
    assert vendor.seen == []
    [log] = logs()
    assert (log.status, log.error_type, log.cost_usd) == ("blocked", "blocked", None)


async def test_a_pre_call_hook_can_change_what_is_sent_on_a_stream(vendor: FakeServer, settings: Settings):
    settings.LLM_PRE_CALL_HOOKS = [f"{HERE}.refuse_secrets", f"{HERE}.shout"]
    async with client.stream(**asking(text="quiet")) as reply:
        assert [part async for part in reply]

    assert vendor.seen[0].body["messages"][0]["content"] == "QUIET"


async def test_a_post_call_hook_can_block_a_stream_that_was_shown(vendor: FakeServer, logs: Logs, settings: Settings):
    settings.LLM_POST_CALL_HOOKS = [f"{HERE}.refuse_amber"]
    text = ""
    with pytest.raises(errors.Blocked) as caught:
        async with client.stream(**asking()) as reply:
            async for part in reply:
                text += part.text if isinstance(part, TextPart) else ""

    assert text.startswith("amber")
    assert caught.value.partial
    [log] = await in_db(logs)
    assert log.status == "blocked"
    assert log.output_tokens


def test_a_post_call_hook_can_change_a_whole_answer(vendor: FakeServer, settings: Settings):
    settings.LLM_POST_CALL_HOOKS = [f"{HERE}.hide_amber"]

    assert client.completion(**asking()).choices[0].message.content == "*****0 birch1 cedar2 "


async def test_a_hook_before_delivery_changes_a_stream_unseen(vendor: FakeServer, settings: Settings, logs: Logs):
    settings.LLM_POST_CALL_HOOKS = [f"{HERE}.hide_amber_unseen"]
    async with client.stream(**asking()) as reply:
        parts = [part async for part in reply]
    chunks = [chunk async for chunk in await client.acompletion(**asking(), stream=True)]

    assert parts == [TextPart("*****0 birch1 cedar2 ")]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "*****0 birch1 cedar2 "
    assert [log.response_preview for log in await in_db(logs)] == ["*****0 birch1 cedar2 "] * 2
