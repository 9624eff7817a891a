"""Budgets, limits and alerts of a team, set by those who may."""

from uuid import UUID

from django.shortcuts import get_object_or_404

from accounts import audit
from accounts.models import User
from lib.write_lock import writing
from llm_service.models import Alert, Budget
from llm_service.money import audit_actions, budgets, known
from teams.models import Team


@writing()
def set_budget(*, by: User, team: Team, budget: Budget) -> Budget:
    """Store a new or changed budget, which has been checked by its form, as the team's."""
    budget.team = team
    budgets.store(budget)
    audit.record(
        action=audit_actions.BUDGET_SET,
        by=by,
        team_id=team.pk,
        target=budget,
        after={"scope": budget.scope, "stops": budget.is_hard, "active": budget.is_active},
    )
    return budget


@writing()
def remove_budget(*, by: User, team: Team, budget_id: UUID) -> None:
    budget = get_object_or_404(Budget, team=team, pk=budget_id)
    audit.record(action=audit_actions.BUDGET_REMOVED, by=by, team_id=team.pk, target=budget)
    budget.delete()
    known.changed()


@writing()
def set_alert(*, by: User, team: Team, alert: Alert) -> Alert:
    """Store a new or changed alert, which has been checked by its form, as the team's. A changed one begins anew."""
    alert.team = team
    alert.is_firing = False
    alert.save()
    audit.record(action=audit_actions.ALERT_SET, by=by, team_id=team.pk, target=alert)
    return alert


@writing()
def remove_alert(*, by: User, team: Team, alert_id: UUID) -> None:
    alert = get_object_or_404(Alert, team=team, pk=alert_id)
    audit.record(action=audit_actions.ALERT_REMOVED, by=by, team_id=team.pk, target=alert)
    alert.delete()
