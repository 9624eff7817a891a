"""A team's page of guardrails: what is not let through, and a try of it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from llm_service import guardrail_tries
from llm_service.actions import guardrails as actions
from llm_service.forms.guardrails import GuardrailForm
from llm_service.models import Guardrail
from llm_service.queries import removals
from teams import questions
from teams.access import allowed
from teams.permissions import Permission
from teams.refusals import Refused
from teams.requests import TeamRequest

PAGE = "team_models:guardrails"
LONGEST_TRY = 5_000


@allowed(Permission.MANAGE_PROVIDERS)
def listed(request: TeamRequest) -> HttpResponse:
    """Show them; a posted `sample`, of a message or a reply, is held against them, and kept nowhere."""
    sample = request.POST.get("sample", "")[:LONGEST_TRY]
    is_reply = request.POST.get("of") == "reply"
    hold = guardrail_tries.reply if is_reply else guardrail_tries.message
    tried = hold(request.team.pk, sample) if sample.strip() else None
    rows = Guardrail.objects.of(request.team).order_by("created_at", "pk")
    context = {"rows": rows, "sample": sample, "is_reply": is_reply, "tried": tried}
    return render(request, "models/guardrails.html", context)


@allowed(Permission.MANAGE_PROVIDERS)
def add(request: TeamRequest) -> HttpResponse:
    return _edited(request, None)


@allowed(Permission.MANAGE_PROVIDERS)
def change(request: TeamRequest, guardrail_id: UUID) -> HttpResponse:
    return _edited(request, _own(request, guardrail_id))


@allowed(Permission.MANAGE_PROVIDERS)
def remove(request: TeamRequest, guardrail_id: UUID) -> HttpResponse:
    guardrail = _own(request, guardrail_id)
    if request.method != "POST":
        return questions.page(request, removals.of_guardrail(guardrail), back=reverse(PAGE, args=[request.team.pk]))
    actions.remove(by=request.user, guardrail=guardrail)
    messages.success(request, _("%(name)s is removed.") % {"name": guardrail.name})
    return redirect(PAGE, team_id=request.team.pk)


def _edited(request: TeamRequest, guardrail: Guardrail | None) -> HttpResponse:
    form = GuardrailForm(request.POST or None, guardrail=guardrail)
    if form.is_valid():
        try:
            if guardrail:
                actions.change(by=request.user, guardrail=guardrail, details=form.details())
            else:
                actions.add(by=request.user, team=request.team, details=form.details())
        except Refused as refused:
            form.add_error("name", str(refused))
        else:
            messages.success(request, _("This holds from the next message on."))
            return redirect(PAGE, team_id=request.team.pk)
    return render(request, "models/guardrail.html", {"form": form, "guardrail": guardrail})


def _own(request: TeamRequest, guardrail_id: UUID) -> Guardrail:
    guardrail = Guardrail.objects.of(request.team).filter(pk=guardrail_id).first()
    if guardrail is None:
        raise Http404
    return guardrail
