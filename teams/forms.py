from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import EMAIL_MISSAID, EMPTY, PASSWORD_HELP
from accounts.models import User
from teams.models import Membership, Team
from teams.permissions import IN_SHORT, Role, Scope, may_give

MAX_NAME = 80


def one_line(text: str) -> str:
    return " ".join(text.split())


class TeamForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=MAX_NAME,
        help_text=gettext_lazy("What the people in it call it."),
        error_messages={
            "max_length": gettext_lazy("A name can have %(limit_value)d characters."),
            "required": gettext_lazy("Give the team a name."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])


class DeleteTeamForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("The team's name"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team

    def clean_name(self) -> str:
        name = one_line(self.cleaned_data["name"])
        if name != one_line(self.team.name):
            raise ValidationError(_("That is not the team's name. Nothing was deleted."))
        return name


class InviteForm(forms.Form):
    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        error_messages={"required": EMPTY, "invalid": EMAIL_MISSAID},
        widget=forms.EmailInput(attrs={"autocomplete": "off", "inputmode": "email"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), initial=Role.EDITOR)

    def __init__(self, *args: Any, by: Role, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)  # noqa: S101  for the type checker
        role.choices = [(each.value, f"{each.label}: {IN_SHORT[each]}") for each in Role if may_give(by, each)][::-1]


class TransferForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("E-mail of the new owner"),
        help_text=gettext_lazy("Somebody who is in the team already."),
        error_messages={"required": EMPTY, "invalid": EMAIL_MISSAID},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        place = Membership.objects.filter(team=self.team, user__email__iexact=email).select_related("user").first()
        if place is None:
            raise ValidationError(_("Nobody in this team has this address. Invite them first."))
        self.place = place
        return email


class JoinForm(forms.Form):
    """A new person chooses a password; the address is the invitation's."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        help_text=PASSWORD_HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.email))
        return password


class ApiKeyForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=MAX_NAME,
        help_text=gettext_lazy("What uses it, such as: nightly report."),
        error_messages={"required": gettext_lazy("Give the key a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one thing the key may do.")},
    )
    lasts = forms.TypedChoiceField(
        label=gettext_lazy("How long it works"),
        choices=[
            (30, gettext_lazy("30 days")),
            (90, gettext_lazy("90 days")),
            (365, gettext_lazy("One year")),
            (0, gettext_lazy("Until it is revoked")),
        ],
        coerce=int,
        initial=365,
    )

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def expires_at(self) -> datetime | None:
        days: int = self.cleaned_data["lasts"]
        return timezone.now() + timedelta(days=days) if days else None
