"""What follows from signing in and out. allauth and Django tell it by signals alone."""

from typing import Any

from allauth.account import signals
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from accounts import devices
from accounts.models import User
from lib import visitor
from realtime import publish


def listen() -> None:
    for changed in (signals.password_changed, signals.password_set, signals.password_reset):
        changed.connect(_password_changed, dispatch_uid="accounts.password_changed")
    user_logged_in.connect(_signed_in, dispatch_uid="accounts.signed_in")


def _signed_in(*, request: HttpRequest, **_: Any) -> None:
    devices.keep_up(request.session, visitor=visitor.of(request))


def _password_changed(*, user: User, **_: Any) -> None:
    publish.recheck(user.pk)  # the sessions that knew the old one are over
