"""What is kept of calls, and for how long: words and rows have an age each, and a team may ask for less of both."""

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db.models import Min, QuerySet
from django.utils import timezone

from lib import masking
from lib.write_lock import writing
from llm_service.models import CallAttempt, CallBody, Keeping, LLMCallLog

if TYPE_CHECKING:
    from llm_service.call_logs import Record

FOR_GOOD = 36_500
AT_ONCE = 500
"""So many rows go in one transaction, so that nobody who writes waits long."""
LONGEST_RUN = 120.0
"""Seconds after which the rest is left to the next run."""


def as_asked(batch: list["Record"]) -> list["Record"]:
    """Return the records as their teams want them stored. Reads once for all of them."""
    asked = words_of({record.request.team_id for record in batch if record.request.team_id})
    return [_as_asked(record, asked.get(record.request.team_id, Keeping.Words.OFF)) for record in batch]


def words_of(team_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return what teams want done with words, of those that said so."""
    return dict(Keeping.objects.filter(team__in=team_ids).values_list("team_id", "words")) if team_ids else {}


def _as_asked(record: "Record", words: str) -> "Record":
    if words == Keeping.Words.DROP:
        return replace(record, drops_words=True)
    if words == Keeping.Words.MASK and record.keeps_words:
        return _masked(record)
    return record


def _masked(record: "Record") -> "Record":
    """Mask before anything is cut: half of a number is not recognised, and still half of a number."""
    request = replace(
        record.request,
        messages=masking.masked(record.request.messages),
        params=masking.masked(record.request.params),
        metadata=masking.masked(record.request.metadata),
    )
    return replace(
        record,
        request=request,
        text=masking.mask(record.text),
        reasoning=masking.mask(record.reasoning),
        error_message=masking.mask(record.error_message),
        tool_calls=[replace(call, arguments=masking.mask(call.arguments)) for call in record.tool_calls],
        attempts=[(*attempt[:-1], masking.mask(attempt[-1])) for attempt in record.attempts],
    )


# --- Growing old ------------------------------------------------------------------------------------------------------


@dataclass
class Forgotten:
    words: int = 0
    calls: int = 0
    is_done: bool = True


def forget_old(*, now: datetime | None = None, within: float = LONGEST_RUN) -> Forgotten:
    """Remove words, then whole calls, that have reached the age of the site or of their team."""
    now, until, forgotten = now or timezone.now(), time.monotonic() + within, Forgotten()
    teams = list(Keeping.objects.exclude(bodies_days=None, logs_days=None))
    ages: list[tuple[int | None, int | None, QuerySet[LLMCallLog]]] = [
        (settings.LLM_BODIES_KEEP_DAYS, settings.LLM_LOGS_KEEP_DAYS, LLMCallLog.objects.all())
    ]
    ages += [(team.bodies_days, team.logs_days, LLMCallLog.objects.filter(team_id=team.team_id)) for team in teams]
    for bodies_days, logs_days, calls in ages:
        if bodies_days:
            old = calls.filter(created_at__lt=now - timedelta(days=bodies_days))
            while time.monotonic() < until and (count := _forget_words(old)):
                forgotten.words += count
        if logs_days:
            old = calls.filter(created_at__lt=now - timedelta(days=logs_days))
            while time.monotonic() < until and (count := _forget_calls(old)):
                forgotten.calls += count
    forgotten.is_done = time.monotonic() < until
    return forgotten


def fewest_days() -> int:
    """Return for how many days the calls of every team are still there, none of them removed by age."""
    asked = Keeping.objects.exclude(logs_days=None).aggregate(days=Min("logs_days"))["days"]
    return min(asked or FOR_GOOD, settings.LLM_LOGS_KEEP_DAYS or FOR_GOOD)


def _forget_words(calls: QuerySet[LLMCallLog]) -> int:
    with writing():
        ids = list(CallBody.objects.filter(call__in=calls).values_list("call_id", flat=True)[:AT_ONCE])
        if ids:
            CallBody.objects.filter(call__in=ids).delete()
            CallAttempt.objects.filter(call__in=ids).update(error_message="")
            LLMCallLog.objects.filter(pk__in=ids).update(prompt_preview="", response_preview="", error_message="")
    return len(ids)


def _forget_calls(calls: QuerySet[LLMCallLog]) -> int:
    """Sums keep what these calls used and cost."""
    with writing():
        ids = list(calls.order_by("created_at").values_list("pk", flat=True)[:AT_ONCE])
        LLMCallLog.objects.filter(pk__in=ids).delete()
    return len(ids)
