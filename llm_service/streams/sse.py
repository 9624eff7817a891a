"""Event streams, cut into lines at `\\n` bytes only: text may hold U+2028, U+0085 or the letters `[DONE]`."""

import json
from typing import Any

import orjson

from llm_service.classify import VendorError
from llm_service.errors import BadResponse, StreamBroken
from llm_service.parts import CallUsage, Part

MAX_LINE = 32 * 1024**2
MAX_STRAY = 1024**2

FINISH_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "STOP": "stop",
    "max_tokens": "length",
    "model_length": "length",
    "max_output_tokens": "length",
    "MAX_TOKENS": "length",
    "tool_use": "tool_calls",
    "tool_call": "tool_calls",
    "function_call": "tool_calls",
    "refusal": "content_filter",
    "SAFETY": "content_filter",
}


class EventParser:
    """Turns bytes into parts. A subclass reads the events of one wire format into `self.parts`."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.usage: CallUsage | None = None
        self.finish_reason = ""
        self.response_id = ""
        self.response_model = ""
        self.is_done = False
        self._rest = b""
        self._stray = b""
        self._has_events = False

    def feed(self, data: bytes) -> list[Part]:
        """Return the parts that `data` completes. Raises VendorError for an error event, BadResponse for junk."""
        parts: list[Part] = []
        self.parts = parts
        rest = self._rest
        lines = (rest + data if rest else data).split(b"\n")
        self._rest = rest = lines.pop()
        if len(rest) > MAX_LINE:
            raise BadResponse("A line of the event stream is too long.")
        for line in lines:
            if line[:5] == b"data:":
                self._data(line[5:])
            elif not self._has_events and line and line[:1] not in b":\r" and line[:3] not in (b"eve", b"id:", b"ret"):
                self._stray = (self._stray + line + b"\n")[:MAX_STRAY]
        return parts

    def end(self) -> list[Part]:
        """Return what the last bytes held. Raises StreamBroken when the stream ended before the answer did."""
        parts: list[Part] = []
        self.parts = parts
        rest, self._rest = self._rest, b""
        if rest[:5] == b"data:":
            self._data(rest[5:])
        elif rest and not self._has_events:
            self._stray += rest
        if not self._has_events:
            self._read_stray()
        elif not self.is_done and not self.finish_reason:
            raise StreamBroken("The stream ended without a finish reason.")
        return parts

    def _data(self, payload: bytes) -> None:
        try:
            event = orjson.loads(payload)
        except orjson.JSONDecodeError:
            payload = payload.strip()
            if payload == b"[DONE]":
                self._has_events = self.is_done = True
                return
            if not payload:
                return
            event = _leniently(payload)
        if type(event) is dict:
            self._has_events = True
            self.event(event)

    def _read_stray(self) -> None:
        """A server may answer with one JSON object although a stream was asked for, above all with an error."""
        try:
            whole = orjson.loads(self._stray)
        except orjson.JSONDecodeError:
            raise BadResponse(f"Not an event stream: {self._stray[:200]!r}") from None
        if not isinstance(whole, dict):
            raise BadResponse(f"Not an event stream: {self._stray[:200]!r}")
        raise_error(whole)
        self.whole(whole)

    def event(self, event: dict[str, Any]) -> None:
        raise NotImplementedError

    def whole(self, answer: dict[str, Any]) -> None:
        raise BadResponse("The provider did not stream its answer.")


def _leniently(payload: bytes) -> object:
    """Half of a surrogate pair is not UTF-8, but some servers escape one; keep the rest of the text."""
    try:
        event = json.loads(payload)
        return json.loads(json.dumps(event).encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    except ValueError:
        raise BadResponse(f"An event is not JSON: {payload[:200]!r}") from None


def raise_error(event: dict[str, Any]) -> None:
    """Raise what an error event says; do nothing for any other event."""
    error = event.get("error")
    if not error:
        return
    if isinstance(error, str):
        raise VendorError(error)
    code = error.get("code") or error.get("status_code")
    status = int(code) if str(code).isdigit() else None
    kind = str(error.get("type") or "") if status or not code else str(code)
    raise VendorError(str(error.get("message") or error), kind=kind, status=status)
