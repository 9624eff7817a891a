"""The forms of the second step in our words."""

import logging
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from cryptography.fernet import InvalidToken
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import actions
from accounts.forms import word

CODE_OR_RECOVERY = gettext_lazy("From your authenticator app, or one of your recovery codes.")


UNREADABLE = gettext_lazy(
    "Codes cannot be checked: the server's secret was changed. Use a passkey, or ask whoever runs the server."
)

logger = logging.getLogger(__name__)


class _ReadableSecret:
    """Says so where a secret that was lost keeps a code from being checked, instead of failing as a page."""

    def clean_code(self) -> Any:
        try:
            return super().clean_code()  # type: ignore[misc]
        except InvalidToken:
            logger.error(
                "A second step cannot be read. DJANGO_SECRET_KEY_FALLBACKS lacks the secret it was written with."
            )
            raise ValidationError(UNREADABLE) from None


class AuthenticateForm(_ReadableSecret, base.AuthenticateForm):  # type: ignore[misc]  # allauth is untyped
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "code", label=_("Code"), help_text=CODE_OR_RECOVERY, autofocus=True)


class ReauthenticateForm(_ReadableSecret, base.ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "code", label=_("Code"), help_text=CODE_OR_RECOVERY, autofocus=True)


class ActivateTOTPForm(totp.ActivateTOTPForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "code", label=_("The code your app shows"), autofocus=True)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class _WholeCredential:
    """Takes a credential that lacks a part as a wrong one: the library below looks for its parts unasked."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except (KeyError, AttributeError, TypeError, ValueError) as fault:
            raise get_adapter().validation_error("incorrect_code") from fault


class LoginPasskeyForm(_WholeCredential, webauthn.LoginWebAuthnForm):  # type: ignore[misc]
    pass


class AuthenticatePasskeyForm(_WholeCredential, webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class ReauthenticatePasskeyForm(_WholeCredential, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class AddPasskeyForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "name", label=_("Name"), help_text=_("So that you know later which one it is."))
        word(self, "passwordless", label=_("Sign in with it alone, without a password"))
        self.initial.setdefault("passwordless", True)

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except (KeyError, AttributeError, TypeError, ValueError) as fault:
            raise get_adapter().validation_error("incorrect_code") from fault
        return cleaned


class RenamePasskeyForm(webauthn.EditWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word(self, "name", label=_("Name"), autofocus=True)

    @transaction.atomic
    def save(self) -> Authenticator:
        before = self.instance.wrap().name
        renamed: Authenticator = super().save()
        actions.note_passkey_renamed(by=renamed.user, before=before, after=renamed.wrap().name)
        return renamed
