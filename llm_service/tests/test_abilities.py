"""What is known of a model, and which of a person's wishes reach its vendor."""

import pytest

from llm_service import client, library
from llm_service.abilities import abilities_of, efforts_of, parameters_of, taken
from llm_service.fakes import FakeServer

HELLO = [{"role": "user", "content": "hello"}]


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    library.litellm()


def test_a_known_model_says_what_it_sees_holds_and_costs():
    known = abilities_of("openai/gpt-4o-mini")

    assert (known.sees_images, known.uses_tools, known.reasons) == (True, True, False)
    assert (known.context_window, known.max_output) == (128_000, 16_384)
    assert (known.input_price, known.output_price) == (0.15, 0.6)
    assert abilities_of("gpt-4o-mini") == known


def test_of_an_unknown_model_nothing_is_claimed_but_that_it_may_try_tools():
    unknown = abilities_of("hosted_vllm/own-model")

    assert unknown.uses_tools
    assert not unknown.sees_images
    assert (unknown.context_window, unknown.input_price) == (None, None)


def test_a_gateways_model_of_the_same_name_is_not_the_vendors():
    assert abilities_of("hosted_vllm/gpt-4o-mini").context_window is None


@pytest.mark.parametrize(
    ("model", "parameter", "is_offered"),
    [
        ("openai/gpt-4o-mini", "temperature", True),
        ("openai/gpt-4o-mini", "reasoning_effort", False),
        ("openai/gpt-5.5", "reasoning_effort", True),
        ("openai/gpt-5.5", "frequency_penalty", False),
        ("anthropic/claude-sonnet-5-5", "temperature", False),
        ("anthropic/claude-haiku-4-5", "temperature", True),
        ("anthropic/claude-haiku-4-5", "seed", False),
        ("mistral/mistral-large-latest", "reasoning_effort", False),
        ("hosted_vllm/own-model", "top_p", True),
        ("demo/parley", "temperature", False),
        ("demo/parley", "max_output_tokens", True),
    ],
)
def test_only_parameters_a_model_takes_are_offered(model: str, parameter: str, is_offered: bool):
    assert (parameter in parameters_of(model)) is is_offered


def test_efforts_beyond_the_usual_are_offered_where_the_map_says():
    assert efforts_of("openai/gpt-5.5") == ("none", "low", "medium", "high", "xhigh")
    assert efforts_of("xai/grok-4.3") == ("low", "medium", "high")


def test_a_wish_a_model_does_not_take_is_left_out():
    wishes = {"temperature": 0.2, "seed": 7, "reasoning_effort": "low", "max_output_tokens": 100}

    assert taken("openai/gpt-4o-mini", wishes) == {"temperature": 0.2, "seed": 7, "max_tokens": 100}
    assert taken("demo/parley", wishes) == {"max_tokens": 100}
    assert taken("openai/gpt-5.5", {"reasoning_effort": "minimal"}) == {}


def test_more_than_a_model_can_write_becomes_what_it_can():
    assert taken("openai/gpt-4o-mini", {"max_output_tokens": 100_000}) == {"max_tokens": 16_384}


def test_anthropic_is_sent_no_sampling_beside_thinking_and_never_both_kinds():
    both = {"temperature": 0.5, "top_p": 0.9}

    assert taken("anthropic/claude-haiku-4-5", both) == {"temperature": 0.5}
    assert taken("anthropic/claude-haiku-4-5", {**both, "reasoning_effort": "low"}) == {"reasoning_effort": "low"}


async def test_a_wish_reaches_the_vendor_under_its_own_name(vendor: FakeServer, transactional_db: None):
    async with client.stream(
        model="openai/gpt-4o-mini",
        messages=HELLO,
        wishes={"temperature": 0.3, "max_output_tokens": 50, "reasoning_effort": "high"},
    ) as reply:
        assert [part async for part in reply]

    sent = vendor.seen[-1].body
    assert (sent["temperature"], sent["max_tokens"]) == (0.3, 50)
    assert not {"reasoning_effort", "wishes", "drop_params"} & set(sent)


async def test_a_value_that_a_reasoning_model_refuses_is_not_sent(vendor: FakeServer, transactional_db: None):
    async with client.stream(model="openai/o3", messages=HELLO, wishes={"temperature": 0.3}) as reply:
        assert [part async for part in reply]

    assert "temperature" not in vendor.seen[-1].body


async def test_the_demo_model_stops_at_the_limit_it_is_given(no_providers: None, transactional_db: None):
    async with client.stream(model="demo/parley", messages=HELLO, wishes={"max_output_tokens": 3}) as reply:
        parts = [part async for part in reply]

    assert len(parts) <= 3
    assert reply.finish_reason == "length"
