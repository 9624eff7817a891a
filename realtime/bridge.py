"""The one way from the event loop to the database: a bounded pool of threads, never the loop itself."""

import asyncio
import contextvars
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.conf import settings
from django.db import close_old_connections, connection

# Fewer threads than pooled connections, so that HTTP views always find one.
THREADS = max(2, settings.DATABASE_POOL_SIZE - 3)

_executor = ThreadPoolExecutor(THREADS, thread_name_prefix="db")


async def in_db[**P, T](function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a synchronous function that uses the database in a thread of the pool and return its result."""
    context = contextvars.copy_context()
    call = partial(context.run, _with_clean_connection, partial(function, *args, **kwargs))
    return await asyncio.get_running_loop().run_in_executor(_executor, call)


def _with_clean_connection[T](call: Callable[[], T]) -> T:
    try:
        return call()
    finally:
        # Postgres connections go back to the pool. A SQLite one is this thread's own: opening it anew costs more than
        # most queries, so it is closed only if it broke.
        if connection.vendor != "sqlite" or connection.errors_occurred:
            close_old_connections()


def after_fork() -> None:
    """Forget the parent's threads: a forked test server has none of them."""
    global _executor
    _executor = ThreadPoolExecutor(THREADS, thread_name_prefix="db")


os.register_at_fork(after_in_child=after_fork)
