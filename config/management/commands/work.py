"""The worker process: runs background jobs until it is told to end."""

import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

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


def _work_off_the_database(threads: int) -> None:
    told_to_end = threading.Event()

    def end(signum: int, frame: FrameType | None) -> None:
        told_to_end.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    workers = Workers(threads=threads, poll=0.5)
    workers.start()
    told_to_end.wait()
    workers.end()


def _work_for_celery(threads: int) -> None:
    if not settings.REDIS_URL:
        raise CommandError("TASKS_BACKEND=celery needs REDIS_URL.")
    from config.celery import app  # noqa: PLC0415  Celery is loaded only where it is used

    threading.Thread(target=keep_firing_periodic_jobs, daemon=True).start()
    app.worker_main(["worker", "--pool=threads", f"--concurrency={threads}", f"--loglevel={settings.LOG_LEVEL}"])
