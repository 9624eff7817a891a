"""Keeps the server's own secrets out of what it writes: log lines, what others answered it, debug pages."""

import html
import json
import re
from collections.abc import Iterable
from functools import cache
from urllib.parse import quote

from django.conf import settings

HIDDEN = "[hidden]"
SHORTEST = 8
"""Hiding shorter ones would black out ordinary words, and tell what they are."""
_NEVER = re.compile(r"(?!)")


def hide(text: str, also: Iterable[str] = ()) -> str:
    """Return `text` without any secret of the server, and without those in `also`."""
    text = _of_the_server(settings.SERVER_SECRETS).sub(HIDDEN, text)
    others = _pattern(also)
    return text if others is _NEVER else others.sub(HIDDEN, text)


@cache
def _of_the_server(secrets: frozenset[str]) -> re.Pattern[str]:
    return _pattern(secrets)


def _pattern(secrets: Iterable[str]) -> re.Pattern[str]:
    spelled = {spelling for secret in secrets if len(secret) >= SHORTEST for spelling in _spellings(secret)}
    # The longest first: one secret may begin with another one.
    return re.compile("|".join(map(re.escape, sorted(spelled, key=len, reverse=True)))) if spelled else _NEVER


def _spellings(secret: str) -> set[str]:
    """Return how a secret looks in an address, in JSON, in the text of a Python value, and in HTML."""
    return {
        secret,
        quote(secret),
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        html.escape(secret),
    }
