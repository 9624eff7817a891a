"""Every kind of call, over real sockets, leaves the right answer and exactly one log."""

import asyncio
import gc
import os
import time
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from llm_service import client, errors
from llm_service.fakes import FakeServer
from llm_service.fakes.script import ODD_TEXT
from llm_service.parts import Part, ReasoningPart, TextPart, ToolCallPart
from llm_service.tests.conftest import Logs
from realtime.bridge import in_db
from teams.actions import personal_team

ROUTES = ["openai", "hosted_vllm", "anthropic", "openai/responses"]
TEXT = "amber0 birch1 cedar2 "


def asking(model: str, text: str = "hi", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


async def parts_of(model: str, **more: Any) -> tuple[list[Part], client.ReplyStream]:
    async with client.stream(**asking(model, **more)) as reply:
        return [part async for part in reply], reply


def text_of(parts: list[Part]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart))


def test_a_sync_call_returns_litellms_response_and_leaves_one_log(vendor: FakeServer, logs: Logs):
    response = client.completion(**asking("openai/fake-3t"))

    assert response.choices[0].message.content == TEXT
    [log] = logs()
    assert (log.status, log.is_stream, log.output_tokens, log.usage_source) == ("success", False, 3, "exact")
    assert log.attempts.count() == 1


async def test_an_async_call_returns_litellms_response(vendor: FakeServer):
    response = await client.acompletion(**asking("anthropic/fake-3t"))

    assert response.choices[0].message.content == TEXT


def test_a_sync_stream_proxies_chunks_and_leaves_one_log(vendor: FakeServer, logs: Logs):
    chunks = list(client.completion(**asking("openai/fake-3t"), stream=True))

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == TEXT
    [log] = logs()
    assert (log.status, log.is_stream, log.output_tokens) == ("success", True, 3)
    assert log.time_to_first_token_ms is not None


@pytest.mark.parametrize("route", ROUTES)
async def test_an_async_stream_proxies_chunks_on_every_route(vendor: FakeServer, route: str):
    stream = await client.acompletion(**asking(f"{route}/fake-3t"), stream=True)
    chunks = [chunk async for chunk in stream]

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == TEXT


@pytest.mark.parametrize("route", ROUTES)
async def test_parts_carry_text_reasoning_and_parallel_tool_calls(vendor: FakeServer, route: str):
    parts, reply = await parts_of(f"{route}/fake-3t-reason-tools")

    assert text_of(parts) == TEXT
    assert "".join(part.text for part in parts if isinstance(part, ReasoningPart)) == "First, look at the question. "
    calls: dict[int, list[str]] = {}
    for part in parts:
        if isinstance(part, ToolCallPart):
            known = calls.setdefault(part.index, [part.call_id, part.name, ""])
            known[2] += part.arguments
    assert list(calls.values()) == [
        ["call_1", "current_time", '{"zone": "Europe/Zürich"}'],
        ["call_2", "search", '{"query": "tea"}'],
    ]
    assert reply.finish_reason == "tool_calls"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("route", ROUTES)
async def test_odd_characters_arrive_exactly_once(vendor: FakeServer, route: str, stream: bool):
    parts, _ = await parts_of(f"{route}/fake-odd")
    chunks = [chunk async for chunk in await client.acompletion(**asking(f"{route}/fake-odd"), stream=True)]
    via_chunks = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)

    assert text_of(parts) == ODD_TEXT
    assert via_chunks == ODD_TEXT


@pytest.mark.parametrize("route", ROUTES)
async def test_bytes_that_arrive_one_by_one_make_the_same_text(vendor: FakeServer, route: str):
    parts, _ = await parts_of(f"{route}/fake-odd-bytes")

    assert text_of(parts) == ODD_TEXT


@pytest.mark.parametrize("route", ROUTES)
async def test_usage_is_exact_and_counts_cached_tokens(vendor: FakeServer, route: str):
    _, reply = await parts_of(f"{route}/fake-3t-cached")

    usage = reply.usage
    assert usage.usage_source == "exact"
    assert usage.output_tokens == 3
    assert usage.input_tokens
    assert usage.cached_tokens == usage.input_tokens // 2


async def test_a_stream_without_usage_is_estimated(vendor: FakeServer, logs: Logs):
    _, reply = await parts_of("openai/fake-3t-nousage")

    assert reply.usage.usage_source == "estimated"
    assert reply.usage.output_tokens


async def test_a_server_that_refuses_the_usage_question_is_asked_again_without_it(vendor: FakeServer, logs: Logs):
    parts, _ = await parts_of("openai/fake-3t-nooptions")

    assert text_of(parts) == TEXT
    assert ["stream_options" in seen.body for seen in vendor.seen] == [True, False]


async def test_our_own_keywords_never_reach_the_vendor(vendor: FakeServer, logs: Logs, alice: User):
    await parts_of(
        "openai/fake-3t",
        user=alice,
        metadata={"feature": "chat", "turn_id": "6f2c0f5e-6c9c-4c0f-9a66-0a3c5b0a0001"},
        request_id="req-1",
        temperature=0.5,
    )

    [seen] = vendor.seen
    assert set(seen.body) == {"model", "messages", "stream", "stream_options", "temperature"}


def test_attribution_is_copied_to_the_log(vendor: FakeServer, logs: Logs, alice: User):
    team = personal_team(alice)
    turn = "6f2c0f5e-6c9c-4c0f-9a66-0a3c5b0a0001"
    client.completion(
        **asking("openai/fake-3t", text="What is tea?"),
        user=alice,
        team=team,
        metadata={"feature": "chat", "turn_id": turn, "node_id": "n1", "tenant_id": 7},
        request_id="req-1",
    )

    [log] = logs()
    assert (log.user_id, log.team_id, log.request_id, log.feature) == (alice.pk, team.pk, "req-1", "chat")
    assert (str(log.turn_id), log.node_id, log.metadata["tenant_id"]) == (turn, "n1", 7)
    assert (log.prompt_preview, log.response_preview) == ("What is tea?", TEXT)


def test_a_model_that_is_not_allowed_is_a_value_error_and_leaves_no_log(
    vendor: FakeServer, logs: Logs, settings: Settings
):
    settings.LLM_ALLOWED_MODELS = ["openai/fake-3t"]

    with pytest.raises(ValueError, match="not allowed"):
        client.completion(**asking("openai/fake-4t"))
    assert logs() == []
    assert vendor.seen == []


async def test_leaving_early_hangs_up_within_a_second_and_logs_cancelled_with_estimated_usage(
    vendor: FakeServer, logs: Logs
):
    async with client.stream(**asking("openai/fake-200t-50r")) as reply:
        async for _ in reply:
            break
    left_at = time.monotonic()
    await _until_hung_up(vendor)

    assert vendor.seen[0].hung_up_at
    assert vendor.seen[0].hung_up_at - left_at < 1
    assert reply.usage.usage_source == "estimated"
    [log] = await in_db(logs)
    assert (log.status, log.usage_source) == ("cancelled", "estimated")
    assert log.output_tokens


@pytest.mark.parametrize("route", ROUTES)
async def test_cancelling_the_task_hangs_up_within_a_second(vendor: FakeServer, logs: Logs, route: str):
    begun = asyncio.Event()

    async def read() -> None:
        async with client.stream(**asking(f"{route}/fake-200t-50r")) as reply:
            async for _ in reply:
                begun.set()

    task = asyncio.create_task(read())
    await begun.wait()
    task.cancel()
    cancelled_at = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await task
    await _until_hung_up(vendor)

    assert vendor.seen[0].hung_up_at
    assert vendor.seen[0].hung_up_at - cancelled_at < 1
    [log] = await in_db(logs)
    assert log.status == "cancelled"


async def test_cancelling_before_the_first_token_logs_cancelled(vendor: FakeServer, logs: Logs):
    task = asyncio.create_task(parts_of("openai/fake-hang"))
    await vendor.wait_until(lambda: bool(vendor.seen))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await _until_hung_up(vendor)

    [log] = await in_db(logs)
    assert (log.status, log.output_tokens) == ("cancelled", 0)


async def test_a_stream_that_is_entered_but_never_read_leaves_one_log(vendor: FakeServer, logs: Logs):
    async with client.stream(**asking("openai/fake-3t")):
        pass

    [log] = await in_db(logs)
    assert log.status == "cancelled"
    assert vendor.seen == []


async def test_dropping_an_async_chunk_stream_hangs_up_and_leaves_one_log(vendor: FakeServer, logs: Logs):
    stream = await client.acompletion(**asking("openai/fake-200t-50r"), stream=True)
    async for _ in stream:
        break
    del stream
    gc.collect()
    await _until_hung_up(vendor)

    [log] = await in_db(logs)
    assert log.status == "cancelled"


def test_a_sync_consumer_that_stops_leaves_one_cancelled_log(vendor: FakeServer, logs: Logs):
    for _ in client.completion(**asking("openai/fake-200t-50r"), stream=True):
        break
    gc.collect()
    asyncio.run(_until_hung_up(vendor))

    [log] = logs()
    assert log.status == "cancelled"


def test_a_failed_call_leaves_one_log_with_its_error(vendor: FakeServer, logs: Logs):
    with pytest.raises(errors.BadCredentials):
        client.completion(**asking("openai/fake-badkey"))

    [log] = logs()
    assert (log.status, log.error_type, log.http_status) == ("error", "bad_credentials", 401)


def test_many_sync_calls_share_one_loop(vendor: FakeServer):
    client.completion(**asking("openai/fake-1t"))
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for _ in range(20):
        client.completion(**asking("openai/fake-1t"))
    after = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0

    assert after - before < 5


async def _until_hung_up(vendor: FakeServer) -> None:
    await vendor.wait_until(lambda: bool(vendor.seen and vendor.seen[0].hung_up_at))
