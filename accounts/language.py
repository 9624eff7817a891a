"""Who is spoken to in which language: what the account chose, else what the browser wants.

Django's LocaleMiddleware has read the browser's wish, and what a visitor chose on a page before sign-in.
"""

from typing import cast

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin

from accounts import queries
from accounts.models import User
from accounts.requests import SignedInRequest, settings_of


class ChosenLanguageMiddleware(MiddlewareMixin):
    """Stands after the session's person is known. Where there is only one language this costs nothing."""

    def __init__(self, get_response: object) -> None:
        if len(settings.LANGUAGES) < 2:
            raise MiddlewareNotUsed
        super().__init__(get_response)  # type: ignore[arg-type]

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        # Without the cookie nobody is signed in, and what has nothing to do with people stays without a session.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            chosen = settings_of(cast(SignedInRequest, request)).language
            if is_spoken(chosen):
                translation.activate(chosen)
                request.LANGUAGE_CODE = chosen
        return None


def of(person: User) -> str:
    """Return the language somebody reads who is not there to ask: their choice, else what their browser last wanted."""
    chosen, last = queries.languages_of(person)
    return spoken(chosen, last)


def of_address(email: str) -> str:
    """Return the language of the account with this address, or the one spoken right now."""
    person = User.objects.filter(email__iexact=email).first()
    return of(person) if person else translation.get_language() or settings.LANGUAGE_CODE


def of_handshake(chosen: str, *, cookie: str, accepted: str) -> str:
    """Return the language of a socket: what the account chose, else what its browser wants."""
    if is_spoken(chosen):
        return chosen
    asked = HttpRequest()
    asked.COOKIES = parse_cookie(cookie)
    asked.META["HTTP_ACCEPT_LANGUAGE"] = accepted
    return translation.get_language_from_request(asked)


def is_spoken(code: str) -> bool:
    return code in dict(settings.LANGUAGES)


def spoken(*wished: str) -> str:
    """Return the first of these languages that we speak, else our own."""
    return next((code for code in wished if is_spoken(code)), settings.LANGUAGE_CODE)
