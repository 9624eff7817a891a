"""What goes with a thing that is about to be removed, in the sentences of the page that asks."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lib.wording import number
from llm_service import alerting, catalogue
from llm_service.models import (
    Alert,
    Budget,
    CallBody,
    Guardrail,
    LLMCallLog,
    ModelRule,
    Provider,
    SavedView,
)
from llm_service.queries import budgets
from teams.questions import Question

MOST_NAMED = 5
COUNTED = 10_000
"""So many calls are counted at most: a team may have millions."""


def of_budget(budget: Budget) -> Question:
    goes = []
    if budget.is_hard and budget.is_active:
        goes.append(_("From the next message on it stops nobody any more."))
    if used := budgets.used_of(budget):
        counted = {"used": budgets.amount(budget.measure, used)}
        goes.append(_("What it counted goes for good: %(used)s in the time that runs now.") % counted)
    if watching := budget.alerts.count():
        goes.append(
            ngettext(
                "The alert that watches it goes with it.", "The %(count)s alerts that watch it go with it.", watching
            )
            % {"count": number(watching)}
        )
    if budget.is_active:
        goes.append(_("To pause it, choose Change and take away “In force”."))
    if budget.is_rate:
        return Question(_("Remove the limit of %(limit)s?") % {"limit": budget}, goes, _("Remove the limit"))
    return Question(_("Remove the budget of %(budget)s?") % {"budget": budget}, goes, _("Remove the budget"))


def of_alert(alert: Alert) -> Question:
    goes = [alerting.in_words(alert), _("Nobody is told of it any more.")]
    if alert.webhook_url:
        goes.append(_("The key of its webhook goes; an alert set anew signs with another."))
    if said := alert.events.count():
        goes.append(
            ngettext("What it said goes, too: one message.", "What it said goes, too: %(count)s messages.", said)
            % {"count": number(said)}
        )
    if alert.is_active:
        goes.append(_("To pause it, choose Change and take away “In force”."))
    return Question(_("Remove this alert?"), goes, _("Remove the alert"))


def of_guardrail(guardrail: Guardrail) -> Question:
    goes = []
    if guardrail.is_active:
        goes.append(_("From the next message on nothing is held against it."))
    if lines := len(guardrail.words):
        goes.append(
            ngettext("Its word or expression goes for good.", "Its %(count)s words and expressions go for good.", lines)
            % {"count": number(lines)}
        )
    goes.append(_("Calls it acted on keep its name in their log."))
    if guardrail.is_active:
        goes.append(_("To pause it, open it and take away “In use”."))
    return Question(_("Remove the guardrail %(name)s?") % {"name": guardrail.name}, goes, _("Remove the guardrail"))


def of_provider(provider: Provider) -> Question:
    models = catalogue.offered_by(provider)
    goes = []
    if provider.locked_key:
        goes.append(_("Its key is erased here. With the vendor it stays valid until you withdraw it there."))
    if models:
        names = [model.rpartition("/")[2] for model in models]
        goes.append(
            ngettext(
                "This model can no longer be chosen: %(names)s.",
                "These %(count)s models can no longer be chosen: %(names)s.",
                len(models),
            )
            % {"count": number(len(models)), "names": _some(names)}
        )
    rules = ModelRule.objects.filter(team=provider.team_id).order_by("model")
    if left := [rule.model for rule in rules if set(rule.fallbacks) & set(models)]:
        goes.append(_("They no longer stand in for: %(models)s.") % {"models": _some(left)})
    goes.append(_("Calls made through it stay in the log."))
    return Question(_("Disconnect %(name)s?") % {"name": provider.name}, goes, _("Disconnect"))


def of_view(view: SavedView) -> Question:
    goes = [_("The filters under this name go. The calls stay.")]
    if view.is_shared:
        goes.insert(0, _("It goes for everybody in %(team)s who may see its calls.") % {"team": view.team.name})
    return Question(_("Remove the view %(name)s?") % {"name": view.name}, goes, _("Remove the view"))


def of_days(team_id: UUID, wanted: Mapping[str, Any]) -> Question | None:
    """Ask before a team keeps its calls for fewer days; None where nothing is too old for that."""
    now, goes = timezone.now(), []
    calls = LLMCallLog.objects.filter(team_id=team_id)
    if days := wanted["bodies_days"]:
        old = calls.filter(created_at__lt=now - timedelta(days=days))
        if count := CallBody.objects.filter(call__in=old)[:COUNTED].count():
            goes.append(
                ngettext(
                    "What was said in %(count)s call goes for good.",
                    "What was said in %(count)s calls goes for good.",
                    count,
                )
                % {"count": _at_least(count)}
            )
    if days := wanted["logs_days"]:
        count = calls.filter(created_at__lt=now - timedelta(days=days))[:COUNTED].count()
        said = ngettext("%(count)s call goes for good.", "%(count)s calls go for good.", count)
        goes += [said % {"count": _at_least(count)}] if count else []
    if not goes:
        return None
    goes.append(_("That happens within the hour. What they cost stays in the sums."))
    entered = {name: str(value or "") for name, value in wanted.items()} | {"sure": "1"}
    asked = _("Keep the calls of this team for fewer days?")
    return Question(asked, goes, _("Remove what is older"), _("Leave it as it is"), entered)


def _at_least(count: int) -> str:
    return number(count) if count < COUNTED else f"{number(COUNTED)}+"


def _some(names: list[str]) -> str:
    named = ", ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return _("%(names)s and %(count)s more") % {"names": named, "count": number(more)} if more > 0 else named
