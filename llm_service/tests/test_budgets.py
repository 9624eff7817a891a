"""Budgets and limits: taken before a call, booked after it, never overspent by more than a call."""

import asyncio
import threading
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from llm_service import background, call_logs, client, errors, memory
from llm_service.fakes import FakeServer
from llm_service.models import Budget, BudgetPeriod, LLMCallLog, Reservation
from llm_service.money import budgets, known, windows
from llm_service.requests import LLMRequest
from llm_service.tests.conftest import Logs
from teams.tests.factories import team_of

pytestmark = pytest.mark.django_db(transaction=True)

ASK: list[dict[str, Any]] = [{"role": "user", "content": "[[fake 20t]] hello"}]
MODEL = "openai/gpt-4o"


def budget(limit: str | int | Decimal = "0.01", **fields: Any) -> Budget:
    made = Budget.objects.create(limit=Decimal(limit), **fields)
    known.forget()
    return made


def ask(**more: Any) -> Any:
    return client.completion(**({"model": MODEL, "messages": ASK, "max_tokens": 20} | more))


def spent() -> Decimal:
    return BudgetPeriod.objects.get().spent


def reserve(user: User | None = None, model: str = MODEL, **metadata: Any) -> uuid.UUID:
    """Let a call in, without making it."""
    call_id = uuid.uuid4()
    request = LLMRequest(model=model, messages=ASK, user_id=user.pk if user else None, metadata=metadata)
    asyncio.run(budgets.admit(call_id=call_id, at=timezone.now(), request=request))
    return call_id


def test_what_a_call_cost_is_booked_and_nothing_stays_reserved(vendor: FakeServer, logs: Logs):
    budget("1")

    ask()
    [log] = logs()
    [period] = BudgetPeriod.objects.all()
    assert log.cost_usd
    assert (period.spent, period.reserved) == (log.cost_usd, Decimal(0))
    assert not Reservation.objects.exists()


def test_a_used_up_budget_refuses_with_the_date_it_starts_anew(vendor: FakeServer, logs: Logs):
    budget("0.0000001", window="month")
    ask()
    assert call_logs.flush(10)

    with pytest.raises(errors.BudgetExceeded) as refused:
        ask()
    assert "This month's budget is used up. It starts anew on 1 " in refused.value.user_message
    assert refused.value.code == "budget_exceeded"
    assert [(log.status, log.error_type, log.input_tokens) for log in logs()][1:] == [("blocked", "budget_exceeded", 0)]
    assert len(vendor.seen) == 1


def test_a_soft_budget_refuses_nothing_and_counts_all(vendor: FakeServer, logs: Logs):
    budget("0.0000001", is_hard=False)

    ask()
    ask()
    cost = sum(log.cost_usd or 0 for log in logs())
    assert spent() == cost > 0


def test_an_inactive_budget_counts_for_nobody(vendor: FakeServer, logs: Logs):
    budget("0.0000001", is_active=False)

    ask()
    ask()
    assert len(logs()) == 2
    assert not BudgetPeriod.objects.exists()


async def in_parallel(count: int, **more: Any) -> list[BaseException | Any]:
    asked = [client.acompletion(model=MODEL, messages=ASK, max_tokens=20, **more) for _ in range(count)]
    return await asyncio.gather(*asked, return_exceptions=True)


def test_fifty_calls_at_once_against_room_for_ten_overspend_by_one_at_most(vendor: FakeServer, logs: Logs):
    ask()
    [first] = logs()
    assert first.cost_usd
    LLMCallLog.objects.all().delete()
    limit = first.cost_usd * 10
    budget(limit)

    answers = background.run(in_parallel(50))
    assert call_logs.flush(10)
    refused = [answer for answer in answers if isinstance(answer, errors.BudgetExceeded)]
    assert len(refused) in (39, 40)
    assert len(answers) - len(refused) == sum(not isinstance(answer, BaseException) for answer in answers)
    assert limit <= spent() <= limit + first.cost_usd
    assert LLMCallLog.objects.filter(status="blocked").count() == len(refused)
    assert BudgetPeriod.objects.get().reserved == 0


def test_threads_that_reserve_at_once_are_let_in_up_to_the_limit():
    budget(10, measure="requests", window="day")
    budget(10_000, measure="tokens", window="day")
    let_in: list[uuid.UUID] = []

    def try_it() -> None:
        try:
            let_in.append(reserve())
        except errors.Blocked:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=try_it) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(let_in) == 10  # the token budget has room for as many: none was taken by those the other refused
    assert BudgetPeriod.objects.get(budget__measure="tokens").reserved == sum(
        reservation.amount for reservation in Reservation.objects.all()
    )
    assert Reservation.objects.count() == 10


@pytest.mark.parametrize(("wishes", "tokens"), [({"max_output_tokens": 64}, 64), ({}, budgets.EXPECTED_OUTPUT)])
def test_no_more_is_reserved_than_the_longest_reply_somebody_wished(wishes: dict[str, Any], tokens: int):
    budget(5_000, measure="tokens")

    def reserved(**params: Any) -> Decimal:
        request = LLMRequest(model=MODEL, messages=ASK, **params)
        asyncio.run(budgets.admit(call_id=uuid.uuid4(), at=timezone.now(), request=request))
        return Reservation.objects.order_by("-pk").values_list("amount", flat=True)[0]

    for_one = reserved(params={"max_tokens": 1})
    Reservation.objects.all().delete()

    assert reserved(wishes=wishes) - for_one == tokens - 1


def test_a_reservation_of_a_dead_process_runs_out():
    budget(1, measure="tokens")
    reserve()
    with pytest.raises(errors.BudgetExceeded):
        reserve()
    Reservation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    budgets.sweep()
    reserve()
    assert Reservation.objects.count() == 1


def test_a_cancelled_call_gives_back_what_it_reserved(vendor: FakeServer, logs: Logs):
    budget(1_000_000, measure="tokens")

    async def leave_early() -> None:
        async with client.stream(model=MODEL, messages=[{"role": "user", "content": "[[fake 50t 20r]] hi"}]) as reply:
            async for _ in reply:
                break

    background.run(leave_early())
    [log] = logs()
    [period] = BudgetPeriod.objects.all()
    assert (log.status, period.reserved) == ("cancelled", Decimal(0))
    assert period.spent == log.total_tokens


def test_each_person_has_a_budget_of_their_own(alice: User, bob: User):
    budget(1, measure="tokens", scope="each_user")

    reserve(alice)
    with pytest.raises(errors.BudgetExceeded):
        reserve(alice)
    reserve(bob)


def test_a_budget_is_for_the_calls_it_names(alice: User, bob: User):
    team = team_of(alice, editor=bob)
    bot_id = uuid.uuid4()
    rules: dict[str, dict[str, Any]] = {
        "one person": {"scope": "user", "user": alice},
        "one bot": {"scope": "bot", "bot_id": bot_id},
        "one model": {"scope": "model", "model": MODEL},
        "a vendor": {"scope": "model", "model": "openai/*"},
        "a team": {"team": team},
        "each team": {"scope": "each_team"},
    }
    for name, fields in rules.items():
        rules[name]["budget"] = budget(5, measure="requests", window="day", **fields)

    def held(**call: Any) -> set[str]:
        of = budgets.Who(**({"user_id": None, "team_id": None, "bot_id": None, "model": "groq/x"} | call))
        known.look()
        return {
            name
            for name, fields in rules.items()
            for rule in known.peek().rules
            if rule.id == fields["budget"].pk and budgets.subject_of(rule, of) is not None
        }

    assert held() == set()
    assert held(user_id=alice.pk) == {"one person"}
    assert held(bot_id=bot_id) == {"one bot"}
    assert held(model=MODEL) == {"one model", "a vendor"}
    assert held(model="openai/o3") == {"a vendor"}
    assert held(team_id=team.pk) == {"a team", "each team"}


def test_a_budget_made_in_the_middle_of_a_month_knows_what_was_spent_before(alice: User):
    now = timezone.now()
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for user, at in ((alice, now), (alice, month - timedelta(seconds=1)), (None, now)):
        LLMCallLog.objects.create(
            user=user, created_at=at, model=MODEL, status="success", total_tokens=40, cost_usd=Decimal("0.5")
        )
    budget("0.5", scope="each_user")

    with pytest.raises(errors.BudgetExceeded):
        reserve(alice)
    assert spent() == Decimal("0.5")


@pytest.mark.parametrize("window", ["total", "minute", "month"])
def test_what_was_let_in_before_a_budget_was_known_is_booked_once(window: str, vendor: FakeServer, logs: Logs):
    known.look()
    Budget.objects.create(limit=1_000_000, measure="tokens", window=window, is_hard=False)
    ask()
    known.forget()

    [log] = logs()
    assert spent() == log.total_tokens


def test_a_budget_that_was_removed_meanwhile_costs_no_row(vendor: FakeServer, logs: Logs):
    budget(1_000_000, measure="tokens")
    known.look()
    Budget.objects.all().delete()

    ask(metadata={"bot_id": "no uuid"})
    assert [log.status for log in logs()] == ["success"]
    assert not BudgetPeriod.objects.exists()


def test_requests_of_a_minute_are_limited_and_say_when_to_try_again(vendor: FakeServer, logs: Logs):
    budget(2, measure="requests", window="minute")
    ask()
    ask()

    with pytest.raises(errors.TooManyCalls) as refused:
        ask()
    assert refused.value.retry_after
    assert 0 < refused.value.retry_after <= 60
    assert refused.value.user_message.startswith("That was a lot in a short time. Try again in ")
    assert (refused.value.code, refused.value.retryable) == ("too_many_calls", True)
    assert len(vendor.seen) == 2


def test_calls_at_once_are_limited_until_one_ends(vendor: FakeServer, logs: Logs):
    budget(3, measure="parallel")

    answers = background.run(in_parallel(8))
    assert len([answer for answer in answers if isinstance(answer, errors.TooManyCalls)]) == 5
    assert call_logs.flush(10)
    ask()


def test_a_model_without_a_price_takes_tokens_but_no_money(vendor: FakeServer, logs: Logs):
    budget("0.01")
    budget(100_000, measure="tokens")

    ask(model="hosted_vllm/own")
    [log] = logs()
    assert BudgetPeriod.objects.get(budget__measure="usd").spent == 0
    assert BudgetPeriod.objects.get(budget__measure="tokens").spent == log.total_tokens


def test_without_a_budget_a_call_asks_the_database_nothing():
    known.look()

    async def admit() -> None:
        request = LLMRequest(model=MODEL, messages=ASK)
        await budgets.admit(call_id=uuid.uuid4(), at=timezone.now(), request=request)

    before = known.peek()
    connections.close_all()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(budgets, "in_db", None)  # the way to the database, which would fail
        asyncio.run(admit())
    assert known.peek() is before


def test_a_budget_that_does_not_concern_a_call_costs_it_nothing(alice: User):
    budget(1, measure="tokens", scope="user", user=alice)
    known.look()

    reserve(None)
    assert not BudgetPeriod.objects.exists()


def test_a_held_call_is_let_in_by_three_statements():
    budget(1_000_000, measure="tokens")
    reserve()
    at = timezone.now()
    holds = list(
        budgets._holds(
            known.peek().rules,
            budgets.Who(None, None, None, MODEL),
            at,
            budgets._expected(LLMRequest(model=MODEL, messages=ASK)),
        )
    )

    with CaptureQueriesContext(connection) as asked:
        budgets.reserve(call_id=uuid.uuid4(), at=at, holds=holds)
    verbs = [query["sql"].split()[0] for query in asked]
    assert [verb for verb in verbs if verb in ("SELECT", "UPDATE", "INSERT")] == ["SELECT", "UPDATE", "INSERT"]


def test_a_budget_of_another_process_is_known_within_seconds(alice: User):
    known.look()
    Budget.objects.create(limit=1, measure="tokens")
    assert known.peek().rules == ()

    async def wait() -> None:
        await memory.start()
        await memory.stop()

    asyncio.run(wait())
    assert len(known.peek().rules) == 1
    assert memory.EVERY <= 5


@pytest.mark.parametrize(
    ("window", "zone", "at", "start", "end"),
    [
        ("day", "UTC", "2026-03-29T12:00", "2026-03-29T00:00", "2026-03-30T00:00"),
        ("day", "Europe/Berlin", "2026-03-29T12:00", "2026-03-28T23:00", "2026-03-29T22:00"),  # 23 hours
        ("month", "Europe/Berlin", "2026-10-31T23:30", "2026-10-31T23:00", "2026-11-30T23:00"),
        ("month", "UTC", "2026-12-31T23:59", "2026-12-01T00:00", "2027-01-01T00:00"),
        ("week", "UTC", "2026-11-21T10:00", "2026-11-16T00:00", "2026-11-23T00:00"),
        ("minute", "Asia/Kolkata", "2026-11-21T10:00:30", "2026-11-21T10:00", "2026-11-21T10:01"),
        ("hour", "UTC", "2026-11-21T10:59", "2026-11-21T10:00", "2026-11-21T11:00"),
    ],
)
def test_spans_begin_and_end_by_the_clock_of_their_zone(window: str, zone: str, at: str, start: str, end: str):
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)

    assert windows.start_of(window, zone, moment) == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert windows.end_of(window, zone, moment) == datetime.fromisoformat(end).replace(tzinfo=UTC)
