"""Threads that run the jobs of the database queue, and what keeps the queue whole when a process dies.

Nothing here starts at import: a server starts its workers through `lib.lifecycle`, `manage.py work` starts its own.
"""

import asyncio
import logging
import threading
import time
import uuid
from collections.abc import Callable
from traceback import format_exception
from typing import Never

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.db.models import F
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from lib import jobs, redaction
from lib.models import JobWorker, PeriodicJob
from lib.write_lock import writing

logger = logging.getLogger(__name__)

BEAT = 5.0
"""Seconds between two signs of life of a process."""
SILENCE = 20.0
"""Seconds without one after which its jobs are taken over."""
MAX_LOST_RUNS = 3
"""A job whose process died this often is given up: it may be what kills them."""
DRAIN = 5.0
"""Seconds that running jobs get when the process is told to end."""
SIGN_OFF = 2.0
"""Seconds after that to say that the process is gone, so that others need not find it out."""

WRITE_PAUSES = (0.5, 2, 5, 10, 30, 60)
"""Seconds between the tries to write a result while the database is away."""


class Workers:
    """The job threads of one process, and a keeper that shows its life, reaps dead ones and fires periodic jobs."""

    def __init__(self, *, threads: int, poll: float = 2.0, beat: float = BEAT, silence: float = SILENCE) -> None:
        self.id = uuid.uuid4()
        self.poll = poll
        self.beat = beat
        self._reaper = Reaper(silence)
        self._ending = threading.Event()
        self._deadline = 0.0
        self._threads = [threading.Thread(target=self._work, name=f"jobs-{n}", daemon=True) for n in range(threads)]
        self._keeper = threading.Thread(target=self._keep, name="jobs-keeper", daemon=True)

    def start(self) -> None:
        # In the keeper's thread and before any claim: a claim by an unknown worker would be reaped.
        self._keeper.start()

    def end(self, seconds: float = DRAIN) -> None:
        """Take no further job, wait for the running ones, and leave what still runs to be taken over."""
        self._deadline = time.monotonic() + seconds
        self._ending.set()
        jobs.bell.ring()
        if self._keeper.is_alive():
            self._keeper.join(seconds + SIGN_OFF)

    def _keep(self) -> None:
        began = False
        while not self._ending.is_set():
            if _survives(self._show_life) and not began:
                began = True
                for thread in self._threads:
                    thread.start()
            _survives(self._reaper.reap)
            _survives(fire_periodic_jobs)
            self._ending.wait(self.beat)
        _survives(self._sign_off)
        connection.close()

    def _show_life(self) -> None:
        with writing():
            if not JobWorker.objects.filter(pk=self.id).update(beat=F("beat") + 1):
                JobWorker.objects.create(pk=self.id)

    def _sign_off(self) -> None:
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, self._deadline - time.monotonic()))
        with writing():
            JobWorker.objects.filter(pk=self.id).delete()

    def _work(self) -> None:
        while not self._ending.is_set():
            heard = jobs.bell.rings
            if not _survives(lambda: run_next(self.id)):
                jobs.bell.wait(heard=heard, seconds=self.poll)
        connection.close()


class Reaper:
    """Gives the jobs of dead processes to others. Clocks of two machines are never compared: a process is dead when
    its beat stood still for `silence` seconds of our own."""

    def __init__(self, silence: float) -> None:
        self.silence = silence
        self._seen: dict[uuid.UUID, tuple[int, float]] = {}

    def reap(self) -> bool:
        # Runs first, beats second: whoever claimed a run that we see has shown life before.
        running = list(DBTaskResult.objects.running())
        now = time.monotonic()
        beats = dict(JobWorker.objects.values_list("id", "beat"))
        self._seen = {
            worker: seen if (seen := self._seen.get(worker)) and seen[0] == beat else (beat, now)
            for worker, beat in beats.items()
        }
        dead = {worker for worker, (_, since) in self._seen.items() if now - since >= self.silence}
        alive = {str(worker) for worker in beats.keys() - dead}
        lost = [row for row in running if not row.worker_ids or row.worker_ids[-1] not in alive]
        if dead or lost:
            with writing():
                JobWorker.objects.filter(pk__in=dead).delete()
                for row in lost:
                    _take_over(row)
            jobs.bell.ring()
        return bool(lost)


def _take_over(row: DBTaskResult) -> None:
    # Conditional on the same run: its worker may have finished, or another reaper been quicker.
    same_run = DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.RUNNING, worker_ids=row.worker_ids)
    if len(row.worker_ids) < MAX_LOST_RUNS:
        same_run.update(status=TaskResultStatus.READY, started_at=None)
        logger.warning("A job is taken over from a dead process", extra={"job_id": str(row.pk)})
    else:
        same_run.update(
            status=TaskResultStatus.FAILED,
            finished_at=timezone.now(),
            exception_class_path=f"{__name__}.WorkerLost",
            traceback=f"The processes that ran it died {MAX_LOST_RUNS} times.",
        )
        logger.error("A job is given up: its processes died", extra={"job_id": str(row.pk)})


def fire_periodic_jobs() -> bool:
    """Enqueue the periodic jobs that are due, each in one process only."""
    periods = jobs.periods()
    known = set(PeriodicJob.objects.values_list("name", flat=True))
    now = timezone.now()
    due = set(PeriodicJob.objects.filter(due_at__lte=now).values_list("name", flat=True)) | (periods.keys() - known)
    for name in due & periods.keys():
        with writing():
            PeriodicJob.objects.get_or_create(name=name, defaults={"due_at": now})
            if PeriodicJob.objects.filter(name=name, due_at__lte=now).update(due_at=now + periods[name]):
                jobs.enqueue(name)
    return bool(due)


def keep_firing_periodic_jobs() -> Never:
    """Fire periodic jobs where another queue's worker runs them. For a daemon thread."""
    while True:
        _survives(fire_periodic_jobs)
        time.sleep(BEAT)


def run_next(worker: uuid.UUID) -> bool:
    """Claim the next job that is due and run it. False when there is none."""
    ready = DBTaskResult.objects.ready().filter(backend_name="default")
    if not ready.exists():  # a look takes no write lock
        return False
    with writing():
        row = ready.get_locked()
        if row is None:
            return False
        row.claim(str(worker))
    _run(row)
    return True


def _run(row: DBTaskResult) -> None:
    kwargs = row.args_kwargs["kwargs"]
    began = time.monotonic()
    extra = {"job": kwargs.get("name"), "job_id": str(row.pk)}
    outcome: dict[str, object] = {"status": TaskResultStatus.SUCCESSFUL, "exception_class_path": "", "traceback": ""}
    try:
        jobs.run.call(*row.args_kwargs["args"], **kwargs)
        milliseconds = round((time.monotonic() - began) * 1000)
        logger.info("Job %s done in %d ms", extra["job"], milliseconds, extra=extra | {"ms": milliseconds})
    except Exception as error:
        logger.exception("Job %s failed", extra["job"], extra=extra | {"attempt": kwargs.get("attempt", 1)})
        outcome = {
            "status": TaskResultStatus.FAILED,
            "exception_class_path": f"{type(error).__module__}.{type(error).__qualname__}",
            "traceback": redaction.hide("".join(format_exception(error))),
        }
    _write_result(row, outcome)


def _write_result(row: DBTaskResult, outcome: dict[str, object]) -> None:
    for pause in WRITE_PAUSES:
        try:
            with writing():
                # Of this run only: a job that was taken over meanwhile belongs to another worker.
                DBTaskResult.objects.filter(
                    pk=row.pk, status=TaskResultStatus.RUNNING, worker_ids=row.worker_ids
                ).update(finished_at=timezone.now(), **outcome)
        except (InterfaceError, OperationalError):
            # Without its result the job would count as running for as long as this process lives.
            logger.warning("The result of a job could not be written yet", extra={"job_id": str(row.pk)}, exc_info=True)
            connection.close()
            time.sleep(pause)
        else:
            return


def run_all_due() -> int:
    """Run what is due in this thread, as tests and one-off commands want it."""
    count = 0
    while run_next(uuid.uuid4()):
        count += 1
    return count


def _survives(step: Callable[[], object]) -> bool:
    """Do a step of a thread that must outlive a database outage; true when it was done and found something to do."""
    close_old_connections()
    try:
        return step() is not False
    except Exception:
        logger.exception("Background jobs: %s failed, trying again soon", getattr(step, "__name__", "a step"))
        return False
    finally:
        close_old_connections()


_of_this_server: Workers | None = None


async def start_with_server() -> None:
    global _of_this_server
    if settings.TASK_WORKERS and settings.TASKS_BACKEND == "database":
        _of_this_server = Workers(threads=settings.TASK_WORKERS)
        _of_this_server.start()


async def end_with_server() -> None:
    if _of_this_server:
        await asyncio.to_thread(_of_this_server.end)
