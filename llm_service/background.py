"""One event loop for synchronous callers, in a thread of its own: a loop per call would leak a descriptor each."""

import asyncio
import atexit
import contextlib
import os
import threading
from collections.abc import Coroutine
from typing import Any

from llm_service import library

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def run[T](coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the background loop and wait for its result. Interrupting the wait cancels it."""
    future = asyncio.run_coroutine_threadsafe(coroutine, _running_loop())
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


def _running_loop() -> asyncio.AbstractEventLoop:
    global _loop
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="llm-sync", daemon=True).start()
            atexit.register(_end, _loop)
        return _loop


def _end(loop: asyncio.AbstractEventLoop) -> None:
    """Close what the loop holds open, before the interpreter takes it apart."""
    if loop is _loop:
        with contextlib.suppress(Exception):
            asyncio.run_coroutine_threadsafe(library.close_connections(), loop).result(2)
        loop.call_soon_threadsafe(loop.stop)


def _after_fork() -> None:
    global _loop
    _loop = None  # the parent's thread does not exist here


os.register_at_fork(after_in_child=_after_fork)
