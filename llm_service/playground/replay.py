"""A logged call as a playground that asks the same again, with a word about all that cannot be asked again."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lib import masking, wording
from llm_service import bodies
from llm_service.abilities import PARAMETERS
from llm_service.models import CallBody, LLMCallLog
from llm_service.parameters import RULES
from llm_service.playground.content import MOST_MESSAGES, Asked, Content, Message, Role
from llm_service.queries import call_detail

_OURS = {theirs: own for own, theirs in PARAMETERS.items()} | {
    "max_completion_tokens": "max_output_tokens",
    "max_output_tokens": "max_output_tokens",
}
_LEFT_OUT = re.compile(r"\[\.\.\. \d+ characters left out \.\.\.\]")
_MASKS = (masking.EMAIL, masking.PHONE, masking.CARD, masking.IBAN, masking.KEY)
_KNOWN = {"model", "messages", "tools", "response_format", "stream", "stream_options"}


_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}


@dataclass(frozen=True)
class Replay:
    content: Content
    notes: list[str] = field(default_factory=list)
    """What of the call cannot be asked again, a sentence each."""


def of(call: LLMCallLog, body: CallBody | None) -> Replay:
    """Take a call apart again. Whatever shape its body has, what can be read of it is there."""
    model = str(call.metadata.get("asked_model") or "") if isinstance(call.metadata, dict) else ""
    model = model or call.model
    request = body.request if body and isinstance(body.request, dict) else {}
    if body is None:
        return Replay(Content(models=[model]), [_("The words of this call are not kept, or no longer.")])
    if request.get("truncated"):
        said = _("This call was too long for the log, which kept its beginning alone. It cannot be asked again.")
        return Replay(Content(models=[model]), [said])
    messages, pictures = _messages(request.get("messages"))
    system = messages.pop(0).text if messages and messages[0].role == "system" else ""
    parameters, unused = _parameters(request)
    schema, is_loose = _schema(request.get("response_format"))
    content = Content(
        system=system,
        messages=messages[-MOST_MESSAGES:],
        parameters=parameters,
        tools=_indented(request.get("tools")),
        answer_schema=schema,
        models=[model],
    )
    notes = _notes(content, pictures, unused, is_loose=is_loose, is_cut=len(messages) > MOST_MESSAGES)
    return Replay(content, notes)


def original(call: LLMCallLog, body: CallBody | None) -> dict[str, Any]:
    """Return the answer that the call got, as the page shows it beside the new ones."""
    response = body.response if body and isinstance(body.response, dict) else {}
    calls = response.get("tool_calls")
    return {
        "id": str(call.pk),
        "model": call.model,
        "text": _text(response.get("text")),
        "reasoning": _text(response.get("reasoning")),
        "tool_calls": [_asked(one).model_dump() for one in calls if isinstance(one, dict)]
        if isinstance(calls, list)
        else [],
        "error": call.error_type,
        "numbers": numbers(call),
        "created_at": call.created_at.isoformat(),
    }


def numbers(call: LLMCallLog) -> dict[str, Any]:
    """Return what a call took, as JSON; what nobody knows is null."""
    return {
        "status": call.status,
        "input_tokens": call.input_tokens,
        "output_tokens": call.output_tokens,
        "cached_tokens": call.cached_tokens,
        "reasoning_tokens": call.reasoning_tokens,
        "is_estimated": call.usage_source == LLMCallLog.UsageSource.ESTIMATED,
        "cost_usd": None if call.cost_usd is None else f"{call.cost_usd:f}",
        "first_ms": call.time_to_first_token_ms,
        "took_ms": call.duration_ms,
        "speed": call_detail.tokens_per_second(call),
        "model": call.response_model,
        "finish_reason": call.finish_reason,
    }


def _messages(stored: Any) -> tuple[list[Message], int]:
    found, pictures = [], 0
    for message in stored if isinstance(stored, list) else []:
        if not isinstance(message, dict):
            continue
        content, texts = message.get("content"), []
        for block in content if isinstance(content, list) else [content]:
            if isinstance(block, dict) and "text" not in block:
                pictures += 1
            elif block is not None:
                texts.append(_text(block["text"] if isinstance(block, dict) else block))
        calls = message.get("tool_calls")
        found.append(
            Message(
                role=_ROLES.get(_text(message.get("role")), "user"),
                text="\n\n".join(texts),
                tool_calls=[_asked(call) for call in calls if isinstance(call, dict)]
                if isinstance(calls, list)
                else [],
                answers=_text(message.get("tool_call_id")),
            )
        )
    return found, pictures


def _asked(call: dict[str, Any]) -> Asked:
    inner = call.get("function")
    function = inner if isinstance(inner, dict) else call
    return Asked(id=_text(call.get("id")), name=_text(function.get("name")), arguments=_text(function.get("arguments")))


def _parameters(request: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    kept: dict[str, Any] = {}
    unused = []
    for name, value in request.items():
        if name in _KNOWN or value is None:
            continue
        own = _OURS.get(name)
        if own and RULES[own].fault(value) is None:
            kept[own] = value
        else:
            unused.append(name)
    return kept, unused


def _schema(form: Any) -> tuple[str, bool]:
    """Return the schema an answer had to have, and whether one of no known form was asked for."""
    if not isinstance(form, dict):
        return "", form is not None
    inner = form.get("json_schema")
    return (_indented(inner), False) if isinstance(inner, dict) else ("", form.get("type") == "json_object")


def _notes(content: Content, pictures: int, unused: list[str], *, is_loose: bool, is_cut: bool) -> list[str]:
    whole = json.dumps(content.model_dump(), ensure_ascii=False)
    notes = []
    if pictures:
        notes.append(
            ngettext(
                "%(count)s picture or file was sent with this call. The log keeps none, so it is left out.",
                "%(count)s pictures or files were sent with this call. The log keeps none, so they are left out.",
                pictures,
            )
            % {"count": wording.number(pictures)}
        )
    if _LEFT_OUT.search(whole):
        notes.append(_("Long texts of this call were cut in the log. Each place says how much is missing."))
    if any(mask in whole for mask in _MASKS):
        notes.append(_("Personal details were masked before this call was logged. Their kind stands in their place."))
    if is_loose:
        notes.append(_("This call asked for JSON without saying its form. Write a schema to ask for it here."))
    if unused:
        notes.append(
            _("Not set here, although the call had it: %(names)s.") % {"names": ", ".join(sorted(unused)[:12])}
        )
    if is_cut:
        notes.append(_("Only the last %(most)s messages are here.") % {"most": MOST_MESSAGES})
    return notes


def _indented(value: Any) -> str:
    return bodies.indented(value) if value else ""


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value)
