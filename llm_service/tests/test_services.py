"""The plain door: whole answers and named events, and, with TEST_APIS=True, real vendors behind it."""

import os
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from llm_service import catalogue
from llm_service.fakes import FakeServer
from llm_service.services import CallResult, LLMService
from llm_service.tests.conftest import Logs
from llm_service.tests.test_structured import RIGHT, SCHEMA
from llm_service.tools import CURRENT_TIME, Tool
from teams.actions import personal_team

SECRET = Tool("get_secret_number", "Secret", "The secret number.", {"type": "object"}, lambda arguments: "4711")


def test_a_call_returns_its_text_its_json_and_its_log(vendor: FakeServer, alice: User, logs: Logs):
    result = LLMService().call_llm(
        user_prompt="Say hello", json_schema=SCHEMA, schema_name="greeting", user=alice, model="openai/fake-json"
    )

    assert result.parsed_json == RIGHT
    log = result.call_log
    assert (log.user, log.status, log.feature) == (alice, "success", "service")
    assert vendor.seen[0].body["messages"][-1] == {"role": "user", "content": "Say hello"}


def test_a_stream_yields_named_events_and_ends_with_final(vendor: FakeServer, alice: User, logs: Logs):
    events = list(
        LLMService().call_llm_stream(
            user_prompt="hi",
            model="openai/fake-3t-reason",
            user=alice,
            team=personal_team(alice),
            system_prompt="Be kind.",
        )
    )

    texts = [event.delta for name, event in events if name == "response.output_text.delta"]
    assert "".join(texts) == "amber0 birch1 cedar2 "
    assert events[0][0] == "response.reasoning_text.delta"
    name, final = events[-1]
    result: CallResult = final["call_log"]
    assert (name, result.text, result.parsed_json) == ("final", "amber0 birch1 cedar2 ", None)
    assert result.reasoning == "First, look at the question. "
    assert result.call_log.team == personal_team(alice)
    assert vendor.seen[0].body["messages"][0] == {"role": "system", "content": "Be kind."}


def test_tools_run_on_the_way(vendor: FakeServer, logs: Logs):
    service = LLMService()
    tools = [CURRENT_TIME, Tool("search", "Search", "", {"type": "object"}, lambda arguments: "found")]

    events = list(service.call_llm_stream(user_prompt="hi", tools=tools, model="openai/fake-1t-tools-once"))

    names = [name for name, _ in events]
    assert names.count("response.tool_call.started") == names.count("response.tool_call.completed") == 2
    assert {done.name: done.result for done in events[-1][1]["call_log"].tools}["search"] == "found"


def test_retries_can_be_set_for_a_call(vendor: FakeServer, logs: Logs):
    assert LLMService().call_llm(user_prompt="hi", model="openai/fake-1t-status500x3", retries=3).text == "amber0 "

    [log] = logs()
    assert log.retry_count == 3


def test_leaving_a_stream_early_hangs_up(vendor: FakeServer, logs: Logs):
    events = LLMService().call_llm_stream(user_prompt="hi", model="openai/fake-900t-100r")
    next(events)
    events.close()  # type: ignore[attr-defined]  # a generator

    [log] = logs()
    assert log.status == "cancelled"


# --- Real vendors

LIVE = [
    (vendor, f"{name}/{vendor.models[-1]}")
    for name, vendor in catalogue.VENDORS.items()
    if vendor.keys and vendor.models and any(os.environ.get(key, "").strip() for key in vendor.keys)
]


@pytest.mark.live
@pytest.mark.parametrize(("vendor", "model"), LIVE, ids=[model for _, model in LIVE])
@pytest.mark.parametrize("streams", [True, False])
def test_a_vendor_answers_with_tools_in_a_form(
    vendor: catalogue.Vendor, model: str, streams: bool, alice: User, logs: Logs
):
    schema = {
        "type": "object",
        "properties": {"secret": {"type": "integer"}},
        "required": ["secret"],
        "additionalProperties": False,
    }
    asked: dict[str, Any] = {
        "user_prompt": "Get the secret number with your tool, then answer with it.",
        "json_schema": schema,
        "schema_name": "result",
        "tools": [SECRET],
        "user": alice,
        "model": model,
    }

    if streams:
        events = list(LLMService().call_llm_stream(**asked))
        assert "response.output_text.delta" in [name for name, _ in events]
        result = events[-1][1]["call_log"]
    else:
        result = LLMService().call_llm(**asked)

    assert result.parsed_json == {"secret": 4711}
    assert [done.name for done in result.tools] == ["get_secret_number"]
    assert result.call_log.usage_source == "exact"
    assert (result.call_log.cost_usd or Decimal(0)) > 0
