"""What follows from signing in and out. allauth and Django tell it by signals alone."""

from typing import Any

from allauth.account import signals
from allauth.account.models import EmailAddress
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from accounts import devices
from accounts.models import User
from lib import mail, visitor
from realtime import publish


def listen() -> None:
    for changed in (signals.password_changed, signals.password_set, signals.password_reset):
        changed.connect(_password_changed, dispatch_uid="accounts.password_changed")
    signals.email_changed.connect(_email_changed, dispatch_uid="accounts.email_changed")
    user_logged_in.connect(_signed_in, dispatch_uid="accounts.signed_in")


def _signed_in(*, request: HttpRequest, **_: Any) -> None:
    devices.keep_up(request.session, visitor=visitor.of(request))


def _email_changed(*, from_email_address: EmailAddress | None, to_email_address: EmailAddress, **_: Any) -> None:
    if from_email_address:  # none where a new person confirms their first one
        context = {"new": to_email_address.email}
        mail.send("accounts/email/address_changed", to=from_email_address.email, context=context)


def _password_changed(*, user: User, **_: Any) -> None:
    publish.recheck(user.pk)  # the sessions that knew the old one are over
