"""What calls used and cost, summed by the database."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from llm_service.models import LLMCallLog
from llm_service.money.prices import PLACES


@dataclass(frozen=True, slots=True)
class Spending:
    """`cost_usd` is of the calls whose price is known; `unpriced` counts the others."""

    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    is_estimated: bool
    unpriced: int


def of_thread(user_id: int, thread_id: UUID) -> Spending:
    """Sum up a thread's calls, those for its title and summaries included."""
    return _sum(LLMCallLog.objects.filter(user_id=user_id, thread_id=thread_id))


def of_month(user_id: int, at: datetime | None = None) -> Spending:
    """Sum up a person's calls of this calendar month."""
    first = (at or timezone.now()).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return _sum(LLMCallLog.objects.filter(user_id=user_id, created_at__gte=first))


def _sum(calls: QuerySet[LLMCallLog]) -> Spending:
    has_tokens = Q(input_tokens__gt=0) | Q(output_tokens__gt=0)
    found = calls.aggregate(
        read=Sum("input_tokens"),
        written=Sum("output_tokens"),
        cost=Sum("cost_usd"),
        estimated=Count("pk", filter=Q(cost_source="estimated")),
        unpriced=Count("pk", filter=Q(cost_usd=None) & has_tokens),
    )
    return Spending(
        input_tokens=found["read"] or 0,
        output_tokens=found["written"] or 0,
        cost_usd=Decimal(found["cost"] or 0).quantize(PLACES),  # SQLite sums up floats
        is_estimated=found["estimated"] > 0,
        unpriced=found["unpriced"],
    )
