"""What runs with the server's event loop: rooms register what to start, drain and stop; `config.asgi` calls it.

Nothing here starts at import: management commands and tests load the same modules without a server.
"""

import logging
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)

Hook = Callable[[], Awaitable[None]]

_start: list[Hook] = []
_drain: list[Hook] = []
_stop: list[Hook] = []
_running = False
_draining = False


def register(*, start: Hook | None = None, drain: Hook | None = None, stop: Hook | None = None) -> None:
    """Add a service. Start runs in the order of registration, drain and stop in the opposite one."""
    if start:
        _start.append(start)
    if drain:
        _drain.insert(0, drain)
    if stop:
        _stop.insert(0, stop)


def is_running() -> bool:
    return _running


def is_draining() -> bool:
    """True from the moment the server was told to end."""
    return _draining


async def start() -> None:
    """Start all services on the current loop, once."""
    global _running, _draining
    if _running:
        return
    _running, _draining = True, False
    for hook in _start:
        await hook()


async def drain() -> None:
    """Let the work in progress end. A hook bounds its own time."""
    global _draining
    _draining = True
    for hook in _drain:
        await _safely(hook)


async def stop() -> None:
    global _running, _draining
    for hook in _stop:
        await _safely(hook)
    _running = _draining = False


async def _safely(hook: Hook) -> None:
    try:
        await hook()
    except Exception:
        # A service that fails to end must not keep the others from ending.
        logger.exception("A service failed to end: %s", hook)
