import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from teams.scoping import TeamScoped


class SavedView(TeamScoped):
    """Filters of the call log under a name, for one person or for all of a team who may see its calls."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000, blank=True)
    """The part of the address after the question mark, as `CallFilter` writes it."""
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user", "name"], name="saved_view_once_per_name")]

    def __str__(self) -> str:
        return self.name


class Keeping(TeamScoped):
    """What a team wants kept of its calls, and for how long. A team without a row keeps what the site keeps."""

    class Words(models.TextChoices):
        OFF = "off", _("Keep what was said")
        MASK = "mask", _("Mask personal details")
        DROP = "drop", _("Keep no words")

    words = models.CharField(max_length=4, choices=Words.choices, default=Words.OFF)
    bodies_days = models.PositiveSmallIntegerField(null=True, blank=True)
    logs_days = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "keeping"
        constraints = [models.UniqueConstraint(fields=["team"], name="keeping_once_per_team")]

    def __str__(self) -> str:
        return f"{self.get_words_display()}"


class LostCalls(models.Model):
    """Calls that one server process could store in no form, told as soon as the database took something again."""

    since = models.DateTimeField()
    until = models.DateTimeField(default=timezone.now)
    calls = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "lost calls"
        indexes = [models.Index(fields=["until"], name="lost_calls_by_time")]

    def __str__(self) -> str:
        return f"{self.calls} until {self.until:%Y-%m-%d %H:%M}"


class Guardrail(TeamScoped):
    """What a team lets neither out to a vendor nor in to a reader, and what is done where it is found."""

    class Kind(models.TextChoices):
        PERSONAL = "personal", _("Personal details")
        WORDS = "words", _("Words")

    class Action(models.TextChoices):
        MASK = "mask", _("Put a placeholder in its place")
        BLOCK = "block", _("Stop the message or the reply")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    words = models.JSONField(default=list, blank=True)
    """Lines: words as they are, `*` at the end for any ending, or a regular expression between slashes."""
    action = models.CharField(max_length=5, choices=Action.choices, default=Action.MASK)
    checks_requests = models.BooleanField(default=True)
    checks_replies = models.BooleanField(default=True)
    message = models.CharField(max_length=300, blank=True)
    """What is said to whoever is stopped."""
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="guardrail_once_per_name")]

    def __str__(self) -> str:
        return self.name
