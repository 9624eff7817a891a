"""The sums of calls: exact, counted once, the same when summed up anew, and read without the calls."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from llm_service import call_logs, client
from llm_service.models import LLMCallLog, UncountedCall, UsageRollup, UserMonthlyUsage
from llm_service.money import rollups
from llm_service.queries import usage
from llm_service.tests.conftest import Logs
from teams.tests.factories import team_of

pytestmark = pytest.mark.django_db

NOON = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
WEEK = usage.Span.last(days=7)


def call(at: datetime = NOON, **fields: Any) -> LLMCallLog:
    """A call as the writer leaves it."""
    known = {"model": "openai/gpt-4o", "status": "success", "input_tokens": 100, "output_tokens": 10}
    log = LLMCallLog.objects.create(created_at=at, **(known | {"cost_usd": Decimal("0.01")} | fields))
    UncountedCall.objects.create(call=log)
    return log


def everything() -> list[tuple[Any, ...]]:
    columns = [field.name for field in UsageRollup._meta.fields if field.name != "id"]
    rows = UsageRollup.objects.values_list(*columns)
    return sorted((tuple(map(str, row)) for row in rows), key=str)


def test_calls_are_summed_up_by_what_they_were_for(alice: User):
    team = team_of(alice)
    call(user=alice, team=team, feature="chat", cost_usd=Decimal("0.02"), duration_ms=900)
    call(model="groq/x", feature="title", status="error", error_type="overloaded", cost_usd=None)
    rollups.count_new()

    total = usage.total(WEEK)
    assert (total.calls, total.errors, total.cost_usd, total.unpriced) == (2, 1, Decimal("0.02"), 1)
    assert [(row.value, row.sums.calls) for row in usage.split(WEEK, by="model")] == [
        ("openai/gpt-4o", 1),
        ("groq/x", 1),
    ]
    assert {row.value for row in usage.split(WEEK, by="feature")} == {"chat", "title"}
    assert [row.value for row in usage.split(WEEK, by="error")] == ["overloaded"]
    assert usage.total(WEEK, team=team.pk).calls == 1
    assert usage.total(WEEK, only=("user", str(alice.pk))).cost_usd == Decimal("0.02")


def test_a_call_is_counted_once_however_often_the_job_runs():
    call()
    assert rollups.count_new() == 1

    assert rollups.count_new() == 0
    assert usage.total(WEEK).calls == 1


def test_a_late_row_is_added_to_its_own_hour():
    call(NOON)
    rollups.count_new()
    call(NOON - timedelta(days=2, hours=3))
    rollups.count_new()

    by_hour = usage.series(WEEK, step="hour").lines[0].points
    assert [point.calls for point in by_hour if point.calls] == [1, 1]
    assert [point.calls for point in usage.series(WEEK, step="day").lines[0].points if point.calls] == [1, 1]


def test_summing_up_anew_gives_the_same(alice: User):
    team = team_of(alice)
    for number in range(30):
        at = NOON - timedelta(hours=number * 7)
        call(at, user=alice, team=team, cost_usd=Decimal("0.00000123"), duration_ms=number * 100 + 5)
    rollups.count_new()
    before, months = everything(), list(UserMonthlyUsage.objects.order_by("month").values("month", "calls", "cost_usd"))

    assert sum(counted for _, counted in rollups.rebuild()) == 30
    assert everything() == before
    assert list(UserMonthlyUsage.objects.order_by("month").values("month", "calls", "cost_usd")) == months


def test_summing_up_anew_leaves_what_waits_to_the_job():
    call()
    waiting = call()
    UncountedCall.objects.exclude(call=waiting).delete()

    list(rollups.rebuild())
    assert usage.total(WEEK).calls == 1
    rollups.count_new()
    assert usage.total(WEEK).calls == 2


def test_days_whose_calls_are_no_longer_kept_keep_their_sums():
    call(NOON - timedelta(days=3))
    old = call(NOON - timedelta(days=2))
    call(NOON - timedelta(days=2))
    call(NOON)
    rollups.count_new()
    LLMCallLog.objects.filter(created_at__lt=NOON - timedelta(days=2, hours=1)).delete()
    old.delete()

    list(rollups.rebuild())
    assert usage.total(WEEK).calls == 4


def test_the_command_says_what_it_did():
    call()
    rollups.count_new()
    said = StringIO()

    call_command("rebuild_rollups", "--from", (NOON - timedelta(days=3)).date().isoformat(), stdout=said)

    assert said.getvalue().startswith("1 calls of 2 days")


def test_a_month_of_a_person_is_summed_up(alice: User, bob: User):
    call(datetime(2026, 3, 31, 23, 59, tzinfo=UTC), user=alice)
    call(datetime(2026, 4, 1, 0, 0, tzinfo=UTC), user=alice, cost_usd=None)
    call(datetime(2026, 4, 2, tzinfo=UTC), user=bob)
    rollups.count_new()

    months = {row.month: row for row in UserMonthlyUsage.objects.filter(user=alice)}
    assert months[date(2026, 3, 1)].cost_usd == Decimal("0.01")
    assert (months[date(2026, 4, 1)].calls, months[date(2026, 4, 1)].unpriced) == (1, 1)


@pytest.mark.parametrize("shape", ["even", "two", "one"])
def test_quantiles_are_within_a_bucket(shape: str):
    shapes: dict[str, Callable[[int], int]] = {
        "even": lambda n: 100 + n * 20,
        "two": lambda n: 300 if n % 2 else 5000,
        "one": lambda n: 1234,
    }
    times = sorted(shapes[shape](number) for number in range(200))
    for duration in times:
        call(duration_ms=duration)
    rollups.count_new()

    found = usage.together(usage.course(WEEK))[1].latency
    for value, share in ((found.p50, 0.5), (found.p95, 0.95), (found.p99, 0.99)):
        exact = times[int(200 * share) - 1]
        assert value == pytest.approx(exact, rel=0.26)
    assert found.measured == 200
    [(row, of_model)] = usage.split_with_latency(WEEK, by="model")
    assert (row.sums.calls, of_model) == (200, found)


def test_a_series_has_no_gaps_and_gathers_the_small_ones():
    for number in range(10):
        call(model=f"openai/m{number}", cost_usd=Decimal(number + 1))
    rollups.count_new()

    found = usage.series(WEEK, by="model", most=3)
    assert [line.value for line in found.lines] == ["openai/m9", "openai/m8", "openai/m7", usage.OTHERS]
    assert {len(line.points) for line in found.lines} == {len(found.steps)} == {7}
    assert found.lines[-1].points[-2].cost_usd == Decimal(28)


def test_what_is_before_a_span_is_as_long_as_it():
    call(NOON - timedelta(days=7))
    rollups.count_new()

    assert usage.total(WEEK.before).calls == 1
    assert usage.total(WEEK).calls == 0


def test_each_question_is_one_query_and_asks_no_call():
    with CaptureQueriesContext(connection) as asked:
        usage.total(WEEK)
        usage.split(WEEK, by="user")
        usage.series(WEEK, by="model")
        usage.split_with_latency(WEEK, by="model")
        usage.course(WEEK)

    assert len(asked) == 5
    assert not [query for query in asked if "llmcalllog" in query["sql"]]


def test_two_dimensions_at_once_are_refused():
    with pytest.raises(ValueError, match="split by one dimension"):
        usage.series(WEEK, by="user", only=("model", "x"))


def test_hours_are_forgotten_and_their_days_stay():
    call(timezone.now() - usage.HOURS_KEPT + timedelta(hours=2))
    rollups.count_new()
    UsageRollup.objects.filter(period="h").update(starts_at=timezone.now() - usage.HOURS_KEPT - timedelta(hours=1))

    assert rollups.forget_old_hours() > 0
    assert set(UsageRollup.objects.values_list("period", flat=True)) == {"d"}


@pytest.mark.django_db(transaction=True)
def test_a_call_of_the_client_is_counted(logs: Logs):
    client.completion(model="demo/parley", messages=[{"role": "user", "content": "hello"}])
    assert call_logs.flush(10)

    assert rollups.count_new() == 1
    assert usage.total(usage.Span.last(days=1)).calls == 1
