"""Answers that follow a JSON schema: asked of the vendor where its model can be held to one, else in words; checked
here in either case. An answer that does not fit goes back once with what is wrong with it, in a call of its own.
"""

import json
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_service import abilities, errors, schemas, tool_rounds
from llm_service.parts import TextPart
from llm_service.structured_words import ASK
from llm_service.tool_rounds import BOUNDS, AnswerPart, Bounds, Spent
from llm_service.tools import Tool

MEND = (
    "That does not follow the JSON schema:\n{problem}\n\nAnswer again with the corrected JSON alone. The schema is:\n"
    "{schema}"
)
_FENCE = re.compile(r"```(?:json)?[ \t]*\n(.*?)```", re.DOTALL | re.IGNORECASE)
_NAME = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Structured:
    """What an answer said, once it follows the schema."""

    value: Any
    text: str


class _Unfit(Exception):
    """The answer does not follow the schema; the text says how, so that a model can mend it."""


async def stream(
    *,
    messages: Sequence[dict[str, Any]],
    schema: Mapping[str, Any],
    schema_name: str = "answer",
    offered: Sequence[Tool] = (),
    spent: Spent,
    bounds: Bounds = BOUNDS,
    **asked: Any,
) -> AsyncGenerator[AnswerPart | Structured, None]:
    """Yield an answer piece by piece, and at its end what it says. `asked` is what `client.stream` takes.

    Raises InvalidAnswer, with the text, for one that does not follow the schema even when asked again;
    SchemaInvalid before anything is sent; and what `client.stream` raises.
    """
    schemas.check(schema)
    form = form_of(asked["model"], schema, schema_name, has_tools=bool(offered))
    said: list[str] = []
    while True:
        parts = tool_rounds.stream_answer(
            messages=messages if form else with_words(messages, schema),
            offered=offered,
            spent=spent,
            bounds=bounds,
            **asked,
            **form,
        )
        try:
            async for part in parts:
                if isinstance(part, TextPart):
                    said.append(part.text)
                elif isinstance(part, tool_rounds.ToolStarted):
                    said.clear()  # what is said before a tool is asked is not the answer
                yield part
            break
        except errors.BadRequest as refused:
            if said or not form or not re.search(r"response_format|output_format|schema", refused.detail, re.I):
                raise
            form = {}  # a server that knows no schemas, or not this one: ask in words
        finally:
            await parts.aclose()
    yield await _fitting("".join(said), messages, schema, spent, {**asked, **form})


async def ask(**asked: Any) -> Structured:
    """Return what the answer says; takes and raises what `stream` does."""
    found: Structured | None = None
    async for part in stream(**asked):
        if isinstance(part, Structured):
            found = part
    assert found is not None  # noqa: S101  the last part of every answer that raises nothing
    return found


async def _fitting(
    text: str, messages: Sequence[dict[str, Any]], schema: Mapping[str, Any], spent: Spent, asked: dict[str, Any]
) -> Structured:
    try:
        return Structured(_read(text, schema), text)
    except _Unfit as unfit:
        problem = str(unfit)
    if spent.finish_reason == "length":
        # It would be cut off again.
        raise errors.InvalidAnswer("The answer was cut off: it is longer than the limit on its tokens.", text=text)
    complaint = MEND.format(problem=problem, schema=json.dumps(schema, ensure_ascii=False))
    mended = await _mended([*messages, _said("assistant", text or "-"), _said("user", complaint)], spent, asked)
    try:
        return Structured(_read(mended, schema), mended)
    except _Unfit as unfit:
        raise errors.InvalidAnswer(str(unfit), text=mended) from None


async def _mended(messages: list[dict[str, Any]], spent: Spent, asked: dict[str, Any]) -> str:
    metadata = {**(asked.get("metadata") or {}), "repair_of": spent.call_ids[-1]}
    asked = {**asked, "metadata": metadata}
    asked.pop("tool_choice", None)
    answer = tool_rounds.stream_answer(messages=messages, offered=(), spent=spent, **asked)
    return "".join([part.text async for part in answer if isinstance(part, TextPart)])


def form_of(model: str, schema: Mapping[str, Any], name: str, *, has_tools: bool) -> dict[str, Any]:
    """Return the parameter that holds a model to a schema; none where it has to be asked in words."""
    if schema.get("type") != "object" or not abilities.follows_schemas(model):
        return {}
    if has_tools and abilities.provider_of(model) not in {"openai", "azure"}:
        return {}  # elsewhere a schema is made a tool, or excludes them
    described = {"name": _NAME.sub("_", name)[:64] or "answer", "schema": dict(schema)}
    return {
        "response_format": {
            "type": "json_schema",
            "json_schema": {**described, **({"strict": True} if schemas.is_strict(schema) else {})},
        }
    }


def with_words(messages: Sequence[dict[str, Any]], schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    words = ASK + json.dumps(schema, ensure_ascii=False)
    first = messages[0] if messages else {}
    if first.get("role") == "system" and isinstance(first.get("content"), str):
        return [{**first, "content": f"{first['content']}\n\n{words}"}, *messages[1:]]
    return [_said("system", words), *messages]


def _said(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": text}


def _read(text: str, schema: Mapping[str, Any]) -> Any:
    """Return the JSON of an answer. Raises _Unfit."""
    value = _json_in(text)
    problem = schemas.complaint(schema, value)
    if problem:
        raise _Unfit(problem)
    return value


def _json_in(text: str) -> Any:
    """Models put words or a code block round what they were to say alone."""
    fenced = _FENCE.search(text)
    candidates = [text.strip(), *([fenced[1].strip()] if fenced else [])]
    starts = [found for found in (text.find("{"), text.find("[")) if found >= 0]
    problem = "There is no JSON in it."
    for number, candidate in enumerate(candidates):
        try:
            return _DECODER.decode(candidate)
        except (ValueError, RecursionError) as error:
            if number == 0 and starts:
                problem = f"It is not valid JSON: {error}"
    if starts:
        try:
            return _DECODER.raw_decode(text, min(starts))[0]
        except (ValueError, RecursionError):
            pass
    raise _Unfit(problem)


def _no_such_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_such_number)
