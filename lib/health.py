"""`/healthz`: the process is alive. `/readyz`: it can serve now. Answered before all other middleware, for any host.

Rooms add what they need to be ready; a check that fails answers with a word, never with a stack trace.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from lib import lifecycle

logger = logging.getLogger(__name__)

LIMIT = 4.0
"""Seconds all checks may take together: a hanging dependency must not pile up probes."""

Check = Callable[[], bool]
_checks: dict[str, Check] = {}
# Of its own: the probe must answer when all database threads of the server are taken.
_threads = ThreadPoolExecutor(2, thread_name_prefix="health")


def register(name: str, check: Check) -> None:
    """Add a condition of `/readyz`. It runs in a thread and may query."""
    _checks[name] = check


class HealthMiddleware:
    sync_capable = True
    async_capable = True

    def __init__(self, get_response):  # type: ignore[no-untyped-def]  # Django hands in a sync or an async callable
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest):  # type: ignore[no-untyped-def]  # a response, or a coroutine of one
        if iscoroutinefunction(self):
            return self._answer(request)
        if request.path == "/healthz":
            return _alive()
        if request.path == "/readyz":
            return _as_response(_results())
        return self.get_response(request)

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == "/healthz":
            return _alive()
        if request.path == "/readyz":
            return await _ready_in_time()
        response: HttpResponseBase = await self.get_response(request)
        return response


def _alive() -> HttpResponse:
    return JsonResponse({"status": "ok"})


async def _ready_in_time() -> HttpResponse:
    try:
        results = asyncio.get_running_loop().run_in_executor(_threads, _results)
        return _as_response(await asyncio.wait_for(results, LIMIT))
    except TimeoutError:
        return _as_response({"answer": False})


def _as_response(results: dict[str, bool]) -> HttpResponse:
    ready = all(results.values())
    checks = {name: "ok" if good else "failed" for name, good in results.items()}
    return JsonResponse({"status": "ok" if ready else "unavailable", "checks": checks}, status=200 if ready else 503)


def _results() -> dict[str, bool]:
    try:
        return {name: _is_good(name, check) for name, check in _checks.items()}
    finally:
        if not connection.in_atomic_block:  # a test's transaction outlives the probe
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
