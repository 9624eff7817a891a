"""What is kept of calls: masked or dropped before it is stored, and removed when it is old."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import AuditEntry, User
from llm_service import call_logs, keeping
from llm_service.models import CallAttempt, CallBody, Feedback, Keeping, LLMCallLog
from llm_service.money import rollups
from llm_service.parts import CallUsage
from llm_service.queries import usage
from llm_service.requests import LLMRequest, ToolCall
from teams.actions import personal_team
from teams.models import Membership, Team
from teams.permissions import Role

NOW = timezone.now()
MAIL, CARD = "anna@example.com", "4111 1111 1111 1111"


def record(team: Team | None, **more: Any) -> call_logs.Record:
    request = LLMRequest(
        model="openai/gpt-4o",
        messages=[{"role": "user", "content": f"{'x' * 495} {CARD} and {MAIL}"}],
        params={"user_note": MAIL},
        team_id=team.pk if team else None,
        metadata={"turn_id": str(uuid4()), "asked_by": MAIL},
    )
    known: dict[str, Any] = {
        "text": f"Hello {MAIL}",
        "reasoning": MAIL,
        "tool_calls": [ToolCall("1", "send", f'{{"to": "{MAIL}"}}')],
        "error_message": f"No answer for {MAIL}",
        "attempts": [(1, "", NOW, 5, 500, "overloaded", f"Busy, {MAIL}")],
    }
    usage = CallUsage(input_tokens=1, output_tokens=1)
    return call_logs.Record(uuid4(), NOW, request, "error", usage, **known | more)


def all_that_is_stored() -> str:
    rows = [LLMCallLog.objects.values(), CallBody.objects.values(), CallAttempt.objects.values()]
    return " ".join(str(list(row)) for row in rows)


@pytest.fixture
def team(alice: User) -> Team:
    return personal_team(alice)


def test_a_team_that_said_nothing_has_words_kept(team: Team) -> None:
    call_logs.write([record(team), record(None)])

    assert LLMCallLog.objects.count() == CallBody.objects.count() == 2
    assert MAIL in all_that_is_stored()


def test_masked_words_are_stored_without_a_personal_detail_anywhere(team: Team) -> None:
    Keeping.objects.create(team=team, words="mask")
    wanted = record(team)

    call_logs.write([wanted])

    stored = all_that_is_stored()
    assert MAIL not in stored
    assert "4111" not in stored
    assert "Hello [e-mail]" in stored
    assert str(LLMCallLog.objects.get().turn_id) == wanted.request.metadata["turn_id"]
    assert MAIL in str(wanted.request.messages)  # what is sent on, and shown to the person, is not touched


def test_a_team_that_wants_no_words_kept_has_none_and_its_numbers(team: Team) -> None:
    Keeping.objects.create(team=team, words="drop")

    call_logs.write([record(team)])

    log = LLMCallLog.objects.get()
    assert (log.input_tokens, log.prompt_preview, log.response_preview, log.error_message) == (1, "", "", "")
    assert not CallBody.objects.exists()
    assert CallAttempt.objects.get().error_message == ""


# --- Growing old ------------------------------------------------------------------------------------------------------


def aged(days: float, team: Team | None = None) -> LLMCallLog:
    call = LLMCallLog.objects.create(
        model="m", status="error", created_at=NOW - timedelta(days=days), team=team, prompt_preview="asked",
        response_preview="said", error_message="wrong",
    )  # fmt: skip
    CallBody.objects.create(call=call)
    CallAttempt.objects.create(call=call, number=1, started_at=call.created_at, error_message="wrong")
    return call


def test_words_go_first_and_calls_much_later(db: None, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "AT_ONCE", 2)
    young, old = aged(29), [aged(31 + number) for number in range(5)]
    ancient = [aged(401 + number) for number in range(3)]
    said = Feedback.objects.create(user=alice, call=ancient[0], message_id=uuid4(), thread_id=uuid4(), rating="up")

    forgotten = keeping.forget_old(now=NOW)

    assert (forgotten.words, forgotten.calls, forgotten.is_done) == (8, 3, True)
    assert set(LLMCallLog.objects.values_list("pk", flat=True)) == {young.pk, *(call.pk for call in old)}
    assert list(CallBody.objects.values_list("call", flat=True)) == [young.pk]
    kept = LLMCallLog.objects.get(pk=old[0].pk)
    assert (kept.prompt_preview, kept.response_preview, kept.error_message) == ("", "", "")
    assert old[0].attempts.get().error_message == ""
    assert LLMCallLog.objects.get(pk=young.pk).prompt_preview == "asked"
    said.refresh_from_db()
    assert said.call is None


def test_a_team_may_have_less_kept_than_the_site(team: Team) -> None:
    Keeping.objects.create(team=team, bodies_days=3, logs_days=10)
    mine, gone, others = aged(5, team), aged(11, team), aged(11)

    keeping.forget_old(now=NOW)

    assert set(LLMCallLog.objects.values_list("pk", flat=True)) == {mine.pk, others.pk}
    assert list(CallBody.objects.values_list("call", flat=True)) == [others.pk]
    assert not LLMCallLog.objects.filter(pk=gone.pk).exists()


def test_sums_outlive_the_calls_of_a_team_also_when_they_are_made_anew(team: Team) -> None:
    for days in (20, 20, 18, 1):
        aged(days, team)
    aged(20)
    list(rollups.rebuild())
    Keeping.objects.create(team=team, logs_days=10)

    keeping.forget_old(now=NOW)
    list(rollups.rebuild())

    assert LLMCallLog.objects.count() == 2
    assert usage.total(usage.Span.last(days=40)).calls == 5
    assert usage.total(usage.Span.last(days=40), team=team.pk).calls == 4


def test_a_run_stops_when_its_time_is_over(db: None) -> None:
    aged(500)

    assert keeping.forget_old(now=NOW, within=0).is_done is False
    assert LLMCallLog.objects.exists()


def test_zero_days_keep_everything_for_good(db: None, settings: Settings) -> None:
    settings.LLM_BODIES_KEEP_DAYS = settings.LLM_LOGS_KEEP_DAYS = 0
    aged(4000)

    assert keeping.forget_old(now=NOW) == keeping.Forgotten()


# --- The page ---------------------------------------------------------------------------------------------------------


def test_an_admin_says_what_is_kept_and_the_audit_log_notes_it(alice: User, team: Team) -> None:
    client = Client()
    client.force_login(alice)
    address = f"/operations/teams/{team.pk}/keeping/"

    assert client.post(address, {"words": "mask", "bodies_days": "7", "logs_days": ""}, secure=True).status_code == 302

    row = Keeping.objects.get()
    assert (row.team, row.words, row.bodies_days, row.logs_days) == (team, "mask", 7, None)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.after) == ("keeping.changed", {"words": "mask", "bodies_days": 7})


@pytest.mark.parametrize("days", ["0", "31", "-1", "x"])
def test_no_team_keeps_words_longer_than_the_site(alice: User, team: Team, days: str) -> None:
    client = Client()
    client.force_login(alice)

    answer = client.post(
        f"/operations/teams/{team.pk}/keeping/", {"words": "off", "bodies_days": days, "logs_days": ""}, secure=True
    )

    assert answer.status_code == 200
    assert not Keeping.objects.exists()


def test_an_editor_does_not_say_what_is_kept(bob: User) -> None:
    team = Team.objects.create(name="Shop")
    Membership.objects.create(team=team, user=bob, role=Role.EDITOR)
    client = Client()
    client.force_login(bob)

    assert client.post(f"/operations/teams/{team.pk}/keeping/", {"words": "drop"}, secure=True).status_code == 403
