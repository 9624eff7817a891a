"""What every test stands on: settings of a laptop, no key, no network but loopback."""

import os

os.environ.setdefault("PYTHON_DOTENV_DISABLED", "1")
os.environ.setdefault("DJANGO_SECRET_KEY", "only-for-tests")
os.environ.setdefault("LLM_WARM_UP", "0")
os.environ.setdefault("TASK_WORKERS", "0")

import pytest
from django.conf import settings
from django.core.cache import cache

from accounts.models import User


def pytest_configure() -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a real one takes half a second


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this run is not for. Nothing is ever skipped: a skipped test fails `.ci/run`."""
    unwanted = [
        item
        for item in items
        if (item.get_closest_marker("services") and not settings.REDIS_URL)
        or (item.get_closest_marker("live") and not settings.TEST_APIS)
    ]
    if unwanted:
        config.hook.pytest_deselected(items=unwanted)
        items[:] = [item for item in items if item not in unwanted]


@pytest.fixture(autouse=True)
def nothing_cached() -> None:
    """No test inherits the tries another one has used up."""
    cache.clear()


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
