import secrets
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from llm_chat.models.threads import ChatThread
from teams.scoping import TeamScoped


def new_token() -> str:
    return secrets.token_urlsafe(24)


class SharedThread(TeamScoped):
    """A thread's shown path as it was at one moment, readable by whoever has the link.

    The token is stored as it is: its owner is shown the link again, and what it opens stands in the same row, so a hash
    would keep nothing from whoever can read the database.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    thread = models.OneToOneField(ChatThread, on_delete=models.CASCADE, related_name="shared")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    token = models.CharField(max_length=64, unique=True, default=new_token)
    title = models.CharField(max_length=200, blank=True)
    shown_name = models.CharField(max_length=150, blank=True, help_text="Who it is from, if they want it said.")
    with_images = models.BooleanField(default=False)
    content: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    preview = models.BinaryField(default=b"", help_text="The picture that other sites show beside the link.")
    thread_rev = models.PositiveBigIntegerField(default=0, help_text="The thread's rev that was copied.")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-created_at", "-id"], name="shared_newest_of_user")]

    def __str__(self) -> str:
        return f"link to {self.thread_id}"
