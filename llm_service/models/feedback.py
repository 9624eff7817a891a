import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from llm_service.models.calls import LLMCallLog


class Feedback(models.Model):
    """What a person thinks of one reply. Ids of higher rooms are copied, never foreign keys."""

    class Rating(models.TextChoices):
        UP = "up", gettext_lazy("Good")
        DOWN = "down", gettext_lazy("Bad")

    class Reason(models.TextChoices):
        WRONG = "wrong", gettext_lazy("Wrong")
        UNHELPFUL = "unhelpful", gettext_lazy("Unhelpful")
        NOT_ASKED = "not_asked", gettext_lazy("Not what I asked")
        UNSAFE = "unsafe", gettext_lazy("Unsafe")
        TOO_LONG = "too_long", gettext_lazy("Too long")
        OTHER = "other", gettext_lazy("Other")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    updated_at = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey("teams.Team", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    call = models.ForeignKey(LLMCallLog, on_delete=models.SET_NULL, null=True, blank=True, related_name="feedback")
    message_id = models.UUIDField(db_index=True)
    thread_id = models.UUIDField(db_index=True)
    turn_id = models.UUIDField(null=True, blank=True, db_index=True)
    model = models.CharField(max_length=200, blank=True)
    rating = models.CharField(max_length=4, choices=Rating.choices)
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "feedback"
        constraints = [models.UniqueConstraint(fields=["user", "message_id"], name="feedback_once_per_message")]

    def __str__(self) -> str:
        return f"{self.get_rating_display()}: {self.get_reason_display() or _('no reason given')}"
