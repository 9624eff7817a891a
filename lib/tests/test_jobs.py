import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from lib import jobs
from lib.job_workers import MAX_LOST_RUNS, Reaper, Workers, fire_periodic_jobs, run_all_due, run_next
from lib.models import JobWorker, PeriodicJob

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_jobs", {})
    monkeypatch.setattr(jobs, "_periods", {})


@pytest.fixture
def done() -> list[object]:
    """What the job of a test was called with."""
    calls: list[object] = []

    @jobs.job("test.note")
    def note(*, document_id: str) -> None:
        calls.append(document_id)

    return calls


@pytest.fixture
def start() -> Iterator[Callable[..., Workers]]:
    started: list[Workers] = []

    def start_workers(**options: float) -> Workers:
        workers = Workers(**({"threads": 1, "poll": 30} | options))  # type: ignore[arg-type]
        workers.start()
        started.append(workers)
        return workers

    yield start_workers
    for workers in started:
        workers.end()


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def test_enqueued_job_runs_with_its_ids(done: list[object]) -> None:
    document = uuid.uuid4()

    jobs.enqueue("test.note", document_id=document)
    assert run_all_due() == 1

    assert done == [str(document)]


def test_job_of_a_change_that_was_rolled_back_never_runs(done: list[object]) -> None:
    with transaction.atomic():
        jobs.enqueue("test.note", document_id=1)
        transaction.set_rollback(True)

    assert run_all_due() == 0


def test_unknown_name_is_refused_at_once() -> None:
    with pytest.raises(jobs.UnknownJob):
        jobs.enqueue("test.nobody_registered_this")


def test_two_jobs_may_not_share_a_name(done: list[object]) -> None:
    with pytest.raises(ValueError, match=r"test\.note"):
        jobs.job("test.note")(lambda: None)


def test_ids_that_a_newer_process_added_are_left_out(done: list[object]) -> None:
    jobs.enqueue("test.note", document_id=1, added_later=2)

    run_all_due()

    assert done == [1]


def test_job_put_off_is_not_due_yet(done: list[object]) -> None:
    jobs.enqueue("test.note", document_id=1, after=timedelta(hours=1))

    assert run_all_due() == 0


def test_failed_job_is_tried_again_with_growing_pauses_until_its_attempts_are_used_up() -> None:
    @jobs.job("test.fail", attempts=3, first_pause=timedelta(minutes=1))
    def fail() -> None:
        raise OSError("no luck")

    jobs.enqueue("test.fail")
    pauses = []
    while run_all_due():
        waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY)
        pauses += [row.run_after - timezone.now() for row in waiting]
        waiting.update(run_after=timezone.now())

    assert [round(pause / timedelta(minutes=1)) for pause in pauses] == [1, 2]
    assert DBTaskResult.objects.failed().count() == 3
    assert "no luck" in DBTaskResult.objects.failed()[0].traceback


def test_idle_worker_is_woken_by_an_enqueue_in_its_process(done: list[object], start: Callable[..., Workers]) -> None:
    start(poll=30)
    jobs.enqueue("test.note", document_id="warm")
    wait_until(lambda: done == ["warm"])
    time.sleep(0.2)

    began = time.monotonic()
    jobs.enqueue("test.note", document_id="measured")
    wait_until(lambda: len(done) == 2)

    assert time.monotonic() - began < 5  # 0.1 s is the aim; without the wake it would be 30


def test_every_job_runs_once_with_many_workers(done: list[object], start: Callable[..., Workers]) -> None:
    for number in range(40):
        jobs.enqueue("test.note", document_id=number)

    start(threads=3)
    start(threads=3)
    wait_until(lambda: DBTaskResult.objects.successful().count() == 40)

    assert sorted(map(str, done)) == sorted(map(str, range(40)))


def test_process_that_ends_waits_for_its_job_and_signs_off(start: Callable[..., Workers]) -> None:
    begun, finished = threading.Event(), threading.Event()

    @jobs.job("test.slow")
    def slow() -> None:
        begun.set()
        time.sleep(0.3)
        finished.set()

    workers = start()
    jobs.enqueue("test.slow")
    assert begun.wait(10)
    workers.end()

    assert finished.is_set()
    assert DBTaskResult.objects.get().status == TaskResultStatus.SUCCESSFUL
    assert not JobWorker.objects.exists()


def _running(*workers: uuid.UUID) -> DBTaskResult:
    jobs.enqueue("test.note", document_id=1)
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, worker_ids=[str(worker) for worker in workers])
    return DBTaskResult.objects.get()


def test_job_of_a_silent_process_is_taken_over(done: list[object]) -> None:
    silent = JobWorker.objects.create()
    _running(silent.id)
    reaper = Reaper(silence=0.05)

    assert not reaper.reap()
    time.sleep(0.1)
    assert reaper.reap()
    run_all_due()

    assert done == [1]
    assert not JobWorker.objects.exists()


def test_job_of_a_process_that_shows_life_is_left_alone(done: list[object]) -> None:
    worker = JobWorker.objects.create()
    _running(worker.id)
    reaper = Reaper(silence=0.05)

    for beat in range(3):
        JobWorker.objects.update(beat=beat)
        assert not reaper.reap()
        time.sleep(0.1)

    assert DBTaskResult.objects.get().status == TaskResultStatus.RUNNING


def test_job_that_outlived_its_processes_too_often_is_given_up(done: list[object]) -> None:
    _running(*(uuid.uuid4() for _ in range(MAX_LOST_RUNS)))

    Reaper(silence=60).reap()

    assert DBTaskResult.objects.get().status == TaskResultStatus.FAILED


def test_run_that_was_taken_over_does_not_write_its_result(done: list[object]) -> None:
    other = str(uuid.uuid4())

    @jobs.job("test.overtaken")
    def overtaken() -> None:
        DBTaskResult.objects.update(worker_ids=[other])

    jobs.enqueue("test.overtaken")
    run_next(uuid.uuid4())

    row = DBTaskResult.objects.get()
    assert (row.status, row.worker_ids) == (TaskResultStatus.RUNNING, [other])


def test_periodic_job_is_enqueued_once_a_period(done: list[object]) -> None:
    jobs.job("test.sweep")(lambda: done.append("swept"))
    jobs.every(timedelta(hours=1), "test.sweep")

    for _ in range(3):
        fire_periodic_jobs()
    assert DBTaskResult.objects.count() == 1

    PeriodicJob.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    for _ in range(3):
        fire_periodic_jobs()
    assert DBTaskResult.objects.count() == 2


def test_workers_survive_a_failing_database(
    done: list[object], start: Callable[..., Workers], monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([True, True])
    ready = type(DBTaskResult.objects.all()).ready

    def failing_twice(rows: object) -> object:
        if next(failures, False):
            raise OSError("the database is away")
        return ready(rows)

    monkeypatch.setattr(type(DBTaskResult.objects.all()), "ready", failing_twice)
    start(poll=0.05)
    jobs.enqueue("test.note", document_id="after the outage")

    wait_until(lambda: done == ["after the outage"])


CRASHING_PROCESS = """
import time, django
django.setup()
from lib import jobs
from lib.job_workers import Workers
jobs.job("test.note")(lambda document_id: (print("begun", flush=True), time.sleep(60)))
Workers(threads=1, poll=0.1).start()
time.sleep(60)
"""


def test_job_of_a_killed_process_is_run_by_another_one(done: list[object], start: Callable[..., Workers]) -> None:
    jobs.enqueue("test.note", document_id="survivor")
    crashing = subprocess.Popen(
        [sys.executable, "-c", CRASHING_PROCESS], env=_environment(), stdout=subprocess.PIPE, text=True
    )
    assert crashing.stdout
    with crashing:
        begun = crashing.stdout.readline()
        crashing.kill()
    assert begun == "begun\n"

    start(beat=0.1, silence=0.3)
    wait_until(lambda: done == ["survivor"])


@pytest.fixture
def work_command() -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "manage.py", "work", "--threads", "1"]
    worker = subprocess.Popen(command, cwd=settings.BASE_DIR, env=_environment())
    yield worker
    worker.kill()
    worker.wait()


def test_workers_say_that_they_are_gone_also_while_a_job_runs_on(start: Callable[..., Workers]) -> None:
    begun, may_end = threading.Event(), threading.Event()

    @jobs.job("test.long")
    def long() -> None:
        begun.set()
        may_end.wait(30)

    jobs.enqueue("test.long")
    workers = start()
    assert begun.wait(30)

    workers.end(seconds=0.1)

    assert not JobWorker.objects.exists()
    assert DBTaskResult.objects.get().status == TaskResultStatus.RUNNING  # for others to take over
    may_end.set()


def test_work_command_ends_politely(work_command: subprocess.Popen[bytes]) -> None:
    wait_until(lambda: JobWorker.objects.exists())
    work_command.send_signal(signal.SIGTERM)

    assert work_command.wait(timeout=30) == 0
    assert not JobWorker.objects.exists()


def _environment() -> dict[str, str]:
    """That of another process on the database of this test."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        url = f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    return os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
    }
