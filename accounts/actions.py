"""Writes about one person's account."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest

from accounts import audit, audit_actions, devices, language, personal_data
from accounts.models import User, UserSettings
from lib import mail


def choose_theme(*, by: User, theme: UserSettings.Theme) -> None:
    UserSettings.objects.update_or_create(user=by, defaults={"theme": theme})


def prefer_model(*, by: User, model: str) -> None:
    """Remember the model that the person's next threads start with."""
    UserSettings.objects.update_or_create(user=by, defaults={"chat_model": model})


@transaction.atomic
def change_profile(*, by: User, name: str, language: str) -> None:
    by.name = name
    by.save(update_fields=["name"])
    UserSettings.objects.update_or_create(user=by, defaults={"language": language})


def change_chat_preferences(*, by: User, model: str, custom_instructions: str) -> None:
    """Set what new conversations start with (no model: the server's default) and what every model is told."""
    chosen = {"chat_model": model, "custom_instructions": custom_instructions}
    UserSettings.objects.update_or_create(user=by, defaults=chosen)


@transaction.atomic
def change_email(*, by: User, email: str, request: HttpRequest) -> None:
    """Send the new address a link; once it is opened the address takes the old one's place.

    An address that belongs to somebody else gets a mail that says so: here nobody learns who has an account.
    """
    keep_email(by=by)
    if User.objects.filter(email__iexact=email).exclude(pk=by.pk).exists():
        mail.send(
            "accounts/email/address_in_use",
            to=email,
            context={"asked_by": by.email},
            language=language.of_address(email),
        )
        return
    EmailAddress.objects.create(user=by, email=email, primary=False, verified=False).send_confirmation(request)


def keep_email(*, by: User) -> None:
    """Forget the address the person wanted to change to; its link ends with it."""
    EmailAddress.objects.filter(user=by, verified=False).exclude(email__iexact=by.email).delete()


def note_export(*, by: User) -> None:
    audit.record(action=audit_actions.ACCOUNT_EXPORTED, by=by, target=by)


def note_passkey_renamed(*, by: User, before: str, after: str) -> None:
    audit.record(action=audit_actions.PASSKEY_RENAMED, by=by, target=by, before={"name": before}, after={"name": after})


@transaction.atomic
def remove_second_step(*, authenticator: Authenticator, by: User) -> None:
    """Help somebody who lost it. Recovery codes go with the last one: they are no step of their own."""
    person, of_person = authenticator.user, Authenticator.objects.filter(user_id=authenticator.user_id)
    authenticator.delete()
    before = {"method": audit_actions.METHODS[authenticator.type]}
    audit.record(action=audit_actions.MFA_REMOVED, by=by, target=person, before=before)
    if not of_person.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        of_person.delete()


@transaction.atomic
def delete_account(*, by: User, person: User | None = None) -> None:
    """Remove oneself or, as an admin, another person: their rows by the cascade, the rest by each room's eraser.

    Raises personal_data.Blocked.
    """
    person = person or by
    if obstacles := personal_data.obstacles(person):
        raise personal_data.Blocked(obstacles)
    audit.record(action=audit_actions.ACCOUNT_DELETED, by=by, target=person)
    devices.sign_out_everywhere(by=person)
    personal_data.erase(person)
    person.delete()


@transaction.atomic
def deactivate(*, person: User, by: User) -> None:
    """Lock somebody out: they cannot sign in, and what they have open ends now."""
    audit.record(
        action=audit_actions.ACCESS_CHANGED,
        by=by,
        target=person,
        before={"is_active": person.is_active},
        after={"is_active": False},
    )
    person.is_active = False
    person.save(update_fields=["is_active"])
    devices.sign_out_everywhere(by=person)


@transaction.atomic
def ensure_superuser(*, email: str, password: str) -> bool:
    """Make a superuser whose address counts as confirmed. Where it is taken, change nothing and return False."""
    if User.objects.filter(email__iexact=email).exists():
        return False
    user = User.objects.create_superuser(email, password)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    audit.record(action=audit_actions.SUPERUSER_MADE, by=None, target=user)
    return True
