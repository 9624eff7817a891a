"""The same jobs on Celery: one Celery task runs any of them. Chosen by `TASKS_BACKEND=celery`."""

import uuid
from functools import cached_property, partial
from typing import Any

from django.db import transaction
from django.tasks import Task, TaskResult, TaskResultStatus
from django.tasks.backends.base import BaseTaskBackend
from django.utils import timezone
from django.utils.module_loading import import_string

CELERY_TASK = "parley.run_job"


class CeleryBackend(BaseTaskBackend):
    supports_defer = True

    @cached_property
    def app(self) -> Any:
        # At the first job, not at start-up: most commands never need Celery.
        return import_string(self.options["APP"])

    def enqueue[**P, R](self, task: Task[P, R], args: list[Any], kwargs: dict[str, Any]) -> TaskResult[P, R]:
        self.validate_task(task)
        task_id = str(uuid.uuid4())
        send = partial(self.app.send_task, CELERY_TASK, args=args, kwargs=kwargs, task_id=task_id, eta=task.run_after)
        # The broker knows no transaction of ours: a worker must not look for rows that are not committed yet.
        transaction.on_commit(send)
        return TaskResult(
            task=task,
            id=task_id,
            status=TaskResultStatus.READY,
            enqueued_at=timezone.now(),
            started_at=None,
            finished_at=None,
            last_attempted_at=None,
            args=args,
            kwargs=kwargs,
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )
