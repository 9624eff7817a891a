"""Token counts of each wire format in one shape. Input includes cached tokens, output includes reasoning."""

from decimal import Decimal
from typing import Any

from llm_service.parts import CallUsage


def of_chat(usage: dict[str, Any]) -> CallUsage:
    prompt = usage.get("prompt_tokens_details") or {}
    completion = usage.get("completion_tokens_details") or {}
    written, reasoning = usage.get("completion_tokens"), completion.get("reasoning_tokens")
    if written is not None and reasoning and usage.get("total_tokens") == _input(usage) + written + reasoning:
        written += reasoning  # xAI counts reasoning beside the completion; the total tells
    found = CallUsage(
        input_tokens=usage.get("prompt_tokens"),
        output_tokens=written,
        cached_tokens=prompt.get("cached_tokens")
        or usage.get("cached_tokens")
        or usage.get("cache_read_input_tokens")
        or usage.get("prompt_cache_hit_tokens"),
        cache_write_tokens=prompt.get("cache_creation_tokens") or usage.get("cache_creation_input_tokens"),
        reasoning_tokens=reasoning,
        others=_others(prompt, completion),
        usage_source="exact",
    )
    return _with_cost(found, usage.get("cost"))


def _input(usage: dict[str, Any]) -> int:
    return usage.get("prompt_tokens") or 0


def of_anthropic(usage: dict[str, Any]) -> CallUsage:
    cached = usage.get("cache_read_input_tokens") or 0
    written = usage.get("cache_creation_input_tokens") or 0
    hour = (usage.get("cache_creation") or {}).get("ephemeral_1h_input_tokens") or 0
    return CallUsage(
        input_tokens=(usage.get("input_tokens") or 0) + cached + written,
        output_tokens=usage.get("output_tokens"),
        cached_tokens=cached,
        cache_write_tokens=written,
        others={"cache_write_1h": hour} if hour else {},
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


def _others(prompt: dict[str, Any], completion: dict[str, Any]) -> dict[str, int]:
    told = {
        "audio_input": prompt.get("audio_tokens"),
        "image_input": prompt.get("image_tokens"),
        "audio_output": completion.get("audio_tokens"),
        "cache_write_1h": (prompt.get("cache_creation_token_details") or {}).get("ephemeral_1h_input_tokens"),
    }
    return {kind: count for kind, count in told.items() if count}


def _with_cost(usage: CallUsage, cost: object) -> CallUsage:
    if isinstance(cost, dict):
        cost = cost.get("total_cost")  # Perplexity
    if isinstance(cost, int | float):
        usage.cost_usd, usage.cost_source = Decimal(str(cost)), "provider"
    return usage
