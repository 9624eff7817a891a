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


class UnsentMail(models.Model):
    """A mail on its way out. Sent ones are removed; given-up ones keep no text, which may have held a link."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    to = models.EmailField()
    sender = models.CharField(max_length=320)
    subject = models.CharField(max_length=998)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True, help_text="Why the last try failed.")
    created_at = models.DateTimeField(default=timezone.now)
    given_up_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"
