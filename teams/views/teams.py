from django.conf import settings as django_settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from lib.plain_text import query_text
from teams import actions, contents, queries
from teams.access import allowed
from teams.forms import DeleteTeamForm, TeamForm, TransferForm
from teams.permissions import Permission, Role, may, with_article
from teams.refusals import Refused
from teams.requests import TeamRequest


@allowed(Permission.VIEW_TEAM)
def listed(request: TeamRequest) -> HttpResponse:
    search = query_text(request, "q")
    page = queries.teams_of(request.user, search=search, after=query_text(request, "after"))
    return render(request, "teams/list.html", {"page": page, "search": search})


@login_required
def new(request: SignedInRequest) -> HttpResponse:
    form = TeamForm(request.POST or None)
    if form.is_valid():
        team = actions.create(by=request.user, name=form.cleaned_data["name"], at=timezone.now())
        messages.success(request, _("%(name)s is yours. Invite the people you work with.") % {"name": team.name})
        return redirect("teams:invitations", team.pk)
    return render(request, "teams/new.html", {"form": form})


@require_POST
@allowed(Permission.VIEW_TEAM)
def switch(request: TeamRequest) -> HttpResponse:
    actions.switch(by=request.user, team=request.team, at=timezone.now())
    return redirect(django_settings.LOGIN_REDIRECT_URL)


@allowed(Permission.VIEW_TEAM)
def settings(request: TeamRequest) -> HttpResponse:
    may_rename = may(request.role, Permission.RENAME_TEAM)
    form = TeamForm(request.POST or None, initial={"name": request.team.name})
    if request.method == "POST" and not may_rename:
        messages.error(request, _("Your role in this team does not let you rename it."))
        return redirect("teams:settings", request.team.pk)
    if form.is_valid():
        actions.rename(by=request.user, team=request.team, name=form.cleaned_data["name"])
        messages.success(request, _("Saved."))
        return redirect("teams:settings", request.team.pk)
    context = {
        "form": form,
        "may_rename": may_rename,
        "may_delete": may(request.role, Permission.DELETE_TEAM),
        "may_transfer": may(request.role, Permission.MANAGE_OWNERS),
        "role": with_article(request.role),
    }
    return render(request, "teams/settings.html", context)


@allowed(Permission.VIEW_TEAM)
def leave(request: TeamRequest) -> HttpResponse:
    if request.method == "POST":
        name = request.team.name
        try:
            actions.leave(by=request.user, team=request.team)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("teams:leave", request.team.pk)
        messages.success(request, _("You have left %(name)s.") % {"name": name})
        return redirect("teams:list")
    is_last = request.role == Role.OWNER and queries.is_last_owner(request.user, request.team)
    return render(request, "teams/leave.html", {"is_last_owner": is_last})


@allowed(Permission.DELETE_TEAM)
def delete(request: TeamRequest) -> HttpResponse:
    form = DeleteTeamForm(request.POST or None, team=request.team)
    if form.is_valid():
        name = request.team.name
        try:
            actions.delete(by=request.user, team=request.team)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("teams:settings", request.team.pk)
        messages.success(request, _("%(name)s and everything in it is deleted.") % {"name": name})
        return redirect("teams:list")
    return render(request, "teams/delete.html", {"form": form, "contents": contents.of(request.team)})


@allowed(Permission.MANAGE_OWNERS)
def transfer(request: TeamRequest) -> HttpResponse:
    form = TransferForm(request.POST or None, team=request.team, initial={"email": query_text(request, "to")})
    if form.is_valid():
        try:
            place = actions.transfer(by=request.user, team=request.team, user_id=form.place.user_id)
            messages.success(
                request,
                _("%(name)s owns %(team)s now. You are an admin.")
                % {"name": place.user.short_name, "team": request.team.name},
            )
            return redirect("teams:team", request.team.pk)
        except Refused as refused:
            form.add_error("email", str(refused))
    return render(request, "teams/transfer.html", {"form": form})
