"""allauth's forms in our words, and the ones it does not have. The labels say it all, so nothing is a placeholder."""

from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from lib.wording import Text

EMAIL = "E-mail"
PASSWORD = gettext_lazy("Password")
NEW_PASSWORD = gettext_lazy("New password")
PASSWORD_HELP = gettext_lazy("At least 8 characters, and not a common one.")


EMAIL_MISSAID = gettext_lazy("This is not a whole e-mail address. One looks like name@example.com.")
EMPTY = gettext_lazy("This cannot stay empty.")


def word(form: forms.Form, name: str, *, label: Text, help_text: Text = "", autofocus: bool = False) -> None:
    field = form.fields[name]
    field.label = label
    field.help_text = help_text
    field.error_messages["required"] = EMPTY
    if isinstance(field, forms.EmailField):
        field.error_messages["invalid"] = EMAIL_MISSAID
    field.widget.attrs.pop("placeholder", None)
    if autofocus:
        field.widget.attrs["autofocus"] = True


class LoginForm(allauth_forms.LoginForm):  # type: ignore[misc]  # allauth is untyped
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "login", label=EMAIL, autofocus=not self.is_bound)
        word(self, "password", label=PASSWORD, autofocus=self.is_bound)  # the likelier of the two to be wrong


class SignupForm(allauth_forms.SignupForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "email", label=EMAIL, autofocus=True)
        word(self, "password1", label=PASSWORD, help_text=PASSWORD_HELP)


class ResetPasswordForm(allauth_forms.ResetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "email", label=EMAIL, autofocus=True)


class ReauthenticateForm(allauth_forms.ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "password", label=PASSWORD, autofocus=True)


class _NewPasswordForm:
    """Asks for the new password once: it can be shown while it is typed."""

    begins = True
    """Whether it is the first thing the form asks for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert isinstance(self, forms.Form)  # noqa: S101  for the type checker
        del self.fields["password2"]
        word(self, "password1", label=NEW_PASSWORD, help_text=PASSWORD_HELP, autofocus=self.begins)


class ResetPasswordKeyForm(_NewPasswordForm, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class SetPasswordForm(_NewPasswordForm, allauth_forms.SetPasswordForm):  # type: ignore[misc]
    pass


class ChangePasswordForm(_NewPasswordForm, allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    begins = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "oldpassword", label=_("Current password"), autofocus=True)


class ProfileForm(forms.ModelForm[User]):
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)

    class Meta:
        model = User
        fields = ("name",)
        labels = {"name": gettext_lazy("Name")}
        help_texts = {
            "name": gettext_lazy("How others see you. Without one it is the first part of your e-mail address.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        if len(settings.LANGUAGES) < 2:
            del self.fields["language"]
        else:
            language = self.fields["language"]
            assert isinstance(language, forms.ChoiceField)  # noqa: S101  for the type checker
            language.choices = [("", _("As the browser says")), *settings.LANGUAGES]

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class ChangeEmailForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("New e-mail address"),
        error_messages={"required": EMPTY, "invalid": EMAIL_MISSAID},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if email == self.user.email.lower():
            raise ValidationError(_("That is your address already."))
        return email


class _ConfirmedByPassword(forms.Form):
    refusal = gettext_lazy("That is not your password.")

    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not user.has_usable_password():
            del self.fields["password"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError(self.refusal)
        return password


class DeleteAccountForm(_ConfirmedByPassword):
    refusal = gettext_lazy("That is not your password. Nothing was deleted.")


class DownloadForm(_ConfirmedByPassword):
    """Who signs in without a password was asked another way on the way here."""
