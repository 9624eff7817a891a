"""The calls behind one reply, for whoever may read the reply: what was asked of whom, what it took and cost."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Count

from llm_service.models import LLMCallLog

MOST_CALLS = 50
MAY_READ_LOGS = "llm_service.view_llmcalllog"


@dataclass(frozen=True, slots=True)
class ReplyCall:
    """One call, without what was said in it."""

    id: UUID
    created_at: datetime
    model: str
    status: str
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: Decimal | None
    cost_source: str
    duration_ms: int | None
    attempts: int
    """Requests it took; a call that never left has none."""


def of_message(message_id: UUID) -> list[ReplyCall]:
    """Return the calls in their order. The caller has seen to it that the message is the reader's."""
    calls = LLMCallLog.objects.filter(message_id=message_id, feature="chat").annotate(tries=Count("attempts"))
    return [
        ReplyCall(
            id=call.id,
            created_at=call.created_at,
            model=call.response_model or call.model,
            status=call.status,
            input_tokens=call.input_tokens,
            output_tokens=call.output_tokens,
            cost_usd=call.cost_usd,
            cost_source=call.cost_source,
            duration_ms=call.duration_ms,
            attempts=call.tries,
        )
        for call in calls.order_by("created_at", "id").defer("prompt_preview", "response_preview")[:MOST_CALLS]
    ]
