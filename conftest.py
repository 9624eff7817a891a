"""What every test stands on: settings of a laptop, no key, no network but loopback."""

import os

os.environ.setdefault("PYTHON_DOTENV_DISABLED", "1")
os.environ.setdefault("DJANGO_SECRET_KEY", "only-for-tests")
os.environ.setdefault("LLM_WARM_UP", "0")
os.environ.setdefault("TASK_WORKERS", "0")

import pytest
from django.conf import settings

from accounts.models import User


def pytest_configure() -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a real one takes half a second


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice@example.com", "alice-password-1")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob@example.com", "bob-password-1")


@pytest.fixture
def charlie(db: None) -> User:
    """The outsider."""
    return User.objects.create_user("charlie@example.com", "charlie-password-1")
