"""The offline demo model, on the path of every other one."""

import time
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from llm_service import client, errors
from llm_service.fakes import FakeServer
from llm_service.parts import Part, ReasoningPart, TextPart, ToolCallPart
from llm_service.tests.conftest import Logs

pytestmark = pytest.mark.usefixtures("offline")
TIME = [{"type": "function", "function": {"name": "current_time", "parameters": {"type": "object", "properties": {}}}}]


@pytest.fixture
def offline(no_providers: None, served: FakeServer, settings: Settings) -> None:
    settings.LLM_DEMO_TOKENS_PER_SECOND = 0
    settings.LLM_MAX_RETRIES = 0


async def ask(*texts: str, **more: Any) -> tuple[str, list[Part], client.ReplyStream]:
    messages = more.pop("messages", None) or [{"role": "user", "content": text} for text in texts]
    async with client.stream(model="demo/parley", messages=messages, **more) as reply:
        parts = [part async for part in reply]
    return "".join(part.text for part in parts if isinstance(part, TextPart)), parts, reply


async def test_it_says_what_it_is_and_how_to_add_a_key():
    text, _, reply = await ask("Hello")

    assert "demo model" in text
    assert "OPENAI_API_KEY" in text
    assert (reply.finish_reason, reply.usage.usage_source, reply.usage.cost_source) == ("stop", "exact", "table")
    assert reply.usage.output_tokens


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        ("show me some markdown", "> A quote"),
        ("write python code", "```python"),
        ("some JavaScript please", "```js"),
        ("show a table", "| Planet |"),
        ("show maths", r"\frac"),
        ("what is the time?", "none was offered"),
        ("How do I get to Rome?", "You wrote 6 words"),
        ("¿Qué tal? 你好 👋", "You wrote 4 words"),
    ],
)
async def test_it_shows_what_it_is_asked_for(prompt: str, shown: str):
    text, _, _ = await ask(prompt)

    assert shown in text


@pytest.mark.parametrize(
    ("prompt", "shown", "hidden"),
    [
        ("show me a table and some maths", ["| Planet |", r"\frac"], "```"),
        ("some maths, then a table", [r"\frac", "| Planet |"], "```"),
        ("Python, JavaScript and markdown", ["```python", "```js", "> A quote"], r"\frac"),
        ("a JavaScript function", ["```js"], "```python"),
        ("think about a table, then show maths", ["thought about a table", r"\frac"], "| Planet |"),
        ("a table, a table and a spreadsheet", ["| Planet |"], "```"),
    ],
)
async def test_it_shows_each_thing_asked_for_once_and_in_that_order(prompt: str, shown: list[str], hidden: str):
    text, _, _ = await ask(prompt)

    places = [text.find(one) for one in shown]
    assert -1 not in places
    assert places == sorted(places)
    assert hidden not in text
    assert text.count("| Planet |") <= 1


async def test_a_tool_is_called_in_its_turn():
    asked = "show a table, the time and some maths"
    before, parts, _ = await ask(asked, tools=TIME)
    call_id = next(part.call_id for part in parts if isinstance(part, ToolCallPart))
    call = {"id": call_id, "type": "function", "function": {"name": "current_time", "arguments": "{}"}}
    after, _, _ = await ask(
        messages=[
            {"role": "user", "content": asked},
            {"role": "assistant", "content": before, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": call_id, "content": "Friday, 12:34:56 UTC"},
        ],
        tools=TIME,
    )

    assert before.startswith("Three planets")
    assert r"\frac" not in before
    assert after.startswith("The tool answered: **Friday, 12:34:56 UTC**")
    assert "keeps UTC" in after
    assert r"\frac" in after
    assert "Three planets" not in after


async def test_a_long_reply_is_long():
    text, _, _ = await ask("a long story")

    assert len(text) > 3000


async def test_it_thinks_before_it_answers():
    text, parts, reply = await ask("Think about tea")

    assert isinstance(parts[0], ReasoningPart)
    assert "tea" in text
    assert reply.usage.reasoning_tokens


async def test_it_calls_a_tool_for_the_time_and_uses_its_answer():
    _, parts, reply = await ask("What time is it?", tools=TIME)
    [first, *rest] = [part for part in parts if isinstance(part, ToolCallPart)]
    assert (first.name, "".join(part.arguments for part in rest), reply.finish_reason) == (
        "current_time",
        "{}",
        "tool_calls",
    )

    call = {"id": first.call_id, "type": "function", "function": {"name": "current_time", "arguments": "{}"}}
    text, _, _ = await ask(
        messages=[
            {"role": "user", "content": "What time is it?"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": first.call_id, "content": "12:34"},
        ],
        tools=TIME,
    )
    assert "12:34" in text


async def test_it_fails_on_request(transactional_db: None):
    with pytest.raises(errors.Overloaded):
        await ask("show an error")


async def test_after_an_error_it_answers_what_is_asked_next():
    text, *_ = await ask("show an error\n\nwrite some python code")

    assert "```python" in text


async def test_it_goes_on_where_it_was_stopped():
    whole, *_ = await ask("a long reply, please")
    conversation = [
        {"role": "user", "content": "a long reply, please"},
        {"role": "assistant", "content": whole[:200]},
        {"role": "user", "content": "Your last answer was cut off. Go on from exactly where it ends."},
    ]
    rest, *_ = await ask(messages=conversation)

    assert whole[:200] + rest == whole


def test_a_request_for_a_title_gets_a_short_one():
    response = client.completion(
        model="demo/parley",
        messages=[
            {"role": "system", "content": "Write a short title for this chat."},
            {"role": "user", "content": "how do I brew green tea without making it bitter?"},
        ],
    )

    assert response.choices[0].message.content == "How do I brew green tea"


async def test_its_speed_is_a_setting(settings: Settings):
    settings.LLM_DEMO_TOKENS_PER_SECOND = 100
    began = time.monotonic()
    _, parts, _ = await ask("thanks")

    assert time.monotonic() - began >= (len(parts) - 1) / 100 * 0.9


def test_its_sync_stream_leaves_one_exact_log(logs: Logs):
    chunks = list(client.completion(model="demo/parley", messages=[{"role": "user", "content": "thanks"}], stream=True))

    assert "welcome" in "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    [log] = logs()
    assert (log.status, log.usage_source, log.cost_source) == ("success", "exact", "table")
    assert log.cost_usd == 0
