"""The vocabulary: every class survives the wire, nothing but its fields is taken, and the server really says it."""

import ast
import types
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

import pytest
from django.conf import settings
from pydantic import BaseModel, TypeAdapter, ValidationError

from realtime import events

AT = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
PLAIN: dict[Any, Any] = {
    UUID: UUID(int=7),
    str: "text \u2028 \U0001f600 \"'<&",
    int: 3,
    float: 1.5,
    bool: True,
    Decimal: Decimal("0.000123"),
    datetime: AT,
    Any: {"any": [1, None]},
}
# Their senders come with the rooms that need them.
NOT_YET_SAID = {"NodeStarted", "NodeCompleted", "MessageDeleted"}


def members(union: Any) -> list[type[BaseModel]]:
    return list(get_args(get_args(union)[0]))


SERVER = members(events.ServerEvent)
CLIENT = members(events.ClientCommand)


def sample(annotation: Any) -> Any:
    """Return a value of an annotation: the first of a choice, never None."""
    if annotation in PLAIN:
        return PLAIN[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return sample(arguments[0])
    if origin is Literal:
        return arguments[0]
    if origin in (Union, types.UnionType):
        return sample(next(one for one in arguments if one is not type(None)))
    if origin is list:
        return [sample(arguments[0])]
    if origin is dict:
        return {"key": sample(arguments[1])}
    return filled(annotation)


def filled(kind: type[BaseModel]) -> BaseModel:
    return kind(**{name: sample(one.annotation) for name, one in kind.model_fields.items()})


def adapter(kind: type[BaseModel]) -> TypeAdapter[Any]:
    return events.SERVER_EVENT if kind in SERVER else events.CLIENT_COMMAND


@pytest.mark.parametrize("kind", [*SERVER, *CLIENT], ids=lambda kind: kind.__name__)
def test_an_event_comes_out_of_the_wire_as_it_went_in(kind: type[BaseModel]) -> None:
    event = filled(kind)

    back = adapter(kind).validate_json(event.model_dump_json())

    assert type(back) is kind
    assert back == event


@pytest.mark.parametrize("kind", [*SERVER, *CLIENT], ids=lambda kind: kind.__name__)
def test_a_field_that_is_not_in_the_contract_is_refused(kind: type[BaseModel]) -> None:
    value = {**filled(kind).model_dump(mode="json"), "surprise": 1}

    with pytest.raises(ValidationError, match="surprise"):
        adapter(kind).validate_python(value)


@pytest.mark.parametrize("kind", [*SERVER, *CLIENT], ids=lambda kind: kind.__name__)
def test_an_event_never_changes_once_it_is_made(kind: type[BaseModel]) -> None:
    event = filled(kind)

    with pytest.raises(ValidationError, match="frozen"):
        event.type = "other"  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", [*SERVER, *CLIENT], ids=lambda kind: kind.__name__)
def test_every_class_says_in_a_line_what_it_means(kind: type[BaseModel]) -> None:
    assert kind.__doc__ and kind.__doc__.strip().splitlines()[0].endswith(".")


def test_types_are_all_different() -> None:
    types_ = [kind.model_fields["type"].default for kind in (*SERVER, *CLIENT)]

    assert len(set(types_)) == len(types_)


def test_events_of_a_turn_say_which_turn_and_where_in_it() -> None:
    for kind in get_args(events.TurnEvent):
        assert {"turn_id", "seq"} <= set(kind.model_fields), kind


def test_events_of_a_thread_and_ends_of_turns_say_which_rev() -> None:
    for kind in (*get_args(events.ThreadEvent), *get_args(events.TerminalEvent)):
        assert {"thread_id", "rev"} <= set(kind.model_fields), kind


def test_an_unknown_cost_stays_unknown() -> None:
    usage = events.Usage.model_validate_json(events.Usage().model_dump_json())

    assert usage.cost_usd is None


def test_a_cost_keeps_every_digit() -> None:
    usage = events.Usage(cost_usd=Decimal("0.000000123456"))

    assert events.Usage.model_validate_json(usage.model_dump_json()).cost_usd == usage.cost_usd


def said_in(path: Path) -> set[str]:
    """Return the names that are called in a module, `events.Final(...)` as `Final`."""
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return {one.attr for one in calls if isinstance(one, ast.Attribute)}


def test_the_server_says_every_event_somewhere() -> None:
    rooms = [Path(settings.BASE_DIR) / name for name in ("realtime", "teams", "bots", "llm_chat")]
    files = [path for room in rooms for path in room.rglob("*.py") if "tests" not in path.parts]
    said = set().union(*(said_in(path) for path in files))
    # The runner holds the two kinds of deltas in a variable.
    source = "".join(path.read_text() for path in files)
    said |= {name for name in ("TextDelta", "ReasoningDelta") if f"self._add(events.{name}" in source}

    silent = {kind.__name__ for kind in SERVER} - said

    assert silent == NOT_YET_SAID
