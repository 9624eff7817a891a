import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from teams.scoping import TeamScoped


class Preset(TeamScoped):
    """A named set of a thread's settings: a person's own, or, when shared, the team's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="presets",
        help_text="Who made it. A shared one outlives its maker's account.",
    )
    name = models.CharField(max_length=80)
    model = models.CharField(max_length=200, blank=True, help_text="Empty leaves the model as it is.")
    instructions = models.TextField(blank=True)
    parameters: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict, blank=True)
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class DefaultPreset(TeamScoped):
    """The preset that a person's new conversations in a team begin with: one of their own, or of the team's."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    preset = models.ForeignKey(Preset, on_delete=models.CASCADE, related_name="default_of")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_default_of_a_person_in_a_team")]

    def __str__(self) -> str:
        return str(self.preset)
