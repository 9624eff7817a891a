"""The calls of one turn on one time axis: a tree of nodes, calls, tries and tools, with what each took and cost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from llm_service.models import CallBody, LLMCallLog

MOST_OF_A_TURN = 60
NARROWEST = 0.4
"""Percent of the axis, so that a bar can be seen."""


@dataclass(frozen=True)
class Span:
    """Something that took time, as a bar: where it starts and how long it is, in percent of the turn."""

    label: str
    kind: str
    start: float
    width: float
    took_ms: int
    depth: int = 0
    """How far it stands within others: a try in its call, a call in its node."""
    first_width: float = 0.0
    note: str = ""
    tokens: int | None = None
    cost_usd: Decimal | None = None
    call: LLMCallLog | None = None
    is_this: bool = False


@dataclass(frozen=True)
class Waterfall:
    spans: list[Span]
    took_ms: int
    tokens: int
    cost_usd: Decimal
    unpriced: int
    """Calls whose cost nobody knows: the sum is without them."""
    is_all: bool
    ticks: list[int] = field(default_factory=list)


def waterfall(calls: QuerySet[LLMCallLog], call: LLMCallLog, *, names_tools: bool = False) -> Waterfall | None:
    """Return the turn of a call, as far as it is among `calls`; none for a call that is part of no turn.

    A tool has no row of its own: it ran between the call that asked for it and the next one of its node. What it is
    called stands among the words of the call, so it is said only to who may read these.
    """
    if not call.turn_id:
        return None
    of_turn = calls.filter(turn_id=call.turn_id).order_by("created_at", "id")
    light = of_turn.defer("prompt_preview", "response_preview", "error_message", "metadata")
    found = list(light.prefetch_related("attempts")[: MOST_OF_A_TURN + 1])
    if not found:
        return None
    is_all, found = len(found) <= MOST_OF_A_TURN, found[:MOST_OF_A_TURN]
    axis = _Axis(found)
    names = _tools_of(found) if names_tools else {}
    return Waterfall(
        spans=[span for node in _nodes(found) for span in _of_node(node, axis, call, names)],
        took_ms=axis.took_ms,
        tokens=sum(one.total_tokens or (one.input_tokens or 0) + (one.output_tokens or 0) for one in found),
        cost_usd=sum((one.cost_usd for one in found if one.cost_usd is not None), Decimal(0)),
        unpriced=sum(one.cost_usd is None and bool(one.total_tokens) for one in found),
        is_all=is_all,
        ticks=[round(axis.took_ms * part / 4) for part in range(5)],
    )


class _Axis:
    def __init__(self, calls: Sequence[LLMCallLog]) -> None:
        self._begins = calls[0].created_at
        self.took_ms = max(1, max(_ms(_end_of(one) - self._begins) for one in calls))

    def place(self, at: datetime, took: int) -> tuple[float, float]:
        start = max(0.0, min(100.0, 100 * _ms(at - self._begins) / self.took_ms))
        return start, max(NARROWEST, min(100 - start, self.share(took)))

    def share(self, milliseconds: int) -> float:
        return 100 * milliseconds / self.took_ms


def _nodes(calls: Sequence[LLMCallLog]) -> list[list[LLMCallLog]]:
    """Put the calls of one node together, where there is none those for one feature; each by when it began."""
    found: dict[tuple[str, str], list[LLMCallLog]] = {}
    for one in calls:
        found.setdefault((one.node_id, "" if one.node_id else one.feature), []).append(one)
    return list(found.values())


def _of_node(node: list[LLMCallLog], axis: _Axis, shown: LLMCallLog, names: dict[UUID, str]) -> Iterator[Span]:
    first = node[0]
    depth = 0
    if first.node_id:
        took = _ms(max(map(_end_of, node)) - first.created_at)
        yield Span(first.node_id, "node", *axis.place(first.created_at, took), took)
        depth = 1
    for one, following in zip(node, [*node[1:], None], strict=True):
        yield from _of_call(one, axis, depth, is_this=one.pk == shown.pk)
        if one.finish_reason == "tool_calls" and following:
            yield from _tools_between(one, following, axis, depth + 1, names.get(one.pk, ""))


def _of_call(one: LLMCallLog, axis: _Axis, depth: int, *, is_this: bool) -> Iterator[Span]:
    took = one.duration_ms or 0
    yield Span(
        one.model,
        one.status,
        *axis.place(one.created_at, took),
        took,
        depth=depth,
        first_width=axis.share(one.time_to_first_token_ms or 0),
        note=one.feature,
        tokens=one.total_tokens,
        cost_usd=one.cost_usd,
        call=one,
        is_this=is_this,
    )
    tries = sorted(one.attempts.all(), key=lambda attempt: attempt.number)
    for attempt in tries if len(tries) > 1 else ():
        label = str(_("Try %(number)s") % {"number": attempt.number})
        kind = "try-error" if attempt.error_type else "try-success"
        note = " ".join(filter(None, (attempt.model, attempt.error_type)))
        took = attempt.duration_ms or 0
        yield Span(label, kind, *axis.place(attempt.started_at, took), took, depth=depth + 1, note=note)


def _tools_between(one: LLMCallLog, following: LLMCallLog, axis: _Axis, depth: int, names: str) -> Iterator[Span]:
    pause = _ms(following.created_at - _end_of(one))
    if pause > 0:
        yield Span(str(_("Tools")), "tool", *axis.place(_end_of(one), pause), pause, depth=depth, note=names)


def _tools_of(calls: Sequence[LLMCallLog]) -> dict[UUID, str]:
    """Return the names of the tools each call asked for."""
    asked = [one.pk for one in calls if one.finish_reason == "tool_calls"]
    bodies = CallBody.objects.filter(call__in=asked).values_list("call_id", "response__tool_calls") if asked else ()
    return {
        call_id: ", ".join(str(tool.get("name", "")) for tool in tools if isinstance(tool, dict))
        for call_id, tools in bodies
        if isinstance(tools, list)
    }


def _end_of(one: LLMCallLog) -> datetime:
    return one.created_at + timedelta(milliseconds=one.duration_ms or 0)


def _ms(length: timedelta) -> int:
    return round(length.total_seconds() * 1000)
