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
    return await in_pool(_executor, function, *args, **kwargs)


async def in_pool[**P, T](pool: ThreadPoolExecutor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same in threads of somebody's own, for what may take long and must not keep others from the database."""
    context = contextvars.copy_context()
    call = partial(context.run, _with_clean_connection, partial(function, *args, **kwargs))
    return await asyncio.get_running_loop().run_in_executor(pool, call)


def _with_clean_connection[T](call: Callable[[], T]) -> T:
    try:
        return call()
    finally:
        if not connection.autocommit:
            # A transaction was left half-way: in the next one, nothing that waits for its commit would ever be done.
            connection.close()
        elif connection.vendor != "sqlite" or connection.errors_occurred:
            # Postgres connections go back to the pool. A SQLite one is this thread's own: opening it anew costs more
            # than most queries, so it is closed only if it broke.
            close_old_connections()


def is_on_event_loop() -> bool:
    """Whether the caller stands on an event loop, where nothing may wait."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def after_fork() -> None:
    """Forget the parent's threads: a forked test server has none of them."""
    global _executor
    _executor = ThreadPoolExecutor(THREADS, thread_name_prefix="db")


os.register_at_fork(after_in_child=after_fork)
