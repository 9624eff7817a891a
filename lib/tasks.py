"""Jobs of the queue about itself, and mail."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from lib import jobs, mail

KEPT = timedelta(days=14)


@jobs.job("lib.forget_finished_jobs")
def forget_finished_jobs() -> None:
    DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEPT).delete()


jobs.every(timedelta(days=1), "lib.forget_finished_jobs")


@jobs.job("lib.send_mail", attempts=mail.TRIES, first_pause=mail.FIRST_PAUSE)
def send_mail(*, mail_id: str) -> None:
    mail.deliver(UUID(mail_id))


@jobs.job("lib.forget_unsent_mail")
def forget_unsent_mail() -> None:
    mail.forget_unsent()


jobs.every(timedelta(hours=1), "lib.forget_unsent_mail")
