"""What the server knows in secret is in nothing it writes."""

import json
import logging
from typing import Any

import pytest
from django.http import HttpRequest

from lib import redaction
from lib.logs import JsonFormatter, TextFormatter


@pytest.fixture(autouse=True)
def _secrets(settings: Any) -> None:
    settings.SERVER_SECRETS = frozenset({"sk-canary-1234", "c@nary-p%20ss", "c@nary-p ss", "x"})


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: sk-canary-1234.",
        "could not connect to postgres://parley:c@nary-p%20ss@db",
        "the password c@nary-p ss was refused",
        "password=c%40nary-p%20ss",
    ],
)
def test_a_secret_is_hidden_however_it_is_spelled(text: str) -> None:
    hidden = redaction.hide(text)

    assert redaction.HIDDEN in hidden
    assert "nary" not in hidden


def test_ordinary_words_stay() -> None:
    assert redaction.hide("next to x, a box") == "next to x, a box"


def test_what_a_caller_adds_is_hidden_too() -> None:
    assert redaction.hide("a cookie <of-somebody>", {"<of-somebody>"}) == "a cookie [hidden]"
    assert redaction.hide("a cookie &lt;of-somebody&gt;", {"<of-somebody>"}) == "a cookie [hidden]"


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_no_log_line_holds_one(formatter: logging.Formatter) -> None:
    try:
        raise ValueError("It said: sk-canary-1234")
    except ValueError as error:
        record = logging.LogRecord("a", 40, "", 1, "%s", ("sk-canary-1234",), (ValueError, error, error.__traceback__))
    record.detail = {"header": "Bearer sk-canary-1234"}

    line = formatter.format(record)

    assert "sk-canary" not in line
    assert "ValueError: It said: [hidden]" in line


def test_a_log_line_about_a_request_tells_its_route_and_not_its_address() -> None:
    request = HttpRequest()
    request.path = "/accounts/verify-email/0123456789abcdefghijklmnop"
    record = logging.LogRecord("django.request", 40, "", 1, "%s: %s", ("Internal Server Error", request.path), None)
    record.request = request

    line = json.loads(JsonFormatter().format(record))

    assert line["message"] == "Internal Server Error: /accounts/verify-email/…"
