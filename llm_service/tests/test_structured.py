"""Answers that follow a schema: over every wire format, mended once, and else a clear error with the text."""

from typing import Any

import orjson
import pytest

from llm_service import errors, schemas, structured
from llm_service.demo_samples import sample_of
from llm_service.fakes import FakeServer
from llm_service.parts import TextPart
from llm_service.structured import Structured
from llm_service.tests.conftest import Logs
from llm_service.tests.test_tool_rounds import Probe
from llm_service.tool_rounds import Spent
from realtime.bridge import in_db

SCHEMA = {
    "type": "object",
    "properties": {"message": {"type": "string"}, "number": {"type": "integer"}},
    "required": ["message", "number"],
    "additionalProperties": False,
}
RIGHT = {"message": "hello", "number": 7}


def asking(model: str, text: str = "hi", **more: Any) -> dict[str, Any]:
    return {
        "model": model,
        "messages": [{"role": "user", "content": text}],
        "schema": SCHEMA,
        "spent": Spent(),
        **more,
    }


@pytest.mark.parametrize(
    "model", ["openai/fake-json", "hosted_vllm/fake-json", "anthropic/fake-json", "openai/responses/fake-json"]
)
async def test_an_answer_is_parsed_over_every_wire_format(model: str, vendor: FakeServer):
    assert (await structured.ask(**asking(model))).value == RIGHT
    assert len(vendor.seen) == 1


@pytest.mark.parametrize(
    ("model", "where"),
    [
        ("openai/gpt-4o-mini", "response_format"),
        ("openai/responses/gpt-5.4", "text"),
        ("hosted_vllm/fake", "response_format"),
    ],
)
async def test_a_model_that_can_be_held_to_a_schema_is(model: str, where: str, vendor: FakeServer):
    await structured.ask(**asking(model, "[[fake json]]", schema_name="a greeting"))

    asked = vendor.seen[0].body[where]
    form = asked["format"] if where == "text" else asked["json_schema"]
    assert (form["schema"], form["name"], form["strict"]) == (SCHEMA, "a_greeting", True)
    assert "schema" not in str(vendor.seen[0].body.get("messages", ""))


async def test_any_other_model_is_asked_in_words(vendor: FakeServer):
    await structured.ask(**asking("openai/fake-json"))

    body = vendor.seen[0].body
    assert "response_format" not in body
    assert orjson.loads(body["messages"][0]["content"].partition("schema:\n")[2]) == SCHEMA


async def test_an_answer_that_does_not_fit_is_mended_once_in_a_call_of_its_own(vendor: FakeServer, logs: Logs):
    asked = asking("openai/fake-json-wrong1", metadata={"feature": "test"})

    assert (await structured.ask(**asked)).value == RIGHT

    complaint = vendor.seen[1].body["messages"][-1]["content"]
    assert "$.number: 'seven' is not of type 'integer'" in complaint
    first, second = await in_db(logs)
    assert second.metadata["repair_of"] == str(first.id)
    assert [first.status, second.status] == ["success", "success"]
    assert [call.output_tokens for call in asked["spent"].calls] == [4, 4]


async def test_an_answer_that_cannot_be_mended_is_an_error_with_its_text(vendor: FakeServer):
    with pytest.raises(errors.InvalidAnswer) as caught:
        await structured.ask(**asking("openai/fake-json-wrong9"))

    assert caught.value.text == '{"message": "hello", "number": "seven"}'
    assert "$.number" in caught.value.detail
    assert len(vendor.seen) == 2


async def test_an_answer_that_was_cut_off_is_not_asked_for_again(vendor: FakeServer):
    with pytest.raises(errors.InvalidAnswer, match="cut off"):
        await structured.ask(**asking("openai/fake-3t-length"))

    assert len(vendor.seen) == 1


async def test_a_server_that_refuses_schemas_is_asked_in_words(vendor: FakeServer):
    answer = await structured.ask(**asking("hosted_vllm/fake-json-noschema"))

    assert answer.value == RIGHT
    assert ["response_format" in seen.body for seen in vendor.seen] == [True, False]


async def test_a_stream_is_shown_as_it_comes_and_ends_with_what_it_says(vendor: FakeServer):
    parts = [part async for part in structured.stream(**asking("openai/fake-json"))]

    assert "".join(part.text for part in parts if isinstance(part, TextPart)) == '{"message": "hello", "number": 7}'
    assert isinstance(parts[-1], Structured)


async def test_tools_may_be_used_before_the_answer(vendor: FakeServer):
    probe = Probe()

    answer = await structured.ask(**asking("openai/fake-json-tools-once", offered=probe.tools))

    assert answer.value == RIGHT
    assert len(probe.seen) == 2


async def test_an_unsound_schema_is_refused_before_anything_is_sent(vendor: FakeServer):
    with pytest.raises(schemas.SchemaInvalid):
        await structured.ask(**asking("openai/fake-json", schema={"type": "nonsense"}))

    assert vendor.seen == []


async def test_the_demo_model_answers_in_any_form(no_providers: None, settings: Any):
    settings.LLM_DEMO_TOKENS_PER_SECOND = 0

    answer = await structured.ask(**asking("demo/parley"))

    assert answer.value == {"message": "demo", "number": 1}


@pytest.mark.parametrize(
    "text",
    [
        '{"message": "hello", "number": 7}',
        'Here it is:\n```json\n{"message": "hello", "number": 7}\n```\nAnything else?',
        '  {"message": "hello", "number": 7} I hope this helps {you}.',
        'Sure! {"message": "hello", "number": 7}',
    ],
)
def test_json_is_found_among_words(text: str):
    assert structured._json_in(text) == RIGHT


@pytest.mark.parametrize("text", ["", "no", "{broken", "[" * 100_000, '{"a": NaN}', "```json\n{]\n```"])
def test_what_is_no_json_is_said_to_be_none(text: str):
    with pytest.raises(structured._Unfit):
        structured._json_in(text)


@pytest.mark.parametrize(
    "schema",
    [
        {"$defs": {"a": {"enum": ["x"]}}, "type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}},
        {"type": "array", "items": {"type": "string", "minLength": 20}, "minItems": 2},
        {"anyOf": [{"type": "null"}, {"type": "string"}]},
        {"type": ["boolean", "null"]},
        {"type": "number", "exclusiveMinimum": 3},
    ],
)
def test_a_sample_follows_its_schema(schema: dict[str, Any]):
    assert schemas.complaint(schema, sample_of(schema)) == ""
