"""`/healthz`: the process is alive. `/readyz`: it can serve now. Answered in front of Django, for any host name.

Rooms add what they need to be ready; a check that fails answers with a word, never with a stack trace.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from lib import lifecycle

logger = logging.getLogger(__name__)

LIMIT = 4.0
"""Seconds all checks may take together: a hanging dependency must not pile up probes."""

Check = Callable[[], bool]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Asgi = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]
_checks: dict[str, Check] = {}
# Of its own: the probe must answer when all database threads of the server are taken.
_threads = ThreadPoolExecutor(2, thread_name_prefix="health")


def register(name: str, check: Check) -> None:
    """Add a condition of `/readyz`. It runs in a thread and may query."""
    _checks[name] = check


def with_probes(app: Asgi) -> Asgi:
    """Answer probes in front of `app`: on the event loop, so that busy threads do not make a server look dead."""

    async def serve(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"] == "/healthz":
            await _send_json(send, 200, {"status": "ok"})
        elif scope["path"] == "/readyz":
            results = await _results_in_time()
            is_ready = all(results.values())
            checks = {name: "ok" if good else "failed" for name, good in results.items()}
            answer = {"status": "ok" if is_ready else "unavailable", "checks": checks}
            await _send_json(send, 200 if is_ready else 503, answer)
        else:
            await app(scope, receive, send)

    return serve


async def _send_json(send: Send, status: int, answer: dict[str, Any]) -> None:
    body = json.dumps(answer).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _results_in_time() -> dict[str, bool]:
    try:
        return await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(_threads, _results), LIMIT)
    except TimeoutError:
        return {"answer in time": False}


def _results() -> dict[str, bool]:
    try:
        return {name: _is_good(name, check) for name, check in _checks.items()}
    finally:
        connection.close()


def _is_good(name: str, check: Check) -> bool:
    try:
        return check()
    except Exception:
        logger.warning("Not ready: the check %r failed", name, exc_info=True)
        return False


def _is_not_draining() -> bool:
    return not lifecycle.is_draining()


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _migrations_are_applied() -> bool:
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


def _redis_answers() -> bool:
    if not settings.REDIS_URL:
        return True
    import redis  # noqa: PLC0415  commands that never probe must not pay for it

    with redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2) as client:
        return bool(client.ping())


_migrated = False
register("serving", _is_not_draining)
register("database", _database_answers)
register("migrations", _migrations_are_applied)
register("redis", _redis_answers)
