"""What a model can do, as LiteLLM's maps know it. Never loads LiteLLM, but for `parameters_of`."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from django.conf import settings

from llm_service import library
from llm_service.money import prices
from llm_service.names import real_name

Parameter = Literal[
    "temperature",
    "top_p",
    "max_output_tokens",
    "reasoning_effort",
    "verbosity",
    "frequency_penalty",
    "presence_penalty",
    "seed",
]
PARAMETERS: dict[Parameter, str] = {
    "temperature": "temperature",
    "top_p": "top_p",
    "max_output_tokens": "max_tokens",
    "reasoning_effort": "reasoning_effort",
    "verbosity": "verbosity",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "seed": "seed",
}
"""Our names and LiteLLM's of what a person may set."""
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
SERVERS_THAT_FOLLOW_SCHEMAS = frozenset({"hosted_vllm", "ollama_chat"})
_SAMPLING = frozenset({"temperature", "top_p"})
_PER_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Abilities:
    """None where nobody knows."""

    sees_images: bool
    reads_pdfs: bool
    uses_tools: bool
    reasons: bool
    context_window: int | None = None
    """Tokens that go in."""
    max_output: int | None = None
    input_price: float | None = None
    """USD for a million tokens."""
    output_price: float | None = None


DEMO = Abilities(False, False, uses_tools=True, reasons=True, input_price=0.0, output_price=0.0)


def abilities_of(model: str) -> Abilities:
    """Return what a model can do and what it costs now. Of one that no map knows, only that it may try tools."""
    model = real_name(model)
    if model.startswith("demo/"):
        return DEMO
    price = prices.price_of(model)
    return replace(
        _listed(model),
        input_price=_per_million(price.input) if price else None,
        output_price=_per_million(price.output) if price else None,
    )


@functools.lru_cache(maxsize=512)
def _listed(model: str) -> Abilities:
    entry = _entry(model) or {}
    return Abilities(
        sees_images=bool(entry.get("supports_vision")),
        reads_pdfs=bool(entry.get("supports_pdf_input")),
        uses_tools=bool(entry.get("supports_function_calling")) or not entry,
        reasons=bool(entry.get("supports_reasoning")),
        context_window=_number(entry.get("max_input_tokens")),
        max_output=_number(entry.get("max_output_tokens")),
    )


def sees_images(model: str) -> bool:
    """Whether a model can be shown pictures: the map says so, or whoever runs the server does (LLM_VISION_MODELS)."""
    return _listed(real_name(model)).sees_images or real_name(model) in settings.LLM_VISION_MODELS


@functools.lru_cache(maxsize=512)
def efforts_of(model: str) -> tuple[str, ...]:
    """Return the reasoning efforts a model knows, least first; those beyond the usual three only where the map says."""
    entry = _entry(real_name(model)) or {}
    usual = {"low", "medium", "high"}
    return tuple(
        effort for effort in EFFORTS if effort in usual or entry.get(f"supports_{effort}_reasoning_effort") is True
    )


def parameters_of(model: str) -> tuple[Parameter, ...]:
    """Return what can be set for a model. The first call may load LiteLLM, which takes seconds: not on the loop."""
    model = real_name(model)
    if model.startswith("demo/"):
        return ("max_output_tokens",)
    library.litellm()
    return _parameters_of(model)


def taken(model: str, wishes: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of a person's wishes that this model takes, in LiteLLM's names."""
    wished = {name: value for name, value in wishes.items() if value is not None}
    if not wished:
        return {}
    possible = parameters_of(model)
    kept: dict[str, Any] = {name: value for name, value in wished.items() if name in possible}
    if kept.get("reasoning_effort") not in (None, *efforts_of(model)):
        kept.pop("reasoning_effort")
    most = abilities_of(model).max_output
    if most and kept.get("max_output_tokens", 0) > most:
        kept["max_output_tokens"] = most  # more than it can write is refused by most vendors
    for loser in _losers(model, kept):
        kept.pop(loser, None)
    return {PARAMETERS[name]: kept[name] for name in PARAMETERS if name in kept}


def _losers(model: str, kept: Mapping[str, Any]) -> frozenset[str]:
    """Anthropic refuses sampling beside thinking, and both kinds of sampling at once."""
    if provider_of(model) != "anthropic":
        return frozenset()
    if kept.get("reasoning_effort") not in (None, "none"):
        return _SAMPLING
    return frozenset({"top_p"}) if "temperature" in kept else frozenset()


def follows_schemas(model: str) -> bool:
    """Whether a model can be held to a JSON schema by its vendor: the map says so, or its kind of server does it."""
    entry = _entry(real_name(model))
    if entry is None:
        return provider_of(model) in SERVERS_THAT_FOLLOW_SCHEMAS
    return bool(entry.get("supports_response_schema"))


def retires_on(model: str) -> date | None:
    """Return the day on which a vendor switches a model off, where the map knows one."""
    told = str((_entry(real_name(model)) or {}).get("deprecation_date") or "")
    try:
        return date.fromisoformat(told)
    except ValueError:
        return None


def provider_of(model: str) -> str:
    model = real_name(model)
    prefix, slash, _ = model.partition("/")
    return prefix if slash else prices.provider_of(model)


@functools.lru_cache(maxsize=512)
def _parameters_of(model: str) -> tuple[Parameter, ...]:
    litellm = library.litellm()
    provider, _, name = model.partition("/") if "/" in model else (provider_of(model) or "openai", "", model)
    name = name.removeprefix("responses/")
    listed = set(litellm.get_supported_openai_params(model=name, custom_llm_provider=provider) or ())
    entry = _entry(model)
    if entry and entry.get("supports_sampling_params") is False:
        listed -= _SAMPLING
    if entry and not entry.get("supports_reasoning"):
        listed.discard("reasoning_effort")
    return tuple(own for own, theirs in PARAMETERS.items() if theirs in listed)


def _entry(model: str) -> dict[str, Any] | None:
    """`openai/gpt-x` stands in the map as `gpt-x`."""
    known = prices.price_map()
    provider, slash, name = model.partition("/")
    if found := known.get(model):
        return found
    bare = known.get(name.removeprefix("responses/")) if slash else None
    return bare if bare and bare.get("litellm_provider") == provider else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _per_million(per_token: float) -> float:
    return round(per_token * _PER_MILLION, 6)
