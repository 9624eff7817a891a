"""The worker process: runs background jobs until it is told to end."""

import signal
import threading
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any, Never

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lib.job_workers import Workers, keep_firing_periodic_jobs


class Command(BaseCommand):
    help = "Run background jobs and fire periodic ones; with TASKS_BACKEND=celery as a Celery worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--threads", type=int, default=4, help="jobs that run at a time")

    def handle(self, *, threads: int, **options: Any) -> None:
        if settings.TASKS_BACKEND == "celery":
            _work_for_celery(threads)
        else:
            _work_off_the_database(threads)


class _ToldToEnd(BaseException):
    """Raised where the main thread waits: an event set by a signal handler may wait for a lock that thread holds."""


def _end(signum: int, frame: FrameType | None) -> Never:
    signal.signal(signum, signal.SIG_IGN)
    raise _ToldToEnd


def _work_off_the_database(threads: int) -> None:
    workers = Workers(threads=threads, poll=0.5)
    try:
        signal.signal(signal.SIGTERM, _end)
        signal.signal(signal.SIGINT, _end)
        workers.start()
        while True:
            time.sleep(3600)
    except _ToldToEnd:
        workers.end()


def _work_for_celery(threads: int) -> None:
    if not settings.REDIS_URL:
        raise CommandError("TASKS_BACKEND=celery needs REDIS_URL.")
    from config.celery import app  # noqa: PLC0415  Celery is loaded only where it is used

    threading.Thread(target=keep_firing_periodic_jobs, daemon=True).start()
    app.worker_main(["worker", "--pool=threads", f"--concurrency={threads}", f"--loglevel={settings.LOG_LEVEL}"])
