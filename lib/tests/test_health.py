import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from channels.testing import HttpCommunicator
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings

from config.asgi import application
from lib import health, lifecycle


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> dict[str, health.Check]:
    """The checks of this server, to add to."""
    own = dict(health._checks)
    monkeypatch.setattr(health, "_checks", own)
    return own


@pytest.fixture
def forgotten_migration(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(health, "_migrated", False)
    recorder = MigrationRecorder(connection)
    newest = max(name for app, name in recorder.applied_migrations() if app == "lib")
    recorder.record_unapplied("lib", newest)
    yield
    recorder.record_applied("lib", newest)
    monkeypatch.setattr(health, "_migrated", False)


async def probe(path: str, host: bytes = b"localhost") -> tuple[int, dict[str, Any]]:
    http = application.application_mapping["http"]
    answer = await HttpCommunicator(http, "GET", path, headers=[(b"host", host)]).get_response(timeout=10)
    return answer["status"], json.loads(answer["body"])


async def test_health_needs_no_database() -> None:
    assert await probe("/healthz") == (200, {"status": "ok"})


@pytest.mark.django_db(transaction=True)
async def test_ready_server_says_what_it_checked() -> None:
    status, answer = await probe("/readyz")

    assert (status, answer["status"]) == (200, "ok")
    assert answer["checks"].keys() >= {"serving", "database", "migrations", "redis", "models"}
    assert set(answer["checks"].values()) == {"ok"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.django_db(transaction=True)
async def test_probe_is_never_redirected_to_tls_and_may_name_any_host(path: str) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True, ALLOWED_HOSTS=["chat.example.com"]):
        status, _ = await probe(path, host=b"10.0.0.7")

    assert status == 200


async def test_server_with_a_migration_to_apply_is_not_ready(forgotten_migration: None) -> None:
    status, answer = await probe("/readyz")

    assert (status, answer["checks"]["migrations"]) == (503, "failed")


@pytest.mark.django_db(transaction=True)
async def test_server_without_its_redis_is_not_ready() -> None:
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        status, answer = await probe("/readyz")

    assert (status, answer["checks"]["redis"]) == (503, "failed")


@pytest.mark.django_db(transaction=True)
async def test_draining_server_is_alive_but_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "_draining", True)

    assert (await probe("/healthz"))[0] == 200
    assert (await probe("/readyz"))[0] == 503


async def test_hanging_dependency_does_not_hang_the_probe(
    checks: dict[str, health.Check], monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr(health, "LIMIT", 0.05)
    checks.clear()
    health.register("slow", lambda: released.wait(30))

    began = time.monotonic()
    status, answer = await probe("/readyz")
    released.set()

    assert (status, answer["checks"]) == (503, {"answer in time": "failed"})
    assert time.monotonic() - began < 5
