import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from teams.scoping import TeamScoped


class Status(models.TextChoices):
    """Where a turn, and the message it writes, stands."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    COMPLETE = "complete", "Complete"
    STOPPED = "stopped", "Stopped"
    INTERRUPTED = "interrupted", "Interrupted"
    ERROR = "error", "Error"


UNFINISHED = (Status.QUEUED, Status.RUNNING)


class ChatThread(TeamScoped):
    """One conversation. Its messages are a tree; the shown path ends at `leaf`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="threads")
    title = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=200, blank=True, help_text="Chosen last in this thread.")
    bot_id = models.UUIDField(null=True, blank=True, db_index=True)
    leaf = models.ForeignKey("ChatMessage", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    rev = models.PositiveBigIntegerField(default=0, help_text="Raised whenever what a tab shows changes.")
    created_at = models.DateTimeField(default=timezone.now)
    last_message_at = models.DateTimeField(default=timezone.now)
    pinned_at = models.DateTimeField(null=True, blank=True, help_text="Kept above the others.")
    archived_at = models.DateTimeField(null=True, blank=True, help_text="Kept out of the list.")
    deleted_at = models.DateTimeField(null=True, blank=True, help_text="Gone for everybody; erased within two hours.")

    class Meta:
        indexes = [
            models.Index(fields=["user", "-last_message_at", "-id"], name="thread_newest_of_user"),
            models.Index(fields=["user", "team", "-last_message_at", "-id"], name="thread_newest_in_team"),
            models.Index(
                fields=["user", "team"], condition=models.Q(pinned_at__isnull=False), name="thread_pinned_in_team"
            ),
            models.Index(fields=["deleted_at"], condition=models.Q(deleted_at__isnull=False), name="thread_deleted"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.id)


class ChatMessage(models.Model):
    class Role(models.TextChoices):
        USER = "user", "User"
        ASSISTANT = "assistant", "Assistant"
        SYSTEM = "system", "System"
        TOOL = "tool", "Tool"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    thread = models.ForeignKey(ChatThread, on_delete=models.CASCADE, related_name="messages")
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children")
    role = models.CharField(max_length=10, choices=Role.choices)
    content = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)
    tools: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.COMPLETE)
    error: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(null=True, blank=True)
    model = models.CharField(max_length=200, blank=True)
    usage: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(null=True, blank=True)
    attachments: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list, blank=True
    )
    token_count = models.PositiveIntegerField(default=0)
    rev = models.PositiveBigIntegerField(default=0, help_text="The thread's rev when this row last changed.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["thread", "rev"], name="message_changed_since")]

    def __str__(self) -> str:
        return f"{self.role} {self.id}"


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
        SEND = "send", "Send"
        RETRY = "retry", "Retry"
        CONTINUE = "continue", "Continue"

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
