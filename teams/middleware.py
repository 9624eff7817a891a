"""The wall between teams: an address with a `team_id` is there for the members of that team alone.

Everybody else gets the answer of a team that does not exist, by the same one query. What a member may do is said at
the view, by `teams.access.allowed`.
"""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.requests import SignedInRequest
from teams import actions, queries
from teams.models import Membership
from teams.permissions import Role
from teams.requests import TeamRequest


class TeamMiddleware:
    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        # For templates: the current team is looked up only where a page shows it. None for nobody.
        membership = SimpleLazyObject(lambda: _current(request))
        setattr(request, "team", SimpleLazyObject(lambda: membership and membership.team))  # noqa: B010
        setattr(request, "role", SimpleLazyObject(lambda: membership and Role(membership.role)))  # noqa: B010
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if "team_id" not in kwargs:
            return None
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        entered(request, kwargs["team_id"])
        return None


def entered(request: HttpRequest, team_id: UUID) -> TeamRequest:
    """Have the request take place in this team. Raises Http404 for whoever is not in it."""
    membership = queries.membership(cast(SignedInRequest, request).user, team_id)
    if membership is None:
        raise Http404(_("There is no such team."))
    return enter(request, membership)


def enter(request: HttpRequest, membership: Membership) -> TeamRequest:
    """Have the request take place where this person's place is."""
    within = cast(TeamRequest, request)
    within.team, within.role = membership.team, Role(membership.role)
    return within


def _current(request: HttpRequest) -> Membership | None:
    user = getattr(request, "user", None)
    return actions.current_membership(user) if isinstance(user, User) else None
