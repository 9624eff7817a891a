"""How a thread is answered. Without a bot, the model answers itself."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from bots import instructions
from llm_service import catalogue, tool_rounds, tools
from llm_service.tool_rounds import AnswerPart, Bounds, Spent

MAX_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be answered, for whom, and what the calls are logged under."""

    model: str
    history: list[dict[str, Any]]
    user_id: int
    team_id: UUID
    turn_id: UUID
    thread_id: UUID
    message_id: UUID
    instructions: str = ""
    """What the person wants every model to keep in mind."""
    thread_instructions: str = ""
    """What they want kept in mind in this conversation."""
    summary: str = ""
    """Of what was said before `history`."""
    leaves_out: bool = False
    """Messages before `history` are in no summary, either."""
    parameters: dict[str, Any] = field(default_factory=dict)
    """By `llm_service.abilities`; what the model does not take is left out."""
    temporary: bool = False
    """Nothing of it is kept: the calls are logged without their words."""
    begun: str = ""
    """Text of a reply that broke off and is to be continued."""


def answer(question: Question, spent: Spent) -> AsyncGenerator[AnswerPart, None]:
    """Yield the answer piece by piece. Raises llm_service.errors.LLMError; closing it closes the provider's stream."""
    return tool_rounds.stream_answer(
        messages=_messages(question),
        offered=_tools_for(question.model),
        spent=spent,
        bounds=Bounds(rounds=MAX_ROUNDS),
        model=question.model,
        user=question.user_id,
        team=question.team_id,
        metadata={
            "feature": "chat",
            "turn_id": str(question.turn_id),
            "thread_id": str(question.thread_id),
            "message_id": str(question.message_id),
            **({"temporary": True} if question.temporary else {}),
        },
        wishes=question.parameters,
    )


def _messages(question: Question) -> list[dict[str, Any]]:
    system = instructions.before_the_conversation(
        question.instructions,
        of_thread=question.thread_instructions,
        summary=question.summary,
        leaves_out=question.leaves_out,
    )
    messages: list[dict[str, Any]] = [{"role": "system", "content": system}, *question.history]
    if question.begun:
        messages.append({"role": "assistant", "content": question.begun})
        messages.append({"role": "user", "content": instructions.CONTINUE})
    return messages


def _tools_for(model: str) -> list[tools.Tool]:
    # Bots will bring their own; until then only the demo model shows what a tool call looks like.
    return [tools.CURRENT_TIME] if catalogue.describe(model).is_demo else []
