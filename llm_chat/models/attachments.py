import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from llm_chat.models.threads import ChatMessage
from teams.scoping import TeamScoped


class Attachment(TeamScoped):
    """A file somebody put to what they say. Which messages have it is in `messages`: none until it is sent."""

    class Kind(models.TextChoices):
        IMAGE = "image", gettext_lazy("Picture")
        DOCUMENT = "document", gettext_lazy("Document")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="attachments")
    messages = models.ManyToManyField(ChatMessage, related_name="files", blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=200, help_text="What its person called it, cleaned. A label, never a path.")
    mime = models.CharField(max_length=100, help_text="By its bytes.")
    size = models.PositiveBigIntegerField(help_text="In bytes, as kept.")
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    about: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True, help_text="How much of it was read."
    )
    text = models.TextField(blank=True, help_text="What models are told of a document.")
    token_count = models.PositiveIntegerField(default=0)
    file_key = models.CharField(max_length=100, help_text="Where the storage has it; random.")
    thumbnail_key = models.CharField(max_length=100, blank=True)
    is_stored = models.BooleanField(default=False, help_text="The storage has all of it.")
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["user", "created_at"], name="attachment_of_user")]

    def __str__(self) -> str:
        return self.name
