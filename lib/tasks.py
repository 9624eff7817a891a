"""Jobs of the queue about itself."""

from datetime import timedelta

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from lib import jobs

KEPT = timedelta(days=14)


@jobs.job("lib.forget_finished_jobs")
def forget_finished_jobs() -> None:
    DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEPT).delete()


jobs.every(timedelta(days=1), "lib.forget_finished_jobs")
