"""How long a call may take and how often it is tried again: numbers only, no I/O."""

import asyncio
import random
from dataclasses import dataclass

from django.conf import settings

from llm_service import errors
from llm_service.errors import LLMError

FIRST_PAUSE = 0.5
"""Longest pause before the first retry, in seconds; each further one may be twice as long."""
MAX_WAIT = 20.0
"""Longest pause before another try, in seconds. A vendor that asks for more is not asked again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, as set when the call begins."""

    connect: float
    first_token: float
    idle: float
    total: float
    retries: int

    @classmethod
    def now(cls, *, is_stream: bool, timeout: float | None = None, retries: int | None = None) -> "Limits":
        """`timeout` and `retries` replace the settings for this call."""
        request = timeout or settings.LLM_REQUEST_TIMEOUT
        return cls(
            connect=settings.LLM_CONNECT_TIMEOUT,
            first_token=settings.LLM_FIRST_TOKEN_TIMEOUT if is_stream else request,
            idle=request,
            total=settings.LLM_TOTAL_TIMEOUT,
            retries=settings.LLM_MAX_RETRIES if retries is None else max(0, retries),
        )


def pause_before(retry: int, asked: float | None) -> float | None:
    """Seconds to wait before this retry (1, 2, ...), at least what the vendor asked for; None means give up."""
    backoff = min(8.0, FIRST_PAUSE * 2 ** (retry - 1)) * random.uniform(0.5, 1.0)  # noqa: S311  jitter, not a secret
    wait = max(backoff, asked or 0)
    return wait if wait <= MAX_WAIT else None


class Watch:
    """Ends waiting for the provider when a limit passes. One timer for a whole stream: arming it writes three fields.

    The waiting task is cancelled, as `asyncio.timeout` does, and `expired` turns that into the limit's error.
    """

    __slots__ = ("_error", "_fired", "_loop", "_task", "_timer", "_total", "_when")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._total = self._when = self._loop.time()
        self._error: type[LLMError] = errors.TotalTimeout
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._fired = False

    def begin(self, total: float) -> None:
        """Let the total limit count from here."""
        self._total = self._loop.time() + total

    @property
    def remaining(self) -> float:
        return self._total - self._loop.time()

    def in_seconds(self, seconds: float) -> float:
        return self._loop.time() + seconds

    def arm(self, when: float, error: type[LLMError]) -> None:
        """From here on the current task waits for the provider, until `when` on the loop's clock."""
        if when < self._total:
            self._when, self._error = when, error
        else:
            self._when, self._error = self._total, errors.TotalTimeout
        self._task = asyncio.current_task()
        if self._timer is None or self._timer.when() > self._when:
            self._schedule()

    def disarm(self) -> None:
        self._task = None

    def expired(self) -> LLMError | None:
        """Return the limit's error if it was this watch that cancelled the task, and take the cancellation back."""
        if not self._fired or self._task is None:
            return None
        self._fired = False
        others = self._task.uncancel()
        self._task = None
        return None if others else self._error()

    def close(self) -> None:
        self._task = None
        if self._timer:
            self._timer.cancel()

    def _schedule(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._when, self._check)

    def _check(self) -> None:
        self._timer = None
        if self._task is None:
            return
        if self._loop.time() < self._when - 0.001:
            self._schedule()
            return
        self._fired = True
        self._task.cancel()
