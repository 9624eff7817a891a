import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zipfile import ZipFile

import pytest
from allauth.mfa.models import Authenticator
from django.test import AsyncClient, Client

from accounts import actions, personal_data
from accounts.audit import actions as registered
from accounts.export import archive
from accounts.models import AuditEntry, User, UserSettings
from realtime.bridge import in_db

ADDRESS = "/accounts/settings/data/"
AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
PASSWORD = "alice-password-1"


def file_of(user: User) -> ZipFile:
    return ZipFile(io.BytesIO(b"".join(archive(user, at=AT))))


def read(user: User, name: str) -> Any:
    return json.loads(file_of(user).read(name))


@pytest.fixture
def exporters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal_data, "_exporters", [])
    monkeypatch.setattr(personal_data, "_covered", set())


@pytest.mark.django_db(transaction=True)
async def test_the_right_password_hands_out_one_file(alice: User) -> None:
    client = AsyncClient()
    await in_db(client.force_login, alice)

    answer = await client.post(ADDRESS, {"password": PASSWORD})
    pieces = [piece async for piece in answer]  # type: ignore[attr-defined]

    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].startswith('attachment; filename="my-data-')
    assert answer["Cache-Control"] == "no-store"
    file = ZipFile(io.BytesIO(b"".join(pieces)))
    assert file.testzip() is None
    assert json.loads(file.read("profile.json"))["email"] == "alice@example.com"


def test_a_wrong_password_hands_out_nothing(client: Client, alice: User) -> None:
    client.force_login(alice)

    answer = client.post(ADDRESS, {"password": "guess"})

    assert "That is not your password." in answer.text
    assert not AuditEntry.objects.filter(action="account.exported").exists()


def test_guessing_is_slowed(client: Client, alice: User) -> None:
    client.force_login(alice)

    answers = [client.post(ADDRESS, {"password": "guess"}).status_code for _ in range(12)]

    assert answers[0] == 200
    assert answers[-1] == 429


def test_who_has_no_password_is_asked_another_way(client: Client, alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client.force_login(alice)

    assert client.get(ADDRESS)["Location"].startswith("/accounts/mfa/reauthenticate/")


def test_who_has_no_password_and_no_other_way_is_not_asked_for_one(client: Client, alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    client.force_login(alice)

    page = client.get(ADDRESS)

    assert page.status_code == 200
    assert 'name="password"' not in page.text


def test_the_page_needs_somebody(client: Client, db: None) -> None:
    assert client.get(ADDRESS)["Location"].startswith("/accounts/login/")


def test_a_download_is_written_down(alice: User) -> None:
    actions.note_export(by=alice)

    assert AuditEntry.objects.get().action in registered()


def test_settings_are_in_the_file(alice: User) -> None:
    actions.change_chat_preferences(by=alice, model="demo/parley", custom_instructions="Kurz, bitte. Grüße")

    assert read(alice, "settings.json")["custom_instructions"] == "Kurz, bitte. Grüße"


def test_nothing_that_opens_a_door_is_in_the_file(client: Client, alice: User) -> None:
    client.post("/accounts/login/", {"login": "alice@example.com", "password": PASSWORD})
    everything = b"".join(file_of(alice).read(name) for name in file_of(alice).namelist()).decode()

    alice.refresh_from_db()
    assert alice.password not in everything
    assert client.session.session_key
    assert client.session.session_key not in everything


def test_nobody_elses_rows_are_in_the_file(alice: User, bob: User) -> None:
    actions.change_chat_preferences(by=bob, model="", custom_instructions="bob's own")
    UserSettings.objects.create(user=alice)

    everything = b"".join(file_of(alice).read(name) for name in file_of(alice).namelist()).decode()

    assert "bob" not in everything


def test_json_is_written_for_every_shape(alice: User, exporters: None) -> None:
    @personal_data.exporter()
    def shapes(user: User) -> Iterator[tuple[str, object]]:
        yield "shapes.json", {"rows": ({"n": n} for n in range(2)), "none": iter(()), "list": [], "dict": {}, "at": AT}

    assert read(alice, "shapes.json") == {
        "rows": [{"n": 0}, {"n": 1}],
        "none": [],
        "list": [],
        "dict": {},
        "at": "2026-05-04T12:00:00Z",
    }


def test_a_large_account_never_stands_in_memory_as_a_whole(alice: User, exporters: None) -> None:
    @personal_data.exporter()
    def much(user: User) -> Iterator[tuple[str, object]]:
        rows = ({"n": n, "noise": f"{n * 7919:x}" * 400} for n in range(4_000))
        yield "much.json", rows  # about 10 MB

    tracemalloc.start()
    size = sum(len(piece) for piece in archive(alice, at=AT))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size > 50_000
    assert peak < 2_000_000
