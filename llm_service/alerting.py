"""Watches spending, errors and speed, and tells admins once when something begins and once when it is over.

A tick looks; what it finds is stored with the sentence that is sent. Mail and webhook leave by jobs of their own, so
that a slow receiver holds nothing up.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import httpx
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts import language
from accounts.models import User
from lib import jobs, mail
from lib.outbound import sending
from lib.write_lock import writing
from llm_service.models import Alert, AlertEvent, Budget, BudgetPeriod, LLMCallLog
from llm_service.money import windows
from llm_service.queries.budgets import used_of
from teams.models import Membership
from teams.permissions import Permission, roles_that_may

MOST_MEASURED = 10_000
"""The newest so many calls speak for all of the last minutes."""
MOST_TOLD = 50


class NotDelivered(Exception):
    """A webhook did not take an alert; it is tried again."""


def look(at: datetime | None = None) -> None:
    """Look at all budgets and rules once. Fit to run twice: each change is taken by the first to write it."""
    now = at or timezone.now()
    for period in _nearly_used_up(now):
        _tell_of_budget(period, now)
    for alert in Alert.objects.filter(is_active=True).select_related("budget", "team").order_by("pk"):
        value = measure(alert, now)
        if value is not None:
            _take_in(alert, value, now)


def measure(alert: Alert, now: datetime) -> Decimal | None:
    """Return what an alert watches right now; None where too few calls say anything."""
    if alert.kind == Alert.Kind.SPENDING:
        return used_of(alert.budget, now) * 100 / alert.budget.limit if alert.budget else None
    calls = LLMCallLog.objects.filter(created_at__gte=now - timedelta(minutes=alert.minutes))
    if alert.team_id:
        calls = calls.filter(team_id=alert.team_id)
    if alert.kind == Alert.Kind.ERRORS:
        sent = calls.filter(status__in=(LLMCallLog.Status.SUCCESS, LLMCallLog.Status.ERROR))
        found = sent.aggregate(all=Count("pk"), failed=Count("pk", filter=Q(status=LLMCallLog.Status.ERROR)))
        if not found["all"] or found["all"] < alert.least_calls:
            return None
        return Decimal(100 * found["failed"]) / Decimal(found["all"])
    return _p95(calls, "duration_ms" if alert.kind == Alert.Kind.LATENCY else "time_to_first_token_ms", alert)


def in_words(alert: Alert, value: Decimal | None = None) -> str:
    """Say what an alert watches, or with a value what it saw."""
    limit = number_format(alert.threshold.normalize(), use_l10n=True)
    seen = number_format(round(value, 1).normalize(), use_l10n=True) if value is not None else ""
    about = {"limit": limit, "value": seen, "minutes": alert.minutes, "budget": str(alert.budget or "")}
    match alert.kind:
        case Alert.Kind.SPENDING:
            said = _("%(value)s %% of the budget %(budget)s is used, more than %(limit)s %%.")
            rule = _("More than %(limit)s %% of the budget %(budget)s is used.")
        case Alert.Kind.ERRORS:
            said = _("%(value)s %% of the calls of the last %(minutes)s minutes failed, more than %(limit)s %%.")
            rule = _("More than %(limit)s %% of the calls of %(minutes)s minutes fail.")
        case Alert.Kind.LATENCY:
            said = _(
                "One answer in twenty of the last %(minutes)s minutes took %(value)s ms or more; allowed are %(limit)s."
            )
            rule = _("One answer in twenty of %(minutes)s minutes takes more than %(limit)s ms.")
        case _ignored:
            said = _(
                "One answer in twenty of the last %(minutes)s minutes began after %(value)s ms or more; "
                "allowed are %(limit)s."
            )
            rule = _("One answer in twenty of %(minutes)s minutes begins after more than %(limit)s ms.")
    return (rule if value is None else said) % about


def signing_key(alert: Alert) -> str:
    """Return the key that a receiver checks the signature of an alert's webhook with."""
    return salted_hmac("llm_service.alert", str(alert.pk), algorithm="sha256").hexdigest()


def signature(alert: Alert, sent_at: int, content: bytes) -> str:
    """Sign what is sent and when, so that nobody can send it again later."""
    signed = hmac.new(signing_key(alert).encode(), b"%d." % sent_at + content, hashlib.sha256)
    return f"t={sent_at},v1={signed.hexdigest()}"


def deliver(event_id: int) -> None:
    """Send an event to its alert's webhook. Raises NotDelivered while another try makes sense."""
    event = AlertEvent.objects.select_related("alert").filter(pk=event_id).first()
    if event is None or event.alert is None or not event.alert.webhook_url:
        return
    alert = event.alert
    content = json.dumps(
        {
            "id": event.pk,
            "alert": str(alert.pk),
            "kind": alert.kind,
            "is_firing": event.is_firing,
            "sentence": event.sentence,
            "value": float(alert.last_value) if alert.last_value is not None else None,
            "threshold": float(alert.threshold),
            "at": event.created_at.isoformat(),
        }
    ).encode()
    headers = {
        "Content-Type": "application/json",
        "Parley-Signature": signature(alert, int(time.time()), content),
    }
    try:
        answer = asyncio.run(sending.send("POST", alert.webhook_url, content=content, headers=headers))
        trouble = "" if answer.is_good else f"It answered {answer.status}."
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        trouble = str(error) or "It did not answer in time."
    with writing():
        AlertEvent.objects.filter(pk=event.pk).update(webhook_error=trouble[:300])
    if trouble:
        raise NotDelivered(trouble)


def receivers(team_id: UUID | None) -> list[str]:
    """Return the addresses of those who look after a team, or the site."""
    if team_id is None:
        people = User.objects.filter(is_active=True, is_superuser=True)
    else:
        admins = Membership.objects.filter(team_id=team_id, role__in=roles_that_may(Permission.MANAGE_PROVIDERS))
        people = User.objects.filter(is_active=True, pk__in=admins.values("user_id"))
    return list(people.exclude(email="").order_by("pk").values_list("email", flat=True)[:MOST_TOLD])


def _take_in(alert: Alert, value: Decimal, now: datetime) -> None:
    is_firing = value > alert.threshold
    if is_firing == alert.is_firing:
        return
    with writing():
        mine = Alert.objects.filter(pk=alert.pk, is_firing=not is_firing)
        if not mine.update(is_firing=is_firing, changed_at=now, last_value=round(value, 2)):
            return

        def said() -> str:
            return in_words(alert, value) if is_firing else _("It is over: %(rule)s") % {"rule": in_words(alert)}

        _say(said, team_id=alert.team_id, is_firing=is_firing, alert=alert)


def _nearly_used_up(now: datetime) -> Iterator[BudgetPeriod]:
    watched = Budget.objects.filter(
        is_active=True, alert_at__isnull=False, measure__in=(Budget.Measure.USD, Budget.Measure.TOKENS)
    ).exclude(window__in=(Budget.Window.MINUTE, Budget.Window.HOUR))
    for budget in watched.order_by("created_at", "pk"):
        span = budget.periods.filter(starts_at=windows.start_of(budget.window, budget.zone, now), told_at=None)
        used_up = span.filter(spent__gte=F("budget__limit") * F("budget__alert_at") / 100)
        yield from used_up.select_related("budget").order_by("pk")[:MOST_TOLD]


def _tell_of_budget(period: BudgetPeriod, now: datetime) -> None:
    budget = period.budget
    with writing():
        if not BudgetPeriod.objects.filter(pk=period.pk, told_at=None).update(told_at=now):
            return
        percent = int(period.spent * 100 / budget.limit)

        def said() -> str:
            facts = {"percent": percent, "budget": str(budget), "scope": budget.get_scope_display()}
            return _("%(percent)s %% of a budget is used: %(budget)s (%(scope)s).") % facts

        _say(said, team_id=budget.team_id)


def _say(said: Callable[[], str], *, team_id: UUID | None, is_firing: bool = True, alert: Alert | None = None) -> None:
    with translation.override("en"):  # it is stored, and read by others
        sentence = said()[:300]
    event = AlertEvent.objects.create(alert=alert, team_id=team_id, is_firing=is_firing, sentence=sentence)
    if alert is None or alert.by_mail:
        for address in receivers(team_id):
            with translation.override(language.of_address(address)):
                mail.send("llm_service/email/alert", to=address, context={"sentence": said(), "is_firing": is_firing})
    if alert and alert.webhook_url:
        jobs.enqueue("llm_service.deliver_alert", event_id=event.pk)


def _p95(calls: QuerySet[LLMCallLog], column: str, alert: Alert) -> Decimal | None:
    measured = calls.filter(status=LLMCallLog.Status.SUCCESS, **{f"{column}__isnull": False})
    times = sorted(measured.order_by("-created_at").values_list(column, flat=True)[:MOST_MEASURED])
    if len(times) < max(1, alert.least_calls):
        return None
    return Decimal(times[max(0, -(-len(times) * 95 // 100) - 1)])
