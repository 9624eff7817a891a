"""What a call cost: the vendor's own word, else our table, else LiteLLM's bundled map, else unknown (null, never 0)."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from django.utils import timezone

from llm_service import library
from llm_service.money import hours, known
from llm_service.money.hours import Hours
from llm_service.names import real_name
from llm_service.parts import CallUsage
from llm_service.requests import Kind

PLACES = Decimal("0.00000001")
BASE_OF = {
    "image_input": "input",
    "audio_input": "input",
    "cached_audio": "cached",
    "cache_write_1h": "cache_write",
    "audio_output": "output",
}
"""Kinds that only some models price, and the kind whose count holds theirs."""


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
    others: Mapping[str, float] = field(default_factory=dict)
    """Of the kinds in BASE_OF, those that have a price of their own."""
    per_request: float = 0
    off_peak: "Price | None" = None
    off_peak_hours: tuple[Hours, ...] = ()

    def now(self, at: datetime) -> "Price":
        """Return what holds at this hour; off-peak it holds for an input of any length."""
        if self.off_peak and any(hours.hold(at) for hours in self.off_peak_hours):
            return self.off_peak
        return self

    def at(self, input_tokens: int) -> "Price":
        """Return what holds for a call with so long an input."""
        price = self
        for limit, dearer in self.above:
            if input_tokens > limit:
                price = dearer
        return price

    def units(self) -> dict[str, float]:
        """Return the prices by kind, as a call's row keeps them."""
        kinds = {kind: getattr(self, kind) for kind in ("input", "cached", "cache_write", "output", "reasoning")}
        return kinds | dict(self.others) | ({"request": self.per_request} if self.per_request else {})

    def cost(self, usage: CallUsage) -> Decimal:
        price = self.at(usage.input_tokens or 0)
        cached, written = usage.cached_tokens or 0, usage.cache_write_tokens or 0
        reasoning = min(usage.reasoning_tokens or 0, usage.output_tokens or 0)
        counts = {
            "input": max(0, (usage.input_tokens or 0) - cached - written),
            "cached": cached,
            "cache_write": written,
            "output": (usage.output_tokens or 0) - reasoning,
            "reasoning": reasoning,
        }
        total = price.per_request
        for kind, unit in price.others.items():
            count = min(usage.others.get(kind, 0), counts[BASE_OF[kind]])
            counts[BASE_OF[kind]] -= count
            total += count * unit
        total += sum(count * getattr(price, kind) for kind, count in counts.items())
        return Decimal(repr(total)).quantize(PLACES)


FREE = Price(0, 0, 0, 0, 0, source="table")
# Models that LiteLLM's map does not know. A name ending in `/` stands for all models of a provider.
TABLE: dict[str, Price] = {
    "demo/": FREE,  # runs in this process
    "ollama/": FREE,  # on the owner's own machine
    "ollama_chat/": FREE,
}


def settle(usage: CallUsage, *, model: str, response_model: str = "", at: datetime | None = None) -> None:
    """Fill in cost and its source. Cheap, and asks no database: a look-up and a few multiplications."""
    if usage.cost_usd is not None:
        usage.cost_source = "provider"
        return
    if usage.input_tokens is None or usage.output_tokens is None:
        _settle_by_amount(usage, model)
        return
    # A gateway's alias may be unknown where the name the vendor answers with is not.
    price = price_of(model, at) or (price_of(_with_provider(model, response_model), at) if response_model else None)
    if price is None:
        usage.cost_source = "unknown"
        return
    usage.cost_usd = price.cost(usage)
    usage.unit_prices = price.at(usage.input_tokens).units()
    if usage.usage_source == "estimated" and price is not FREE:
        usage.cost_source = "estimated"
    else:
        usage.cost_source = "table" if price.source == "table" else "litellm"


def _settle_by_amount(usage: CallUsage, model: str) -> None:
    """Sound and speech of many models are paid by the second and by the character."""
    entry = _entry(real_name(model))
    for kind, column, amount in (
        ("second", "input_cost_per_second", usage.seconds),
        ("character", "input_cost_per_character", usage.characters),
    ):
        unit = entry.get(column)
        if amount and unit:
            usage.cost_usd = Decimal(repr(amount * float(unit))).quantize(PLACES)
            usage.cost_source, usage.unit_prices = "litellm", {kind: float(unit)}
            return


def _entry(model: str) -> dict[str, Any]:
    """`openai/tts-1` stands in the map as `tts-1`; a server that only speaks OpenAI's format is not OpenAI."""
    provider, slash, name = model.partition("/")
    names = [model] if not slash or _is_elsewhere(provider) else [model, name]
    return next((entry for each in names if (entry := price_map().get(each))), {})


def price_of(model: str, at: datetime | None = None) -> Price | None:
    """Return the price of a model as callers name it, or None when nobody knows it."""
    model = real_name(model)
    listed = _listed_price(model)
    return _own_price(model, at) or (listed.now(at or timezone.now()) if listed else None)


def _own_price(model: str, at: datetime | None) -> Price | None:
    """Return what the admins of this site say that a model costs now: of this name, else of all of its provider."""
    table = known.peek().prices
    if not table:
        return None
    now = at or timezone.now()
    for name in (model, f"{model.partition('/')[0]}/"):
        for price in table.get(name, ()):
            if price.valid_from <= now and (price.valid_to is None or now < price.valid_to):
                return _of_kinds(price.kinds, per_request=float(price.per_request), source="table")
    return None


@functools.lru_cache(maxsize=512)
def _listed_price(model: str) -> Price | None:
    provider, _, name = model.partition("/")
    own = TABLE.get(model) or TABLE.get(f"{provider}/")
    if own:
        return own
    # `openai/gpt-x` stands in the map as `gpt-x`; a server that only speaks OpenAI's format is not OpenAI.
    names = [model] if not name or _is_elsewhere(provider) else [model, name.removeprefix("responses/")]
    for candidate in names:
        entry = price_map().get(candidate)
        if entry and (entry.get("input_cost_per_token") is not None or entry.get("tiered_pricing")):
            return read(entry)
    return None


MODES: dict[Kind, frozenset[str]] = {
    "chat": frozenset({"chat", "responses"}),
    "embedding": frozenset({"embedding"}),
    "transcription": frozenset({"audio_transcription"}),
    "speech": frozenset({"audio_speech"}),
}


def knows(model: str, kind: Kind = "chat") -> bool:
    """Whether the map lists this model of this provider as one for such calls."""
    provider, slash, name = model.partition("/")
    for candidate in (model, name.removeprefix("responses/")) if slash else (model,):
        entry = price_map().get(candidate)
        if entry and entry.get("mode") in MODES[kind]:
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


COLUMNS = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cached": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
    "reasoning": "output_cost_per_reasoning_token",
    "image_input": "input_cost_per_image_token",
    "audio_input": "input_cost_per_audio_token",
    "cached_audio": "cache_read_input_audio_token_cost",
    "audio_output": "output_cost_per_audio_token",
}
"""Our kinds of tokens, by the map's names of their prices."""
ONE_HOUR = "cache_creation_input_token_cost_above_1hr"


def kinds_of(entry: Mapping[str, Any], suffix: str = "") -> dict[str, float]:
    """Return what an entry of the map says a token of each kind costs."""
    found = {}
    for kind, column in COLUMNS.items():
        value = entry.get(f"{column}{suffix}", entry.get(column))
        if value is not None:
            found[kind] = float(value)
    hour = entry.get(f"{ONE_HOUR}{suffix}", entry.get(ONE_HOUR))
    if hour is not None:
        found["cache_write_1h"] = float(hour)
    return found


def read(entry: Mapping[str, Any]) -> Price:
    """Return the price that an entry of the map stands for."""
    if tiers := entry.get("tiered_pricing"):
        return _by_tiers(entry, tiers)
    steps = sorted(
        int(key.removeprefix("input_cost_per_token_above_").removesuffix("k_tokens")) * 1000
        for key in entry
        if key.startswith("input_cost_per_token_above_") and key.endswith("k_tokens")
    )
    above = tuple((step, _of_kinds(kinds_of(entry, f"_above_{step // 1000}k_tokens"))) for step in steps)
    price = _of_kinds(kinds_of(entry), above=above)
    if off_peak := entry.get("off_peak_pricing"):
        cheaper = _of_kinds(kinds_of(entry) | kinds_of(off_peak))
        price = replace(price, off_peak=cheaper, off_peak_hours=hours.read(off_peak))
    return price


def _by_tiers(entry: Mapping[str, Any], tiers: list[Mapping[str, Any]]) -> Price:
    """Read prices that are listed by the length of the input; each holds for all of a call."""
    plain = {kind: price for kind, price in kinds_of(entry).items() if kind == "output"}
    steps = [
        (int(tier["range"][0]), _of_kinds(plain | kinds_of(tier)))
        for tier in sorted(tiers, key=lambda tier: float(tier["range"][0]))
    ]
    return replace(steps[0][1], above=tuple(steps[1:]))


def _of_kinds(
    kinds: Mapping[str, float],
    *,
    source: str = "litellm",
    above: tuple[tuple[int, Price], ...] = (),
    per_request: float = 0,
) -> Price:
    paid_in, paid_out = kinds.get("input", 0), kinds.get("output", 0)
    return Price(
        input=paid_in,
        output=paid_out,
        cached=kinds.get("cached", paid_in),
        # The map has 0 where a vendor takes nothing extra for writing: what was read is paid all the same.
        cache_write=kinds.get("cache_write") or paid_in,
        reasoning=kinds.get("reasoning", paid_out),
        source=source,
        above=above,
        others={kind: kinds[kind] for kind in BASE_OF if kind in kinds},
        per_request=per_request,
    )
