"""What every test stands on: the settings of a laptop, no provider's key, and three people."""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import TransactionTestCase
from django.utils import translation

from accounts.models import User
from llm_service import call_logs, memory
from realtime import bridge
from tests.emptied import empty_tables

SQLITE = "django.db.backends.sqlite3"
WHOLE_PRODUCT = [Path(__file__).parent / "tests" / name for name in ("e2e", "deploy", "chaos")]

# The checkout's `.env` may hold real keys and models; only the live tests (TEST_APIS) may see them.
if not settings.TEST_APIS:
    for name in [name for name in os.environ if name.endswith(("_API_KEY", "_API_BASE", "_BASE_URL"))]:
        del os.environ[name]
    settings.LLM_ALLOWED_MODELS = []
    settings.LLM_DEFAULT_MODEL = settings.LLM_TITLE_MODEL = ""
settings.SECRET_KEY = "only-for-tests-and-long-enough-to-sign-with"
settings.VAULT_KEYS = ["only-for-tests-and-long-enough-to-lock-with"]
settings.OUTBOUND_ALLOWED_NETWORKS = []
settings.LLM_WARM_UP = False
settings.TASK_WORKERS = 0
settings.MEDIA_ROOT = str(settings.VAR_DIR / "test-media" / os.environ.get("PYTEST_XDIST_WORKER", ""))
TransactionTestCase._fixture_teardown = empty_tables  # type: ignore[attr-defined]


def pytest_configure() -> None:
    database = settings.DATABASES["default"]
    if "init_command" in database["OPTIONS"]:  # what a test stores need not survive the machine, nor wait for its disk
        database["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a real one takes half a second


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only-with-services", action="store_true", help="leave out what speaks to no database or Redis")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Tests of the whole product run when named: they need a built page, a browser or servers (`make test`)."""
    is_named = any(collection_path.name in argument for argument in config.invocation_params.args)
    return True if collection_path in WHOLE_PRODUCT and not is_named else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this run is not for. Nothing is ever skipped: a skipped test fails `.ci/run`."""
    unwanted = [
        item
        for item in items
        if (item.get_closest_marker("services") and not settings.REDIS_URL)
        or (item.get_closest_marker("sqlite") and settings.DATABASES["default"]["ENGINE"] != SQLITE)
        or (item.get_closest_marker("live") and not settings.TEST_APIS)
        or (config.getoption("--only-with-services") and not _speaks_to_services(item))
    ]
    if unwanted:
        config.hook.pytest_deselected(items=unwanted)
        items[:] = [item for item in items if item not in unwanted]


def _speaks_to_services(item: pytest.Item) -> bool:
    marks = any(item.get_closest_marker(name) for name in ("services", "django_db"))
    return marks or not {"db", "transactional_db"}.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.fixture(autouse=True)
def nothing_cached() -> None:
    """No test inherits the tries another one has used up, nor its budgets and connections."""
    cache.clear()
    memory.forget_all()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """The language of a request stays with its thread until the next one: here that is another test."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture(scope="session", autouse=True)
def call_logs_end_with_the_tests() -> Iterator[None]:
    """Their writer is a thread: what it still holds afterwards would go into the developer's own database."""
    yield
    call_logs.flush(10)


@pytest.fixture(autouse=True)
def threads_end_with_their_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test leaves to threads is written before its tables are emptied, not into the next test."""
    marker = request.node.get_closest_marker("django_db")
    has_threads = marker is not None and marker.kwargs.get("transaction", False)
    if has_threads:
        request.getfixturevalue("transactional_db")  # so that its end comes after ours
    yield
    if has_threads:
        _await_database_threads()
    call_logs.flush(5)
    call_logs._writer._untold = 0  # a test without a database lost them, and no later one is to be told


def _await_database_threads() -> None:
    """Wait for what a test left to them: afterwards pytest-django forbids them to end even a transaction."""
    all_free = threading.Barrier(bridge.THREADS + 1)
    for _ in range(bridge.THREADS):
        bridge._executor.submit(all_free.wait, 10)
    with contextlib.suppress(threading.BrokenBarrierError):
        all_free.wait(10)


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
