import uuid

from django.db import models
from django.utils import timezone


class JobWorker(models.Model):
    """A process that runs jobs. It raises `beat`; who sees it stand still long enough takes its jobs over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    beat = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.id)


class PeriodicJob(models.Model):
    """When a periodic job is due next. The process that moves `due_at` on is the one that enqueues it."""

    name = models.CharField(primary_key=True, max_length=100)
    due_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
