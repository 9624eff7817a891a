"""What a reply cost in all: the sum over its model calls, as far as known."""

from collections.abc import Iterable
from decimal import Decimal

from llm_service.parts import CallUsage
from realtime.events import Usage


def total(calls: Iterable[CallUsage], *, duration_ms: int, reasoning_ms: int | None = None) -> Usage | None:
    """Return the usage of a whole reply, or None if no model was called. One unknown cost makes the sum unknown."""
    calls = list(calls)
    if not calls:
        return None
    costs = [call.cost_usd for call in calls]
    cost = None if None in costs else sum((cost for cost in costs if cost is not None), Decimal(0))
    sources = {call.cost_source for call in calls}
    return Usage(
        input_tokens=_sum(call.input_tokens for call in calls),
        output_tokens=_sum(call.output_tokens for call in calls),
        cached_tokens=_sum(call.cached_tokens for call in calls),
        reasoning_tokens=_sum(call.reasoning_tokens for call in calls),
        cost_usd=cost,
        cost_source="unknown" if cost is None else sources.pop() if len(sources) == 1 else "estimated",
        usage_source="exact" if all(call.usage_source == "exact" for call in calls) else "estimated",
        time_to_first_token_ms=next(
            (call.time_to_first_token_ms for call in calls if call.time_to_first_token_ms is not None), None
        ),
        duration_ms=duration_ms,
        reasoning_ms=reasoning_ms,
    )


def _sum(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
