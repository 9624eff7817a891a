"""The Celery app behind `TASKS_BACKEND=celery`. `manage.py work` runs its worker."""

from typing import Any

from celery import Celery
from django.conf import settings

from lib import jobs
from lib.celery_backend import CELERY_TASK

app = Celery("parley", broker=settings.REDIS_URL)
app.conf.update(
    task_ignore_result=True,
    # Kept by the broker until done; a job whose worker died comes back after the visibility timeout.
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    broker_transport_options={"visibility_timeout": 3600, "global_keyprefix": f"{settings.REDIS_PREFIX}:"},
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
)


@app.task(name=CELERY_TASK)
def run_job(**arguments: Any) -> None:
    jobs.run.call(**arguments)
