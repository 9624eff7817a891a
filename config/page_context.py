"""What every template may show."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from accounts import queries, settings_pages


def page(request: HttpRequest) -> dict[str, Any]:
    return {
        "SITE_NAME": settings.SITE_NAME,
        "DEBUG": settings.DEBUG,
        "LANGUAGE_CODE": translation.get_language() or settings.LANGUAGE_CODE,
        # Read only by the templates that have a page around them; empty means: the browser's own choice counts.
        "theme": SimpleLazyObject(lambda: _theme(request)),
        "settings_tabs": SimpleLazyObject(lambda: settings_pages.links(request)),
    }


def _theme(request: HttpRequest) -> str:
    user = getattr(request, "user", None)  # missing where an error page is rendered before the middleware ran
    return queries.theme_of(user) if user and user.is_authenticated else ""
