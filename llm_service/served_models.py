"""What an OpenAI-compatible server says it serves (`GET /models`): asked in a thread, remembered for a while."""

import json
import logging
import threading
import time
import urllib.error
import urllib.request

from realtime.bridge import is_on_event_loop

logger = logging.getLogger(__name__)

TIMEOUT = 3.0
KEEP = 300.0
KEEP_FAILURE = 15.0
FIRST_WAIT = 2.0
"""How long the very first reader may wait for the answer, in seconds, if it is not on an event loop."""

_lock = threading.Lock()
_known: dict[str, tuple[float, list[str]]] = {}
_asking: dict[str, threading.Thread] = {}


def at(base_url: str, key: str = "") -> list[str]:
    """Return the names served there, as far as known. Starts asking when that is old; never waits on an event loop."""
    good_until, names = _known.get(base_url, (0.0, []))
    if time.monotonic() < good_until:
        return names
    with _lock:
        asking = _asking.get(base_url)
        if asking is None or not asking.is_alive():
            asking = threading.Thread(target=_ask, args=(base_url, key), name="served-models", daemon=True)
            _asking[base_url] = asking
            asking.start()
    if not good_until and not is_on_event_loop():
        asking.join(FIRST_WAIT)
    return _known.get(base_url, (0.0, names))[1]


def forget() -> None:
    with _lock:
        _known.clear()
        _asking.clear()


def _ask(base_url: str, key: str) -> None:
    request = urllib.request.Request(f"{base_url.rstrip('/')}/models")  # noqa: S310  the operator's own setting
    if key:
        request.add_header("Authorization", f"Bearer {key}")
    before = _known.get(base_url, (0.0, []))[1]
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310  the same
            listed = json.loads(answer.read(4 * 1024**2))
        names = [entry["id"] for entry in listed["data"] if isinstance(entry.get("id"), str)]
        _known[base_url] = (time.monotonic() + KEEP, names)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        logger.warning("The model server at %s did not list its models: %s", base_url, error)
        _known[base_url] = (time.monotonic() + KEEP_FAILURE, before)
