"""Reads whoever a session belongs to, and in the same query what every request asks of them: theme and language."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase

from accounts.models import User

BEFORE = "allauth.account.auth_backends.AuthenticationBackend"
NOW = "accounts.sign_in_backend.SignInBackend"


class SignInBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth is untyped
    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.select_related("settings").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


def take_over(session: SessionBase) -> None:
    """Keep those signed in who signed in before this backend took the other's place."""
    if session.get(BACKEND_SESSION_KEY) == BEFORE:
        session[BACKEND_SESSION_KEY] = NOW
