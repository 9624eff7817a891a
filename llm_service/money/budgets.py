"""Holds calls against budgets: reserves before a call what it will probably take, and books after it what it took.

A call is let through as long as something is left, so people get what they paid for and a budget is overspent by its
last call at most, and by what estimates are wrong about. All budgets of a call are taken in one transaction, in one
order everywhere. What a call took is booked with its row, also where nothing was reserved for it; a reservation that
no row comes for, because its process died, runs out.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.db.models import F, Q, Sum
from django.utils import timezone

from lib.write_lock import writing
from llm_service import errors, tokens
from llm_service.models import Budget, BudgetPeriod, LLMCallLog, Reservation
from llm_service.money import known, prices, windows
from llm_service.money.known import Rule
from llm_service.names import real_name
from llm_service.parts import CallUsage
from llm_service.requests import LLMRequest
from realtime.bridge import in_db

logger = logging.getLogger(__name__)

EXPECTED_OUTPUT = 1_000
"""Tokens that an answer is taken to have, where its call sets no bound."""
ROUNDING = Decimal("0.000000005")
"""SQLite adds decimals as floats."""
GRACE = timedelta(minutes=2)
"""How long after its last moment a call's row may still come."""
BOOKED = (Budget.Measure.USD, Budget.Measure.TOKENS)
"""Measures of which only the end of a call tells how much it took."""


@dataclass(frozen=True, slots=True)
class Who:
    """What of a call says which budgets are for it."""

    user_id: int | None
    team_id: UUID | None
    bot_id: UUID | None
    model: str


@dataclass(frozen=True, slots=True)
class Hold:
    """One budget a call is held against."""

    rule: Rule
    subject: str
    starts_at: datetime
    amount: Decimal

    @property
    def key(self) -> tuple[UUID, str, datetime]:
        return self.rule.id, self.subject, self.starts_at


class EndedCall(Protocol):
    """What of a call's record is booked."""

    @property
    def id(self) -> UUID: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def request(self) -> LLMRequest: ...
    @property
    def usage(self) -> CallUsage: ...


async def admit(*, call_id: UUID, at: datetime, request: LLMRequest) -> None:
    """Reserve what a call will take. Raises BudgetExceeded or TooManyCalls.

    Costs nothing where no budget is for the call, else one trip to the database.
    """
    rules = (await known.current()).rules
    if not rules:
        return
    holds = list(_holds(rules, who(request), at, _expected(request)))
    if not holds:
        return
    try:
        await in_db(reserve, call_id=call_id, at=at, holds=holds)
    except (DatabaseError, InterfaceError) as error:
        # It is booked in the end all the same: the writer keeps what it could not store.
        logger.warning("A call was not held against its budgets: %s", error)


def reserve(*, call_id: UUID, at: datetime, holds: list[Hold]) -> None:
    """Take all of it or nothing. Raises BudgetExceeded or TooManyCalls."""
    expires_at = timezone.now() + timedelta(seconds=settings.LLM_TOTAL_TIMEOUT) + GRACE
    periods = _found(holds)
    if len(periods) < len(holds):
        with writing():  # of its own, so that a span that is refused need not be begun again
            periods = _periods(holds)
    with writing():
        reservations = []
        for hold in holds:
            period_id = periods[hold.key]
            row = BudgetPeriod.objects.filter(pk=period_id)
            if hold.rule.is_hard:
                room = Q(spent__lt=hold.rule.limit - ROUNDING - F("reserved"))
                row = row.filter(room)
            column = "spent" if hold.rule.measure == Budget.Measure.REQUESTS else "reserved"
            if not row.update(**{column: F(column) + hold.amount}):
                raise refusal(hold.rule, at)
            if column == "reserved":
                reservations.append(
                    Reservation(call_id=call_id, period_id=period_id, amount=hold.amount, expires_at=expires_at)
                )
        Reservation.objects.bulk_create(reservations)


def book(calls: Iterable[EndedCall]) -> None:
    """Add what ended calls took and give back what was reserved for them. Within the transaction of their rows."""
    calls = list(calls)
    _release(Q(call_id__in=[call.id for call in calls]))
    rules = tuple(rule for rule in known.peek().rules if rule.measure in BOOKED)
    if not rules:
        return
    taken: dict[tuple[UUID, str, datetime], Hold] = {}
    for call in calls:
        for hold in _holds(rules, who(call.request), call.created_at, call.usage):
            earlier = taken.get(hold.key)
            amount = hold.amount + (earlier.amount if earlier else 0)
            taken[hold.key] = Hold(hold.rule, hold.subject, hold.starts_at, amount)
    holds = sorted(taken.values(), key=lambda hold: hold.key)
    there = _found(holds)
    if len(there) < len(holds):
        # What this process knows is seconds old: a budget that is gone by now must not keep rows from being written.
        alive = set(Budget.objects.filter(pk__in=[hold.rule.id for hold in holds]).values_list("pk", flat=True))
        holds = [hold for hold in holds if hold.rule.id in alive]
    for hold in holds:
        # A span that begins here begins with what the rows say, these calls included.
        period_id, has_rows = (there[hold.key], False) if hold.key in there else _begin(hold)
        if hold.amount and not has_rows:
            BudgetPeriod.objects.filter(pk=period_id).update(spent=F("spent") + hold.amount)


COUNTS = ("team_id", "scope", "user_id", "bot_id", "model", "measure", "window", "zone")


def store(budget: Budget) -> None:
    """Save a budget. One that counts something else now begins anew, with what the calls' rows say."""
    before = Budget.objects.filter(pk=budget.pk).values(*COUNTS).first()
    budget.save()
    if before and before != {name: getattr(budget, name) for name in COUNTS}:
        budget.periods.all().delete()
    known.changed()


def sweep() -> None:
    """Give back what dead processes reserved, and forget the spans of limits that are long over."""
    now = timezone.now()
    with writing():
        _release(Q(expires_at__lt=now))
        BudgetPeriod.objects.filter(
            budget__window__in=(Budget.Window.MINUTE, Budget.Window.HOUR),
            starts_at__lt=now - timedelta(days=1),
            reservations=None,
        ).delete()


def who(request: LLMRequest) -> Who:
    try:
        bot_id = UUID(str(request.metadata.get("bot_id")))
    except ValueError:
        bot_id = None
    return Who(request.user_id, request.team_id, bot_id, real_name(request.model))


def subject_of(rule: Rule, of: Who) -> str | None:
    """Return whose share of a budget a call takes from, empty where all share it; None where it is not for the call."""
    if rule.team_id and str(rule.team_id) != str(of.team_id):
        return None
    match rule.scope:
        case Budget.Scope.EACH_USER:
            return str(of.user_id) if of.user_id else None
        case Budget.Scope.EACH_TEAM:
            return str(of.team_id) if of.team_id else None
        case Budget.Scope.USER:
            return "" if rule.user_id == of.user_id else None
        case Budget.Scope.BOT:
            return "" if rule.bot_id == of.bot_id else None
        case Budget.Scope.MODEL:
            pattern = rule.model
            is_meant = of.model.startswith(pattern[:-1]) if pattern.endswith("*") else of.model == pattern
            return "" if is_meant else None
    return ""


def refusal(rule: Rule, at: datetime) -> errors.LLMError:
    """Return the error for a call that found a budget used up."""
    ends_at = windows.end_of(rule.window, rule.zone, at)
    seconds = max(1.0, (ends_at - timezone.now()).total_seconds()) if ends_at else None
    detail = f"Budget {rule.id}: {rule.limit.normalize():f} {rule.measure} in {rule.window}."
    if rule.measure == Budget.Measure.PARALLEL:
        return errors.TooManyCalls(detail, retry_after=5.0, at_once=True)
    if rule.is_rate:
        return errors.TooManyCalls(detail, retry_after=seconds)
    zone_end = ends_at.astimezone(ZoneInfo(rule.zone)) if ends_at else None
    return errors.BudgetExceeded(
        detail, retry_after=seconds, window=rule.window, starts_anew=zone_end, is_of_model=rule.scope == "model"
    )


def _expected(request: LLMRequest) -> CallUsage:
    """Guess what a call will take before it is sent."""
    bound = request.params.get("max_completion_tokens") or request.params.get("max_tokens")
    bound = bound or request.wishes.get("max_output_tokens")
    usage = CallUsage(
        input_tokens=tokens.estimate_messages(request.messages),
        output_tokens=bound if isinstance(bound, int) and bound > 0 else _expected_output(request),
    )
    prices.settle(usage, model=request.model)
    return usage


def _expected_output(request: LLMRequest) -> int:
    return EXPECTED_OUTPUT if request.kind == "chat" else 0


def _holds(rules: Iterable[Rule], of: Who, at: datetime, usage: CallUsage) -> Iterator[Hold]:
    """Yield the budgets of a call, in the order in which everybody takes them."""
    amounts = {
        Budget.Measure.USD: usage.cost_usd or Decimal(0),
        Budget.Measure.TOKENS: Decimal((usage.input_tokens or 0) + (usage.output_tokens or 0)),
    }
    for rule in rules:
        subject = subject_of(rule, of)
        if subject is not None:
            window = "total" if rule.measure == Budget.Measure.PARALLEL else rule.window
            starts_at = windows.start_of(window, rule.zone, at)
            yield Hold(rule, subject, starts_at, amounts.get(Budget.Measure(rule.measure), Decimal(1)))


def _found(holds: Iterable[Hold]) -> dict[tuple[UUID, str, datetime], int]:
    wanted = Q()
    for hold in holds:
        wanted |= Q(budget_id=hold.rule.id, subject=hold.subject, starts_at=hold.starts_at)
    rows = BudgetPeriod.objects.filter(wanted).values_list("budget_id", "subject", "starts_at", "pk") if wanted else ()
    return {(budget_id, subject, starts_at): pk for budget_id, subject, starts_at, pk in rows}


def _periods(holds: list[Hold]) -> dict[tuple[UUID, str, datetime], int]:
    """Return the rows of these spans, by their keys, having begun those that are new."""
    found = _found(holds)
    return {hold.key: found[hold.key] if hold.key in found else _begin(hold)[0] for hold in holds}


def _begin(hold: Hold) -> tuple[int, bool]:
    """Return the row of a span that was not there, and whether it was made here with what the calls' rows say."""
    period, is_new = BudgetPeriod.objects.get_or_create(
        budget_id=hold.rule.id,
        subject=hold.subject,
        starts_at=hold.starts_at,
        defaults={"spent": _spent_before(hold)},
    )
    return period.pk, is_new and _counts_rows(hold.rule)


def _counts_rows(rule: Rule) -> bool:
    """Whether a span begins with what was taken before its budget was made; one without end begins with nothing."""
    return rule.measure in BOOKED and rule.window not in (Budget.Window.TOTAL, Budget.Window.MINUTE)


def _spent_before(hold: Hold) -> Decimal:
    """Sum up what calls of this span have taken already: a budget may be made in the middle of it."""
    rule = hold.rule
    if not _counts_rows(rule):
        return Decimal(0)
    calls = LLMCallLog.objects.filter(created_at__gte=hold.starts_at)
    ends_at = windows.end_of(rule.window, rule.zone, hold.starts_at)
    calls = calls.filter(created_at__lt=ends_at)
    if rule.team_id:
        calls = calls.filter(team_id=rule.team_id)
    match rule.scope:
        case Budget.Scope.EACH_USER:
            calls = calls.filter(user_id=int(hold.subject))
        case Budget.Scope.EACH_TEAM:
            calls = calls.filter(team_id=hold.subject)
        case Budget.Scope.USER:
            calls = calls.filter(user_id=rule.user_id or 0)
        case Budget.Scope.BOT:
            calls = calls.filter(bot_id=rule.bot_id)
        case Budget.Scope.MODEL if rule.model.endswith("*"):
            calls = calls.filter(model__startswith=rule.model[:-1])
        case Budget.Scope.MODEL:
            calls = calls.filter(model=rule.model)
    column = "cost_usd" if rule.measure == Budget.Measure.USD else "total_tokens"
    return Decimal(calls.aggregate(sum=Sum(column))["sum"] or 0).quantize(prices.PLACES)


def _release(which: Q) -> None:
    rows = list(Reservation.objects.select_for_update().filter(which).order_by("pk"))
    if not rows:
        return
    given_back: dict[int, Decimal] = {}
    for row in rows:
        given_back[row.period_id] = given_back.get(row.period_id, Decimal(0)) + row.amount
    Reservation.objects.filter(pk__in=[row.pk for row in rows]).delete()
    periods = BudgetPeriod.objects.filter(pk__in=given_back).order_by("budget_id", "subject", "starts_at")
    for period_id in periods.values_list("pk", flat=True):
        BudgetPeriod.objects.filter(pk=period_id).update(reserved=F("reserved") - given_back[period_id])
