"""What one client call counts while it runs, and the one record it leaves at its end, however it ends."""

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.utils import timezone

from llm_service import call_logs, tokens
from llm_service.errors import LLMError
from llm_service.guardrails import Guards
from llm_service.money import prices
from llm_service.parts import CallUsage, Part, ReasoningPart, TextPart
from llm_service.requests import LLMRequest, LLMResult, ToolCall
from llm_service.streams.sources import Source

Status = Literal["success", "error", "cancelled", "blocked"]


@dataclass(slots=True)
class Attempt:
    """One HTTP try."""

    number: int
    model: str
    started_at: datetime
    clock: float
    duration_ms: int | None = None
    http_status: int | None = None
    error_type: str = ""
    error_message: str = ""

    def end(self, error: LLMError | None) -> None:
        self.duration_ms = _milliseconds(time.perf_counter() - self.clock)
        if error:
            self.http_status, self.error_type, self.error_message = error.http_status, error.code, str(error.detail)
        else:
            self.http_status = 200


@dataclass(slots=True)
class Call:
    request: LLMRequest
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    created_at: datetime = field(default_factory=timezone.now)
    attempts: list[Attempt] = field(default_factory=list)
    usage: CallUsage = field(default_factory=CallUsage)
    finish_reason: str = ""
    response_id: str = ""
    response_model: str = ""
    guards: Guards | None = None
    has_ended: bool = False
    _clock: float = field(default_factory=time.perf_counter)
    _first_part_at: float | None = None
    _texts: list[str] = field(default_factory=list)
    _reasoning: list[str] = field(default_factory=list)
    _tools: dict[int, ToolCall] = field(default_factory=dict)

    @property
    def has_delivered(self) -> bool:
        return self._first_part_at is not None

    @property
    def text(self) -> str:
        return "".join(self._texts)

    @property
    def reasoning(self) -> str:
        return "".join(self._reasoning)

    def begin_attempt(self, model: str = "") -> Attempt:
        attempt = Attempt(len(self.attempts) + 1, model or self.request.model, timezone.now(), time.perf_counter())
        self.attempts.append(attempt)
        return attempt

    def take(self, part: Part) -> None:
        """Count a part of the answer."""
        if self._first_part_at is None:
            self._first_part_at = time.perf_counter()
        if isinstance(part, TextPart):
            self._texts.append(part.text)
        elif isinstance(part, ReasoningPart):
            self._reasoning.append(part.text)
        else:
            known = self._tools.get(part.index)
            if known:
                known.arguments += part.arguments
            else:
                self._tools[part.index] = ToolCall(part.call_id, part.name, part.arguments)

    def note(self, source: Source) -> None:
        """Take over what the vendor says about the whole answer."""
        self.finish_reason = source.finish_reason
        self.response_id, self.response_model = source.response_id, source.response_model
        if source.usage:
            self.usage = source.usage

    def result(self, response: Any = None) -> LLMResult:
        return LLMResult(
            request=self.request,
            text=self.text,
            reasoning=self.reasoning,
            tool_calls=list(self._tools.values()),
            finish_reason=self.finish_reason,
            usage=self.usage,
            response=response,
        )

    def replace_text(self, text: str) -> None:
        self._texts = [text]

    def replace_reasoning(self, text: str) -> None:
        self._reasoning = [text]

    def end(self, status: Status, error: LLMError | None = None) -> None:
        """Settle usage and cost and hand in the record. Only the first end counts."""
        if self.has_ended:
            return
        self.has_ended = True
        self._settle_usage(is_whole=status == "success")
        result = self.result()
        request = self.request
        amounts = {"seconds": self.usage.seconds, "characters": self.usage.characters}
        request.metadata = {**request.metadata, **{name: amount for name, amount in amounts.items() if amount}}
        if self.guards and self.guards.acted:
            request.metadata = {**request.metadata, "guardrails": self.guards.acted}
        call_logs.put(
            call_logs.Record(
                id=self.id,
                created_at=self.created_at,
                request=request,
                status=status,
                error_type=error.code if error else "",
                error_message=error.detail or str(error) if error else "",
                http_status=error.http_status if error else None,
                retry_count=max(0, len(self.attempts) - 1),
                usage=self.usage,
                text=result.text,
                reasoning=result.reasoning,
                tool_calls=result.tool_calls,
                finish_reason=self.finish_reason,
                response_id=self.response_id,
                response_model=self.response_model,
                attempts=[
                    (a.number, a.model, a.started_at, a.duration_ms, a.http_status, a.error_type, a.error_message)
                    for a in self.attempts
                ],
            )
        )

    def _settle_usage(self, *, is_whole: bool) -> None:
        usage = self.usage
        now = time.perf_counter()
        usage.duration_ms = _milliseconds(now - self._clock)
        if self._first_part_at is not None and self.request.is_stream:
            usage.time_to_first_token_ms = _milliseconds(self._first_part_at - self._clock)
        is_by_amount = is_whole and (usage.seconds or usage.characters) and usage.input_tokens is None
        if not is_by_amount and (not is_whole or usage.output_tokens is None or usage.input_tokens is None):
            usage.usage_source = "estimated"
            self._estimate()
        prices.settle(usage, model=self.request.model, response_model=self.response_model)

    def _estimate(self) -> None:
        usage = self.usage
        if not self.attempts:  # nothing was sent
            usage.input_tokens = usage.output_tokens = 0
            return
        if not usage.input_tokens:
            failed = not self.has_delivered and self.attempts[-1].error_type
            usage.input_tokens = 0 if failed else tokens.estimate_messages(self.request.messages)
        written = [*self._texts, *self._reasoning, *(call.arguments for call in self._tools.values())]
        estimated = tokens.estimate("".join(written))
        usage.output_tokens = max(estimated, usage.output_tokens or 0)


def _milliseconds(seconds: float) -> int:
    return max(0, round(seconds * 1000))
