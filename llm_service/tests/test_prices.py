"""Costs, by hand and against LiteLLM's own calculation."""

from datetime import datetime
from decimal import Decimal

import pytest
from litellm._internal_context import pinned_billing_time

from llm_service import client, library
from llm_service.fakes import FakeServer
from llm_service.money import prices
from llm_service.parts import CallUsage
from llm_service.tests.conftest import Logs


def usage(read: int = 1000, written: int = 100, cached: int = 0, stored: int = 0, reasoning: int = 0) -> CallUsage:
    return CallUsage(
        input_tokens=read,
        output_tokens=written,
        cached_tokens=cached,
        cache_write_tokens=stored,
        reasoning_tokens=reasoning,
        usage_source="exact",
    )


def cost_of(model: str, used: CallUsage, response_model: str = "") -> tuple[Decimal | None, str]:
    prices.settle(used, model=model, response_model=response_model)
    return used.cost_usd, used.cost_source


def test_cached_tokens_have_their_own_price():
    # 400 fresh at 2.50, 600 cached at 1.25, 100 written at 10 dollars a million
    assert cost_of("openai/gpt-4o", usage(cached=600)) == (Decimal("0.00275000"), "litellm")


@pytest.mark.parametrize(
    "model", ["openai/gpt-4o", "openai/gpt-5.4-mini", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-pro"]
)
@pytest.mark.parametrize(
    ("read", "cached", "stored"), [(1000, 0, 0), (1000, 600, 0), (300_000, 0, 0), (1000, 200, 300)]
)
def test_costs_equal_litellms_own(model: str, read: int, cached: int, stored: int):
    litellm = library.litellm()
    if stored and not model.startswith("anthropic"):
        stored = 0
    expected = sum(
        litellm.cost_per_token(
            model=model,
            usage_object=litellm.Usage(
                prompt_tokens=read,
                completion_tokens=100,
                total_tokens=read + 100,
                prompt_tokens_details={"cached_tokens": cached, "cache_creation_tokens": stored},
                cache_read_input_tokens=cached,
                cache_creation_input_tokens=stored,
            ),
        )
    )

    cost, _ = cost_of(model, usage(read, 100, cached, stored))
    assert cost is not None
    assert float(cost) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("at", "is_cheap"),
    [
        ("2026-11-18T00:59:59+00:00", True),  # a Wednesday
        ("2026-11-18T01:00:00+00:00", False),
        ("2026-11-18T09:59:59+00:00", False),
        ("2026-11-18T11:00:00+01:00", True),
        ("2026-11-18T23:59:59+00:00", True),
        ("2026-11-21T08:00:00+00:00", True),  # a Saturday
    ],
)
def test_hours_off_the_peak_have_their_own_price_as_in_litellm(at: str, is_cheap: bool):
    price = prices.price_of("deepseek/deepseek-v4-flash", datetime.fromisoformat(at))

    library.litellm()
    with pinned_billing_time(datetime.fromisoformat(at)):
        read, written = library.litellm().cost_per_token("deepseek/deepseek-v4-flash", 1_000_000, 1_000_000)
    assert price is not None
    assert [price.input * 1e6, price.output * 1e6] == pytest.approx([read, written])
    assert (price.input < 2e-7) is is_cheap


def test_hours_that_nobody_can_read_leave_the_ordinary_price():
    entry = {"input_cost_per_token": 2e-6, "output_cost_per_token": 4e-6}
    odd = {"hours_utc": ["noon", "25:00-26:00"], "weekday_timezone": "Mars/Olympus", "input_cost_per_token": 1e-6}
    night = {"hours_utc": "22:00-06:00", "input_cost_per_token": 1e-6}
    midnight = datetime.fromisoformat("2026-11-18T00:00:00+00:00")

    assert prices.read(entry | {"off_peak_pricing": odd}).now(midnight).input == 2e-6
    assert prices.read(entry | {"off_peak_pricing": night}).now(midnight).input == 1e-6
    assert prices.read(entry | {"off_peak_pricing": night}).now(midnight).output == 4e-6


@pytest.mark.parametrize("read", [1, 256_000, 256_001, 2_000_000])
def test_prices_by_the_length_of_the_input_are_litellms(read: int):
    model = "dashscope/qwen-plus-2025-07-28"

    cost, _ = cost_of(model, usage(read, 100))
    expected = sum(library.litellm().cost_per_token(model, read, 100))
    assert cost is not None
    assert float(cost) == pytest.approx(expected, rel=1e-3)


def test_an_unknown_model_costs_unknown_and_never_nothing():
    assert cost_of("hosted_vllm/my-model", usage()) == (None, "unknown")


def test_a_server_that_only_speaks_openais_format_is_not_priced_as_openai():
    assert cost_of("hosted_vllm/gpt-4o", usage()) == (None, "unknown")


def test_an_alias_is_priced_by_the_name_the_vendor_answers_with():
    cost, source = cost_of("openai/our-alias", usage(), "gpt-4o-mini")

    assert cost
    assert source == "litellm"


def test_estimated_usage_makes_an_estimated_cost():
    used = usage()
    used.usage_source = "estimated"

    cost, source = cost_of("openai/gpt-4o", used)
    assert cost
    assert source == "estimated"


def test_the_demo_model_is_free_and_that_is_from_our_table():
    assert cost_of("demo/parley", usage()) == (Decimal(0), "table")


async def test_a_cost_in_the_vendors_usage_is_taken_as_it_is(vendor: FakeServer):
    async with client.stream(model="openai/fake-3t-cost", messages=[{"role": "user", "content": "hi"}]) as reply:
        assert [part async for part in reply]

    assert (reply.usage.cost_usd, reply.usage.cost_source) == (Decimal("0.00123"), "provider")


def test_the_log_carries_cost_and_source(vendor: FakeServer, logs: Logs):
    client.completion(model="openai/gpt-4o", messages=[{"role": "user", "content": "[[fake 3t]]"}])

    [log] = logs()
    assert log.cost_usd
    assert log.cost_source == "litellm"
