import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from teams.scoping import TeamScoped


class Import(TeamScoped):
    """A file of conversations on its way into a person's threads."""

    class State(models.TextChoices):
        WAITING = "waiting", gettext_lazy("Waiting")
        RUNNING = "running", gettext_lazy("Running")
        DONE = "done", gettext_lazy("Done")
        FAILED = "failed", gettext_lazy("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200, help_text="What the file is called.")
    file_key = models.CharField(max_length=200, blank=True, help_text="Where the storage has it, until it is read.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    imported = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0, help_text="Were there already.")
    failed = models.PositiveIntegerField(default=0)
    faults: models.JSONField[list[list[str]], list[list[str]]] = models.JSONField(
        default=list, help_text="Title and reason of the first that failed."
    )
    problem = models.TextField(blank=True, help_text="Why the file could not be read, or not to its end.")
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-created_at"], name="import_newest_of_user")]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"
