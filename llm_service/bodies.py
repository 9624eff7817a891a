"""What of a call's content is kept: plain JSON of bounded size, no keys."""

import re
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from llm_service.call_logs import Record

MAX_BODY = 256 * 1024
MAX_TEXT = 64 * 1024
MAX_METADATA = 16 * 1024
SECRET = ("api_key", "apikey", "token", "secret", "password", "authorization", "credential", "headers")
HIDDEN = "[hidden]"
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")  # an escape, not an escaped backslash before these letters


def of(record: "Record") -> dict[str, Any]:
    """Return the request and response columns of a CallBody."""
    request = record.request
    response: dict[str, Any] = {"text": record.text}
    if record.reasoning:
        response["reasoning"] = record.reasoning
    if record.tool_calls:
        response["tool_calls"] = [
            {"id": call.call_id, "name": call.name, "arguments": call.arguments} for call in record.tool_calls
        ]
    return {
        "request": bounded(
            {
                "model": request.model,
                "messages": _without_pictures(request.messages),
                **_without_secrets(request.params),
            }
        ),
        "response": bounded(response),
    }


def bounded(value: dict[str, Any]) -> Any:
    """Return a JSON copy of at most MAX_BODY bytes: long texts first lose their middle, then the end goes."""
    data = _dumps(value)
    if len(data) > MAX_BODY:
        data = _dumps(_shortened(orjson.loads(data)))
    if len(data) > MAX_BODY:
        return {"truncated": True, "bytes": len(data), "start": clean(data[:MAX_TEXT].decode("utf-8", "ignore"))}
    return orjson.loads(_without_nul(data))


def plain(value: dict[str, Any]) -> Any:
    """Return metadata as JSON, whatever it holds."""
    data = _dumps(value)
    return orjson.loads(_without_nul(data)) if len(data) <= MAX_METADATA else {"truncated": True}


def preview(messages: list[dict[str, Any]], length: int) -> str:
    """Return the start of the last user message."""
    for message in reversed(messages):
        if isinstance(message, dict) and message.get("role") == "user":
            content = message.get("content")
            if isinstance(content, list):
                content = " ".join(str(block.get("text", "")) for block in content if isinstance(block, dict))
            return clean(str(content or "")[:length])
    return ""


def indented(value: object) -> str:
    """Return JSON for people."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()


def clean(text: str) -> str:
    """Postgres stores no NUL, and no half of a surrogate pair."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _without_secrets(params: dict[str, Any]) -> dict[str, Any]:
    return {
        name: HIDDEN if any(word in name.lower() for word in SECRET) and not name.startswith("max_") else value
        for name, value in params.items()
    }


def _without_pictures(messages: list[dict[str, Any]]) -> list[Any]:
    """Say how large a picture was in place of it: the person's file is where it can be looked at, and erased."""

    def in_words(block: Any) -> Any:
        if not isinstance(block, dict) or block.get("type") != "image_url":
            return block
        url = str((block.get("image_url") or {}).get("url", ""))
        if not url.startswith("data:"):
            return block
        return {"type": "image_url", "image_url": {"url": f"[{url.partition(',')[0]}, {len(url):,} characters]"}}

    return [
        {**message, "content": [in_words(block) for block in message["content"]]}
        if isinstance(message, dict) and isinstance(message.get("content"), list)
        else message
        for message in messages
    ]


def _dumps(value: object) -> bytes:
    try:
        return orjson.dumps(value, default=repr, option=orjson.OPT_NON_STR_KEYS)
    except (TypeError, orjson.JSONEncodeError):
        # Half of a surrogate pair, or nesting without end.
        return orjson.dumps({"unreadable": clean(repr(value)[:MAX_TEXT])})


def _without_nul(data: bytes) -> bytes:
    return _NUL.sub(rb"\1", data) if b"\\u0000" in data else data


def _shortened(value: Any) -> Any:
    if isinstance(value, str):
        if len(value) <= 4000:
            return value
        return f"{value[:2000]} [... {len(value) - 3000} characters left out ...] {value[-1000:]}"
    if isinstance(value, list):
        return [_shortened(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _shortened(entry) for key, entry in value.items()}
    return value
