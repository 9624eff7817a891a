"""What the demo model answers where a JSON schema is asked for: the plainest value that follows it."""

from typing import Any

import orjson

from llm_service.structured_words import ASK

DEEPEST = 8
FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "email": "someone@example.com",
    "uri": "https://example.com/",
}


def schema_in(words: str) -> dict[str, Any] | None:
    """Return the schema that an instruction ends with."""
    _, asked, schema = words.partition(ASK)
    if not asked:
        return None
    try:
        found = orjson.loads(schema)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def sample_of(schema: Any, whole: Any = None, depth: int = 0) -> Any:
    whole = schema if whole is None else whole
    if not isinstance(schema, dict) or depth > DEEPEST:
        return None
    if "$ref" in schema:
        return sample_of(_at(str(schema["$ref"]), whole), whole, depth + 1)
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    for name in ("enum", "examples"):
        if schema.get(name):
            return schema[name][0]
    for name in ("anyOf", "oneOf", "allOf"):
        if schema.get(name):
            return sample_of(schema[name][0], whole, depth + 1)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    return _of_kind(kind[0] if isinstance(kind, list) else kind, schema, whole, depth)


def _of_kind(kind: str, schema: dict[str, Any], whole: Any, depth: int) -> Any:
    match kind:
        case "object":
            return {name: sample_of(value, whole, depth + 1) for name, value in schema.get("properties", {}).items()}
        case "array":
            count = max(1, int(schema.get("minItems", 1))) if schema.get("maxItems", 1) else 0
            return [sample_of(schema.get("items", {}), whole, depth + 1)] * min(count, 10)
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case "null":
            return None
    text: str = FORMATS.get(schema.get("format", ""), "demo")
    return text.ljust(int(schema.get("minLength", 0)), ".")[: int(schema.get("maxLength", 1_000))]


def _at(reference: str, whole: Any) -> Any:
    found = whole
    for step in reference.removeprefix("#/").split("/"):
        found = found.get(step) if isinstance(found, dict) else None
    return found
