"""One call: what it shows to whom, its turn on a time axis, and what was said."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, User
from llm_service.models import CallAttempt, CallBody, LLMCallLog
from llm_service.queries import call_detail, turns
from teams.actions import personal_team
from teams.models import Membership, Team
from teams.permissions import Role


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def call_of(person: User, **fields: Any) -> LLMCallLog:
    known = {"model": "openai/gpt-4o", "status": "success", "user": person, "team": personal_team(person)}
    return LLMCallLog.objects.create(**known | fields)


def address(call: LLMCallLog, more: str = "") -> str:
    return f"/operations/calls/{call.pk}/{more}"


@pytest.fixture
def call(alice: User) -> LLMCallLog:
    made = call_of(
        alice,
        input_tokens=1000,
        cached_tokens=600,
        output_tokens=300,
        reasoning_tokens=100,
        total_tokens=1300,
        unit_prices={"input": "0.000003", "cached": "0.0000003", "output": "0.000015"},
        cost_usd=Decimal("0.00588"),
        cost_source="litellm",
        duration_ms=4000,
        time_to_first_token_ms=1000,
        metadata={"release": "7"},
    )
    CallBody.objects.create(
        call=made,
        request={
            "model": made.model,
            "temperature": 0.3,
            "messages": [
                {"role": "system", "content": "Be <b>brief</b>."},
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "What is on the lighthouse?"},
                        {"type": "image_url", "image_url": {"url": "[data:image/png, 1,204 characters]"}},
                    ],
                },
            ],
            "tools": [{"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": {}}}],
        },
        response={"text": "", "reasoning": "Let me see.", "tool_calls": [{"name": "look", "arguments": "{}"}]},
    )
    return made


def test_a_call_shows_its_tokens_by_kind_and_how_its_cost_was_worked_out(alice: User, call: LLMCallLog) -> None:
    kinds = {kind.name: (kind.tokens, kind.cost) for kind in call_detail.kinds(call)}

    assert kinds == {
        "input": (400, Decimal("0.00120000")),
        "cached": (600, Decimal("0.00018000")),
        "reasoning": (100, Decimal("0.00150000")),
        "output": (200, Decimal("0.00300000")),
    }
    assert sum(cost for _tokens, cost in kinds.values() if cost) == call.cost_usd
    assert call_detail.tokens_per_second(call) == 100.0
    page = signed_in(alice).get(address(call), secure=True).text
    assert "Cached input" in page
    assert "100 tokens per second" in page


def test_an_unknown_price_is_unknown_and_not_nothing(alice: User) -> None:
    call = call_of(alice, input_tokens=5, output_tokens=5)

    page = signed_in(alice).get(address(call), secure=True).text

    assert "its cost is unknown, not zero" in page
    assert "$0" not in page


def test_words_are_opened_on_a_page_of_their_own_and_each_opening_is_noted(alice: User, call: LLMCallLog) -> None:
    client = signed_in(alice)

    assert "lighthouse" not in client.get(address(call), secure=True).text
    assert not AuditEntry.objects.exists()
    page = client.get(address(call, "words/"), secure=True).text

    assert "What is on the lighthouse?" in page
    assert "Be &lt;b&gt;brief&lt;/b&gt;." in page
    assert "[data:image/png, 1,204 characters]" in page
    assert "Let me see." in page
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.team_id, entry.target_id) == ("call.read", call.team_id, str(call.pk))


def test_who_may_not_see_a_call_is_told_that_it_is_not_there(bob: User, call: LLMCallLog) -> None:
    client = signed_in(bob)

    for more in ("", "words/"):
        assert client.get(address(call, more), secure=True).status_code == 404
    missing = client.get(f"/operations/calls/{uuid.uuid4()}/", secure=True)
    assert missing.status_code == 404
    assert not AuditEntry.objects.exists()


def test_an_editor_of_the_team_sees_no_call_of_it(alice: User, bob: User) -> None:
    team = Team.objects.create(name="Shop")
    Membership.objects.create(team=team, user=bob, role=Role.EDITOR)

    assert signed_in(bob).get(address(call_of(alice, team=team)), secure=True).status_code == 404


def test_a_call_of_which_no_words_are_kept_says_so(alice: User) -> None:
    kept, temporary = call_of(alice), call_of(alice, metadata={"temporary": True})
    client = signed_in(alice)

    assert "not kept, or no longer" in client.get(address(kept), secure=True).text
    assert "temporary chat" in client.get(address(temporary, "words/"), secure=True).text


def test_the_turn_stands_on_one_time_axis_with_tries_and_tools(alice: User) -> None:
    turn, at = uuid.uuid4(), timezone.now()
    first = call_of(
        alice, turn_id=turn, created_at=at, duration_ms=1000, finish_reason="tool_calls", time_to_first_token_ms=250
    )
    CallAttempt.objects.create(call=first, number=1, started_at=at, duration_ms=300, error_type="rate_limited")
    CallAttempt.objects.create(call=first, number=2, started_at=at + timedelta(milliseconds=500), duration_ms=500)
    call_of(alice, turn_id=turn, created_at=at + timedelta(milliseconds=1500), duration_ms=500, model="a/second")

    found = turns.waterfall(LLMCallLog.objects.all(), first)

    assert found
    assert found.took_ms == 2000
    assert [(span.kind, span.start, span.width) for span in found.spans] == [
        ("success", 0.0, 50.0),
        ("try-error", 0.0, 15.0),
        ("try-success", 25.0, 25.0),
        ("tool", 50.0, 25.0),
        ("success", 75.0, 25.0),
    ]
    assert found.spans[0].first_width == 12.5


def test_a_turn_is_a_tree_of_nodes_calls_and_tools_with_what_each_took_and_cost(alice: User) -> None:
    turn, at = uuid.uuid4(), timezone.now()
    more: dict[str, Any] = {"turn_id": turn, "duration_ms": 100, "total_tokens": 50, "cost_usd": Decimal("0.02")}
    first = call_of(alice, node_id="find", created_at=at, finish_reason="tool_calls", **more)
    CallBody.objects.create(call=first, request={}, response={"tool_calls": [{"name": "look"}, {"name": "ask"}]})
    call_of(alice, feature="title", created_at=at + timedelta(milliseconds=150), **more | {"cost_usd": None})
    call_of(alice, node_id="find", created_at=at + timedelta(milliseconds=300), **more)

    found = turns.waterfall(LLMCallLog.objects.all(), first, names_tools=True)

    assert found
    assert [(span.kind, span.depth, span.note, span.tokens) for span in found.spans] == [
        ("node", 0, "", None),
        ("success", 1, "", 50),
        ("tool", 2, "look, ask", None),
        ("success", 1, "", 50),
        ("success", 0, "title", 50),
    ]
    assert (found.took_ms, found.tokens, found.cost_usd, found.unpriced) == (400, 150, Decimal("0.04"), 1)
    unread = turns.waterfall(LLMCallLog.objects.all(), first)
    assert unread
    assert [span.note for span in unread.spans if span.kind == "tool"] == [""]


def test_a_long_turn_is_shown_as_far_as_it_can_be_read(alice: User) -> None:
    turn = uuid.uuid4()
    rows = [
        LLMCallLog(model="a/b", status="success", user=alice, turn_id=turn, duration_ms=10, total_tokens=1)
        for _ in range(turns.MOST_OF_A_TURN + 5)
    ]
    LLMCallLog.objects.bulk_create(rows)

    found = turns.waterfall(LLMCallLog.objects.all(), rows[0])

    assert found
    assert (len(found.spans), found.is_all) == (turns.MOST_OF_A_TURN, False)


def test_a_turn_shows_no_call_of_a_team_that_is_not_open_to_the_reader(alice: User, bob: User) -> None:
    turn = uuid.uuid4()
    mine, foreign = call_of(alice, turn_id=turn), call_of(bob, turn_id=turn, model="secret/model")

    page = signed_in(alice).get(address(mine), secure=True).text

    assert "secret/model" not in page
    assert str(foreign.pk) not in page


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": None},
        {"messages": [None, 3, {"role": None, "content": 5}, {"content": [None, {"type": "odd"}]}]},
        {"messages": [{"role": "tool", "content": "x", "tool_call_id": 7, "tool_calls": [{"function": None}, 4]}]},
        {"tools": [{"function": {"name": 1}}, "x"]},
        {"truncated": True, "start": "{"},
    ],
)
def test_a_body_of_any_shape_can_be_read(alice: User, body: dict[str, Any]) -> None:
    call = call_of(alice)
    CallBody.objects.create(call=call, request=body, response={"tool_calls": "none", "text": None})

    assert signed_in(alice).get(address(call, "words/"), secure=True).status_code == 200
