"""Settings of production, an address for every route, and the administrator who may open them all."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests import routes, scene


@pytest.fixture
def production(settings: Any) -> None:
    settings.DEBUG = False
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True


@pytest.fixture
def addresses(db: None) -> dict[str, str]:
    return routes.addresses(scene.make())


def boss() -> Client:
    """A new browser in which the administrator is signed in: some addresses sign out whoever follows them."""
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(email=scene.EMAIL))
    return client
