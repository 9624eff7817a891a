"""A team's page of providers and models: connect, change, try, disconnect, and say what may be used."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lib import vault
from llm_service import catalogue, provider_tests
from llm_service.actions import providers
from llm_service.forms.providers import ProviderForm, vendors
from llm_service.forms.rules import RuleForm
from llm_service.models import ModelRule, Provider
from llm_service.queries import removals
from teams import questions
from teams.access import allowed
from teams.permissions import Permission
from teams.refusals import Refused
from teams.requests import TeamRequest

PAGE = "team_models:list"


@allowed(Permission.MANAGE_PROVIDERS)
def listed(request: TeamRequest) -> HttpResponse:
    own = Provider.objects.filter(team=request.team).select_related("created_by")
    labels = dict(vendors())
    rows = [(one, labels.get(one.vendor, one.vendor), catalogue.offered_by(one)) for one in own]
    return render(
        request,
        "models/providers.html",
        {
            "rows": rows,
            "models": catalogue.available_models(request.team.pk),
            "rules": ModelRule.objects.filter(team=request.team).order_by("model"),
            "can_lock": vault.can_lock(),
        },
    )


@allowed(Permission.MANAGE_PROVIDERS)
def connect(request: TeamRequest) -> HttpResponse:
    return _edited(request, None)


@allowed(Permission.MANAGE_PROVIDERS)
def change(request: TeamRequest, provider_id: UUID) -> HttpResponse:
    return _edited(request, _own(request, provider_id))


@require_POST
@allowed(Permission.MANAGE_PROVIDERS)
def try_out(request: TeamRequest, provider_id: UUID) -> HttpResponse:
    provider = _own(request, provider_id)
    problem = provider_tests.tried(by=request.user, provider=provider)
    if problem:
        messages.error(request, _("%(name)s did not answer: %(problem)s") % {"name": provider.name, "problem": problem})
    else:
        messages.success(request, _("%(name)s answers.") % {"name": provider.name})
    return redirect(PAGE, team_id=request.team.pk)


@allowed(Permission.MANAGE_PROVIDERS)
def disconnect(request: TeamRequest, provider_id: UUID) -> HttpResponse:
    provider = _own(request, provider_id)
    if request.method != "POST":
        return questions.page(request, removals.of_provider(provider), back=reverse(PAGE, args=[request.team.pk]))
    providers.disconnect(by=request.user, provider=provider)
    messages.success(request, _("%(name)s is disconnected and its key erased.") % {"name": provider.name})
    return redirect(PAGE, team_id=request.team.pk)


@allowed(Permission.MANAGE_PROVIDERS)
def rule(request: TeamRequest) -> HttpResponse:
    """Say what a team may do with one model; `model` names it, the same form answers what was wrong."""
    model = request.GET.get("model", "") or request.POST.get("model", "")
    known = ModelRule.objects.filter(team=request.team, model=model).first() if model else None
    form = RuleForm(request.POST or None, team=request.team, model=model, rule=known)
    if form.is_valid():
        try:
            providers.set_rule(by=request.user, team=request.team, **form.values())
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("This holds from the next message on."))
            return redirect(PAGE, team_id=request.team.pk)
    return render(request, "models/rule.html", {"form": form, "rule": known})


def _edited(request: TeamRequest, provider: Provider | None) -> HttpResponse:
    form = ProviderForm(request.POST or None, provider=provider)
    if form.is_valid():
        try:
            if provider:
                providers.change(by=request.user, provider=provider, details=form.details())
            else:
                provider = providers.connect(by=request.user, team=request.team, details=form.details())
        except Refused as refused:
            form.add_error("key", str(refused))
        else:
            messages.success(
                request, _("%(name)s is connected. Try it to see whether it answers.") % {"name": provider.name}
            )
            return redirect(PAGE, team_id=request.team.pk)
    return render(request, "models/provider.html", {"form": form, "provider": provider, "can_lock": vault.can_lock()})


def _own(request: TeamRequest, provider_id: UUID) -> Provider:
    provider = Provider.objects.filter(team=request.team, pk=provider_id).first()
    if provider is None:
        raise Http404
    return provider
