"""From where the request in progress comes. Empty outside of one: in commands, jobs and sockets."""

import ipaddress
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

MOST_OF_A_USER_AGENT = 300


@dataclass(frozen=True)
class Visitor:
    address: str | None = None
    user_agent: str = ""


NOWHERE = Visitor()
current: ContextVar[Visitor] = ContextVar("visitor", default=NOWHERE)


def of(request: HttpRequest) -> Visitor:
    return Visitor(address_of(request), request.headers.get("User-Agent", "")[:MOST_OF_A_USER_AGENT])


def address_of(request: HttpRequest) -> str | None:
    """Return where a request comes from: behind a proxy the last hop it names, never what a client claims."""
    hops = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    forwarded = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")] if hops else []
    claimed = forwarded[-hops] if len(forwarded) >= hops > 0 else ""
    for address in (claimed, request.META.get("REMOTE_ADDR", "")):
        try:
            return str(ipaddress.ip_address(address))
        except ValueError:
            continue
    return None
