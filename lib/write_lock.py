"""Write transactions. On SQLite they enter one at a time within a process, so that none ever polls for the lock.

SQLite's own busy handler sleeps and tries again; with two hundred turns starting at once that is most of the wait.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_lock = threading.RLock()


@contextmanager
def writing() -> Iterator[None]:
    """Run the block in a transaction that is going to write. Also a decorator; nests like `transaction.atomic`."""
    # Inside a transaction SQLite's own lock is held already; to wait for ours then could be to wait for each other.
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with _lock, transaction.atomic():
            yield
    else:
        with transaction.atomic():
            yield
