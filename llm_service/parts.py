"""What a streaming model call yields, whatever the vendor's wire format. Plain values: they are made once per token."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class TextPart:
    """More text of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningPart:
    """More of the model's reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """A piece of a tool call; pieces of one call share `index`, only the first carries `call_id` and `name`."""

    index: int
    call_id: str
    name: str
    arguments: str


Part = TextPart | ReasoningPart | ToolCallPart


@dataclass(slots=True)
class CallUsage:
    """Tokens, money and time of one call. Unknown is None, never 0; times in milliseconds."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    others: dict[str, int] = field(default_factory=dict)
    """Tokens of kinds that some models price on their own (`money.prices.BASE_OF`); the counts above hold them."""
    seconds: float | None = None
    """Of sound that was heard, and of a text that was spoken its characters: what such calls are paid by."""
    characters: int | None = None
    cost_usd: Decimal | None = None
    cost_source: Literal["provider", "litellm", "table", "estimated", "unknown"] = "unknown"
    unit_prices: dict[str, float] = field(default_factory=dict)
    """USD per token by kind, of the price the cost was worked out with."""
    usage_source: Literal["exact", "estimated"] = "estimated"
    time_to_first_token_ms: int | None = None
    duration_ms: int | None = None
