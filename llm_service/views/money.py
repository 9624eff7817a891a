"""Budgets, limits and alerts of a team, and what a person has left of theirs."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.requests import SignedInRequest
from llm_service import alerting
from llm_service.actions import money
from llm_service.models import Alert, Budget
from llm_service.money import spending
from llm_service.money.forms import AlertForm, BudgetForm
from llm_service.queries import budgets, removals
from teams import questions
from teams.access import allowed
from teams.actions import current_membership
from teams.permissions import Permission
from teams.requests import TeamRequest


@allowed(Permission.MANAGE_PROVIDERS)
def limits(request: TeamRequest) -> HttpResponse:
    form = BudgetForm(request.POST or None, team=request.team)
    if form.is_valid():
        money.set_budget(by=request.user, team=request.team, budget=form.save(commit=False))
        messages.success(request, _("This holds from the next message on."))
        return redirect("money:limits", team_id=request.team.pk)
    return render(request, "money/limits.html", {"form": form, "uses": budgets.of_team(request.team.pk)})


@allowed(Permission.MANAGE_PROVIDERS)
def limit(request: TeamRequest, budget_id: UUID) -> HttpResponse:
    budget = get_object_or_404(Budget, team=request.team, pk=budget_id)
    form = BudgetForm(request.POST or None, team=request.team, instance=budget)
    if form.is_valid():
        money.set_budget(by=request.user, team=request.team, budget=form.save(commit=False))
        messages.success(request, _("This holds from the next message on."))
        return redirect("money:limits", team_id=request.team.pk)
    return render(request, "money/limit.html", {"form": form, "budget": budget})


@allowed(Permission.MANAGE_PROVIDERS)
def remove_limit(request: TeamRequest, budget_id: UUID) -> HttpResponse:
    if request.method != "POST":
        budget = get_object_or_404(Budget, team=request.team, pk=budget_id)
        back = reverse("money:limits", args=[request.team.pk])
        return questions.page(request, removals.of_budget(budget), back=back)
    money.remove_budget(by=request.user, team=request.team, budget_id=budget_id)
    messages.success(request, _("It is removed."))
    return redirect("money:limits", team_id=request.team.pk)


@allowed(Permission.MANAGE_PROVIDERS)
def alert_rules(request: TeamRequest) -> HttpResponse:
    form = AlertForm(request.POST or None, team=request.team)
    if form.is_valid():
        money.set_alert(by=request.user, team=request.team, alert=form.save(commit=False))
        messages.success(request, _("The alert is set."))
        return redirect("money:alerts", team_id=request.team.pk)
    rows = [
        (alert, alerting.in_words(alert), alerting.signing_key(alert)) for alert in budgets.alerts_of(request.team.pk)
    ]
    said = budgets.latest_alerts(request.team.pk)
    return render(request, "money/alerts.html", {"form": form, "rows": rows, "said": said})


@allowed(Permission.MANAGE_PROVIDERS)
def alert_rule(request: TeamRequest, alert_id: UUID) -> HttpResponse:
    alert = get_object_or_404(Alert.objects.select_related("budget"), team=request.team, pk=alert_id)
    words = alerting.in_words(alert)  # before the form changes it
    form = AlertForm(request.POST or None, team=request.team, instance=alert)
    if form.is_valid():
        money.set_alert(by=request.user, team=request.team, alert=form.save(commit=False))
        messages.success(request, _("The alert is set."))
        return redirect("money:alerts", team_id=request.team.pk)
    return render(request, "money/alert.html", {"form": form, "words": words})


@allowed(Permission.MANAGE_PROVIDERS)
def remove_alert(request: TeamRequest, alert_id: UUID) -> HttpResponse:
    if request.method != "POST":
        alert = get_object_or_404(Alert.objects.select_related("budget"), team=request.team, pk=alert_id)
        back = reverse("money:alerts", args=[request.team.pk])
        return questions.page(request, removals.of_alert(alert), back=back)
    money.remove_alert(by=request.user, team=request.team, alert_id=alert_id)
    messages.success(request, _("It is removed."))
    return redirect("money:alerts", team_id=request.team.pk)


@login_required
def usage(request: SignedInRequest) -> HttpResponse:
    person = request.user
    membership = current_membership(person)
    month = spending.of_month(person.pk)
    return render(
        request,
        "money/usage.html",
        {
            "month": month,
            "cost": budgets.plain("usd", month.cost_usd),
            "uses": budgets.of_person(person.pk, membership.team_id),
            "team": membership.team,
        },
    )
