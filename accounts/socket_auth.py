"""Who is on the other end of a WebSocket: Django's session cookie, and an Origin that is our own page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http.request import validate_host
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import language
from accounts.devices import DEVICE_SESSION_KEY, signed_in_as
from accounts.models import Device, User

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


@dataclass(frozen=True, slots=True)
class SignIn:
    """What let a socket in. The session's key may be renewed; the device it belongs to stays the same."""

    user_id: int
    session_key: str
    device_id: str
    language: str
    """What is said to the person through the socket is said in it."""


def admit(scope: dict[str, Any]) -> tuple[User, SignIn] | None:
    """Return the signed-in person of the handshake's session cookie, or None. Queries the database."""
    try:
        cookies = SimpleCookie(header(scope, b"cookie"))
    except CookieError:
        return None
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    if morsel is None:
        return None
    # Django's get_user would renew the session of a secret of before, and a handshake has no answer to say so in.
    session = SessionStore(morsel.value)
    user_id = signed_in_as(session)
    user = (
        User.objects.select_related("settings").filter(pk=user_id, is_active=True).first()
        if user_id is not None
        else None
    )
    if user is None or not _is_of(session, user):
        return None
    chosen = user.settings.language if hasattr(user, "settings") else ""
    spoken = language.of_handshake(chosen, cookie=header(scope, b"cookie"), accepted=header(scope, b"accept-language"))
    return user, SignIn(user.pk, session.session_key or "", session.get(DEVICE_SESSION_KEY, ""), spoken)


def still_signed_in(sign_ins: Collection[SignIn]) -> set[SignIn]:
    """Return those whose session goes on, for a person who is active and has the same password.

    The same questions as in `admit`, asked of many sockets at once.
    """
    renewed = {
        str(id_): key
        for id_, key in Device.objects.filter(id__in=[one.device_id for one in sign_ins if one.device_id]).values_list(
            "id", "session_key"
        )
    }
    key_of = {one: renewed.get(one.device_id, one.session_key) for one in sign_ins}
    sessions = {
        row.session_key: row.get_decoded()
        for row in Session.objects.filter(session_key__in=key_of.values(), expire_date__gt=timezone.now())
    }
    people = User.objects.filter(is_active=True).in_bulk({one.user_id for one in sign_ins})
    return {
        one
        for one, key in key_of.items()
        if key in sessions and one.user_id in people and _is_of(sessions[key], people[one.user_id])
    }


def _is_of(session: Mapping[str, Any] | SessionBase, user: User) -> bool:
    known = str(session.get(HASH_SESSION_KEY, ""))
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return session.get(SESSION_KEY) == str(user.pk) and any(constant_time_compare(known, one) for one in hashes)


def header(scope: dict[str, Any], name: bytes) -> str:
    for key, value in scope.get("headers", ()):
        if key == name:
            return str(value.decode("latin-1"))
    return ""
