"""Costs, by hand and against LiteLLM's own calculation."""

from decimal import Decimal

import pytest

from llm_service import client, library, prices
from llm_service.fakes import FakeServer
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
