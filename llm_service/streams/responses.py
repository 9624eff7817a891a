"""OpenAI Responses."""

from typing import Any

from llm_service.classify import VendorError
from llm_service.parts import ReasoningPart, TextPart, ToolCallPart
from llm_service.streams import usage as usages
from llm_service.streams.sse import EventParser, raise_error

TEXT = ("response.output_text.delta", "response.refusal.delta")
ARGUMENTS = ("response.function_call_arguments.delta", "response.custom_tool_call_input.delta")
REASONING = ("response.reasoning_summary_text.delta", "response.reasoning_text.delta")
CALLS = ("function_call", "custom_tool_call")


class ResponsesParser(EventParser):
    def __init__(self) -> None:
        super().__init__()
        self._calls: dict[int, int] = {}

    def event(self, event: dict[str, Any]) -> None:
        kind = event.get("type")
        delta = event.get("delta")
        if delta:
            self._delta(str(kind), delta, event)
        elif kind == "response.output_item.added":
            item = event.get("item") or {}
            if item.get("type") in CALLS:
                arguments = item.get("arguments") or item.get("input") or ""
                index = self._index(event["output_index"])
                self.parts.append(ToolCallPart(index, item.get("call_id") or "", item.get("name") or "", arguments))
        elif kind == "response.created":
            self.response_id = event["response"].get("id") or ""
            self.response_model = event["response"].get("model") or ""
        elif kind in ("response.completed", "response.incomplete"):
            self._complete(event["response"])
        elif kind == "response.failed":
            raise_error(event["response"])
            raise VendorError("The response failed.")
        elif kind == "error":
            raise_error(event if event.get("error") else {"error": event})

    def _delta(self, kind: str, delta: str, event: dict[str, Any]) -> None:
        if kind in TEXT:
            self.parts.append(TextPart(delta))
        elif kind in ARGUMENTS:
            self.parts.append(ToolCallPart(self._index(event["output_index"]), "", "", delta))
        elif kind in REASONING:
            self.parts.append(ReasoningPart(delta))

    def _index(self, output_index: int) -> int:
        # Theirs counts messages and reasoning as well.
        return self._calls.setdefault(output_index, len(self._calls))

    def _complete(self, response: dict[str, Any]) -> None:
        self.is_done = True
        reason = (response.get("incomplete_details") or {}).get("reason")
        if reason:
            self.finish_reason = "content_filter" if reason == "content_filter" else "length"
        else:
            self.finish_reason = "tool_calls" if self._calls else "stop"
        if response.get("usage"):
            self.usage = usages.of_responses(response["usage"])
