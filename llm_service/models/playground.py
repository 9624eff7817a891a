import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from teams.scoping import TeamScoped


class Playground(TeamScoped):
    """A prompt with its settings and models, kept under a name: a person's own in a team, or the team's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who made it. A shared one outlives its maker's account.",
    )
    name = models.CharField(max_length=80)
    content: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
