"""What every template may show."""

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from accounts import settings_pages
from accounts.models import User
from accounts.requests import SignedInRequest, settings_of
from teams import pages
from teams import queries as team_queries
from teams.models import Team
from teams.permissions import Permission, may


def page(request: HttpRequest) -> dict[str, Any]:
    return {
        "SITE_NAME": settings.SITE_NAME,
        "PRINTS_MAIL": settings.DEBUG and not settings.EMAIL_SENDING_ENABLED,
        "LANGUAGE_CODE": translation.get_language() or settings.LANGUAGE_CODE,
        "spoken_languages": _languages_to_choose(request),
        # Read only by the templates that have a page around them; empty means: the browser's own choice counts.
        "theme": SimpleLazyObject(lambda: _theme(request)),
        "team_pages": SimpleLazyObject(lambda: pages.links(request)),
        "sees_calls": SimpleLazyObject(lambda: _may(request, Permission.VIEW_USAGE)),
        "may_try_prompts": SimpleLazyObject(lambda: _may(request, Permission.MANAGE_BOTS)),
        "recent_teams": SimpleLazyObject(lambda: _recent_teams(request)),
        "settings_tabs": SimpleLazyObject(lambda: settings_pages.links(request)),
    }


def _languages_to_choose(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the languages for a visitor's choice; whoever may be signed in chooses in the settings."""
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated
    return [] if has_session or len(settings.LANGUAGES) < 2 else list(settings.LANGUAGES)


def _may(request: HttpRequest, permission: Permission) -> bool:
    role = getattr(request, "role", None)
    return bool(role and may(role, permission))


def _recent_teams(request: HttpRequest) -> list[Team]:
    """Return a few teams to switch to, the one the page is about among them."""
    user, here = getattr(request, "user", None), getattr(request, "team", None)
    if not isinstance(user, User) or not here:
        return []
    recent = team_queries.recent_teams(user)
    return recent if here in recent else [here, *recent]


def _theme(request: HttpRequest) -> str:
    user = getattr(request, "user", None)  # missing where an error page is rendered before the middleware ran
    return settings_of(cast(SignedInRequest, request)).theme if user and user.is_authenticated else ""
