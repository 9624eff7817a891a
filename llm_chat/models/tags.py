import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy

from teams.scoping import TeamScoped


class Tag(TeamScoped):
    """A word a person puts on threads of theirs in a team."""

    class Colour(models.TextChoices):
        NEUTRAL = "neutral", gettext_lazy("Grey")
        ACCENT = "accent", gettext_lazy("Green")
        SUCCESS = "success", gettext_lazy("Bright green")
        WARNING = "warning", gettext_lazy("Yellow")
        DANGER = "danger", gettext_lazy("Red")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    colour = models.CharField(max_length=10, choices=Colour.choices, default=Colour.NEUTRAL)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint("user", "team", Lower("name"), name="tag_named_once")]

    def __str__(self) -> str:
        return self.name
