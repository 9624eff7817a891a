"""Loaded first by each worker of a part that runs in several (`-p tests.workers`): its own corner of the one Redis.

pytest-django gives each worker a database; what clears the cache or publishes must not reach the others either.
"""

import os

_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
_redis = os.environ.get("REDIS_URL", "")

if _worker and _redis:
    os.environ["REDIS_URL"] = f"{_redis.rpartition('/')[0]}/{_worker.removeprefix('gw')}"
    os.environ["REDIS_PREFIX"] = f"parley-{_worker}"
