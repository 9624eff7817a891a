"""Background jobs by name: a room registers functions, any room enqueues them, workers run them at least once.

A job takes ids as keywords and can be run again: a worker may die after the work and before the tick in the book.
"""

import inspect
import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.tasks import task
from django.utils import timezone

from lib.write_lock import writing

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    name: str
    function: Callable[..., None]
    attempts: int
    first_pause: timedelta


class UnknownJob(LookupError):
    """No room has registered a job of this name."""


class Bell:
    """Wakes the workers of this process. A ring between two waits is never missed."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.rings = 0

    def ring(self) -> None:
        with self._condition:
            self.rings += 1
            self._condition.notify_all()

    def wait(self, *, heard: int, seconds: float) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self.rings != heard, timeout=seconds)


bell = Bell()
_jobs: dict[str, Job] = {}
_periods: dict[str, timedelta] = {}


def job[F: Callable[..., None]](
    name: str, *, attempts: int = 3, first_pause: timedelta = timedelta(seconds=10)
) -> Callable[[F], F]:
    """Register a function as the job `name` ("room.verb"). A failure is tried again, each pause twice the last."""

    def register(function: F) -> F:
        if _jobs.setdefault(name, Job(name, function, attempts, first_pause)).function is not function:
            raise ValueError(f"Two jobs are called {name!r}.")
        return function

    return register


def every(period: timedelta, name: str) -> None:
    """Enqueue the job `name` once a period, however many processes there are."""
    _periods[name] = period


def names() -> frozenset[str]:
    return frozenset(_jobs)


def periods() -> dict[str, timedelta]:
    return dict(_periods)


def enqueue(name: str, *, after: timedelta | None = None, **ids: object) -> None:
    """Have the job run in the background, with these ids, once the transaction in progress commits.

    Raises UnknownJob at once. `after` puts it off.
    """
    if name not in _jobs:
        raise UnknownJob(name)
    _put(name, {key: str(value) if isinstance(value, UUID) else value for key, value in ids.items()}, 1, after)


def _put(name: str, ids: dict[str, Any], attempt: int, after: timedelta | None) -> None:
    queued = run.using(run_after=timezone.now() + after if after else None)
    if connection.in_atomic_block:
        # In the caller's transaction: the job exists if and only if the change it belongs to does.
        queued.enqueue(name=name, ids=ids, attempt=attempt)
    else:
        with writing():
            queued.enqueue(name=name, ids=ids, attempt=attempt)
    transaction.on_commit(bell.ring)


@task()
def run(name: str, ids: dict[str, Any], attempt: int = 1) -> None:
    """What a worker calls: do the job; after a failure enqueue the next attempt, then fail."""
    registered = _jobs.get(name)
    try:
        if registered is None:
            raise UnknownJob(name)
        registered.function(**_accepted(registered.function, ids))
    except Exception:
        policy = registered or Job(name, run.func, attempts=3, first_pause=timedelta(seconds=10))
        if attempt < policy.attempts:
            # Spread out, so that jobs that failed together do not come back together.
            pause = policy.first_pause * 2 ** (attempt - 1) * random.uniform(0.8, 1.2)  # noqa: S311
            _put(name, ids, attempt + 1, pause)
        raise


def _accepted(function: Callable[..., None], ids: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the function does not know: during a deploy a newer process may have enqueued it."""
    parameters = inspect.signature(function).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return ids
    known = {parameter.name for parameter in parameters}
    if unknown := ids.keys() - known:
        logger.warning("A job was enqueued with ids it does not know: %s", sorted(unknown))
    return {key: value for key, value in ids.items() if key in known}
