"""What a streaming model call yields, whatever the vendor's wire format. Plain values: they are made once per token."""

from dataclasses import dataclass
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
    cost_usd: Decimal | None = None
    cost_source: Literal["provider", "litellm", "table", "estimated", "unknown"] = "unknown"
    usage_source: Literal["exact", "estimated"] = "estimated"
    time_to_first_token_ms: int | None = None
    duration_ms: int | None = None
