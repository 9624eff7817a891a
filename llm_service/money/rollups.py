"""Adds calls to the sums that pages read. Each call is counted once: its mark goes in the transaction of its sums.

A mark (`UncountedCall`) is written with the call's row, so late rows and rows of other processes are found without
looking at the clock. Sums are added to, never read first; all who add take turns.
"""

import json
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import batched
from typing import Any

from django.db import connection, models
from django.db.models import Min
from django.utils import timezone

from lib.write_lock import writing
from llm_service import keeping
from llm_service.models import LLMCallLog, UncountedCall, UsageRollup, UserMonthlyUsage
from llm_service.models.usage import BOUNDS, FIRST_TOKEN, LATENCY
from llm_service.queries.usage import HOURS_KEPT, SUMMED

BATCH = 500
"""Few, because on SQLite nobody else writes while their sums are stored."""
TURN = 0x70617263
"""The number of our advisory lock on Postgres."""

AT_ONCE = 1_000
Key = tuple[Any, ...]
Rows = dict[Key, list[Any]]
KEYS = ("period", "team", "dimension", "starts_at", "value")
COUNTED = (*SUMMED, *LATENCY, *FIRST_TOKEN)
PLACE = {name: number for number, name in enumerate(COUNTED)}
LATENCY_AT, FIRST_TOKEN_AT = PLACE[LATENCY[0]], PLACE[FIRST_TOKEN[0]]
MONTHLY_KEYS = ("user_id", "month")
MONTHLY = ("calls", "input_tokens", "output_tokens", "cost_usd", "estimated", "unpriced")
READ = (
    *("created_at", "user_id", "team_id", "bot_id", "feature", "provider", "model", "status", "error_type"),
    *("input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens"),
    *("cost_usd", "cost_source", "duration_ms", "time_to_first_token_ms"),
)


class Tally:
    """Sums of some calls, by the keys of the rows they belong to."""

    def __init__(self, hours_from: datetime) -> None:
        self._hours_from = hours_from
        self.rollups: Rows = {}
        self.months: Rows = {}
        self.calls = 0

    def add(self, call: dict[str, Any]) -> None:
        self.calls += 1
        created_at: datetime = call["created_at"].astimezone(UTC)
        hour = created_at.replace(minute=0, second=0, microsecond=0)
        day = hour.replace(hour=0)
        amounts = _amounts(call)
        for team, dimension, value in _kinds(call):
            self._add(("d", team, dimension, day, value), amounts)
            if hour >= self._hours_from:
                self._add(("h", team, dimension, hour, value), amounts)
        if call["user_id"] is not None:
            sums = self.months.setdefault((call["user_id"], day.date().replace(day=1)), [0] * len(MONTHLY))
            for number, name in enumerate(MONTHLY):
                sums[number] += amounts.get(PLACE[name], 0)

    def _add(self, key: Key, amounts: dict[int, Any]) -> None:
        sums = self.rollups.get(key)
        if sums is None:
            sums = self.rollups[key] = [0] * len(COUNTED)
        for place, amount in amounts.items():
            sums[place] += amount

    def store(self, *, with_months: bool = True) -> None:
        _add_rows(UsageRollup, KEYS, COUNTED, self.rollups)
        if with_months:
            _add_rows(UserMonthlyUsage, MONTHLY_KEYS, MONTHLY, self.months)


def count_new(*, most: int = 50_000) -> int:
    """Add the calls that no sum holds yet, and return how many those were."""
    counted = 0
    while counted < most:
        with _turn():
            marks = list(UncountedCall.objects.values_list("call_id", flat=True).order_by("call_id")[:BATCH])
            tally = Tally(hours_kept_from())
            for call in LLMCallLog.objects.filter(pk__in=marks).values(*READ):
                tally.add(call)
            tally.store()
            UncountedCall.objects.filter(pk__in=marks).delete()
        counted += len(marks)
        if len(marks) < BATCH:
            break
    return counted


def rebuild(*, since: date | None = None) -> Iterator[tuple[date, int]]:
    """Sum up the calls anew, day by day, and yield each day with the number of its calls.

    Days whose calls are no longer kept, or only in part, keep the sums they have. Calls that still wait to be counted
    are left to the job, so this can run beside it.
    """
    first = LLMCallLog.objects.aggregate(first=Min("created_at"))["first"]
    if first is None:
        return
    oldest = first.astimezone(UTC).date()
    day, today = max(since or oldest, oldest), timezone.now().astimezone(UTC).date()
    whole_from = today - timedelta(days=keeping.fewest_days())
    months = set()
    while day <= today:
        yield day, _rebuild_day(day, may_be_thinned=day == oldest or day <= whole_from)
        months.add(day.replace(day=1))
        day += timedelta(days=1)
    for month in sorted(months):
        _rebuild_month(month)


def forget_old_hours() -> int:
    """Remove the sums of hours that are no longer shown; those of their days stay."""
    with writing():
        return UsageRollup.objects.filter(
            period=UsageRollup.Period.HOUR, starts_at__lt=timezone.now() - HOURS_KEPT
        ).delete()[0]


def hours_kept_from() -> datetime:
    return (timezone.now() - HOURS_KEPT).astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _rebuild_day(day: date, *, may_be_thinned: bool) -> int:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    end = start + timedelta(days=1)
    with _turn():
        tally = Tally(hours_kept_from())
        # One statement says which calls there are and which of them wait: between two, one could be counted.
        calls = LLMCallLog.objects.filter(created_at__gte=start, created_at__lt=end, uncounted=None)
        for call in calls.values(*READ).iterator(chunk_size=BATCH):
            tally.add(call)
        known = UsageRollup.objects.filter(starts_at__gte=start, starts_at__lt=end)
        everything = known.filter(period="d", team="", dimension=UsageRollup.Dimension.ALL).first()
        if may_be_thinned and everything and everything.calls > tally.calls:
            return everything.calls
        known.delete()
        tally.store(with_months=False)
    return tally.calls


def _rebuild_month(month: date) -> None:
    start = datetime(month.year, month.month, 1, tzinfo=UTC)
    end = (start + timedelta(days=32)).replace(day=1)
    with _turn():
        of_people = UsageRollup.objects.filter(
            period="d", team="", dimension=UsageRollup.Dimension.USER, starts_at__gte=start, starts_at__lt=end
        ).exclude(value="")
        sums: Any = of_people.values("value").annotate(**{f"sum_{name}": models.Sum(name) for name in MONTHLY})
        people = UserMonthlyUsage._meta.get_field("user").related_model._default_manager
        there = set(people.values_list("pk", flat=True))
        rows: Rows = {
            (int(row["value"]), month): [row[f"sum_{name}"] for name in MONTHLY]
            for row in sums
            if int(row["value"]) in there
        }
        UserMonthlyUsage.objects.filter(month=month).delete()
        _add_rows(UserMonthlyUsage, MONTHLY_KEYS, MONTHLY, rows)


def _kinds(call: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield team, dimension and value of the sums that a call belongs to."""
    team = str(call["team_id"] or "")
    values = {
        "all": "",
        "user": str(call["user_id"] or ""),
        "bot": str(call["bot_id"] or ""),
        "feature": call["feature"],
        "provider": call["provider"],
        "model": call["model"],
        "status": call["status"],
    }
    if call["status"] == LLMCallLog.Status.ERROR:
        values["error"] = call["error_type"]
    yield "", "team", team
    for dimension, value in values.items():
        yield "", dimension, value
        if team:
            yield team, dimension, value


STATUS_COLUMNS = {"error": "errors", "cancelled": "cancelled", "blocked": "blocked"}


def _amounts(call: dict[str, Any]) -> dict[int, Any]:
    """Return what a call adds to a row, by the place of the column."""
    found: dict[str, Any] = {"calls": 1}
    if column := STATUS_COLUMNS.get(call["status"]):
        found[column] = 1
    for name in ("input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens"):
        if call[name]:
            found[name] = call[name]
    if call["cost_usd"] is not None:
        found["cost_usd"] = Decimal(call["cost_usd"])
    elif call["input_tokens"] or call["output_tokens"]:
        found["unpriced"] = 1
    if call["cost_source"] == LLMCallLog.CostSource.ESTIMATED:
        found["estimated"] = 1
    amounts = {PLACE[name]: amount for name, amount in found.items()}
    # How long an answer took says nothing where there was none.
    if call["status"] == LLMCallLog.Status.SUCCESS and call["duration_ms"] is not None:
        amounts[LATENCY_AT + bisect_left(BOUNDS, call["duration_ms"])] = 1
    if call["time_to_first_token_ms"] is not None:
        amounts[FIRST_TOKEN_AT + bisect_left(BOUNDS, call["time_to_first_token_ms"])] = 1
    return amounts


def _add_rows(model: type[models.Model], keys: tuple[str, ...], counted: tuple[str, ...], rows: Rows) -> None:
    """Insert rows, or add to those that are there."""
    table = model._meta.db_table
    sums = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in counted)
    into = f"INSERT INTO {table} ({', '.join([*keys, *counted])})"
    or_add = f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {sums}"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A statement for each row would be read and planned again each time, and most of its columns are nothing.
            added = ", ".join([*keys, *(f"COALESCE({name}, 0)" for name in counted)])
            statement = f"{into} SELECT {added} FROM json_populate_recordset(NULL::{table}, %s::json) {or_add}"  # noqa: S608
            for some in batched(sorted(rows), AT_ONCE):
                written = [
                    dict(zip(keys, key, strict=True))
                    | {name: amount for name, amount in zip(counted, rows[key], strict=True) if amount}
                    for key in some
                ]
                cursor.execute(statement, [json.dumps(written, default=str)])
            return
        statement = f"{into} VALUES ({', '.join(['%s'] * (len(keys) + len(counted)))}) {or_add}"
        cursor.executemany(statement, [_stored(key, rows[key], counted) for key in sorted(rows)])


def _stored(key: Key, sums: list[Any], counted: tuple[str, ...]) -> list[Any]:
    """Return a row in the types of SQLite, which has none for times and money."""
    row, money = [*key, *sums], len(key) + counted.index("cost_usd")
    for place, value in enumerate(key):
        if isinstance(value, datetime):
            row[place] = connection.ops.adapt_datetimefield_value(value)
        elif isinstance(value, date):
            row[place] = connection.ops.adapt_datefield_value(value)
    row[money] = connection.ops.adapt_decimalfield_value(Decimal(row[money]), 20, 8)
    return row


@contextmanager
def _turn() -> Iterator[None]:
    """A transaction in which nobody else adds to the sums."""
    with writing():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])
        yield
