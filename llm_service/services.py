"""A plain door for code that wants an answer and no more: `LLMService().call_llm(user_prompt=...)`.

Thin over `structured` and `tool_rounds`, for synchronous callers. On an event loop use those.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from accounts.models import User
from llm_service import background, call_logs, catalogue, structured, tool_rounds
from llm_service.models import LLMCallLog
from llm_service.parts import ReasoningPart, TextPart
from llm_service.structured import Structured
from llm_service.tool_rounds import AnswerPart, Spent, ToolDone, ToolStarted
from llm_service.tools import Tool
from teams.models import Team

EventName = Literal[
    "response.output_text.delta",
    "response.reasoning_text.delta",
    "response.tool_call.started",
    "response.tool_call.completed",
    "final",
]


@dataclass(frozen=True, slots=True)
class Delta:
    delta: str


@dataclass(slots=True)
class CallResult:
    """An answer, and what it took."""

    text: str = ""
    parsed_json: Any = None
    """What the answer says, where a schema was given."""
    reasoning: str = ""
    tools: list[ToolDone] = field(default_factory=list)
    spent: Spent = field(default_factory=Spent)

    @property
    def call_ids(self) -> list[UUID]:
        """Every call it took: one for each round of tools, and one where the answer was mended."""
        return [UUID(call_id) for call_id in self.spent.call_ids]

    @property
    def call_log(self) -> LLMCallLog:
        """The row of the last call. Waits for it to be written."""
        call_logs.flush()
        return LLMCallLog.objects.get(pk=self.call_ids[-1])


class LLMService:
    """Asks models for people. Raises `llm_service.errors.LLMError`, and ValueError for a model that is not allowed."""

    def call_llm(self, **asked: Any) -> CallResult:
        """Return the whole answer; takes what `call_llm_stream` takes."""
        for name, event in self.call_llm_stream(**asked):
            if name == "final":
                result: CallResult = event["call_log"]
        return result

    def call_llm_stream(
        self,
        *,
        user_prompt: str,
        json_schema: Mapping[str, Any] | None = None,
        schema_name: str = "answer",
        tools: Sequence[Tool] = (),
        user: User | None = None,
        team: Team | None = None,
        model: str = "",
        system_prompt: str = "",
        retries: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> Iterator[tuple[EventName, Any]]:
        """Yield named events as they come, `final` last: `{"call_log": CallResult}`.

        Tools run as soon as their arguments are written. `params` are LiteLLM's. Leaving early hangs up.
        """
        spent = Spent()
        asked = {
            "messages": _messages(system_prompt, user_prompt),
            "model": model or catalogue.default_model(team.pk if team else None),
            "offered": tools,
            "spent": spent,
            "user": user,
            "team": team,
            "metadata": {"feature": "service", **(metadata or {})},
            "retries": retries,
            **params,
        }
        parts: AsyncGenerator[AnswerPart | Structured, None]
        if json_schema is None:
            parts = tool_rounds.stream_answer(**asked)
        else:
            parts = structured.stream(**asked, schema=json_schema, schema_name=schema_name)
        result = CallResult(spent=spent)
        try:
            while (part := background.run(_next(parts))) is not None:
                match part:
                    case TextPart(text):
                        result.text += text
                        yield "response.output_text.delta", Delta(text)
                    case ReasoningPart(text):
                        result.reasoning += text
                        yield "response.reasoning_text.delta", Delta(text)
                    case ToolStarted():
                        yield "response.tool_call.started", part
                    case ToolDone():
                        result.tools.append(part)
                        yield "response.tool_call.completed", part
                    case Structured(value, text):
                        result.parsed_json, result.text = value, text
            yield "final", {"call_log": result}
        finally:
            background.run(parts.aclose())


async def _next(parts: AsyncGenerator[AnswerPart | Structured, None]) -> AnswerPart | Structured | None:
    return await anext(parts, None)


def _messages(system_prompt: str, user_prompt: str) -> list[dict[str, Any]]:
    system = [{"role": "system", "content": system_prompt}] if system_prompt else []
    return [*system, {"role": "user", "content": user_prompt}]
