"""Writes what allauth and Django tell about signing in to the audit log. Their signals are all they offer.

They send them right after the change, not in its transaction.
"""

from typing import Any

from allauth.account import signals
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as auth_signals
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import audit, audit_actions, queries
from accounts.models import User


def method_of(request: HttpRequest, user: User) -> str:
    """Name every step the person took to get in: "a password and an authenticator app"."""
    steps = [
        audit_actions.METHODS.get(str(name), str(name))
        for record in get_authentication_records(request, user)
        if (name := record.get("type") or record.get("method"))
    ]
    if steps:
        return audit.AND.join(dict.fromkeys(steps))
    is_new = request.resolver_match is not None and request.resolver_match.url_name == "account_signup"
    # The link that confirms an address signs in, too.
    return audit_actions.NEW_ACCOUNT if is_new else audit_actions.METHODS["password_reset"]


@receiver(signals.user_signed_up)
def on_signed_up(request: HttpRequest, user: User, **_: Any) -> None:
    audit.record(action=audit_actions.ACCOUNT_CREATED, by=user, target=user)


@receiver(signals.user_logged_in)
def on_signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    audit.record(action=audit_actions.SIGNED_IN, by=user, target=user, after={"method": method_of(request, user)})


@receiver(auth_signals.user_login_failed)
def on_sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    person = getattr(request, "user", None)
    if isinstance(person, User):
        audit.record(action=audit_actions.CONFIRMATION_FAILED, by=person, target=person)
        return
    typed = str(credentials.get("email") or credentials.get("username") or "")
    # A password typed into the wrong field is not an address, and stays out.
    typed = typed if "@" in typed else ""
    meant = User.objects.filter(email__iexact=typed).first() if typed else None
    audit.record(action=audit_actions.SIGNIN_FAILED, by=None, target=meant, after={"email": typed})


@receiver(auth_signals.user_logged_out)
def on_signed_out(user: User | None, **_: Any) -> None:
    if user:
        audit.record(action=audit_actions.SIGNED_OUT, by=user, target=user)


@receiver([signals.password_changed, signals.password_set])
def on_password_changed(user: User, **_: Any) -> None:
    audit.record(action=audit_actions.PASSWORD_CHANGED, by=user, target=user)


@receiver(signals.password_reset)
def on_password_reset(user: User, **_: Any) -> None:
    audit.record(action=audit_actions.PASSWORD_RESET, by=user, target=user)


@receiver(signals.email_added)
def on_email_added(user: User, email_address: EmailAddress, **_: Any) -> None:
    audit.record(action=audit_actions.EMAIL_ADDED, by=user, target=user, after={"email": email_address.email})


@receiver(signals.email_removed)
def on_email_removed(user: User, email_address: EmailAddress, **_: Any) -> None:
    audit.record(action=audit_actions.EMAIL_REMOVED, by=user, target=user, before={"email": email_address.email})


@receiver(signals.email_changed)
def on_email_changed(
    user: User, from_email_address: EmailAddress | None, to_email_address: EmailAddress, **_: Any
) -> None:
    audit.record(
        action=audit_actions.EMAIL_CHANGED,
        by=user,
        target=user,
        before={"email": from_email_address.email if from_email_address else ""},
        after={"email": to_email_address.email},
    )


@receiver(signals.email_confirmed)
def on_email_verified(email_address: EmailAddress, **_: Any) -> None:
    person: User = email_address.user
    audit.record(action=audit_actions.EMAIL_VERIFIED, by=person, target=person, after={"email": email_address.email})


@receiver(mfa_signals.authenticator_added)
def on_second_step_added(user: User, authenticator: Authenticator, **_: Any) -> None:
    audit.record(action=audit_actions.MFA_ADDED, by=user, target=user, after=_facts(authenticator))


@receiver(mfa_signals.authenticator_removed)
def on_second_step_removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    audit.record(action=audit_actions.MFA_REMOVED, by=user, target=user, before=_facts(authenticator))


def _facts(authenticator: Authenticator) -> dict[str, object]:
    name = authenticator.data.get("name")
    return {"method": audit_actions.METHODS[authenticator.type]} | ({"name": name} if name else {})


@receiver(mfa_signals.authenticator_reset)
def on_recovery_codes_renewed(user: User, **_: Any) -> None:
    audit.record(action=audit_actions.MFA_RENEWED, by=user, target=user)


@receiver(mfa_signals.authenticator_used)
def on_second_step_used(user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        left = {"left": queries.recovery_codes_left(user)}
        audit.record(action=audit_actions.RECOVERY_CODE_USED, by=user, target=user, after=left)


@receiver(mfa_signals.authentication_failed)
def on_code_failed(request: HttpRequest, user: User, **_: Any) -> None:
    if request.user.is_authenticated:
        audit.record(action=audit_actions.CONFIRMATION_FAILED, by=user, target=user)
    else:
        audit.record(action=audit_actions.CODE_FAILED, by=None, target=user)
