import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ProviderQuerySet(models.QuerySet["Provider"]):
    def usable_by(self, team_id: uuid.UUID | str | None) -> "ProviderQuerySet":
        """Keep what this team may call models through: its own, and those of the whole site."""
        return self.filter(models.Q(team=None) | models.Q(team_id=team_id), is_active=True)


class Provider(models.Model):
    """Somebody's way to a vendor of models: key, address, and which models are offered through it.

    The key is only ever stored locked (`lib.vault`) and never shown again but for its last four letters.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(
        "teams.Team",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("None: every team's."),
    )
    slug = models.CharField(max_length=40, unique=True, editable=False)
    vendor = models.CharField(max_length=40)
    """LiteLLM's prefix of its model names."""
    name = models.CharField(max_length=80)
    base_url = models.CharField(max_length=500, blank=True)
    api_version = models.CharField(max_length=40, blank=True)
    locked_key = models.TextField(blank=True, editable=False)
    key_tail = models.CharField(max_length=4, blank=True, editable=False)
    offered = models.JSONField(default=list, blank=True)
    """Names as the vendor has them, in the order people see; none means those the vendor is known for."""
    is_active = models.BooleanField(default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    tested_at = models.DateTimeField(null=True, blank=True, editable=False)
    test_problem = models.CharField(max_length=500, blank=True, editable=False)
    """Why the last test failed; empty where it went well, or was never made."""

    objects = ProviderQuerySet.as_manager()

    class Meta:
        ordering = ("name", "slug")

    def __str__(self) -> str:
        return self.name


class ModelRule(models.Model):
    """What a team, or the whole site, says about one model: whether it may be used, and what stands in for it.

    The model `*` is every one that has no rule of its own. What the site forbids no team can allow.
    """

    team = models.ForeignKey("teams.Team", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    model = models.CharField(max_length=250, help_text=_("As it is chosen, such as openai/gpt-4o; * for all others."))
    is_allowed = models.BooleanField(default=True)
    fallbacks = models.JSONField(
        default=list, blank=True, help_text=_("Models asked instead, in this order, while nothing was shown yet.")
    )
    note = models.CharField(max_length=300, blank=True, help_text=_("Shown where the model is chosen."))
    retires_on = models.DateField(null=True, blank=True, help_text=_("When its vendor switches it off."))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "model"], name="model_rule_once_per_team"),
            models.UniqueConstraint(
                fields=["model"], condition=models.Q(team=None), name="model_rule_once_for_the_site"
            ),
        ]

    def __str__(self) -> str:
        return self.model
