"""Who is on the other end of a WebSocket: Django's session cookie, and an Origin that is our own page."""

from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.http.request import validate_host
from django.utils.module_loading import import_string

from accounts.models import User

DEFAULT_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443"}


def is_same_origin(scope: dict[str, Any]) -> bool:
    """Tell whether a handshake comes from a page of the host it is sent to. No Origin counts as a foreign one."""
    host, origin = header(scope, b"host"), header(scope, b"origin")
    if not host or not origin:
        return False
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    allowed = settings.ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]
    port = DEFAULT_PORTS[parts.scheme]
    same = parts.netloc.lower().removesuffix(f":{port}") == host.lower().removesuffix(f":{port}")
    return same and validate_host(host.rsplit(":", 1)[0] if not host.endswith("]") else host, allowed)


def user_of(scope: dict[str, Any]) -> User | None:
    """Return the signed-in person of the handshake's session cookie, or None. Queries the database."""
    try:
        cookies = SimpleCookie(header(scope, b"cookie"))
    except CookieError:
        return None
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    if morsel is None:
        return None
    request = HttpRequest()
    store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    request.session = store(morsel.value)
    user = get_user(request)
    return user if isinstance(user, User) and user.is_active else None


def header(scope: dict[str, Any], name: bytes) -> str:
    for key, value in scope.get("headers", ()):
        if key == name:
            return str(value.decode("latin-1"))
    return ""
