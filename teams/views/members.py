from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lib.plain_text import query_text
from lib.wording import Text
from teams import actions, queries
from teams.access import allowed
from teams.models import Membership
from teams.permissions import IN_SHORT, Permission, Role, may, may_change, may_give, with_article
from teams.refusals import Refused
from teams.requests import TeamRequest


@dataclass(frozen=True, slots=True)
class Choice:
    role: Role
    in_short: Text


@dataclass(frozen=True, slots=True)
class Row:
    place: Membership
    role: str
    is_self: bool
    choices: SafeString
    """The roles the reader may give this member, as items of a menu."""
    may_remove: bool


@allowed(Permission.VIEW_TEAM)
def members(request: TeamRequest) -> HttpResponse:
    search = query_text(request, "q")
    page = queries.members(request.team, search=search, after=query_text(request, "after"))
    context = {
        "rows": _rows(page.rows, request),
        "after": page.after,
        "search": search,
        "count": queries.member_count(request.team),
        "may_invite": may(request.role, Permission.MANAGE_MEMBERS),
    }
    return render(request, "teams/members.html", context)


def _rows(places: list[Membership], request: TeamRequest) -> list[Row]:
    may_edit = not request.team.is_personal
    choices = {role: _choices(request.role, role) if may_edit else SafeString() for role in {p.role for p in places}}
    return [
        Row(
            place=place,
            role=str(Role(place.role).label),
            is_self=(is_self := place.user_id == request.user.pk),
            choices=choices[place.role],
            may_remove=may_edit and not is_self and may_give(request.role, place.role),
        )
        for place in places
    ]


def _choices(by: Role, now: str) -> SafeString:
    choices = [Choice(role, IN_SHORT[role]) for role in Role if may_change(by, old=now, new=role)]
    return render_to_string("teams/_role_choices.html", {"choices": choices, "now": now}) if choices else SafeString()


@require_POST
@allowed(Permission.MANAGE_MEMBERS)
def change_role(request: TeamRequest, user_id: int) -> HttpResponse:
    wished = request.POST.get("role", "")
    if wished not in Role:
        messages.error(request, _("There is no such role."))
        return redirect("teams:team", request.team.pk)
    try:
        place = actions.change_role(by=request.user, team=request.team, user_id=user_id, role=Role(wished))
        now = {"name": place.user.short_name, "role": with_article(place.role)}
        is_self = place.user_id == request.user.pk
        sentence = _("You are now %(role)s.") if is_self else _("%(name)s is now %(role)s.")
        messages.success(request, sentence % now)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("teams:team", request.team.pk)


@allowed(Permission.MANAGE_MEMBERS)
def remove(request: TeamRequest, user_id: int) -> HttpResponse:
    place = queries.places(request.team, [user_id]).first()
    if place is None:
        raise Http404(_("This person is not in the team."))
    if request.method == "POST":
        try:
            actions.remove(by=request.user, team=request.team, user_id=user_id)
            messages.success(
                request,
                _("%(name)s is no longer in %(team)s.") % {"name": place.user.short_name, "team": request.team.name},
            )
        except Refused as refused:
            messages.error(request, str(refused))
        return redirect("teams:team", request.team.pk)
    return render(request, "teams/remove.html", {"place": place})
