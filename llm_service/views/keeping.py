from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from llm_service.actions import keeping as actions
from llm_service.forms import KeepingForm
from llm_service.models import Keeping
from llm_service.queries import removals
from teams import questions
from teams.access import allowed
from teams.permissions import Permission
from teams.requests import TeamRequest


@allowed(Permission.READ_CALLS)
def keeping(request: TeamRequest) -> HttpResponse:
    row = Keeping.objects.of(request.team).first() or Keeping(team=request.team)
    form = KeepingForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        question = None if "sure" in request.POST else removals.of_days(request.team.pk, form.cleaned_data)
        if question:
            return questions.page(request, question, back=request.path)
        actions.change(
            by=request.user,
            team=request.team,
            words=form.cleaned_data["words"],
            bodies_days=form.cleaned_data["bodies_days"],
            logs_days=form.cleaned_data["logs_days"],
        )
        messages.success(
            request, _("Saved. It holds for what is stored from now on; what is too old goes within the hour.")
        )
        return redirect("operations:keeping", team_id=request.team.pk)
    return render(request, "operations/keeping.html", {"form": form})
