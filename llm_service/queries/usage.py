"""What a span of time used and cost, from the sums alone: never the calls themselves.

    week = usage.Span.last(days=7)
    usage.total(week), usage.total(week.before)            one Sums each
    usage.split(week, by="model")                          rows, the dearest first
    usage.series(week, by="model", step="day")             for a chart: steps, and a line of Sums for each value
    usage.course(week, step="day")                         of each step all calls together: sums, p50, p95, p99
    usage.together(usage.course(week))                     of a whole span
    usage.split_with_latency(week, by="model")             how many calls, and p50, p95, p99 of how long they took

`team=` keeps to one team's calls; `only=("model", "openai/gpt-4o")` to one value. Each function is one query, however
long the span; `columns=` names the sums that are wanted, for a page that shows two of twelve. Hours exist for the last
two weeks (`HOURS_KEPT`), days for ever; both in UTC.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, Self
from uuid import UUID

from django.db.models import Case, F, QuerySet, Sum, When
from django.utils import timezone

from llm_service.models.usage import BOUNDS, FIRST_TOKEN, LATENCY, UsageRollup
from llm_service.money.prices import PLACES

Dimension = Literal["all", "user", "team", "bot", "feature", "provider", "model", "status", "error"]
Step = Literal["hour", "day"]
Only = tuple[Dimension, str]

HOURS_KEPT = timedelta(days=15)
STEPS: dict[Step, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
OTHERS = "\x00others"
"""The value under which a series gathers those that are not among its largest."""


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` until before `end`."""

    start: datetime
    end: datetime

    @classmethod
    def last(cls, *, days: int = 0, hours: int = 0, now: datetime | None = None) -> Self:
        """Return the last so many days or hours, the one in progress included."""
        now = (now or timezone.now()).astimezone(UTC)
        if hours:
            end = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
            return cls(end - timedelta(hours=hours), end)
        end = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return cls(end - timedelta(days=days), end)

    @property
    def before(self) -> Self:
        """The span of the same length that ends where this one begins."""
        return type(self)(self.start - (self.end - self.start), self.start)

    @property
    def is_of_days(self) -> bool:
        """Whether whole days (UTC) make it up, so that the sums of days hold it exactly."""
        return all(moment.astimezone(UTC).time().isoformat() == "00:00:00" for moment in (self.start, self.end))

    def steps(self, step: Step) -> list[datetime]:
        at, found = _floor(self.start, step), []
        while at < self.end:
            found.append(at)
            at += STEPS[step]
        return found


@dataclass(frozen=True, slots=True)
class Sums:
    """`cost_usd` is of the calls whose price is known; `unpriced` counts the others."""

    calls: int = 0
    errors: int = 0
    cancelled: int = 0
    blocked: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    estimated: int = 0
    unpriced: int = 0

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    @property
    def error_rate(self) -> float | None:
        """Errors among the calls that were sent and not stopped; None where there were none."""
        sent = self.calls - self.blocked - self.cancelled
        return self.errors / sent if sent > 0 else None

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(getattr(self, name) + getattr(other, name) for name in SUMMED))


SUMMED = tuple(field.name for field in fields(Sums))
NOTHING = Sums()


@dataclass(frozen=True, slots=True)
class Row:
    value: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Line:
    value: str
    """Empty for what has none (no bot, no person any more); OTHERS for the rest."""
    points: list[Sums]


@dataclass(frozen=True, slots=True)
class Point:
    """One step of a span: all its calls together."""

    at: datetime
    sums: Sums
    histogram: tuple[int, ...]
    """That of the latency, and behind it that of the first token."""

    @property
    def speed(self) -> "Speed":
        return _speed(self.histogram)


@dataclass(frozen=True, slots=True)
class Series:
    steps: list[datetime]
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Milliseconds, read from histograms whose buckets are a quarter wide. None where nothing was measured."""

    measured: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


@dataclass(frozen=True, slots=True)
class Speed:
    latency: Quantiles = Quantiles()
    first_token: Quantiles = Quantiles()


def total(
    span: Span, *, team: UUID | str | None = None, only: Only | None = None, columns: Sequence[str] = SUMMED
) -> Sums:
    """Sum up a span."""
    found = _rollups(span, team=team, only=only).aggregate(**_sums(columns))
    return _read(found)


def split(
    span: Span,
    *,
    by: Dimension,
    team: UUID | str | None = None,
    order: str = "cost_usd",
    most: int = 100,
    columns: Sequence[str] = SUMMED,
) -> list[Row]:
    """Return the largest values of a dimension with what each used, those with the most of `order` first."""
    found: Any = (
        _rollups(span, team=team, only=None, by=by)
        .values("value")
        .annotate(**_sums({*columns, order, "calls"}))
        .order_by(*[f"-sum_{order}", "-sum_calls", "value"])[:most]
    )
    return [Row(row["value"], _read(row)) for row in found]


def split_with_latency(
    span: Span, *, by: Dimension, team: UUID | str | None = None, most: int = 100
) -> list[tuple[Row, Quantiles]]:
    """Return the values of a dimension with the most calls: how many these were, and how long they took."""
    found = (
        _rollups(span, team=team, only=None, by=by)
        .values_list("value")
        .annotate(sum_calls=_SUMS["calls"], **{f"sum_{name}": _SUMS[name] for name in LATENCY})
        .order_by("-sum_calls", "value")[:most]
    )
    return [(Row(value, Sums(calls=calls)), quantiles_of(histogram)) for value, calls, *histogram in found]


def series(
    span: Span,
    *,
    step: Step = "day",
    by: Dimension = "all",
    team: UUID | str | None = None,
    only: Only | None = None,
    order: str = "cost_usd",
    most: int = 7,
    columns: Sequence[str] = SUMMED,
) -> Series:
    """Return a line for each of the largest values of a dimension and one for all others, without gaps in time.

    The database gathers the others: a row for each person and day would be read here only to be added up.
    """
    rollups = _rollups(span, team=team, only=only, by=by, step=step)
    largest = rollups.values("value").annotate(weight=Sum(order)).order_by("-weight", "-value").values("value")[:most]
    found: Any = (
        rollups.annotate(line=Case(When(value__in=largest, then=F("value")), default=None))
        .values("line", "starts_at")
        .annotate(**_sums({*columns, order}))
        .order_by()
    )
    steps = span.steps(step)
    place = {at: number for number, at in enumerate(steps)}
    lines: dict[str | None, list[Sums]] = {}
    for row in found:
        points = lines.setdefault(row["line"], [NOTHING] * len(steps))
        points[place[row["starts_at"].astimezone(UTC)]] = _read(row)
    rest = lines.pop(None, None)
    weight = {value: (sum(getattr(at, order) for at in line), value) for value, line in lines.items()}
    shown = [Line(str(value), lines[value]) for value in sorted(lines, key=lambda value: weight[value], reverse=True)]
    if rest:
        shown.append(Line(OTHERS, rest))
    return Series(steps, shown or [Line("", [NOTHING] * len(steps))])


def course(span: Span, *, step: Step = "day", team: UUID | str | None = None) -> list[Point]:
    """Return each step in which there were calls."""
    rows: Any = _rollups(span, team=team, only=None, step=step)
    found = rows.order_by("starts_at").values_list("starts_at", *SUMMED, *LATENCY, *FIRST_TOKEN)
    end = 1 + len(SUMMED)
    return [Point(row[0].astimezone(UTC), Sums(*row[1:end]), tuple(row[end:])) for row in found]


def together(points: Sequence[Point]) -> tuple[Sums, Speed]:
    """Sum up the steps of a span."""
    whole = sum((point.sums for point in points), NOTHING)
    return whole, _speed([sum(column) for column in zip(*(point.histogram for point in points), strict=True)])


def _rollups(
    span: Span, *, team: UUID | str | None, only: Only | None, by: Dimension = "all", step: Step | None = None
) -> QuerySet[UsageRollup]:
    if only and by not in ("all", only[0]):
        raise ValueError("The sums are split by one dimension: ask for one value, or for all of another dimension.")
    step = step or ("day" if span.is_of_days else "hour")
    found = UsageRollup.objects.filter(
        period=UsageRollup.Period.DAY if step == "day" else UsageRollup.Period.HOUR,
        team=str(team or ""),
        dimension=only[0] if only else by,
        starts_at__gte=_floor(span.start, step),
        starts_at__lt=span.end,
    )
    return found.filter(value=only[1]) if only else found


def _floor(at: datetime, step: Step) -> datetime:
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return hour if step == "hour" else hour.replace(hour=0)


def _sums(columns: Collection[str] = SUMMED) -> dict[str, Any]:
    return {f"sum_{name}": _SUMS[name] for name in SUMMED if name in columns}


_SUMS = {name: Sum(name) for name in (*SUMMED, *LATENCY)}
"""Kept, because to make dozens of them anew takes longer than to ask the database for them."""


def _read(row: dict[str, Any]) -> Sums:
    found: dict[str, Any] = {name[len("sum_") :]: sum_ or 0 for name, sum_ in row.items() if name.startswith("sum_")}
    if "cost_usd" in found:
        found["cost_usd"] = Decimal(found["cost_usd"]).quantize(PLACES)  # SQLite sums up floats
    return Sums(**found)


def _speed(sums: Sequence[int]) -> Speed:
    return Speed(quantiles_of(sums[: len(LATENCY)]), quantiles_of(sums[len(LATENCY) :]))


def quantiles_of(histogram: Sequence[int]) -> Quantiles:
    measured = sum(histogram)
    if not measured:
        return Quantiles()
    return Quantiles(measured, *(_at(histogram, measured * share) for share in (0.5, 0.95, 0.99)))


def _at(histogram: Sequence[int], rank: float) -> float:
    """Return the time that `rank` calls stayed below, taking times to be spread evenly over a bucket's logarithm."""
    below = 0
    for number, count in enumerate(histogram):
        if count and below + count >= rank:
            high = BOUNDS[number] if number < len(BOUNDS) else BOUNDS[-1] * 2
            low = BOUNDS[number - 1] if number else high / 2
            return round(float(low * (high / low) ** ((rank - below) / count)), 1)
        below += count
    return float(BOUNDS[-1])
