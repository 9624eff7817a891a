"""What models cost, and how much may be spent and asked."""

import uuid
import zoneinfo
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def _price(label: Any, **more: Any) -> "models.DecimalField[Any, Any]":
    return models.DecimalField(
        label, max_digits=14, decimal_places=6, validators=[MinValueValidator(0)], null=True, blank=True, **more
    )


class ModelPrice(models.Model):
    """What a model costs in USD, from and until when. Per million tokens of each kind, and per request."""

    class Origin(models.TextChoices):
        OWN = "own", _("Own")
        LITELLM = "litellm", _("LiteLLM's price map")

    KINDS = (
        *("input", "cached", "cache_write", "output", "reasoning"),
        *("image_input", "audio_input", "audio_output"),
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    model = models.CharField(
        _("model"),
        max_length=200,
        help_text=_("As calls name it, such as openai/gpt-4o, or mistral/* for all of them."),
    )
    provider = models.CharField(_("provider"), max_length=50, blank=True, editable=False)
    input = _price(_("input"))
    cached = _price(_("cached input"), help_text=_("Empty means as input."))
    cache_write = _price(_("written to the cache"), help_text=_("Empty means as input."))
    output = _price(_("output"))
    reasoning = _price(_("reasoning"), help_text=_("Empty means as output."))
    image_input = _price(_("pictures"), help_text=_("Empty means as input."))
    audio_input = _price(_("audio in"), help_text=_("Empty means as input."))
    audio_output = _price(_("audio out"), help_text=_("Empty means as output."))
    per_request = _price(_("per request"), help_text=_("In USD, on top of the tokens."))
    valid_from = models.DateTimeField(_("valid from"), default=timezone.now)
    valid_to = models.DateTimeField(
        _("valid to"), null=True, blank=True, help_text=_("Empty means until further notice.")
    )
    origin = models.CharField(_("origin"), max_length=10, choices=Origin.choices, default=Origin.OWN)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("model price")
        verbose_name_plural = _("model prices")
        indexes = [models.Index(fields=["model", "valid_from"], name="price_of_model")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=models.F("valid_from")), name="price_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.valid_from:%Y-%m-%d}"

    def clean(self) -> None:
        if self.input is None or self.output is None:
            raise ValidationError(_("Give the prices of input and output; 0 means free."))
        if self.valid_to and self.valid_to <= self.valid_from:
            raise ValidationError({"valid_to": _("A price ends after it begins.")})
        others = ModelPrice.objects.filter(model=self.model, origin=self.origin).exclude(pk=self.pk)
        if self.valid_to:
            others = others.filter(valid_from__lt=self.valid_to)
        if overlapping := others.filter(Q(valid_to=None) | Q(valid_to__gt=self.valid_from)).first():
            raise ValidationError(
                _("Another price of %(model)s is valid from %(start)s on: end that one first."),
                params={"model": self.model, "start": f"{overlapping.valid_from:%Y-%m-%d %H:%M}"},
            )


class Budget(models.Model):
    """How much may be used in a span of time: money, tokens, requests, or how many calls at once."""

    class Scope(models.TextChoices):
        ALL = "all", _("Everything together")
        EACH_USER = "each_user", _("Each person")
        EACH_TEAM = "each_team", _("Each team")
        USER = "user", _("One person")
        BOT = "bot", _("One bot")
        MODEL = "model", _("One model")

    class Measure(models.TextChoices):
        USD = "usd", _("USD")
        TOKENS = "tokens", _("tokens")
        REQUESTS = "requests", _("requests")
        PARALLEL = "parallel", _("calls at once")

    class Window(models.TextChoices):
        MINUTE = "minute", _("a minute")
        HOUR = "hour", _("an hour")
        DAY = "day", _("a day")
        WEEK = "week", _("a week")
        MONTH = "month", _("a month")
        TOTAL = "total", _("in total")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(
        "teams.Team",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("team"),
        help_text=_("Whose calls count. Empty means all calls of the site."),
    )
    scope = models.CharField(_("for"), max_length=10, choices=Scope.choices, default=Scope.ALL)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    bot_id = models.UUIDField(_("bot"), null=True, blank=True)
    model = models.CharField(
        _("model"), max_length=200, blank=True, help_text=_("As calls name it, such as openai/gpt-4o, or openai/*.")
    )
    limit = models.DecimalField(
        _("at most"), max_digits=20, decimal_places=8, validators=[MinValueValidator(Decimal("0.00000001"))]
    )
    measure = models.CharField(_("of what"), max_length=10, choices=Measure.choices, default=Measure.USD)
    window = models.CharField(_("in"), max_length=10, choices=Window.choices, default=Window.MONTH)
    zone = models.CharField(
        _("time zone"), max_length=50, default="UTC", help_text=_("Days, weeks and months begin at midnight there.")
    )
    alert_at = models.PositiveSmallIntegerField(
        _("tell at"),
        null=True,
        blank=True,
        default=80,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Percent of the budget at which admins get a mail; empty for none."),
    )
    is_hard = models.BooleanField(_("stop at the limit"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("budget or limit")
        verbose_name_plural = _("budgets and limits")
        constraints = [
            models.CheckConstraint(condition=Q(limit__gt=0), name="budget_has_room"),
            models.CheckConstraint(
                condition=~Q(scope="user") | Q(user__isnull=False), name="budget_of_one_person_names_them"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.limit.normalize():f} {self.get_measure_display()} {self.get_window_display()}"

    @property
    def is_rate(self) -> bool:
        """Whether it slows callers down rather than stopping what they spend."""
        return self.measure in (self.Measure.REQUESTS, self.Measure.PARALLEL) or self.window in (
            self.Window.MINUTE,
            self.Window.HOUR,
        )

    def clean(self) -> None:
        wanted = {self.Scope.USER: "user", self.Scope.BOT: "bot_id", self.Scope.MODEL: "model"}.get(
            self.Scope(self.scope) if self.scope else self.Scope.ALL
        )
        if wanted and not getattr(self, wanted):
            raise ValidationError({wanted: _("Say which one.")})
        if self.scope == self.Scope.EACH_TEAM and self.team_id:
            raise ValidationError({"scope": _("A budget for each team is the whole site's: leave the team empty.")})
        if self.zone not in zoneinfo.available_timezones():
            raise ValidationError({"zone": _("Name a time zone such as Europe/Berlin.")})


class BudgetPeriod(models.Model):
    """What is used of a budget in one of its spans, by one of those it is for."""

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="periods")
    subject = models.CharField(max_length=36, blank=True)
    """The person or team, where each has a budget of their own."""
    starts_at = models.DateTimeField()
    spent = models.DecimalField(max_digits=20, decimal_places=8, default=0)
    reserved = models.DecimalField(max_digits=20, decimal_places=8, default=0)
    """By calls that are running."""
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["budget", "subject", "starts_at"], name="one_period_of_a_budget")
        ]

    def __str__(self) -> str:
        return f"{self.spent} of {self.budget_id}"


class Reservation(models.Model):
    """What a running call will probably take of a period."""

    call_id = models.UUIDField(db_index=True)
    period = models.ForeignKey(BudgetPeriod, on_delete=models.CASCADE, related_name="reservations")
    amount = models.DecimalField(max_digits=20, decimal_places=8)
    expires_at = models.DateTimeField(db_index=True)
    """When the process that runs the call must have died."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call_id", "period"], name="one_reservation_of_a_call")]

    def __str__(self) -> str:
        return f"{self.amount} for {self.call_id}"


class Alert(models.Model):
    """A rule that tells admins when something goes wrong, and when it is over."""

    class Kind(models.TextChoices):
        SPENDING = "spending", _("Budget used, in percent")
        ERRORS = "errors", _("Calls that fail, in percent")
        LATENCY = "latency", _("Slow answers: p95 of the duration, in ms")
        FIRST_TOKEN = "first_token", _("Slow starts: p95 of the time to the first word, in ms")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(
        "teams.Team",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("team"),
        help_text=_("Whose calls it watches. Empty means all calls of the site."),
    )
    kind = models.CharField(_("watch"), max_length=12, choices=Kind.choices, default=Kind.ERRORS)
    budget = models.ForeignKey(
        Budget, on_delete=models.CASCADE, null=True, blank=True, related_name="alerts", verbose_name=_("budget")
    )
    threshold = models.DecimalField(_("tell above"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])
    minutes = models.PositiveSmallIntegerField(
        _("in the last minutes"), default=15, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    least_calls = models.PositiveIntegerField(
        _("at least so many calls"), default=20, help_text=_("Fewer calls say too little.")
    )
    by_mail = models.BooleanField(_("by mail"), default=True, help_text=_("To the admins of the team, or of the site."))
    webhook_url = models.URLField(
        _("webhook"), max_length=500, blank=True, help_text=_("Gets a signed POST with JSON.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_firing = models.BooleanField(default=False, editable=False)
    changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} > {self.threshold}"

    def clean(self) -> None:
        if self.kind == self.Kind.SPENDING and not self.budget_id:
            raise ValidationError({"budget": _("Say which budget.")})


class AlertEvent(models.Model):
    """An alert began or was over: what pages show, with the sentence that was sent."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    team = models.ForeignKey("teams.Team", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    is_firing = models.BooleanField(default=True)
    sentence = models.CharField(max_length=300)
    webhook_error = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.sentence
