import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from teams.scoping import TeamScoped


class Status(models.TextChoices):
    """Where a turn, and the message it writes, stands."""

    QUEUED = "queued", gettext_lazy("Queued")
    RUNNING = "running", gettext_lazy("Running")
    COMPLETE = "complete", gettext_lazy("Complete")
    STOPPED = "stopped", gettext_lazy("Stopped")
    INTERRUPTED = "interrupted", gettext_lazy("Interrupted")
    ERROR = "error", gettext_lazy("Error")


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
    path_rev = models.PositiveBigIntegerField(
        default=0, db_default=0, help_text="The rev at which its person last turned to another branch."
    )
    tags = models.ManyToManyField("llm_chat.Tag", blank=True, related_name="threads")
    created_at = models.DateTimeField(default=timezone.now)
    last_message_at = models.DateTimeField(default=timezone.now)
    pinned_at = models.DateTimeField(null=True, blank=True, help_text="Kept above the others.")
    archived_at = models.DateTimeField(null=True, blank=True, help_text="Kept out of the list.")
    deleted_at = models.DateTimeField(null=True, blank=True, help_text="Gone for everybody; erased within two hours.")
    instructions = models.TextField(blank=True, db_default="", help_text="What the model keeps in mind here.")
    parameters: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True, db_default={}, help_text="By our own names; what a model does not take is left out."
    )
    summary_up_to = models.UUIDField(null=True, blank=True, help_text="The message that the newest summary reaches.")
    temporary = models.BooleanField(
        default=False, db_default=False, help_text="Not kept: in no list, erased when its person leaves it."
    )
    left_at = models.DateTimeField(
        null=True, blank=True, help_text="When the last tab with this temporary thread was closed, or loaded anew."
    )
    indexed_title = models.CharField(
        max_length=200, blank=True, default="", editable=False, db_default="", help_text="The title that search knows."
    )

    imported_from = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="Which conversation of which product it was."
    )

    class Meta:
        indexes = [
            models.Index(fields=["user", "-last_message_at", "-id"], name="thread_newest_of_user"),
            models.Index(fields=["user", "team", "-last_message_at", "-id"], name="thread_newest_in_team"),
            models.Index(
                fields=["user", "team"], condition=models.Q(pinned_at__isnull=False), name="thread_pinned_in_team"
            ),
            models.Index(fields=["deleted_at"], condition=models.Q(deleted_at__isnull=False), name="thread_deleted"),
            models.Index(fields=["last_message_at"], condition=models.Q(temporary=True), name="thread_temporary"),
            models.Index(
                fields=["id"], condition=~models.Q(title=models.F("indexed_title")), name="thread_not_in_search_yet"
            ),
            models.Index(
                fields=["user", "imported_from"], condition=~models.Q(imported_from=""), name="thread_imported"
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.id)


class ChatMessage(models.Model):
    class Role(models.TextChoices):
        USER = "user", gettext_lazy("User")
        ASSISTANT = "assistant", gettext_lazy("Assistant")
        SYSTEM = "system", gettext_lazy("System")
        TOOL = "tool", gettext_lazy("Tool")

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
    rating = models.CharField(
        max_length=4, blank=True, default="", db_default="", help_text="Copied from llm_service's feedback."
    )
    rev = models.PositiveBigIntegerField(default=0, help_text="The thread's rev when this row last changed.")
    chosen_rev = models.PositiveBigIntegerField(
        default=0, db_default=0, help_text="The thread's rev when the shown path last turned to this row."
    )
    continues = models.UUIDField(null=True, blank=True, help_text="The reply whose text this one begins with.")
    created_at = models.DateTimeField(default=timezone.now)
    is_indexed = models.BooleanField(
        default=False, editable=False, db_default=False, help_text="Search has seen this text, which is final."
    )

    class Meta:
        indexes = [
            models.Index(fields=["thread", "rev"], name="message_changed_since"),
            models.Index(
                fields=["-created_at"], condition=models.Q(is_indexed=False), name="message_not_in_search_yet"
            ),
            models.Index(fields=["thread"], condition=models.Q(parent__isnull=True), name="message_without_parent"),
        ]

    siblings: Sequence[uuid.UUID] = ()
    """All versions of this message that a query found, itself among them; empty when it is alone."""

    def __str__(self) -> str:
        return f"{self.role} {self.id}"
