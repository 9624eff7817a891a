"""Forms of the pages about budgets, limits and alerts of a team."""

import zoneinfo
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from lib.outbound import addresses
from llm_service.models import Alert, Budget
from teams.models import Membership, Team

SCOPES = (Budget.Scope.ALL, Budget.Scope.EACH_USER, Budget.Scope.USER, Budget.Scope.MODEL)
"""What a team may set a budget for on its own page; bots bring their own."""


class _Styled[Row: (Budget, Alert)](forms.ModelForm[Row]):
    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team
        self.instance.team = team
        for field in self.fields.values():
            if isinstance(field.widget, forms.NumberInput):
                field.widget.attrs["inputmode"] = "decimal"
            if isinstance(field.widget, forms.TextInput):
                field.widget.attrs["autocomplete"] = "off"


class BudgetForm(_Styled[Budget]):
    zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())],
        initial="UTC",
        help_text=_("Days, weeks and months begin at midnight there."),
    )

    class Meta:
        model = Budget
        fields = ("limit", "measure", "window", "scope", "user", "model", "zone", "alert_at", "is_hard", "is_active")
        labels = {
            "limit": _("At most"),
            "measure": _("Of what"),
            "window": _("In"),
            "scope": _("For"),
            "user": _("Which person"),
            "model": _("Which model"),
            "alert_at": _("Mail the admins at so many percent"),
            "is_hard": _("Stop at the limit"),
            "is_active": _("In force"),
        }
        help_texts = {"alert_at": _("Left empty: no mail.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["limit"] = forms.DecimalField(
            label=_("At most"),
            min_value=Decimal("0.000001"),
            max_digits=18,
            decimal_places=6,
            error_messages={"min_value": _("Give a number above 0.")},
        )
        scope: Any = self.fields["scope"]
        scope.choices = [(choice.value, choice.label) for choice in SCOPES]
        person: Any = self.fields["user"]
        members = Membership.objects.filter(team=self.team).values("user_id")
        person.queryset = person.queryset.filter(pk__in=members).order_by("email")
        person.empty_label = "—"
        if self.instance.limit is not None:
            self.initial["limit"] = f"{self.instance.limit.normalize():f}"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        # What the chosen scope does not name would only mislead.
        if cleaned.get("scope") != Budget.Scope.USER:
            cleaned["user"] = None
        if cleaned.get("scope") != Budget.Scope.MODEL:
            cleaned["model"] = ""
        return cleaned


class AlertForm(_Styled[Alert]):
    class Meta:
        model = Alert
        fields = ("kind", "budget", "threshold", "minutes", "least_calls", "by_mail", "webhook_url", "is_active")
        labels = {
            "kind": _("Watch"),
            "budget": _("Which budget"),
            "threshold": _("Tell above"),
            "minutes": _("In the last minutes"),
            "least_calls": _("At least so many calls"),
            "by_mail": _("Mail the admins of the team"),
            "webhook_url": _("Webhook"),
            "is_active": _("In force"),
        }
        help_texts = {
            "threshold": _("Percent, or milliseconds where it is about time."),
            "webhook_url": _("An address that gets a signed POST with JSON."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            del self.fields["is_active"]  # nobody sets an alert to have none
        elif self.instance.threshold is not None:
            self.initial["threshold"] = f"{self.instance.threshold.normalize():f}"
        budget: Any = self.fields["budget"]
        budget.queryset = Budget.objects.filter(team=self.team).order_by("created_at")
        budget.empty_label = "—"

    def clean_webhook_url(self) -> str:
        url: str = self.cleaned_data["webhook_url"]
        if url:
            try:
                addresses.check_url(url)
            except addresses.NotAllowed as error:
                raise ValidationError(str(error)) from error
        return url
