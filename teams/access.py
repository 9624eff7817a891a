"""What a view says about who may open it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from teams import actions, middleware
from teams.permissions import Permission, may
from teams.requests import TeamRequest

type _View[**Arguments] = Callable[Concatenate[TeamRequest, Arguments], HttpResponse]
type _Door[**Arguments] = Callable[Concatenate[HttpRequest, Arguments], HttpResponse]


def allowed[**Arguments](*permissions: Permission) -> Callable[[_View[Arguments]], _Door[Arguments]]:
    """Let in members who may do all of this, with `request.team` and `request.role` set; the others get a 403.

    The team is that of the address (`<uuid:team_id>`, which the view is not handed again), else the person's current
    one. Strangers are sent to the sign-in page.
    """
    return _guard(permissions, _current)


def allowed_in_named_team[**Arguments](*permissions: Permission) -> Callable[[_View[Arguments]], _Door[Arguments]]:
    """Do the same where the page says in `team` which of its person's teams it shows: another tab may have switched."""
    return _guard(permissions, _named)


def _current(request: TeamRequest) -> None:
    middleware.enter(request, actions.current_membership(request.user))


def _named(request: TeamRequest) -> None:
    if "team" not in request.GET:
        return _current(request)
    try:
        team_id = UUID(request.GET["team"])
    except ValueError:
        raise ValueError(_("`team` is not the id of a team.")) from None
    middleware.entered(request, team_id)


def _guard[**Arguments](
    permissions: tuple[Permission, ...], enter: Callable[[TeamRequest], None]
) -> Callable[[_View[Arguments]], _Door[Arguments]]:
    def decorate(view: _View[Arguments]) -> _Door[Arguments]:
        @login_required
        @wraps(view)
        def guarded(request: TeamRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if kwargs.pop("team_id", None) is None:
                try:
                    enter(request)
                except ValueError as error:
                    return JsonResponse({"error": str(error)}, status=400)
            if not may(request.role, *permissions):
                wanted = next(permission for permission in permissions if not may(request.role, permission))
                raise PermissionDenied(_("Your role in this team does not let you %(wanted)s.") % {"wanted": _(wanted)})
            return view(request, *args, **kwargs)

        guarded.permissions = permissions  # type: ignore[attr-defined]  # read by the test of all routes
        return cast(_Door[Arguments], guarded)

    return decorate
