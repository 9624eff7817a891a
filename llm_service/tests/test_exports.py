"""The filtered calls as a file."""

import csv
import io
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import QueryDict, StreamingHttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, User
from llm_service import exports
from llm_service.models import CallBody, LLMCallLog
from llm_service.queries.call_filters import CallFilter
from teams.actions import personal_team

pytestmark = pytest.mark.django_db(transaction=True)  # the file is read in other threads


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@async_to_sync
async def text_of(answer: Any) -> str:
    assert isinstance(answer, StreamingHttpResponse)
    return b"".join([piece async for piece in answer]).decode()


@pytest.fixture
def called(transactional_db: None, alice: User) -> list[LLMCallLog]:
    at = timezone.now()
    rows = [
        LLMCallLog.objects.create(
            model="=cmd()" if number == 3 else "openai/gpt-4o",
            status="error" if number == 3 else "success",
            user=alice,
            team=personal_team(alice),
            created_at=at - timedelta(minutes=number // 2),
            cost_usd=Decimal("0.0001"),
            metadata={"n": number},
            prompt_preview="a secret,\nof two lines",
        )
        for number in range(7)
    ]
    CallBody.objects.create(call=rows[3], request={"messages": ["asked"]}, response={"text": "answered"})
    return rows


def test_a_table_has_each_call_once_and_no_words(
    alice: User, called: list[LLMCallLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 2)

    answer = signed_in(alice).get("/operations/calls/calls.csv", secure=True)
    rows = list(csv.DictReader(io.StringIO(text_of(answer))))

    assert sorted(row["id"] for row in rows) == sorted(str(call.pk) for call in called)
    assert "secret" not in str(rows)
    assert rows[0]["user_email"] == "alice@example.com"
    assert rows[0]["cost_usd"] == "0.00010000"
    assert answer["X-Rows-About"] == "7"
    assert ".csv" in answer["Content-Disposition"]


def test_a_spreadsheet_runs_nothing_of_it(alice: User, called: list[LLMCallLog]) -> None:
    answer = signed_in(alice).get("/operations/calls/calls.csv?status=error", secure=True)

    (row,) = csv.DictReader(io.StringIO(text_of(answer)))

    assert row["model"] == "'=cmd()"


def test_lines_of_json_hold_what_was_said_when_asked_and_it_is_noted(alice: User, called: list[LLMCallLog]) -> None:
    client = signed_in(alice)

    without = [
        json.loads(line) for line in text_of(client.get("/operations/calls/calls.jsonl", secure=True)).splitlines()
    ]
    answer = client.get("/operations/calls/calls.jsonl?status=error&words=1", secure=True)
    (said,) = [json.loads(line) for line in text_of(answer).splitlines()]

    assert len(without) == 7
    assert not {"request", "prompt_preview"} & without[0].keys()
    assert (said["request"], said["response"]) == ({"messages": ["asked"]}, {"text": "answered"})
    assert said["metadata"] == {"n": 3}
    noted = AuditEntry.objects.order_by("id").values_list("action", "after__filters")
    assert list(noted)[1][0] == "calls.downloaded"
    assert "with words" in list(noted)[1][1]


def test_nobody_downloads_another_teams_calls(bob: User, alice: User, called: list[LLMCallLog]) -> None:
    client = signed_in(bob)

    foreign = client.get(f"/operations/calls/calls.csv?team={personal_team(alice).pk}", secure=True)

    assert foreign.status_code == 404
    assert len(text_of(client.get("/operations/calls/calls.csv", secure=True)).splitlines()) == 1


def test_it_says_about_how_many_rows_come(alice: User, called: list[LLMCallLog]) -> None:
    wanted = CallFilter.read(QueryDict("status=success"))

    assert exports.about(LLMCallLog.objects.all(), wanted) == 6
