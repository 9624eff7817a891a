"""What a view says about who may open it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from teams import actions, middleware
from teams.permissions import Permission, may
from teams.requests import TeamRequest


def allowed[**Arguments](
    *permissions: Permission,
) -> Callable[
    [Callable[Concatenate[TeamRequest, Arguments], HttpResponse]],
    Callable[Concatenate[HttpRequest, Arguments], HttpResponse],
]:
    """Let in members who may do all of this, with `request.team` and `request.role` set; the others get a 403.

    The team is that of the address (`<uuid:team_id>`, which the view is not handed again), else the person's current
    one. Strangers are sent to the sign-in page.
    """

    def decorate(
        view: Callable[Concatenate[TeamRequest, Arguments], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, Arguments], HttpResponse]:
        @login_required
        @wraps(view)
        def guarded(request: TeamRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if kwargs.pop("team_id", None) is None:
                middleware.enter(request, actions.current_membership(request.user))
            if not may(request.role, *permissions):
                wanted = next(permission for permission in permissions if not may(request.role, permission))
                raise PermissionDenied(f"Your role in this team does not let you {wanted}.")
            return view(request, *args, **kwargs)

        guarded.permissions = permissions  # type: ignore[attr-defined]  # read by the test of all routes
        return cast(Callable[Concatenate[HttpRequest, Arguments], HttpResponse], guarded)

    return decorate
