import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class LLMCallLog(models.Model):
    """One client call, however it ended. Ids of higher rooms are copied, never foreign keys."""

    class Status(models.TextChoices):
        SUCCESS = "success", "Success"
        ERROR = "error", "Error"
        CANCELLED = "cancelled", "Cancelled"
        BLOCKED = "blocked", "Blocked"

    class CostSource(models.TextChoices):
        PROVIDER = "provider", "Provider"
        LITELLM = "litellm", "LiteLLM price map"
        TABLE = "table", "Own price table"
        ESTIMATED = "estimated", "Estimated"
        UNKNOWN = "unknown", "Unknown"

    class UsageSource(models.TextChoices):
        EXACT = "exact", "Exact"
        ESTIMATED = "estimated", "Estimated"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
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
    bot_id = models.UUIDField(null=True, blank=True, db_index=True)
    node_id = models.CharField(max_length=100, blank=True)

    model = models.CharField(max_length=200, db_index=True)
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

    time_to_first_token_ms = models.PositiveIntegerField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = "LLM call"
        indexes = [models.Index(fields=["-created_at", "id"], name="llm_call_newest")]

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
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    error_type = models.CharField(max_length=100, blank=True)
    error_message = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "number"], name="attempt_once_per_call")]

    def __str__(self) -> str:
        return f"try {self.number} of {self.call_id}"
