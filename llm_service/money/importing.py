"""Takes LiteLLM's bundled prices over into our table, so that they can be looked at, compared over time and overridden.

Calls are priced by the map itself unless there is a price of our own, so an import changes no cost.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone

from lib.write_lock import writing
from llm_service.models import ModelPrice
from llm_service.money import prices

MODES = {"chat", "responses", "completion", "embedding"}
PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Imported:
    added: int
    ended: int
    unchanged: int


def import_prices(*, at: datetime | None = None) -> Imported:
    """Bring LiteLLM's prices up to date: what changed ends now and begins anew. Fit to run twice; own prices stay."""
    now = at or timezone.now()
    listed = {name: _columns(entry) for name, entry in _named(prices.price_map()).items()}
    with writing():
        current = ModelPrice.objects.filter(origin=ModelPrice.Origin.LITELLM, valid_to=None)
        known = {row.model: row for row in current}
        over = [row.pk for name, row in known.items() if _differs(row, listed.get(name))]
        for start in range(0, len(over), 500):
            ModelPrice.objects.filter(pk__in=over[start : start + 500]).update(valid_to=now)
        gone = set(over)
        fresh = [
            ModelPrice(
                model=name,
                provider=name.partition("/")[0][:50],
                origin=ModelPrice.Origin.LITELLM,
                valid_from=now,
                **columns,
            )
            for name, columns in listed.items()
            if name not in known or known[name].pk in gone
        ]
        ModelPrice.objects.bulk_create(fresh, batch_size=500)
    return Imported(added=len(fresh), ended=len(over), unchanged=len(known) - len(over))


def in_force(at: datetime | None = None) -> Q:
    """Return the condition that a price holds."""
    now = at or timezone.now()
    return Q(valid_from__lte=now) & (Q(valid_to=None) | Q(valid_to__gt=now))


def _named(price_map: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the entries by the names that calls use, with the provider in front."""
    found: dict[str, dict[str, Any]] = {}
    for name, entry in price_map.items():
        provider = str(entry.get("litellm_provider") or "")
        if entry.get("mode") in MODES and entry.get("input_cost_per_token") is not None and provider:
            full = name if name.startswith(f"{provider}/") else f"{provider}/{name}"
            if len(full) <= 200:
                found.setdefault(full, entry)
    return found


def _columns(entry: dict[str, Any]) -> dict[str, Decimal | None]:
    kinds = prices.kinds_of(entry)
    return {
        kind: (Decimal(repr(kinds[kind])) * 1_000_000).quantize(PLACES) if kind in kinds else None
        for kind in ModelPrice.KINDS
    }


def _differs(row: ModelPrice, columns: dict[str, Decimal | None] | None) -> bool:
    return columns is None or any(getattr(row, kind) != value for kind, value in columns.items())
