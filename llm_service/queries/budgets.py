"""How much of each budget is used, for those it belongs to and those it stops."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lib.wording import number, rounded
from llm_service.models import Alert, AlertEvent, Budget, BudgetPeriod
from llm_service.money import windows

MOST = 100


@dataclass(frozen=True, slots=True)
class Use:
    """A budget and what is used of it in the span in progress; of one for each, by whoever used the most."""

    budget: Budget
    used: Decimal
    starts_anew: datetime | None
    """By the clock of the budget, whose days and months begin at midnight there."""

    @property
    def starts_anew_on(self) -> str:
        return date_format(self.starts_anew, _("j F")) if self.starts_anew and not self.budget.is_rate else ""

    @property
    def percent(self) -> int:
        return min(100, int(self.used * 100 / self.budget.limit))

    @property
    def is_used_up(self) -> bool:
        return self.used >= self.budget.limit

    @property
    def in_words(self) -> str:
        """Say how much of how much: `$1.20 of $10.00`."""
        return _("%(used)s of %(limit)s") % {
            "used": plain(self.budget.measure, self.used),
            "limit": amount(self.budget.measure, self.budget.limit),
        }

    @property
    def tone(self) -> str:
        if self.is_used_up:
            return "danger"
        return "warning" if self.budget.alert_at and self.percent >= self.budget.alert_at else ""


def plain(measure: str, value: Decimal) -> str:
    if measure == Budget.Measure.USD:
        digits = 2 if value >= Decimal("0.1") or not value else 4
        return f"${rounded(value, digits)}"
    return number(int(value))


def amount(measure: str, value: Decimal) -> str:
    """Say an amount with its unit."""
    count = int(value)
    match measure:
        case Budget.Measure.TOKENS:
            return ngettext("%(n)s token", "%(n)s tokens", count) % {"n": number(count)}
        case Budget.Measure.REQUESTS:
            return ngettext("%(n)s request", "%(n)s requests", count) % {"n": number(count)}
        case Budget.Measure.PARALLEL:
            return ngettext("%(n)s call at once", "%(n)s calls at once", count) % {"n": number(count)}
    return plain(measure, value)


def of_team(team_id: UUID) -> list[Use]:
    """Return the budgets a team has set itself."""
    budgets = Budget.objects.filter(team_id=team_id).select_related("user").order_by("created_at", "pk")[:MOST]
    return _uses(budgets)


def used_of(budget: Budget, now: datetime | None = None) -> Decimal:
    """Return what is used of a budget in the span in progress; of one for each, by whoever used the most."""
    return _uses([budget], now=now)[0].used


def of_person(user_id: int, team_id: UUID) -> list[Use]:
    """Return the budgets that may stop a person in a team: theirs, the team's and the site's, rates left out."""
    held = Budget.objects.filter(
        Q(team_id=team_id) | Q(team=None),
        Q(scope__in=(Budget.Scope.EACH_USER, Budget.Scope.EACH_TEAM))
        | Q(scope=Budget.Scope.USER, user_id=user_id)
        # How much the whole site spends is not for everybody to see.
        | Q(scope=Budget.Scope.ALL, team_id=team_id),
        is_active=True,
    ).order_by("created_at", "pk")[:MOST]
    subjects = {Budget.Scope.EACH_USER.value: str(user_id), Budget.Scope.EACH_TEAM.value: str(team_id)}
    return _uses([budget for budget in held if not budget.is_rate], subjects)


def alerts_of(team_id: UUID) -> QuerySet[Alert]:
    return Alert.objects.filter(team_id=team_id).select_related("budget").order_by("pk")[:MOST]


def latest_alerts(team_id: UUID, *, most: int = 20) -> QuerySet[AlertEvent]:
    """Return what a team's alerts have said of late, the newest first."""
    return AlertEvent.objects.filter(team_id=team_id).order_by("-created_at", "-pk")[:most]


def _uses(
    budgets: Iterable[Budget], subjects: dict[str, str] | None = None, *, now: datetime | None = None
) -> list[Use]:
    now = now or timezone.now()
    budgets = list(budgets)
    wanted = Q(pk=None)
    for budget in budgets:
        window = "total" if budget.measure == Budget.Measure.PARALLEL else budget.window
        span = Q(budget=budget, starts_at=windows.start_of(window, budget.zone, now))
        if subjects is not None:
            span &= Q(subject=subjects.get(budget.scope, ""))
        wanted |= span
    used: dict[UUID, Decimal] = {}
    for period in BudgetPeriod.objects.filter(wanted).order_by("-spent")[: MOST * 10]:
        taken = period.reserved if _is_parallel(budgets, period) else period.spent
        used[period.budget_id] = max(used.get(period.budget_id, Decimal(0)), taken)
    return [Use(budget, used.get(budget.pk, Decimal(0)), _end_of_span(budget, now)) for budget in budgets]


def _end_of_span(budget: Budget, now: datetime) -> datetime | None:
    ends_at = windows.end_of(budget.window, budget.zone, now)
    return ends_at.astimezone(ZoneInfo(budget.zone)) if ends_at else None


def _is_parallel(budgets: list[Budget], period: BudgetPeriod) -> bool:
    return any(budget.pk == period.budget_id and budget.measure == Budget.Measure.PARALLEL for budget in budgets)
