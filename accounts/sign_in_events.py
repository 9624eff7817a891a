"""What follows from signing in and out. allauth and Django tell it by signals alone."""

import contextlib
from typing import Any

from allauth.account import signals
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest

from accounts import devices, notices, queries
from accounts.models import User
from lib import visitor
from realtime import publish


def listen() -> None:
    for changed in (signals.password_changed, signals.password_set, signals.password_reset):
        changed.connect(_password_changed, dispatch_uid="accounts.password_changed")
    mfa_signals.authenticator_used.connect(_second_step_used, dispatch_uid="accounts.second_step_used")
    user_logged_in.connect(_signed_in, dispatch_uid="accounts.signed_in")


def _signed_in(*, request: HttpRequest, **_: Any) -> None:
    devices.keep_up(request.session, visitor=visitor.of(request))


def _second_step_used(*, request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        left = notices.codes_left(queries.recovery_codes_left(user))
        notices.send(notices.RECOVERY_CODE_USED, user=user, request=request, left=left)


def _password_changed(*, request: HttpRequest, user: User, **_: Any) -> None:
    if devices.signed_in_as(request.session) == user.pk:
        # It has a new key and knows the new password, but nobody else can read that before it is saved.
        devices.keep_up(request.session, visitor=visitor.of(request))
        with contextlib.suppress(UpdateError):  # ended elsewhere meanwhile, which the middleware finds, too
            request.session.save()
    publish.recheck(user.pk)  # the sessions that knew the old one are over
