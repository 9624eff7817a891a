"""All about one call: its tokens, how its cost was worked out, its tries, what was said."""

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from llm_service import bodies
from llm_service.models import CallAttempt, CallBody, Feedback, LLMCallLog

MILLION = 1_000_000


@dataclass(frozen=True)
class Kind:
    """Tokens of one kind, with what they cost."""

    name: str
    label: Any
    tokens: int
    share: float
    """In percent of the bar."""
    start: float
    price: Decimal | None
    """USD per million tokens, as it was when the call ended."""
    cost: Decimal | None


def kinds(call: LLMCallLog) -> list[Kind]:
    """Return the tokens by kind. Cached and written ones are part of the input, reasoning ones of the output."""
    cached, written, reasoning = call.cached_tokens or 0, call.cache_write_tokens or 0, call.reasoning_tokens or 0
    fresh = max(0, (call.input_tokens or 0) - cached - written)
    answer = max(0, (call.output_tokens or 0) - reasoning)
    counted = (
        ("input", _("Input"), fresh),
        ("cached", _("Cached input"), cached),
        ("cache_write", _("Written to cache"), written),
        ("reasoning", _("Reasoning"), reasoning),
        ("output", _("Answer"), answer),
    )
    total = sum(tokens for *_rest, tokens in counted)
    found, start = [], 0.0
    for name, label, tokens in counted:
        if tokens:
            price = price_of(call, name)
            share = 100 * tokens / total
            found.append(
                Kind(name, label, tokens, share, start, price and price * MILLION, price and round(price * tokens, 8))
            )
            start += share
    return found


def guardrails(call: LLMCallLog) -> list[tuple[str, bool]]:
    """Return the names of those that acted, and whether it was to stop the call."""
    acted = _metadata(call).get("guardrails")
    return [(name, action == "blocked") for name, action in sorted(acted.items())] if isinstance(acted, dict) else []


def metadata(call: LLMCallLog) -> list[tuple[str, str]]:
    """Return what else was said about it, by name."""
    told = [(key, value) for key, value in sorted(_metadata(call).items()) if key != "guardrails"]
    return [(key, value if isinstance(value, str) else bodies.indented(value)) for key, value in told]


def _metadata(call: LLMCallLog) -> dict[str, Any]:
    return call.metadata if isinstance(call.metadata, dict) else {}


def price_of(call: LLMCallLog, kind: str) -> Decimal | None:
    """Return the price of one token; a kind without one of its own costs what the whole it is part of costs."""
    prices = call.unit_prices if isinstance(call.unit_prices, dict) else {}
    whole = {"cached": "input", "cache_write": "input", "reasoning": "output"}.get(kind, kind)
    said = prices.get(kind, prices.get(whole))
    try:
        return None if said is None else Decimal(str(said))
    except InvalidOperation:
        return None


def tokens_per_second(call: LLMCallLog) -> float | None:
    """Return how fast the answer came, from its first token on."""
    if not call.output_tokens or not call.duration_ms:
        return None
    wrote_ms = call.duration_ms - (call.time_to_first_token_ms or 0)
    return call.output_tokens / wrote_ms * 1000 if wrote_ms > 0 else None


def attempts(call: LLMCallLog) -> list[CallAttempt]:
    return list(CallAttempt.objects.filter(call=call).order_by("number"))


def feedback(call: LLMCallLog) -> list[Feedback]:
    if not call.message_id:
        return []
    return list(Feedback.objects.filter(message_id=call.message_id).select_related("user")[:20])


# --- What was said ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """One message of the request, or the reply, as the page shows it."""

    role: str
    text: str
    reasoning: str = ""
    pictures: list[str] = field(default_factory=list)
    tool_calls: list[dict[str, str]] = field(default_factory=list)
    answers: str = ""
    """The id of the tool call whose result this is."""


@dataclass(frozen=True)
class Words:
    messages: list[Said]
    reply: Said
    parameters: list[tuple[str, Any]]
    tools: list[dict[str, Any]]
    request: Any
    response: Any


def words(body: CallBody) -> Words:
    """Sort a stored body for reading. Whatever shape it has, its raw form stays beside."""
    request = body.request if isinstance(body.request, dict) else {}
    response = body.response if isinstance(body.response, dict) else {}
    messages = request.get("messages")
    tools = request.get("tools")
    known = ("messages", "tools", "model")
    return Words(
        messages=[_said(message) for message in messages if isinstance(message, dict)] if messages else [],
        reply=Said(
            "assistant",
            _text_of(response.get("text")),
            _text_of(response.get("reasoning")),
            tool_calls=_tool_calls(response.get("tool_calls")),
        ),
        parameters=[(name, value) for name, value in request.items() if name not in known],
        tools=[_tool(tool) for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else [],
        request=body.request,
        response=body.response,
    )


def _said(message: dict[str, Any]) -> Said:
    content, texts, pictures = message.get("content"), [], []
    for block in content if isinstance(content, list) else [content]:
        if isinstance(block, dict) and block.get("type") in ("image_url", "input_audio", "file"):
            inner = block.get("image_url")
            url = str(inner.get("url", "")) if isinstance(inner, dict) else ""
            pictures.append(url[:200] or str(block.get("type")))
        elif isinstance(block, dict):
            texts.append(_text_of(block.get("text", block)))
        elif block is not None:
            texts.append(_text_of(block))
    return Said(
        role=str(message.get("role", "")),
        text="\n\n".join(texts),
        reasoning=_text_of(message.get("reasoning_content")),
        pictures=pictures,
        tool_calls=_tool_calls(message.get("tool_calls")),
        answers=str(message.get("tool_call_id") or ""),
    )


def _tool_calls(calls: Any) -> list[dict[str, str]]:
    found = []
    for call in calls if isinstance(calls, list) else []:
        if isinstance(call, dict):
            inner = call.get("function")
            function = inner if isinstance(inner, dict) else call
            found.append({"name": str(function.get("name", "")), "arguments": _text_of(function.get("arguments"))})
    return found


def _tool(tool: dict[str, Any]) -> dict[str, Any]:
    inner = tool.get("function")
    function = inner if isinstance(inner, dict) else tool
    return {
        "name": str(function.get("name", "")),
        "description": _text_of(function.get("description")),
        "parameters": function.get("parameters"),
    }


def _text_of(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value)
