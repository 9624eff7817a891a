"""Which people a browser has let in before, kept in the browser itself, so that only a new one is worth a mail.

The cookie opens nothing: it is signed so that nobody who knows a password can add themselves to it.
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.models import User

COOKIE = "known_browser"
LASTS = timedelta(days=400)  # browsers keep no cookie for longer
MOST = 8


def knows(request: HttpRequest, user: User) -> bool:
    return user.pk in _people(request)


def introduce(user: User, *, request: HttpRequest, response: HttpResponse) -> None:
    """Remember the person in the browser that gets this answer."""
    people = [user.pk, *(pk for pk in _people(request) if pk != user.pk)][:MOST]
    response.set_cookie(
        COOKIE,
        signing.dumps(people, salt=COOKIE),
        max_age=LASTS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _people(request: HttpRequest) -> list[int]:
    try:
        people = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=LASTS)
    except signing.BadSignature:
        return []
    return [pk for pk in people if isinstance(pk, int)] if isinstance(people, list) else []
