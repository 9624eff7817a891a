"""The same jobs through Celery and a real Redis."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.tasks import TaskResultStatus
from django.test import override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from config.celery import app
from lib import jobs

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

CELERY = {
    "default": {"BACKEND": "lib.celery_backend.CeleryBackend", "QUEUES": [], "OPTIONS": {"APP": "config.celery.app"}}
}


@pytest.fixture
def worker() -> Iterator[None]:
    database = connection.settings_dict
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}",
        "TASKS_BACKEND": "celery",
    }
    command = [sys.executable, "manage.py", "work", "--threads", "1"]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)
    yield
    process.send_signal(signal.SIGTERM)
    try:
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()


def _an_old_result() -> uuid.UUID:
    row = DBTaskResult.objects.create(
        status=TaskResultStatus.SUCCESSFUL,
        finished_at=timezone.now() - timedelta(days=400),
        args_kwargs={"args": [], "kwargs": {}},
        task_path="lib.jobs.run",
        backend_name="default",
        run_after=timezone.now(),
    )
    return row.pk  # type: ignore[no-any-return]


def test_celery_worker_runs_the_job(worker: None) -> None:
    old = _an_old_result()

    with override_settings(TASKS=CELERY):
        jobs.enqueue("lib.forget_finished_jobs")
    deadline = time.monotonic() + 40
    while DBTaskResult.objects.filter(pk=old).exists() and time.monotonic() < deadline:
        time.sleep(0.1)

    assert not DBTaskResult.objects.filter(pk=old).exists()


def test_nothing_is_sent_for_a_change_that_was_rolled_back(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(app, "send_task", lambda name, **options: sent.append(name))

    with override_settings(TASKS=CELERY):
        with transaction.atomic():
            jobs.enqueue("lib.forget_finished_jobs")
            transaction.set_rollback(True)
        assert sent == []
        jobs.enqueue("lib.forget_finished_jobs")

    assert sent == ["parley.run_job"]
