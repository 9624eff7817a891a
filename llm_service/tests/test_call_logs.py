import threading
import time
import uuid
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from llm_service import bodies, call_logs, client
from llm_service.call_logs import Record, Writer
from llm_service.models import CallBody, LLMCallLog, LostCalls
from llm_service.parts import CallUsage
from llm_service.requests import LLMRequest, ToolCall
from llm_service.tests.conftest import Logs


def record(text: str = "fine", *, params: dict[str, Any] | None = None, **request: Any) -> Record:
    asked = LLMRequest(
        model="openai/x", messages=[{"role": "user", "content": "hello"}], params=params or {}, **request
    )
    return Record(
        id=uuid.uuid4(),
        created_at=timezone.now(),
        request=asked,
        status="success",
        usage=CallUsage(input_tokens=1, output_tokens=2, usage_source="exact"),
        text=text,
    )


def test_what_was_sent_and_answered_is_kept_apart_and_without_keys(logs: Logs):
    put = record(params={"api_key": "sk-secret", "extra_headers": {"x": "sk-secret"}, "max_tokens": 5})
    put.tool_calls = [ToolCall("c1", "search", "{}")]
    call_logs.put(put)

    [log] = logs()
    body = CallBody.objects.get(call=log)
    assert body.request["messages"] == [{"role": "user", "content": "hello"}]
    assert body.request["max_tokens"] == 5
    assert "sk-secret" not in str(body.request)
    assert body.response == {"text": "fine", "tool_calls": [{"id": "c1", "name": "search", "arguments": "{}"}]}


def test_a_key_that_the_vendor_quotes_is_not_kept(logs: Logs, settings: Settings):
    settings.SERVER_SECRETS = frozenset({"sk-canary-1234"})
    put = record()
    put.error_message = "Incorrect API key provided: sk-canary-1234."
    put.attempts = [(1, "", timezone.now(), 5, 401, "bad_credentials", "AuthenticationError: sk-canary-1234")]

    call_logs.put(put)

    [log] = logs()
    assert log.error_message == "Incorrect API key provided: [hidden]."
    assert log.attempts.get().error_message == "AuthenticationError: [hidden]"


def test_a_huge_body_is_cut_to_a_bounded_size(logs: Logs):
    call_logs.put(record("x" * 2_000_000))

    [log] = logs()
    stored = CallBody.objects.get(call=log).response
    assert len(str(stored)) < bodies.MAX_BODY
    assert stored["text"].startswith("xxx")


@pytest.mark.parametrize("text", ["nul \x00 in it", "half \ud83d a pair", "a literal \\u0000 stays \\\\u0000"])
def test_text_that_no_database_takes_is_stored_as_far_as_it_can_be(logs: Logs, text: str):
    call_logs.put(record(text))

    [log] = logs()
    assert log.error_message == ""
    assert CallBody.objects.filter(call=log).exists()
    assert log.response_preview[:3] == text[:3]


def test_a_literal_escape_in_a_text_is_kept(logs: Logs):
    call_logs.put(record("a literal \\u0000"))

    [log] = logs()
    assert CallBody.objects.get(call=log).response["text"] == "a literal \\u0000"


def test_metadata_that_is_no_json_is_stored_as_text(logs: Logs):
    call_logs.put(record(metadata={"feature": "chat", "thing": object(), 5: "five"}))

    [log] = logs()
    assert log.feature == "chat"
    assert "object" in log.metadata["thing"]


def test_a_record_that_cannot_be_stored_leaves_a_minimal_row_and_its_neighbours_whole(logs: Logs):
    call_logs.put(record())
    call_logs.put(record(user_id=987_654))
    call_logs.put(record())

    written = logs()
    assert [log.error_message for log in written].count("The full log of this call could not be stored.") == 1
    assert len(written) == 3
    assert {log.input_tokens for log in written} == {1}


def test_a_database_that_is_away_for_a_moment_loses_nothing(logs: Logs):
    refusals = 2

    def away(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal refusals
        if "INSERT" in sql and refusals:
            refusals -= 1
            raise OperationalError("the server closed the connection")
        return execute(sql, params, many, context)

    writer = Writer()
    with connection.execute_wrapper(away):
        writer._write([record()])

    assert LLMCallLog.objects.count() == 1


def test_a_full_queue_counts_what_it_drops_and_makes_nobody_wait(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(call_logs, "CAPACITY", 3)
    writer = Writer()
    monkeypatch.setattr(writer, "_run", lambda: None)
    for _ in range(5):
        writer.put(record())

    assert writer.lost == 2


def test_flush_gives_up_at_its_time(monkeypatch: pytest.MonkeyPatch):
    writer = Writer()
    monkeypatch.setattr(writer, "_run", lambda: None)
    writer.put(record())

    assert writer.flush(0.05) is False


def test_a_lost_process_leaves_its_row_once(logs: Logs, alice: User):
    turn, thread = uuid.uuid4(), uuid.uuid4()
    details: dict[str, Any] = {
        "turn_id": turn,
        "thread_id": thread,
        "model": "openai/gpt-4o",
        "user_id": alice.pk,
        "started_at": timezone.now(),
        "partial_text": "Once upon a time",
    }

    assert call_logs.record_process_lost(**details) is True
    assert call_logs.record_process_lost(**details) is False
    [log] = logs()
    assert (log.status, log.error_type, log.feature) == ("error", "process_lost", "chat")
    assert (log.turn_id, log.thread_id, log.user_id) == (turn, thread, alice.pk)
    assert (log.usage_source, log.output_tokens) == ("estimated", 4)
    assert log.cost_usd is None


def test_a_turn_that_left_its_row_is_not_lost(logs: Logs):
    turn = uuid.uuid4()
    call_logs.put(record(metadata={"feature": "chat", "turn_id": str(turn)}))
    logs()

    assert call_logs.record_process_lost(turn_id=turn, model="openai/x") is False


def test_many_calls_share_transactions(logs: Logs, no_providers: None, settings: Settings):
    for _ in range(30):
        call_logs.put(record())

    assert len(logs()) == 30


def test_a_call_never_waits_for_its_log(
    no_providers: None, logs: Logs, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    settings.LLM_DEMO_TOKENS_PER_SECOND = 0
    monkeypatch.setattr(call_logs, "write", _fails)
    monkeypatch.setattr(call_logs, "write_minimal", _fails)
    before = call_logs.lost()

    response = client.completion(model="demo/parley", messages=[{"role": "user", "content": "thanks"}])

    assert response.choices[0].message.content
    assert logs() == []
    assert call_logs.lost() == before + 1
    assert LostCalls.objects.get().calls == 1


def test_what_an_absent_database_cost_is_told_once_it_is_back(transactional_db: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(call_logs, "KEEP_TRYING", 0.0)
    writer = Writer()
    with connection.execute_wrapper(_away), pytest.raises(OperationalError):
        writer._write([record(), record()])
    with connection.execute_wrapper(_away):
        writer._lose(2)
        writer._tell()
    assert not LostCalls.objects.exists()

    writer._tell()
    writer._tell()

    [told] = LostCalls.objects.all()
    assert (told.calls, told.since <= told.until) == (2, True)


def test_calls_that_wait_are_late_after_a_moment_only(monkeypatch: pytest.MonkeyPatch):
    held, writer = threading.Event(), Writer()
    monkeypatch.setattr(writer, "_write", lambda batch: held.wait(10))
    writer.put(record())
    assert writer.late == 0

    monkeypatch.setattr(call_logs, "LATE", 0.0)
    deadline = time.monotonic() + 5
    while not writer.late and time.monotonic() < deadline:
        time.sleep(0.01)

    assert writer.late == 1
    held.set()
    assert writer.flush(5)
    assert writer.late == 0


def _away(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if "INSERT" in sql:
        raise OperationalError("the server closed the connection")
    return execute(sql, params, many, context)


def _fails(*_: object) -> None:
    raise ValueError("cannot be stored")
