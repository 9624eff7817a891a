import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from teams.scoping import TeamScoped


class Prompt(TeamScoped):
    """A text to begin a message with, its gaps written as {{name}}. One of the whole team, or one's own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="prompts",
        help_text="Whose own it is; nobody's where the whole team has it.",
    )
    title = models.CharField(max_length=80)
    text = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["team", "user", "title"], name="prompt_by_title")]

    def __str__(self) -> str:
        return self.title
