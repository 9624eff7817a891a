"""Whatever a model asks of a tool, it gets an answer, and a broken tool breaks nothing else."""

import asyncio
import time
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from llm_service import schemas, tools
from llm_service.tools import Outcome, Tool

TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "additionalProperties": False}


async def echo(arguments: dict[str, Any]) -> str:
    return str(arguments.get("text", ""))


async def break_down(arguments: dict[str, Any]) -> str:
    raise KeyError("secret detail")


async def refuse(arguments: dict[str, Any]) -> str:
    raise tools.ToolFailed("Not on a Sunday.")


async def never_end(arguments: dict[str, Any]) -> str:
    await asyncio.Event().wait()
    return ""


def sleep_soundly(arguments: dict[str, Any]) -> str:
    time.sleep(0.5)
    return ""


def count_people(arguments: dict[str, Any]) -> dict[str, int]:
    return {"people": get_user_model().objects.count()}


def toolbox() -> dict[str, Tool]:
    runs = {
        "echo": echo,
        "broken": break_down,
        "refuses": refuse,
        "endless": never_end,
        "sleeper": sleep_soundly,
        "people": count_people,
    }
    return {name: Tool(name, name.title(), "For tests.", TEXT, run, timeout=0.05) for name, run in runs.items()}


@pytest.mark.parametrize(
    ("name", "arguments", "outcome"),
    [
        ("echo", '{"text": "hi"}', Outcome("hi", None)),
        ("echo", "", Outcome("", None)),
        ("echo", "{}", Outcome("", None)),
        ("echo", '{"text":', Outcome(None, "The arguments are not valid JSON.")),
        ("echo", "[1]", Outcome(None, "The arguments must be a JSON object.")),
        ("echo", "null", Outcome(None, "The arguments must be a JSON object.")),
        ("nothing", "{}", Outcome(None, "There is no tool named nothing.")),
        ("broken", "{}", Outcome(None, "The tool did not work.")),
        ("refuses", "{}", Outcome(None, "Not on a Sunday.")),
        ("endless", "{}", Outcome(None, "The tool took longer than 0.05 seconds and was given up.")),
        ("sleeper", "{}", Outcome(None, "The tool took longer than 0.05 seconds and was given up.")),
    ],
)
async def test_whatever_a_model_asks_a_tool_it_gets_an_answer(name: str, arguments: str, outcome: Outcome) -> None:
    assert await tools.call(toolbox(), name, arguments) == outcome


async def test_arguments_that_do_not_follow_the_schema_are_told_where(db: None) -> None:
    outcome = await tools.call(toolbox(), "echo", '{"text": 5, "more": true}')

    assert outcome.error and "$.text: 5 is not of type 'string'" in outcome.error
    assert "not allowed: 'more'" in outcome.error
    assert outcome.told.startswith("Error: ")


@pytest.mark.django_db(transaction=True)
async def test_a_plain_function_may_use_the_database_and_answer_with_json(alice: object) -> None:
    people = Tool("people", "People", "Counts.", TEXT, count_people)

    assert await tools.call({"people": people}, "people", "{}") == Outcome('{"people":1}', None)


async def test_of_a_long_result_the_middle_is_left_out() -> None:
    long = Tool("long", "Long", "", TEXT, lambda arguments: "a" * 30_000 + "z" * 30_000)

    result = (await tools.call({"long": long}, "long", "{}")).result

    assert result and len(result) < tools.MOST_CHARACTERS + 100
    assert result.startswith("aaa") and result.endswith("zzz") and "40,000 characters left out" in result


async def test_the_clock_knows_time_zones_and_says_which_it_does_not() -> None:
    clock = tools.registered()

    assert ((await tools.call(clock, "current_time", '{"timezone": "Asia/Tokyo"}')).result or "").endswith("JST")
    for zone in ("Mars/Base", "../../etc/passwd"):
        outcome = await tools.call(clock, "current_time", f'{{"timezone": "{zone}"}}')
        assert outcome.error == f"{zone} is not a time zone."


def test_a_tool_is_registered_once_with_a_sound_schema() -> None:
    with pytest.raises(ValueError, match="a tool named current_time already"):
        tools.register(Tool("current_time", "Clock", "", TEXT, echo))
    with pytest.raises(schemas.SchemaInvalid):
        tools.register(Tool("odd", "Odd", "", {"type": "nonsense"}, echo))


# --- Schemas


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"$ref": "#"}, 1),
        ({"$ref": "http://127.0.0.1:9/schema.json"}, 1),
        ({"$ref": "#/$defs/missing"}, 1),
        ({"pattern": "^(a+)+$"}, "a" * 40 + "!"),
        ({"patternProperties": {"^(a+)+$": False}, "additionalProperties": False}, {"a" * 40 + "!": 1}),
    ],
)
def test_no_schema_of_a_person_leads_far_or_takes_long(schema: dict[str, Any], value: Any) -> None:
    began = time.monotonic()

    assert schemas.complaint(schema, value)
    assert time.monotonic() - began < 10


def test_references_that_double_at_each_step_are_given_up() -> None:
    steps = {f"s{n}": {"allOf": [{"$ref": f"#/$defs/s{n + 1}"}] * 2} for n in range(40)}
    schema = {"$defs": {**steps, "s40": {}}, "$ref": "#/$defs/s0"}

    assert "circles" in schemas.complaint(schema, 1)


@pytest.mark.parametrize("schema", [{"type": 5}, {"enum": "x"}, {"description": "x" * 70_000}, {"a": object()}])
def test_an_unsound_schema_is_refused_in_words(schema: dict[str, Any]) -> None:
    with pytest.raises(schemas.SchemaInvalid, match="schema"):
        schemas.check(schema)


def test_only_closed_schemas_are_strict() -> None:
    closed = {
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"type": "string"}}},
        "required": ["a"],
        "additionalProperties": False,
    }

    assert schemas.is_strict(closed)
    assert not schemas.is_strict({**closed, "required": []})
    assert not schemas.is_strict({**closed, "properties": {"a": {"type": "object"}}})
