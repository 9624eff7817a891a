"""How a server process begins and ends: services start with its loop, SIGTERM lets the work in progress end first."""

import asyncio
import logging
import signal
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from lib import lifecycle

logger = logging.getLogger(__name__)

KNOWN_SECRETS = {settings.UNSET_SECRET_KEY, "your-secret-key-here", "changeme", "secret"}


def check_secret() -> None:
    """Refuse to serve without a secret of one's own. Raises ImproperlyConfigured, saying what to do."""
    if settings.DEBUG:
        return
    if _is_known(settings.SECRET_KEY):
        raise ImproperlyConfigured(
            "DJANGO_SECRET_KEY is missing or a known example, so Parley does not serve. "
            'Make one with: python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    if any(map(_is_known, settings.SECRET_KEY_FALLBACKS)):
        raise ImproperlyConfigured(
            "DJANGO_SECRET_KEY_FALLBACKS holds a known example, with which anybody could sign in, so Parley does not "
            "serve. Take it out: people sign in again, and second steps kept under it are set up anew."
        )


def _is_known(secret: str) -> bool:
    return secret in KNOWN_SECRETS or secret.startswith("django-insecure")


def install() -> None:
    """Start services once daphne's reactor runs, and take its SIGTERM. Other servers use the lifespan protocol."""
    if "daphne.server" not in sys.modules:
        return
    from twisted.internet import reactor  # noqa: PLC0415  daphne has installed the asyncio reactor by now

    from config import access_log, daphne_tuning  # noqa: PLC0415

    access_log.install()
    daphne_tuning.install()
    # Threads that talk to the database must not hold up the loop that streams: five of them at 5 ms each would be seen.
    sys.setswitchinterval(0.001)
    reactor.callWhenRunning(lambda: _keep(asyncio.ensure_future(lifecycle.start())))
    # daphne's own shutdown cancels every socket at once. Twisted sets its handlers as it starts; ours come after.
    reactor.callWhenRunning(lambda: reactor.callLater(0, _take_signals, reactor))


def _take_signals(reactor: Any) -> None:
    loop = asyncio.get_event_loop()

    def ask_to_end(number: int) -> None:
        logger.info("%s: no new work; turns in progress may end.", signal.Signals(number).name)
        loop.remove_signal_handler(number)
        loop.add_signal_handler(number, reactor.stop)  # the second one does not wait
        _keep(asyncio.ensure_future(_end(reactor)))

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ask_to_end, number)


async def _end(reactor: Any) -> None:
    for reader in reactor.getReaders():
        if hasattr(reader, "stopListening"):
            reader.stopListening()
    await lifecycle.drain()
    await lifecycle.stop()
    reactor.stop()


_tasks: set[asyncio.Future[None]] = set()


def _keep(task: asyncio.Future[None]) -> None:
    _tasks.add(task)
    task.add_done_callback(_done)


def _done(task: asyncio.Future[None]) -> None:
    _tasks.discard(task)
    if not task.cancelled() and (error := task.exception()):
        logger.critical("The server could not start its services.", exc_info=error)


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The lifespan protocol, for ASGI servers that have it."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await lifecycle.start()
            await send({"type": "lifespan.startup.complete"})
        else:
            await lifecycle.drain()
            await lifecycle.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
