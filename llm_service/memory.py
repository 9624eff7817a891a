"""What every call must know and hardly ever changes, read every few seconds so that no call has to ask the database."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable

from django.db import transaction

from realtime.bridge import in_db, is_on_event_loop

logger = logging.getLogger(__name__)

EVERY = 4.0
"""Seconds between two looks of a server process."""
STALE = 10.0
"""From this age on, in seconds, whoever asks waits for a look; only processes that serve nobody come to it."""

_all: "list[Memory[object]]" = []
_watch: asyncio.Task[None] | None = None


class Memory[T]:
    """One such thing. A change here counts at once, one of another process after the next look."""

    def __init__(self, read: Callable[[], T], nothing: T, name: str, stale: float = STALE) -> None:
        self._read, self._nothing, self._name, self._stale = read, nothing, name, stale
        self._value, self._read_at, self._outdated_at = nothing, float("-inf"), float("-inf")
        self._lock = threading.Lock()
        _all.append(self)

    def peek(self) -> T:
        """Return what is known, without a look."""
        return self._value

    async def current(self) -> T:
        """Return what is known; look first only where nobody has looked for long."""
        if self._is_stale:
            await in_db(self._look_if_stale)
        return self._value

    def for_threads(self) -> T:
        """The same for synchronous code that may use the database; on the event loop nothing is looked up."""
        if self._is_stale and not is_on_event_loop():
            self._look_if_stale()
        return self._value

    def look(self) -> None:
        """Read it. A database that is away leaves what is known as it is."""
        with self._lock:
            self._look()

    def _look_if_stale(self) -> None:
        with self._lock:
            if self._is_stale:  # nobody looked while this one waited
                self._look()

    def _look(self) -> None:
        began = time.monotonic()
        try:
            self._value = self._read()
        except Exception as error:  # noqa: BLE001  a call is not worth less than a look
            logger.warning("%s could not be read, so what was known before holds: %s", self._name, error)
        self._read_at = began

    def changed(self) -> None:
        """It was changed in this transaction: have the next one who asks look."""
        transaction.on_commit(self.outdate)

    def outdate(self) -> None:
        self._outdated_at = time.monotonic()  # a look that is under way may have come too early to see the change

    def forget(self) -> None:
        """Know nothing any more."""
        self._value = self._nothing
        self.outdate()

    @property
    def _is_stale(self) -> bool:
        return self._read_at <= self._outdated_at or time.monotonic() - self._read_at > self._stale


def forget_all() -> None:
    for memory in _all:
        memory.forget()


def look_at_all() -> None:
    for memory in _all:
        memory.look()


async def start() -> None:
    """Keep looking while the server runs."""
    global _watch
    await in_db(look_at_all)
    _watch = asyncio.create_task(_keep_looking())


async def stop() -> None:
    global _watch
    watch, _watch = _watch, None
    if watch:
        watch.cancel()
        await asyncio.wait([watch], timeout=1)


async def _keep_looking() -> None:
    while True:
        await asyncio.sleep(EVERY)
        await in_db(look_at_all)
