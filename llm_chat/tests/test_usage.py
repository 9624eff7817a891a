"""What a whole reply used: sums of what is known, and never a guess called exact."""

from decimal import Decimal

from llm_chat.run import Stopwatch
from llm_chat.usage import total
from llm_service.parts import CallUsage


def call(**known: object) -> CallUsage:
    return CallUsage(**known)  # type: ignore[arg-type]


def test_no_call_is_no_usage() -> None:
    assert total([], duration_ms=5) is None


def test_calls_add_up() -> None:
    usage = total(
        [
            call(input_tokens=10, output_tokens=3, cached_tokens=4, cost_usd=Decimal("0.10"), cost_source="table"),
            call(input_tokens=20, output_tokens=5, reasoning_tokens=2, cost_usd=Decimal("0.02"), cost_source="table"),
        ],
        duration_ms=900,
    )

    assert usage
    assert (usage.input_tokens, usage.output_tokens, usage.cached_tokens, usage.reasoning_tokens) == (30, 8, 4, 2)
    assert (usage.cost_usd, usage.cost_source, usage.duration_ms) == (Decimal("0.12"), "table", 900)


def test_what_no_call_knows_stays_unknown() -> None:
    usage = total([call(), call()], duration_ms=1)

    assert usage
    assert (usage.input_tokens, usage.output_tokens, usage.cost_usd) == (None, None, None)
    assert (usage.cost_source, usage.usage_source, usage.time_to_first_token_ms) == ("unknown", "estimated", None)


def test_one_unknown_cost_makes_the_sum_unknown() -> None:
    usage = total([call(cost_usd=Decimal(1), cost_source="provider"), call()], duration_ms=1)

    assert usage
    assert (usage.cost_usd, usage.cost_source) == (None, "unknown")


def test_costs_of_several_sources_are_an_estimate() -> None:
    usage = total(
        [call(cost_usd=Decimal(1), cost_source="provider"), call(cost_usd=Decimal(2), cost_source="table")],
        duration_ms=1,
    )

    assert usage
    assert (usage.cost_usd, usage.cost_source) == (Decimal(3), "estimated")


def test_usage_is_exact_only_where_every_call_was() -> None:
    exact, estimated = call(usage_source="exact"), call(usage_source="estimated")

    both, one = total([exact, exact], duration_ms=1), total([exact, estimated], duration_ms=1)

    assert both and one
    assert (both.usage_source, one.usage_source) == ("exact", "estimated")


def test_a_free_reply_costs_nothing_and_that_is_known() -> None:
    usage = total([call(cost_usd=Decimal(0), cost_source="table")], duration_ms=1)

    assert usage and usage.cost_usd == 0


def test_the_first_token_is_that_of_the_first_call_that_had_one() -> None:
    usage = total([call(), call(time_to_first_token_ms=70), call(time_to_first_token_ms=5)], duration_ms=1)

    assert usage and usage.time_to_first_token_ms == 70


def test_reasoning_is_timed_while_it_goes_on_and_not_where_there_was_none() -> None:
    watch = Stopwatch(iter([10.0, 12.5, 20.0, 20.25]).__next__)

    for goes_on in (False, True, True, False, False, True):
        watch.runs(goes_on)

    assert watch.milliseconds == 2750
    assert Stopwatch().milliseconds is None
