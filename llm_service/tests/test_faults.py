"""Gate R12: each fault of a provider has its class, exactly the configured tries, a bounded time and one log row."""

import socket
import time
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from llm_service import client, errors
from llm_service.errors import LLMError
from llm_service.fakes import FakeServer
from llm_service.parts import TextPart
from llm_service.tests.conftest import Logs
from realtime.bridge import in_db

TRIES = 2  # one retry is configured in the fixture
FAULTS: list[tuple[str, type[LLMError], int]] = [
    ("fake-status429-after1", errors.RateLimited, TRIES),
    ("fake-status429", errors.RateLimited, TRIES),
    ("fake-quota", errors.QuotaUsedUp, 1),
    ("fake-status500", errors.ProviderDown, TRIES),
    ("fake-status503", errors.ProviderDown, TRIES),
    ("fake-status529", errors.Overloaded, TRIES),
    ("fake-status502-html", errors.ProviderDown, TRIES),
    ("fake-status504", errors.ProviderDown, TRIES),
    ("fake-status403", errors.BadCredentials, 1),
    ("fake-status400", errors.BadRequest, 1),
    ("fake-status422", errors.BadRequest, 1),
    ("fake-badkey", errors.BadCredentials, 1),
    ("fake-nomodel", errors.ModelNotFound, 1),
    ("fake-toolong", errors.ContextTooLong, 1),
    ("fake-policy", errors.ContentFiltered, 1),
    ("fake-hang", errors.FirstTokenTimeout, TRIES),
]
STREAM_FAULTS: list[tuple[str, type[LLMError], int]] = [
    ("fake-hush", errors.FirstTokenTimeout, TRIES),
    ("fake-first5000", errors.FirstTokenTimeout, TRIES),
    ("fake-garbage", errors.BadResponse, TRIES),
    ("fake-html", errors.BadResponse, TRIES),
    ("fake-cut0", errors.ConnectionFailed, TRIES),
    ("fake-cut", errors.StreamBroken, 1),
    ("fake-end", errors.StreamBroken, 1),
    ("fake-oops", errors.StreamBroken, 1),
    ("fake-stall", errors.IdleTimeout, 1),
]
ROUTES = ["openai", "hosted_vllm", "anthropic", "openai/responses"]


def asking(model: str, **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "hi"}], **more}


async def failing_stream(model: str, kind: type[LLMError]) -> tuple[LLMError, str, float]:
    text, began = "", time.monotonic()
    with pytest.raises(kind) as caught:
        async with client.stream(**asking(model)) as reply:
            async for part in reply:
                text += part.text if isinstance(part, TextPart) else ""
    return caught.value, text, time.monotonic() - began


SILENT = ("fake-hang", "fake-hush", "fake-first5000", "fake-stall")


@pytest.fixture
def hasty(vendor: FakeServer, settings: Settings, model: str) -> None:
    """Short limits, and only where one is to be reached: a slow machine is no fault of a provider."""
    settings.LLM_TOTAL_TIMEOUT = 5
    if model in SILENT:
        settings.LLM_FIRST_TOKEN_TIMEOUT = settings.LLM_REQUEST_TIMEOUT = 0.5


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(("model", "kind", "tries"), [*FAULTS, *STREAM_FAULTS])
@pytest.mark.parametrize("route", ROUTES)
async def test_a_fault_in_a_stream_has_its_class_its_tries_and_one_log(
    vendor: FakeServer, logs: Logs, route: str, model: str, kind: type[LLMError], tries: int
):
    error, text, seconds = await failing_stream(f"{route}/{model}", kind)

    assert type(error) is kind
    assert len(vendor.seen) == tries
    assert seconds < 5 + 1
    assert error.partial is bool(text)
    [log] = await in_db(logs)
    assert (log.status, log.error_type, log.retry_count) == ("error", kind.code, tries - 1)
    assert await in_db(log.attempts.count) == tries
    assert log.response_preview == text


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(("model", "kind", "tries"), FAULTS)
@pytest.mark.parametrize("route", ["openai", "anthropic"])
def test_a_fault_in_a_whole_answer_has_its_class_its_tries_and_one_log(
    vendor: FakeServer, logs: Logs, route: str, model: str, kind: type[LLMError], tries: int
):
    with pytest.raises(kind) as caught:
        client.completion(**asking(f"{route}/{model}"))

    assert type(caught.value) is kind
    assert len(vendor.seen) == tries
    [log] = logs()
    assert (log.status, log.error_type) == ("error", kind.code)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("model", ["fake-garbage", "fake-html"])
def test_an_unreadable_whole_answer_is_a_bad_response(vendor: FakeServer, logs: Logs, model: str):
    with pytest.raises(errors.BadResponse):
        client.completion(**asking(f"openai/{model}"))

    assert len(vendor.seen) == TRIES


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("model", ["fake-cut", "fake-oops"])
@pytest.mark.parametrize("route", ROUTES)
async def test_the_public_stream_breaks_with_the_same_error_and_keeps_its_text(
    vendor: FakeServer, logs: Logs, route: str, model: str
):
    text = ""
    with pytest.raises(errors.StreamBroken) as caught:
        async for chunk in await client.acompletion(**asking(f"{route}/{model}"), stream=True):
            text += chunk.choices[0].delta.content or ""

    assert caught.value.partial
    assert text.startswith("amber0 birch1 ")
    [log] = await in_db(logs)
    assert (log.status, log.error_type) == ("error", "stream_broken")


async def test_a_provider_that_recovers_is_asked_again_and_answers(vendor: FakeServer, logs: Logs):
    async with client.stream(**asking("openai/fake-3t-status500x1")) as reply:
        parts = [part async for part in reply]

    assert len(parts) == 3
    [log] = await in_db(logs)
    assert (log.status, log.retry_count) == ("success", 1)
    attempts = await in_db(lambda: list(log.attempts.order_by("number").values_list("http_status", "error_type")))
    assert attempts == [(500, "provider_down"), (200, "")]


async def test_retry_after_is_honoured(vendor: FakeServer):
    began = time.monotonic()
    async with client.stream(**asking("openai/fake-3t-status429x1-after2")) as reply:
        assert [part async for part in reply]

    assert 2 <= time.monotonic() - began < 10


async def test_a_vendor_that_asks_for_a_long_wait_is_not_asked_again(vendor: FakeServer, transactional_db: None):
    error, _, seconds = await failing_stream("openai/fake-status429-after600", errors.RateLimited)

    assert error.retry_after == 600
    assert len(vendor.seen) == 1
    assert seconds < 10


async def test_no_retries_are_made_when_none_are_configured(vendor: FakeServer, settings: Settings):
    settings.LLM_MAX_RETRIES = 0
    await failing_stream("openai/fake-status500", errors.ProviderDown)

    assert len(vendor.seen) == 1


async def test_the_total_limit_ends_a_stream_that_goes_on(vendor: FakeServer, settings: Settings):
    settings.LLM_TOTAL_TIMEOUT = 1
    error, text, seconds = await failing_stream("openai/fake-500t-20r", errors.TotalTimeout)

    assert error.partial
    assert text
    assert seconds < 2


async def test_an_idle_limit_counts_from_the_last_token(vendor: FakeServer, settings: Settings):
    settings.LLM_REQUEST_TIMEOUT = 0.6
    async with client.stream(**asking("openai/fake-6t-4r")) as reply:
        parts = [part async for part in reply]

    assert len(parts) == 6


@pytest.mark.parametrize("route", ["openai", "hosted_vllm", "anthropic"])
async def test_a_refused_connection_is_a_connection_error(
    vendor: FakeServer, monkeypatch: pytest.MonkeyPatch, route: str
):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{unused.getsockname()[1]}"
    for name in ("OPENAI_API_BASE", "HOSTED_VLLM_API_BASE", "ANTHROPIC_API_BASE"):
        monkeypatch.setenv(name, base)

    await failing_stream(f"{route}/fake-3t", errors.ConnectionFailed)


@pytest.mark.parametrize("route", ["openai", "hosted_vllm", "anthropic"])
async def test_a_connection_that_is_never_accepted_ends_at_the_connect_limit(
    vendor: FakeServer, monkeypatch: pytest.MonkeyPatch, settings: Settings, route: str
):
    settings.LLM_CONNECT_TIMEOUT, settings.LLM_MAX_RETRIES = 0.5, 0
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for client_socket in waiting:
            client_socket.setblocking(False)
            client_socket.connect_ex(full.getsockname())
        base = f"http://127.0.0.1:{full.getsockname()[1]}"
        for name in ("OPENAI_API_BASE", "HOSTED_VLLM_API_BASE", "ANTHROPIC_API_BASE"):
            monkeypatch.setenv(name, base)

        _, _, seconds = await failing_stream(f"{route}/fake-3t", errors.ConnectTimeout)

        assert seconds < 1.5
        for client_socket in waiting:
            client_socket.close()


async def test_a_missing_key_is_found_before_anything_is_sent(
    vendor: FakeServer, monkeypatch: pytest.MonkeyPatch, settings: Settings, logs: Logs
):
    settings.LLM_ALLOWED_MODELS = ["groq/some-model"]

    await failing_stream("groq/some-model", errors.MissingKey)

    assert vendor.seen == []
    [log] = await in_db(logs)
    assert (log.status, log.error_type, log.retry_count) == ("error", "missing_key", 0)


async def test_a_server_of_ones_own_needs_no_key(vendor: FakeServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    async with client.stream(**asking("openai/fake-3t")) as reply:
        assert [part async for part in reply]
