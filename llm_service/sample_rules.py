"""What a team that watches its spending would have set, beside sample calls: budgets, alerts, rules, saved views."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.db.models import QuerySet, Sum
from django.utils import timezone

from accounts.models import User
from lib.write_lock import writing
from llm_service.models import (
    Alert,
    AlertEvent,
    Budget,
    BudgetPeriod,
    Feedback,
    LLMCallLog,
    ModelPrice,
    ModelRule,
    Provider,
    SavedView,
)
from llm_service.money import known, windows
from teams.models import Team

ZONE = "Europe/Berlin"
LEAST = Decimal("0.05")
"""A budget of a month that has only begun is this much at least."""
SAID = (
    ("wrong", "The date is last year's."),
    ("too_long", ""),
    ("unhelpful", "I asked for a table."),
    ("other", "It answered in English, I had written German."),
)


def make(*, team: Team, person: User) -> None:
    now = timezone.now()
    with writing():
        budget = _budgets(team, now)
        _alerts(team, budget, now)
        _models(team, person, now)
        _views(team, person)
        _feedback(team)
    known.changed()


def _budgets(team: Team, now: datetime) -> Budget:
    """Make one that is nearly used up, one that is, one that only counts, and a limit. Return the first."""
    calls = LLMCallLog.objects.filter(team=team)
    month = windows.start_of(Budget.Window.MONTH, ZONE, now)
    spent = _spent(calls.filter(created_at__gte=month))
    whole = _budget(team, spent, share="0.87", starts_at=month, told_at=now - timedelta(hours=7))
    week = windows.start_of(Budget.Window.WEEK, ZONE, now)
    of_week = calls.filter(created_at__gte=week)
    dearest = of_week.values("user_id").annotate(sum=Sum("cost_usd")).order_by("-sum").first()
    if dearest and dearest["sum"]:
        used = _spent(of_week.filter(user_id=dearest["user_id"]))
        one: dict[str, Any] = {"scope": Budget.Scope.USER, "user_id": dearest["user_id"], "window": Budget.Window.WEEK}
        _budget(team, used, share="1.02", starts_at=week, told_at=now - timedelta(days=1), **one)
    model: dict[str, Any] = {"scope": Budget.Scope.MODEL, "model": "openai/o4-mini", "is_hard": False}
    used = _spent(calls.filter(created_at__gte=month, model="openai/o4-mini"))
    _budget(team, used, share="0.41", starts_at=month, **model)
    Budget.objects.create(
        team=team, scope=Budget.Scope.EACH_USER, limit=60, measure=Budget.Measure.REQUESTS,
        window=Budget.Window.MINUTE, alert_at=None,
    )  # fmt: skip
    return whole


def _budget(
    team: Team, spent: Decimal, *, share: str, starts_at: datetime, told_at: datetime | None = None, **fields: Any
) -> Budget:
    """Store a budget of which this share is used."""
    limit = spent / Decimal(share)
    limit = max(LEAST, round(limit, 0 if limit > 20 else 1 if limit > 2 else 2))
    budget = Budget.objects.create(team=team, limit=limit, zone=ZONE, **fields)
    BudgetPeriod.objects.create(budget=budget, starts_at=starts_at, spent=spent, told_at=told_at)
    return budget


def _spent(calls: QuerySet[LLMCallLog]) -> Decimal:
    return Decimal(calls.aggregate(sum=Sum("cost_usd"))["sum"] or 0).quantize(Decimal("1e-8"))


def _alerts(team: Team, budget: Budget, now: datetime) -> None:
    bad_day = LLMCallLog.objects.filter(team=team, error_type="overloaded").order_by("-created_at").first()
    at = bad_day.created_at if bad_day else now - timedelta(days=9)
    spending = Alert.objects.create(
        team=team, kind=Alert.Kind.SPENDING, budget=budget, threshold=80, is_firing=True, last_value=Decimal("87"),
        changed_at=now - timedelta(hours=7),
    )  # fmt: skip
    failing = Alert.objects.create(team=team, kind=Alert.Kind.ERRORS, threshold=10, changed_at=at)
    Alert.objects.create(team=team, kind=Alert.Kind.FIRST_TOKEN, threshold=6000, least_calls=30)
    told = (
        (
            failing,
            at - timedelta(minutes=45),
            True,
            "26 % of the calls of the last 15 minutes failed, more than 10 %.",
        ),
        (failing, at, False, "It is over: More than 10 % of the calls of 15 minutes fail."),
        (spending, now - timedelta(hours=7), True, f"80.4 % of the budget {budget} is used, more than 80 %."),
    )
    for alert, told_at, is_firing, sentence in told:
        AlertEvent.objects.create(alert=alert, team=team, created_at=told_at, is_firing=is_firing, sentence=sentence)


def _models(team: Team, person: User, now: datetime) -> None:
    Provider.objects.create(
        team=team, slug="studio-gpus-demo", vendor="hosted_vllm", name="Studio GPUs", created_by=person,
        base_url="https://models.example.com/v1", offered=["llama-3.3-70b-instruct", "qwen3-32b"],
        tested_at=now - timedelta(days=2),
        test_problem="The model's provider could not be reached. Try again in a moment.",
    )  # fmt: skip
    ModelPrice.objects.create(
        model="hosted_vllm/llama-3.3-70b-instruct", provider="hosted_vllm", input=Decimal("0.20"),
        output=Decimal("0.20"), note="What an hour of our own machines costs, by tokens.",
    )  # fmt: skip
    for rule in (
        ModelRule(
            model="anthropic/claude-sonnet-4-5",
            fallbacks=["openai/gpt-4o", "gemini/gemini-2.5-flash"],
            note="For texts that others read.",
        ),
        ModelRule(model="openai/gpt-4o", retires_on=(now + timedelta(days=60)).date(), note="Its vendor ends it."),
        ModelRule(model="mistral/mistral-small-latest", is_allowed=False, note="Until the contract is signed."),
    ):
        rule.team = team
        rule.save()


def _views(team: Team, person: User) -> None:
    for name, query, is_shared in (
        ("Failures this week", "period=week&status=error", True),
        ("Dearest calls", "period=month&sort=cost", True),
        ("Slower than 20 s", "period=month&took_from=20&sort=duration", False),
    ):
        SavedView.objects.create(team=team, user=person, name=name, query=query, is_shared=is_shared)


def _feedback(team: Team) -> None:
    """Have people say of some of their replies what they think: mostly good."""
    rated = LLMCallLog.objects.filter(team=team, feature="chat", status="success", finish_reason="stop")
    for place, call in enumerate(rated.order_by("-created_at", "pk")[:400:8]):
        if not (call.user_id and call.message_id and call.thread_id):
            continue
        rating = Feedback.Rating.DOWN if place % 5 == 2 else Feedback.Rating.UP
        reason, text = SAID[place // 5 % len(SAID)] if rating == Feedback.Rating.DOWN else ("", "")
        Feedback.objects.create(
            id=uuid5(UUID(int=0), str(call.pk)), user_id=call.user_id, team=team, call=call, model=call.model,
            message_id=call.message_id, thread_id=call.thread_id, turn_id=call.turn_id, rating=rating,
            reason=reason, text=text, created_at=call.created_at + timedelta(minutes=2),
        )  # fmt: skip
