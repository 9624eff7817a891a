import threading
from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import AsyncClient, Client, override_settings

from lib import health, lifecycle


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> dict[str, health.Check]:
    """The checks of this server, to add to."""
    own = dict(health._checks)
    monkeypatch.setattr(health, "_checks", own)
    return own


@pytest.fixture
def forgotten_migration(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(health, "_migrated", False)
    MigrationRecorder(connection).migration_qs.filter(app="lib").delete()
    yield
    monkeypatch.setattr(health, "_migrated", False)


def test_health_needs_no_database(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready_server_says_what_it_checked(client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert (
        answer.json()["checks"] | {"serving": "ok", "database": "ok", "migrations": "ok", "redis": "ok"}
        == (answer.json()["checks"])
    )


@pytest.mark.django_db(transaction=True)
async def test_probe_is_answered_on_the_event_loop_too(async_client: AsyncClient) -> None:
    assert (await async_client.get("/healthz")).status_code == 200
    assert (await async_client.get("/readyz")).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.django_db
def test_probe_is_never_redirected_to_tls_and_may_name_any_host(client: Client, path: str) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True, ALLOWED_HOSTS=["chat.example.com"]):
        answer = client.get(path, headers={"host": "10.0.0.7"})

    assert answer.status_code == 200


def test_server_with_a_migration_to_apply_is_not_ready(forgotten_migration: None, client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"] == "failed"


@pytest.mark.django_db
def test_server_without_its_redis_is_not_ready(client: Client) -> None:
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["redis"] == "failed"


@pytest.mark.django_db
def test_draining_server_is_alive_but_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "_draining", True)

    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


@pytest.mark.django_db
def test_room_adds_its_own_condition(client: Client, checks: dict[str, health.Check]) -> None:
    health.register("models", lambda: False)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["models"] == "failed"


@pytest.mark.django_db(transaction=True)
async def test_hanging_dependency_does_not_hang_the_probe(
    async_client: AsyncClient, checks: dict[str, health.Check], monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr(health, "LIMIT", 0.05)
    checks.clear()
    health.register("slow", lambda: released.wait(5))

    answer = await async_client.get("/readyz")
    released.set()

    assert answer.status_code == 503
