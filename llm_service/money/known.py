"""What this process knows of budgets and own prices: read every few seconds, so that no call has to ask.

A call looks here first. Where no budget is for it, it costs no statement.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from llm_service.memory import Memory
from llm_service.models import Budget, ModelPrice


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """USD per token by kind."""

    kinds: dict[str, float]
    per_request: Decimal
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A budget, as calls are held against it."""

    id: UUID
    scope: str
    team_id: UUID | None
    user_id: int | None
    bot_id: UUID | None
    model: str
    limit: Decimal
    measure: str
    window: str
    zone: str
    is_hard: bool
    is_rate: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    rules: tuple[Rule, ...] = ()
    prices: dict[str, tuple[OwnPrice, ...]] = field(default_factory=dict)


def _read() -> Known:
    return Known(_rules(), _prices())


def _rules() -> tuple[Rule, ...]:
    # In one order everywhere: calls that touch several budgets lock them in this one.
    names = ("id", "scope", "team_id", "user_id", "bot_id", "model", "limit", "measure", "window", "zone")
    return tuple(
        Rule(
            **{name: getattr(budget, name) for name in names},
            is_hard=budget.is_hard,
            is_rate=budget.is_rate,
            created_at=budget.created_at,
        )
        for budget in Budget.objects.filter(is_active=True).order_by("pk")
    )


def _prices() -> dict[str, tuple[OwnPrice, ...]]:
    found: dict[str, list[OwnPrice]] = {}
    lasting = Q(valid_to=None) | Q(valid_to__gt=timezone.now() - timedelta(days=1))
    for row in ModelPrice.objects.filter(lasting, origin=ModelPrice.Origin.OWN).order_by("-valid_from"):
        kinds = {kind: _per_token(getattr(row, kind)) for kind in ModelPrice.KINDS if getattr(row, kind) is not None}
        price = OwnPrice(kinds, row.per_request or Decimal(0), row.valid_from, row.valid_to)
        found.setdefault(row.model.removesuffix("*"), []).append(price)
    return {model: tuple(prices) for model, prices in found.items()}


def _per_token(per_million: Any) -> float:
    return float(Decimal(per_million) / 1_000_000)


_memory = Memory(_read, Known(), "Budgets and prices")
peek, current, current_for_threads = _memory.peek, _memory.current, _memory.for_threads
look, forget, changed = _memory.look, _memory.forget, _memory.changed
