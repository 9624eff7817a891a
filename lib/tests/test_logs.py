import json
import logging

import pytest
from django.test import AsyncClient, Client
from django.urls import reverse

from lib import logs


def _line(**extra: object) -> dict[str, object]:
    record = logging.makeLogRecord(
        {"name": "room", "levelno": logging.INFO, "levelname": "INFO", "msg": "hello", **extra}
    )
    return json.loads(logs.JsonFormatter().format(record))  # type: ignore[no-any-return]


def test_json_line_carries_the_request_and_the_turn() -> None:
    request, turn = logs.request_id.set("request-1"), logs.turn_id.set("turn-1")

    line = _line(document="document-1")
    logs.request_id.reset(request)
    logs.turn_id.reset(turn)

    assert (
        line.items()
        >= {
            "message": "hello",
            "level": "info",
            "request_id": "request-1",
            "turn_id": "turn-1",
            "document": "document-1",
        }.items()
    )


def test_json_line_stays_one_line_with_a_traceback_in_it() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        record = logging.makeLogRecord({"msg": "it broke", "exc_info": (ValueError, error, error.__traceback__)})

    text = logs.JsonFormatter().format(record)

    assert "\n" not in text
    assert "two\nlines" in json.loads(text)["exception"]


@pytest.mark.django_db
def test_each_request_leaves_one_line_with_its_answer(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "access"):
        answer = client.get(reverse("account_login"), headers={"X-Request-ID": "from-the-router"})

    (record,) = caplog.records
    assert (record.method, record.status, record.route) == ("GET", 200, "/accounts/login/")  # type: ignore[attr-defined]
    assert record.ms > 0  # type: ignore[attr-defined]
    assert answer["X-Request-ID"] == "from-the-router"


@pytest.mark.django_db
def test_line_names_the_route_and_not_the_token_in_its_path(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "access"):
        client.get(reverse("account_reset_password_from_key", kwargs={"uidb36": "1", "key": "a-secret-key"}))

    assert "a-secret-key" not in caplog.text


def test_files_leave_no_line(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "access"):
        client.get("/static/nothing.css")

    assert [record for record in caplog.records if record.name == "access"] == []


@pytest.mark.parametrize("given", ["", "x" * 65, "two words", "semi;colon", "schlüssel"])
async def test_request_id_that_is_not_sane_is_replaced(async_client: AsyncClient, given: str) -> None:
    answer = await async_client.get("/static/nothing.css", headers={"X-Request-ID": given})

    assert answer["X-Request-ID"] not in {given, ""}
