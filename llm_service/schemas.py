"""JSON schemas: whether one is sound, and what is wrong with a value. Schemas may be people's, so nothing is fetched
for them, their expressions are searched within a time, and their references are followed a bounded number of times.
"""

import contextvars
import functools
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from lib import patterns

MOST_BYTES = 64 * 1024
MOST_STEPS = 20_000
MOST_TOLD = 3
LONGEST_TOLD = 300

_steps: contextvars.ContextVar[list[int]] = contextvars.ContextVar("steps")


class SchemaInvalid(ValueError):
    """The schema itself is wrong; the text says how."""


class TooDeep(Exception):
    """References lead on and on."""


def check(schema: Mapping[str, Any]) -> None:
    """Raise SchemaInvalid for what is no JSON schema, or too large."""
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415  heavy

    try:
        size = len(orjson.dumps(schema))
    except TypeError as error:
        raise SchemaInvalid(f"The schema is not JSON: {error}") from None
    if size > MOST_BYTES:
        raise SchemaInvalid(f"The schema has {size:,} bytes; at most {MOST_BYTES:,} are allowed.")
    try:
        _validator_class().check_schema(dict(schema))
    except SchemaError as error:
        raise SchemaInvalid(f"The schema is not valid: {_told(error)}") from None


def complaint(schema: Mapping[str, Any], value: Any) -> str:
    """Say what of a value does not follow the schema, as a model can mend it; empty where all does."""
    from referencing import Registry  # noqa: PLC0415  heavy, comes with jsonschema
    from referencing.exceptions import Unresolvable  # noqa: PLC0415  the same

    # With a registry of its own that holds nothing, no reference is looked up on the network.
    validator = _validator_class()(dict(schema), registry=Registry())
    _steps.set([0])
    try:
        errors = list(itertools.islice(validator.iter_errors(value), MOST_TOLD))
    except (TooDeep, RecursionError):
        return "The schema leads round in circles, so nothing can follow it."
    except Unresolvable as error:
        return f"The schema names something that is not there: {str(error)[:LONGEST_TOLD]}"
    return "\n".join(_told(error) for error in errors)


def is_strict(schema: Any) -> bool:
    """Whether vendors that take only closed schemas take this one: each object names all it may hold and must."""
    if isinstance(schema, list):
        return all(is_strict(entry) for entry in schema)
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(properties):
            return False
    return all(is_strict(value) for value in schema.values())


def _told(error: Any) -> str:
    return f"{error.json_path}: {error.message[:LONGEST_TOLD]}"


@functools.cache
def _validator_class() -> Any:
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415  heavy

    follow = Draft202012Validator.VALIDATORS["$ref"]

    def counted(validator: Any, reference: Any, instance: Any, schema: Any) -> Iterator[Any]:
        steps = _steps.get([0])
        steps[0] += 1
        if steps[0] > MOST_STEPS:
            raise TooDeep
        yield from follow(validator, reference, instance, schema)

    bounded = {
        "$ref": counted,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "unevaluatedProperties": _not_looked_at,  # it searches for expressions without a bound, and hardly any has it
    }
    return validators.extend(Draft202012Validator, bounded)


def _pattern(validator: Any, expression: str, instance: Any, schema: Any) -> Iterator[Any]:
    if isinstance(instance, str) and not _is_in(expression, instance):
        yield _error(f"{instance[:100]!r} does not match {expression!r}")


def _pattern_properties(validator: Any, properties: dict[str, Any], instance: Any, schema: Any) -> Iterator[Any]:
    if not isinstance(instance, dict):
        return
    for expression, subschema in properties.items():
        for name, value in instance.items():
            if _is_in(expression, name):
                yield from validator.descend(value, subschema, path=name, schema_path=expression)


def _additional_properties(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if not isinstance(instance, dict):
        return
    named, expressions = schema.get("properties", {}), schema.get("patternProperties", {})
    extras = [name for name in instance if name not in named and not any(_is_in(each, name) for each in expressions)]
    if wanted is False and extras:
        yield _error(f"Additional properties are not allowed: {', '.join(map(repr, extras[:10]))}")
    elif isinstance(wanted, dict):
        for name in extras:
            yield from validator.descend(instance[name], wanted, path=name)


def _not_looked_at(*_: Any) -> Iterator[Any]:
    return iter(())


def _is_in(expression: str, text: str) -> bool:
    try:
        return patterns.Pattern(expression).is_in(text)
    except (patterns.Unusable, patterns.TookTooLong):
        return False


def _error(message: str) -> Any:
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415  heavy

    return ValidationError(message)
