import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy


class LLMCallLog(models.Model):
    """One client call, however it ended. Ids of higher rooms are copied, never foreign keys."""

    class Status(models.TextChoices):
        SUCCESS = "success", gettext_lazy("Success")
        ERROR = "error", gettext_lazy("Error")
        CANCELLED = "cancelled", gettext_lazy("Cancelled")
        BLOCKED = "blocked", gettext_lazy("Blocked")

    class CostSource(models.TextChoices):
        PROVIDER = "provider", gettext_lazy("Provider")
        LITELLM = "litellm", gettext_lazy("LiteLLM price map")
        TABLE = "table", gettext_lazy("Own price table")
        ESTIMATED = "estimated", gettext_lazy("Estimated")
        UNKNOWN = "unknown", gettext_lazy("Unknown")

    class UsageSource(models.TextChoices):
        EXACT = "exact", gettext_lazy("Exact")
        ESTIMATED = "estimated", gettext_lazy("Estimated")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="llm_calls"
    )
    team = models.ForeignKey("teams.Team", on_delete=models.SET_NULL, null=True, blank=True, related_name="llm_calls")
    request_id = models.CharField(max_length=200, blank=True, db_index=True)
    metadata = models.JSONField(default=dict, blank=True)
    feature = models.CharField(max_length=100, blank=True)
    turn_id = models.UUIDField(null=True, blank=True, db_index=True)
    thread_id = models.UUIDField(null=True, blank=True, db_index=True)
    message_id = models.UUIDField(null=True, blank=True, db_index=True)
    bot_id = models.UUIDField(null=True, blank=True)
    node_id = models.CharField(max_length=100, blank=True)

    model = models.CharField(max_length=200)
    provider = models.CharField(max_length=50, blank=True)
    response_model = models.CharField(max_length=200, blank=True)
    provider_response_id = models.CharField(max_length=200, blank=True)
    is_stream = models.BooleanField(default=False)
    prompt_preview = models.TextField(blank=True)
    response_preview = models.TextField(blank=True)
    finish_reason = models.CharField(max_length=50, blank=True)

    status = models.CharField(max_length=20, choices=Status.choices)
    error_type = models.CharField(max_length=100, blank=True)
    error_message = models.TextField(blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    retry_count = models.PositiveSmallIntegerField(default=0)

    input_tokens = models.PositiveIntegerField(null=True, blank=True)
    output_tokens = models.PositiveIntegerField(null=True, blank=True)
    cached_tokens = models.PositiveIntegerField(null=True, blank=True)
    cache_write_tokens = models.PositiveIntegerField(null=True, blank=True)
    reasoning_tokens = models.PositiveIntegerField(null=True, blank=True)
    total_tokens = models.PositiveIntegerField(null=True, blank=True)
    usage_source = models.CharField(max_length=10, choices=UsageSource.choices, blank=True)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, null=True, blank=True)
    cost_source = models.CharField(max_length=10, choices=CostSource.choices, default=CostSource.UNKNOWN)
    unit_prices = models.JSONField(default=dict, blank=True)
    """USD per token by kind, as they were when the call ended; empty where nobody knew them."""
    replay_of = models.UUIDField(null=True, blank=True)
    """The call that this one repeats in the playground."""

    time_to_first_token_ms = models.PositiveIntegerField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = gettext_lazy("LLM call")
        indexes = [
            models.Index(fields=["-created_at", "id"], name="llm_call_newest"),
            models.Index(fields=["user", "created_at"], name="llm_call_of_person"),
            # One for each filter of the call log: a page of it walks along one of these, newest first.
            models.Index(fields=["team", "created_at"], name="llm_call_of_team"),
            models.Index(fields=["model", "created_at"], name="llm_call_of_model"),
            models.Index(fields=["provider", "created_at"], name="llm_call_of_provider"),
            models.Index(fields=["feature", "created_at"], name="llm_call_of_feature"),
            models.Index(fields=["bot_id", "created_at"], condition=Q(bot_id__isnull=False), name="llm_call_of_bot"),
            models.Index(fields=["status", "created_at"], condition=~Q(status="success"), name="llm_call_failed"),
            models.Index(fields=["error_type", "created_at"], condition=~Q(error_type=""), name="llm_call_error"),
            models.Index(fields=["replay_of"], condition=Q(replay_of__isnull=False), name="llm_call_replay"),
            models.Index(fields=["cost_usd"], name="llm_call_cost"),
            models.Index(fields=["duration_ms"], name="llm_call_duration"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.status} {self.created_at:%Y-%m-%d %H:%M:%S}"


class CallBody(models.Model):
    """What was sent and what came back, apart from the row that lists show."""

    call = models.OneToOneField(LLMCallLog, on_delete=models.CASCADE, primary_key=True, related_name="body")
    request = models.JSONField(default=dict)
    response = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"body of {self.call_id}"


class CallAttempt(models.Model):
    """One HTTP try of a call."""

    call = models.ForeignKey(LLMCallLog, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    model = models.CharField(max_length=200, blank=True)
    """What was asked, where it is not the call's own model: a fallback."""
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    error_type = models.CharField(max_length=100, blank=True)
    error_message = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "number"], name="attempt_once_per_call")]

    def __str__(self) -> str:
        return f"try {self.number} of {self.call_id}"
