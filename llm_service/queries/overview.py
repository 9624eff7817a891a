"""What the overview shows of a span of time: sums and speeds with those of before, series, and who stands out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery, Sum

from accounts.models import User
from llm_service.models import AlertEvent, LostCalls
from llm_service.queries import usage
from llm_service.queries.usage import Dimension, Quantiles, Row, Series, Span, Speed, Step, Sums
from teams.models import Team

PERIODS = {"day": 24, "week": 7, "month": 30, "quarter": 90}
"""Hours of a day, days of the others."""
SPLITS: tuple[Dimension, ...] = ("model", "provider", "user", "team", "bot", "feature")
MOST_LINES = 6
MOST_IN_A_LIST = 6
DRAWN = ("cost_usd", "calls", "input_tokens", "output_tokens")
LISTED = ("cost_usd", "calls")
"""The sums that the charts and the lists show: the database adds up no others."""
Period = Literal["day", "week", "month", "quarter"]


@dataclass(frozen=True)
class Ranked:
    """A line of a list of those that stand out."""

    value: str
    name: str
    sums: Sums
    latency: Quantiles


@dataclass(frozen=True)
class Overview:
    span: Span
    step: Step
    now: Sums
    before: Sums
    speed: Speed
    speed_before: Speed
    series: Series
    names: dict[str, str]
    steps: list[tuple[Sums, Speed]]
    """All calls of each step of the series together."""
    dearest_people: list[Ranked]
    dearest_bots: list[Ranked]
    models: list[Ranked]
    errors: list[Ranked]


@contextmanager
def _in_one_process() -> Iterator[None]:
    """Have Postgres neither start workers nor compile a statement: for a few hundred sums that takes the longest.

    It takes the sums of a team for far more than they are, because team and dimension depend on each other.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off")
        yield


@_in_one_process()
def overview(*, period: str, split: Dimension, team: UUID | None) -> Overview:
    """Read it all from the sums; how many queries that takes depends on nothing."""
    span = Span.last(hours=24) if period == "day" else Span.last(days=PERIODS[period])
    step: Step = "hour" if period in ("day", "week") else "day"
    whole: Step = "day" if span.is_of_days else "hour"
    both = usage.course(Span(span.before.start, span.end), step=whole, team=team)
    points = [point for point in both if point.at >= span.start]
    now, speed = usage.together(points)
    before, speed_before = usage.together([point for point in both if point.at < span.start])
    steps = {at.at: at for at in (points if step == whole else usage.course(span, step=step, team=team))}
    series = usage.series(span, step=step, by=split, team=team, most=MOST_LINES, columns=DRAWN)
    people = (
        [Row(line.value, sum(line.points, usage.NOTHING)) for line in series.lines if line.value != usage.OTHERS]
        if split == "user"
        else usage.split(span, by="user", team=team, most=MOST_IN_A_LIST, columns=LISTED)
    )
    bots = [row for row in usage.split(span, by="bot", team=team, most=MOST_IN_A_LIST + 1, columns=LISTED) if row.value]
    models = usage.split_with_latency(span, by="model", team=team, most=40)
    errors = usage.split(span, by="error", team=team, order="calls", most=MOST_IN_A_LIST + 1, columns=LISTED)
    people_shown = [row.value for row in people] + ([line.value for line in series.lines] if split == "user" else [])
    known = names_of("user", people_shown)
    slowest = sorted(models, key=lambda model: model[1].p95 or 0.0, reverse=True)[:MOST_IN_A_LIST]
    return Overview(
        span=span,
        step=step,
        now=now,
        before=before,
        speed=speed,
        speed_before=speed_before,
        series=series,
        names=known if split == "user" else names_of(split, [line.value for line in series.lines]),
        steps=[(at.sums, at.speed) if at else (usage.NOTHING, Speed()) for at in map(steps.get, span.steps(step))],
        dearest_people=_ranked(people, known),
        dearest_bots=_ranked(bots[:MOST_IN_A_LIST], names_of("bot", [row.value for row in bots])),
        models=[Ranked(row.value, row.value, row.sums, latency) for row, latency in slowest],
        errors=_ranked([row for row in errors if row.value][:MOST_IN_A_LIST], {}),
    )


def firing(team: UUID | None) -> list[AlertEvent]:
    """Return what is amiss right now: the newest word of each alert that is firing, of one team or of all."""
    events = AlertEvent.objects.filter(is_firing=True, alert__is_firing=True, alert__is_active=True)
    if team:
        events = events.filter(alert__team=team)
    newest = events.filter(alert=OuterRef("alert")).order_by("-created_at", "-pk").values("pk")[:1]
    return list(events.filter(pk=Subquery(newest)).order_by("-created_at")[:MOST_IN_A_LIST])


def lost_in(span: Span) -> int:
    """Return how many calls of a time left no row, because the database took none for too long."""
    found = LostCalls.objects.filter(until__gte=span.start, until__lt=span.end).aggregate(calls=Sum("calls"))
    return found["calls"] or 0


def names_of(dimension: Dimension, values: list[str]) -> dict[str, str]:
    """Return what people call the values of a dimension; those that are their own name are left out."""
    if dimension == "user":
        ids = [int(value) for value in values if value.isdigit()]
        return {str(person.pk): person.short_name for person in User.objects.filter(pk__in=ids)}
    if dimension == "team":
        ids_of_teams = [UUID(value) for value in values if len(value) in (32, 36)]
        return {str(team.pk): team.name for team in Team.objects.filter(pk__in=ids_of_teams)}
    if dimension == "bot":
        return {value: value[:8] for value in values if value}
    return {}


def _ranked(rows: list[Row], names: dict[str, str]) -> list[Ranked]:
    return [Ranked(row.value, names.get(row.value, row.value), row.sums, Quantiles()) for row in rows]
