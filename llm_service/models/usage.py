"""Sums of calls that pages read in place of the calls: by hour and by day, each split by one dimension at a time."""

from django.conf import settings
from django.db import models

BOUNDS = tuple(round(20 * 2 ** (step / 3)) for step in range(46))
"""Upper bounds of the histograms' buckets in milliseconds: 20 ms to 11 minutes. What is longer has its own bucket."""
LATENCY = tuple(f"latency_{number:02}" for number in range(len(BOUNDS) + 1))
FIRST_TOKEN = tuple(f"first_token_{number:02}" for number in range(len(BOUNDS) + 1))


class UncountedCall(models.Model):
    """A call whose row is written and which no sum holds yet. Written with the row, removed with the sums."""

    call = models.OneToOneField(
        "llm_service.LLMCallLog", on_delete=models.CASCADE, primary_key=True, related_name="uncounted"
    )

    def __str__(self) -> str:
        return str(self.call_id)


class UsageRollup(models.Model):
    """What the calls of one hour or day (UTC) with one value of one dimension used, cost and how long they took.

    `team` is the team it was counted for, empty for all calls of the site. The dimension `all` holds everything once.
    Hours are kept for `usage.HOURS_KEPT`, days for ever. Ids are copied as text, so that sums outlive what they name.
    """

    class Period(models.TextChoices):
        HOUR = "h", "Hour"
        DAY = "d", "Day"

    class Dimension(models.TextChoices):
        ALL = "all", "Everything"
        USER = "user", "Person"
        TEAM = "team", "Team"
        BOT = "bot", "Bot"
        FEATURE = "feature", "Feature"
        PROVIDER = "provider", "Provider"
        MODEL = "model", "Model"
        STATUS = "status", "Status"
        ERROR = "error", "Kind of error"

    period = models.CharField(max_length=1, choices=Period.choices)
    starts_at = models.DateTimeField()
    team = models.CharField(max_length=36, blank=True)
    dimension = models.CharField(max_length=10, choices=Dimension.choices)
    value = models.CharField(max_length=200, blank=True)

    calls = models.BigIntegerField(default=0)
    errors = models.BigIntegerField(default=0)
    cancelled = models.BigIntegerField(default=0)
    blocked = models.BigIntegerField(default=0)
    input_tokens = models.BigIntegerField(default=0)
    cached_tokens = models.BigIntegerField(default=0)
    cache_write_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    reasoning_tokens = models.BigIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=20, decimal_places=8, default=0)
    estimated = models.BigIntegerField(default=0)
    """Calls whose cost is an estimate."""
    unpriced = models.BigIntegerField(default=0)
    """Calls that used tokens whose price nobody knew."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["period", "team", "dimension", "starts_at", "value"], name="one_sum_of_each_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dimension} {self.value} {self.starts_at:%Y-%m-%d %H}"


# One column for each bucket: both databases can add them up, which they cannot do with arrays.
for _name in (*LATENCY, *FIRST_TOKEN):
    models.IntegerField(default=0).contribute_to_class(UsageRollup, _name)


class UserMonthlyUsage(models.Model):
    """What a person's calls of one calendar month (UTC) used and cost."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="monthly_usage")
    month = models.DateField()
    """Its first day."""
    calls = models.BigIntegerField(default=0)
    input_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=20, decimal_places=8, default=0)
    estimated = models.BigIntegerField(default=0)
    unpriced = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "user monthly usage"
        constraints = [models.UniqueConstraint(fields=["user", "month"], name="one_month_of_a_person")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.month:%Y-%m}"
