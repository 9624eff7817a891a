"""Token counts of each wire format in one shape. Input includes cached tokens, output includes reasoning."""

from decimal import Decimal
from typing import Any

from llm_service.parts import CallUsage


def of_chat(usage: dict[str, Any]) -> CallUsage:
    prompt = usage.get("prompt_tokens_details") or {}
    completion = usage.get("completion_tokens_details") or {}
    found = CallUsage(
        input_tokens=usage.get("prompt_tokens"),
        output_tokens=usage.get("completion_tokens"),
        cached_tokens=prompt.get("cached_tokens")
        or usage.get("cache_read_input_tokens")
        or usage.get("prompt_cache_hit_tokens"),
        cache_write_tokens=prompt.get("cache_creation_tokens") or usage.get("cache_creation_input_tokens"),
        reasoning_tokens=completion.get("reasoning_tokens"),
        usage_source="exact",
    )
    return _with_cost(found, usage.get("cost"))


def of_anthropic(usage: dict[str, Any]) -> CallUsage:
    cached = usage.get("cache_read_input_tokens") or 0
    written = usage.get("cache_creation_input_tokens") or 0
    return CallUsage(
        input_tokens=(usage.get("input_tokens") or 0) + cached + written,
        output_tokens=usage.get("output_tokens"),
        cached_tokens=cached,
        cache_write_tokens=written,
        usage_source="exact",
    )


def of_responses(usage: dict[str, Any]) -> CallUsage:
    found = CallUsage(
        input_tokens=usage.get("input_tokens"),
        output_tokens=usage.get("output_tokens"),
        cached_tokens=(usage.get("input_tokens_details") or {}).get("cached_tokens"),
        reasoning_tokens=(usage.get("output_tokens_details") or {}).get("reasoning_tokens"),
        usage_source="exact",
    )
    return _with_cost(found, usage.get("cost"))


def _with_cost(usage: CallUsage, cost: object) -> CallUsage:
    if isinstance(cost, int | float):
        usage.cost_usd, usage.cost_source = Decimal(str(cost)), "provider"
    return usage
