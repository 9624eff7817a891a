"""Anthropic messages."""

from typing import Any

from llm_service.classify import VendorError
from llm_service.parts import ReasoningPart, TextPart, ToolCallPart
from llm_service.streams import usage as usages
from llm_service.streams.sse import FINISH_REASONS, EventParser


class AnthropicParser(EventParser):
    def __init__(self, tool_names: dict[str, str] | None = None) -> None:
        super().__init__()
        self._tool_names = tool_names or {}
        """The vendor allows fewer characters in tool names than we do: its name to the caller's."""
        self._calls: dict[int, int] = {}
        self._empty_calls: set[int] = set()
        self._usage: dict[str, Any] = {}

    def event(self, event: dict[str, Any]) -> None:
        kind = event.get("type")
        if kind == "content_block_delta":
            self._delta(event["index"], event["delta"])
        elif kind == "content_block_start":
            self._start(event["index"], event["content_block"])
        elif kind == "content_block_stop":
            if event["index"] in self._empty_calls:
                self.parts.append(ToolCallPart(self._calls[event["index"]], "", "", "{}"))
        elif kind == "message_start":
            message = event.get("message") or {}
            self.response_id, self.response_model = message.get("id") or "", message.get("model") or ""
            self._add_usage(message.get("usage"))
        elif kind == "message_delta":
            finish = (event.get("delta") or {}).get("stop_reason")
            if finish:
                self.finish_reason = FINISH_REASONS.get(finish, finish)
            self._add_usage(event.get("usage"))
        elif kind == "message_stop":
            self.is_done = True
        elif kind == "error":
            error = event.get("error") or {}
            raise VendorError(str(error.get("message") or error), kind=str(error.get("type") or ""))

    def _delta(self, index: int, delta: dict[str, Any]) -> None:
        if delta.get("text"):
            self.parts.append(TextPart(delta["text"]))
        elif delta.get("thinking"):
            self.parts.append(ReasoningPart(delta["thinking"]))
        elif delta.get("partial_json") and index in self._calls:
            self._empty_calls.discard(index)
            self.parts.append(ToolCallPart(self._calls[index], "", "", delta["partial_json"]))

    def _start(self, index: int, block: dict[str, Any]) -> None:
        kind = block.get("type")
        if kind in ("tool_use", "server_tool_use"):
            ours = self._calls[index] = len(self._calls)
            self._empty_calls.add(index)
            name = block.get("name") or ""
            self.parts.append(ToolCallPart(ours, block.get("id") or "", self._tool_names.get(name, name), ""))
        elif kind == "text" and block.get("text"):
            self.parts.append(TextPart(block["text"]))
        elif kind == "thinking" and block.get("thinking"):
            self.parts.append(ReasoningPart(block["thinking"]))

    def _add_usage(self, usage: dict[str, Any] | None) -> None:
        if usage:
            # Counts are cumulative, and the last event may leave out what the first one said.
            self._usage |= {name: value for name, value in usage.items() if value is not None}
            self.usage = usages.of_anthropic(self._usage)
