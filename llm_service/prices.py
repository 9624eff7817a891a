"""What a call cost: the vendor's own word, else our table, else LiteLLM's bundled map, else unknown (null, never 0)."""

import functools
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from llm_service import library
from llm_service.parts import CallUsage

PLACES = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Price:
    """USD per token. `above` are the prices of the whole call when its input is longer than so many tokens."""

    input: float
    output: float
    cached: float
    cache_write: float
    reasoning: float
    source: str
    above: tuple[tuple[int, "Price"], ...] = ()

    def cost(self, usage: CallUsage) -> Decimal:
        price = self
        for limit, dearer in self.above:
            if (usage.input_tokens or 0) > limit:
                price = dearer
        cached, written = usage.cached_tokens or 0, usage.cache_write_tokens or 0
        reasoning = min(usage.reasoning_tokens or 0, usage.output_tokens or 0)
        total = (
            max(0, (usage.input_tokens or 0) - cached - written) * price.input
            + cached * price.cached
            + written * price.cache_write
            + ((usage.output_tokens or 0) - reasoning) * price.output
            + reasoning * price.reasoning
        )
        return Decimal(repr(total)).quantize(PLACES)


FREE = Price(0, 0, 0, 0, 0, source="table")
# Models that LiteLLM's map does not know. A name ending in `/` stands for all models of a provider.
TABLE: dict[str, Price] = {
    "demo/": FREE,  # runs in this process
    "ollama/": FREE,  # on the owner's own machine
    "ollama_chat/": FREE,
}


def settle(usage: CallUsage, *, model: str, response_model: str = "") -> None:
    """Fill in cost and its source. Cheap: a look-up and a few multiplications."""
    if usage.cost_usd is not None:
        usage.cost_source = "provider"
        return
    if usage.input_tokens is None or usage.output_tokens is None:
        return
    # A gateway's alias may be unknown where the name the vendor answers with is not.
    price = price_of(model) or (price_of(_with_provider(model, response_model)) if response_model else None)
    if price is None:
        usage.cost_source = "unknown"
        return
    usage.cost_usd = price.cost(usage)
    if usage.usage_source == "estimated" and price is not FREE:
        usage.cost_source = "estimated"
    else:
        usage.cost_source = "table" if price.source == "table" else "litellm"


@functools.lru_cache(maxsize=512)
def price_of(model: str) -> Price | None:
    """Return the price of a model as callers name it, or None when nobody knows it."""
    provider, _, name = model.partition("/")
    own = TABLE.get(model) or TABLE.get(f"{provider}/")
    if own:
        return own
    # `openai/gpt-x` stands in the map as `gpt-x`; a server that only speaks OpenAI's format is not OpenAI.
    names = [model] if not name or _is_elsewhere(provider) else [model, name.removeprefix("responses/")]
    for candidate in names:
        entry = price_map().get(candidate)
        if entry and entry.get("input_cost_per_token") is not None:
            return _read(entry)
    return None


def knows(model: str) -> bool:
    """Whether the map lists this chat model of this provider."""
    provider, slash, name = model.partition("/")
    for candidate in (model, name.removeprefix("responses/")) if slash else (model,):
        entry = price_map().get(candidate)
        if entry and entry.get("mode") in {"chat", "responses"}:
            return not slash or entry.get("litellm_provider") in {provider, candidate.partition("/")[0]}
    return False


def provider_of(model: str) -> str:
    """LiteLLM's provider of a name without a prefix, or empty."""
    return str((price_map().get(model) or {}).get("litellm_provider") or "")


def price_map() -> dict[str, dict[str, Any]]:
    """LiteLLM's map of models: its own once it is loaded, else the bundled file."""
    if library.is_loaded():
        _bundled.cache_clear()  # one copy is enough
        loaded: dict[str, dict[str, Any]] = library.litellm().model_cost
        return loaded
    return _bundled()


@functools.lru_cache(maxsize=1)
def _bundled() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = orjson.loads(library.price_file().read_bytes())
    return found


def _is_elsewhere(provider: str) -> bool:
    return provider in {"hosted_vllm", "lm_studio", "llamafile", "azure", "openrouter", "custom"}


def _with_provider(model: str, response_model: str) -> str:
    provider, slash, _ = model.partition("/")
    if response_model.startswith(f"{provider}/"):
        return response_model
    return f"{provider}{slash}{response_model}" if slash else response_model


def _read(entry: dict[str, Any]) -> Price:
    def at(suffix: str) -> Price:
        def cost(name: str, otherwise: float) -> float:
            for key in (f"{name}{suffix}", name):
                if entry.get(key) is not None:
                    return float(entry[key])
            return otherwise

        paid_in = cost("input_cost_per_token", 0)
        paid_out = cost("output_cost_per_token", 0)
        return Price(
            input=paid_in,
            output=paid_out,
            cached=cost("cache_read_input_token_cost", paid_in),
            cache_write=cost("cache_creation_input_token_cost", paid_in),
            reasoning=cost("output_cost_per_reasoning_token", paid_out),
            source="litellm",
        )

    steps = sorted(
        int(key.removeprefix("input_cost_per_token_above_").removesuffix("k_tokens")) * 1000
        for key in entry
        if key.startswith("input_cost_per_token_above_") and key.endswith("k_tokens")
    )
    base = at("")
    above = tuple((step, at(f"_above_{step // 1000}k_tokens")) for step in steps)
    return Price(base.input, base.output, base.cached, base.cache_write, base.reasoning, base.source, above)
