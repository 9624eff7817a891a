"""The page an admin opens first: what was spent, how much was used, and how fast and how well it went."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.requests import SignedInRequest
from llm_service import call_logs, charts
from llm_service.charts import Chart
from llm_service.queries import overview as queries
from llm_service.queries.overview import Overview
from llm_service.queries.usage import OTHERS, Dimension, Sums
from llm_service.templatetags.operations import count, money, percent, short, took
from llm_service.views.access import Sight, sight

PERIODS = {
    "day": gettext_lazy("24 hours"),
    "week": gettext_lazy("7 days"),
    "month": gettext_lazy("30 days"),
    "quarter": gettext_lazy("90 days"),
}
SPLITS: dict[Dimension, Any] = {
    "model": gettext_lazy("by model"),
    "provider": gettext_lazy("by provider"),
    "user": gettext_lazy("by person"),
    "team": gettext_lazy("by team"),
    "bot": gettext_lazy("by bot"),
    "feature": gettext_lazy("by feature"),
}


@dataclass(frozen=True)
class Figure:
    label: str
    value: str
    change: str = ""
    is_worse: bool = False
    is_better: bool = False


@login_required
def overview(request: SignedInRequest) -> HttpResponse:
    seen = sight(request, _team(request.GET.get("team", "")))
    period = request.GET.get("period", "month")
    period = period if period in PERIODS else "month"
    split = cast(Dimension, request.GET.get("by", "model"))
    split = split if split in SPLITS and (split != "team" or seen.team is None) else "model"
    found = queries.overview(period=period, split=split, team=seen.team_id)
    context = {
        "found": found,
        "seen": seen,
        "period": period,
        "split": split,
        "periods": PERIODS.items(),
        "splits": [(name, label) for name, label in SPLITS.items() if name != "team" or seen.team is None],
        "figures": _figures(found),
        "charts": _charts(found, split) if found.now.calls else [],
        "alerts": queries.firing(seen.team_id),
        "lists": _lists(found, seen),
        "lost": queries.lost_in(found.span) if seen.sees_all else 0,
        "late": call_logs.late() if seen.sees_all else 0,
    }
    answer = render(request, "operations/overview.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def _team(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


# --- Figures ----------------------------------------------------------------------------------------------------------


def _figures(found: Overview) -> list[Figure]:
    now, before = found.now, found.before
    latency, earlier = found.speed.latency, found.speed_before.latency
    first, first_before = found.speed.first_token, found.speed_before.first_token
    return [
        _figure(_("Spent"), money(now.cost_usd), float(now.cost_usd), float(before.cost_usd)),
        _figure(_("Calls"), count(now.calls), now.calls, before.calls),
        _figure(_("Tokens"), short(now.tokens), now.tokens, before.tokens),
        _figure(_("Errors"), percent(now.error_rate), now.error_rate, before.error_rate, less_is_better=True),
        _figure(_("Half were done in"), took(latency.p50), latency.p50, earlier.p50, less_is_better=True),
        _figure(_("95 % were done in"), took(latency.p95), latency.p95, earlier.p95, less_is_better=True),
        _figure(_("99 % were done in"), took(latency.p99), latency.p99, earlier.p99, less_is_better=True),
        _figure(_("First token, 95 %"), took(first.p95), first.p95, first_before.p95, less_is_better=True),
    ]


def _figure(label: str, value: str, now: float | None, before: float | None, *, less_is_better: bool = False) -> Figure:
    if not before or now is None:
        return Figure(label, value)
    change = now / before - 1
    if abs(change) < 0.005:
        return Figure(label, value, _("as before"))
    said = (
        f"{'+' if change > 0 else '\N{MINUS SIGN}'}{abs(change) * 100:.0f} %"
        if abs(change) < 10
        else f"\N{MULTIPLICATION SIGN} {now / before:.0f}"
    )
    return Figure(label, value, said, less_is_better and change > 0.05, less_is_better and change < -0.05)


# --- Charts -----------------------------------------------------------------------------------------------------------


def _charts(found: Overview, split: Dimension) -> list[Chart]:
    pattern = _("j M, H:i") if found.step == "hour" else _("j M")
    say_when: Callable[[Any], str] = lambda at: date_format(at, pattern)  # noqa: E731
    when = [say_when(at) for at in found.series.steps]
    time = _("Time (UTC)")

    def by(value: Callable[[Sums], float]) -> list[tuple[str, list[float | None]]]:
        return [
            (_name(line.value, found.names, split), [value(at) for at in line.points]) for line in found.series.lines
        ]

    speeds = [speed for _sums, speed in found.steps]
    error_rates = [sums.error_rate for sums, _speed in found.steps]
    quantiles = ("p50", "p95", "p99")
    return [
        charts.stacked("spent", _("Spent"), when, by(lambda sums: float(sums.cost_usd)), money, time=time),
        charts.stacked("calls", _("Calls"), when, by(lambda sums: sums.calls), count, time=time),
        charts.stacked("tokens", _("Tokens"), when, by(lambda sums: sums.tokens), short, time=time),
        charts.lined("errors", _("Errors"), when, [(_("Error rate"), error_rates)], percent, time=time),
        charts.lined(
            "latency",
            _("Time to the end"),
            when,
            [(name, [getattr(speed.latency, name) for speed in speeds]) for name in quantiles],
            took,
            time=time,
        ),
        charts.lined(
            "first",
            _("Time to the first token"),
            when,
            [(name, [getattr(speed.first_token, name) for speed in speeds]) for name in quantiles],
            took,
            time=time,
        ),
    ]


def _name(value: str, names: dict[str, str], split: Dimension) -> str:
    if value == OTHERS:
        return _("Others")
    if not value:
        return {"bot": _("No bot"), "user": _("Nobody"), "team": _("No team")}.get(split, _("Not said"))
    gone = {"user": _("Somebody who is gone"), "team": _("A team that is gone")}
    return names.get(value, gone.get(split, value))


def _lists(found: Overview, seen: Sight) -> list[dict[str, Any]]:
    since = f"{found.span.start.astimezone(timezone.get_default_timezone()):%Y-%m-%dT%H:%M}"
    team = f"&team={seen.team_id}" if seen.team_id else ""

    def lines(rows: list[queries.Ranked], field: str, say: Callable[[queries.Ranked], str]) -> list[dict[str, str]]:
        return [
            {
                "name": _name(row.value, {row.value: row.name}, "model"),
                "value": say(row),
                "calls": count(row.sums.calls) if field != "error" else "",
                "query": f"{field}={row.value}&since={since}{team}" if row.value else "",
            }
            for row in rows
        ]

    return [
        {
            "title": _("Most expensive people"),
            "rows": lines(found.dearest_people, "user", lambda row: money(row.sums.cost_usd)),
        },
        {
            "title": _("Slowest models"),
            "note": _("95 % were done in"),
            "rows": lines(found.models, "model", lambda row: took(row.latency.p95)),
        },
        {"title": _("Most frequent errors"), "rows": lines(found.errors, "error", lambda row: count(row.sums.calls))},
        {
            "title": _("Most expensive bots"),
            "rows": lines(found.dearest_bots, "bot", lambda row: money(row.sums.cost_usd)),
        },
    ]
