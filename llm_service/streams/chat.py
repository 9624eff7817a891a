"""OpenAI chat completions, and the many servers that speak them almost alike."""

from typing import Any

import orjson

from llm_service.parts import Part, ReasoningPart, TextPart, ToolCallPart
from llm_service.streams import usage as usages
from llm_service.streams.sse import FINISH_REASONS, EventParser, raise_error


class ChatParser(EventParser):
    def __init__(self) -> None:
        super().__init__()
        self._calls: list[str] = []
        """The vendor's id of each tool call, by our index."""
        self._index_of: dict[int, int] = {}
        """The vendor's index of the call being written, to ours."""

    def event(self, event: dict[str, Any]) -> None:
        choices = event.get("choices")
        if choices:
            choice = choices[0]
            if choice.get("index"):  # another answer of `n`: only the first is told
                return
            delta = choice.get("delta")
            if delta:
                self._delta(delta)
            finish = choice.get("finish_reason")
            if finish:
                self.finish_reason = FINISH_REASONS.get(finish, finish)
        elif "error" in event:
            raise_error(event)
        usage = event.get("usage")
        if usage:
            self.usage = usages.of_chat(usage)
        elif "x_groq" in event and (event["x_groq"] or {}).get("usage"):
            self.usage = usages.of_chat(event["x_groq"]["usage"])
        if not self.response_id:
            self.response_id = event.get("id") or ""
            self.response_model = event.get("model") or ""

    def _delta(self, delta: dict[str, Any]) -> None:
        text = delta.get("content")
        if text:
            if type(text) is str:
                self.parts.append(TextPart(text))
            else:
                self.parts += _blocks(text)
            if len(delta) == 1:
                return
        reasoning = delta.get("reasoning_content") or delta.get("reasoning")
        if reasoning and type(reasoning) is str:
            self.parts.append(ReasoningPart(reasoning))
        refusal = delta.get("refusal")
        if refusal:
            self.parts.append(TextPart(refusal))
        for call in delta.get("tool_calls") or ():
            self._tool_call(call)

    def _tool_call(self, call: dict[str, Any]) -> None:
        function = call.get("function") or {}
        arguments = function.get("arguments") or ""
        if not isinstance(arguments, str):
            arguments = orjson.dumps(arguments).decode()
        call_id = call.get("id") or ""
        theirs = call.get("index")
        if theirs is None:
            theirs = len(self._calls) if call_id and call_id not in self._calls else max(0, len(self._calls) - 1)
        ours = self._index_of.get(theirs)
        # Some servers repeat id and name in every piece, some number all parallel calls 0: a new id is a new call.
        if ours is None or (call_id and call_id != self._calls[ours]):
            ours = self._index_of[theirs] = len(self._calls)
            self._calls.append(call_id)
            self.parts.append(ToolCallPart(ours, call_id or f"call_{ours}", function.get("name") or "", arguments))
        elif arguments:
            self.parts.append(ToolCallPart(ours, "", "", arguments))

    def whole(self, answer: dict[str, Any]) -> None:
        for choice in (answer.get("choices") or [])[:1]:
            message = choice.get("message") or {}
            self._delta({**message, "role": "assistant"})
            finish = choice.get("finish_reason") or "stop"
            self.finish_reason = FINISH_REASONS.get(finish, finish)
            self.event({**answer, "choices": None})
            return
        super().whole(answer)


def _blocks(content: list[dict[str, Any]]) -> list[Part]:
    """Mistral's typed content: text and thinking in one list."""
    parts: list[Part] = []
    for block in content:
        if block.get("text"):
            parts.append(TextPart(block["text"]))
        for thought in block.get("thinking") or ():
            if isinstance(thought, dict) and thought.get("text"):
                parts.append(ReasoningPart(thought["text"]))
    return parts
