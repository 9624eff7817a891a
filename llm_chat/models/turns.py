import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from llm_chat.models.threads import ChatMessage, ChatThread, Status


class RunnerProcess(models.Model):
    """The lease of one server process over the turns it runs; `expires_at` is by the database's clock."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    started_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)


class Turn(models.Model):
    """One user message being answered, owned by the process that claimed it."""

    class Mode(models.TextChoices):
        SEND = "send", gettext_lazy("Send")
        RETRY = "retry", gettext_lazy("Retry")
        CONTINUE = "continue", gettext_lazy("Continue")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    thread = models.ForeignKey(ChatThread, on_delete=models.CASCADE, related_name="turns")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="turns")
    user_message = models.ForeignKey(
        ChatMessage, on_delete=models.CASCADE, null=True, blank=True, related_name="answered_by"
    )
    assistant_message = models.OneToOneField(ChatMessage, on_delete=models.CASCADE, related_name="written_by")
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.SEND)
    appends = models.BooleanField(default=True, help_text="Parent fixed at the claim: the thread's leaf by then.")
    model = models.CharField(max_length=200)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    seq = models.PositiveIntegerField(default=0, help_text="Last event covered by the stored text.")
    process_id = models.UUIDField(null=True, blank=True, db_index=True)
    token = models.UUIDField(null=True, blank=True, help_text="Fences off every runner but the one of this claim.")
    stop_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["thread"], condition=models.Q(status="running"), name="one_running_turn_per_thread"
            )
        ]
        indexes = [
            models.Index(
                fields=["status", "created_at"],
                condition=models.Q(status__in=["queued", "running"]),
                name="turn_unfinished",
            )
        ]

    def __str__(self) -> str:
        return f"{self.status} turn {self.id}"
