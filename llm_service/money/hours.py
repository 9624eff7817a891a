"""The hours in which a vendor's model costs another price, as LiteLLM's map writes them (`off_peak_pricing`)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EVERY_DAY = frozenset(range(1, 8))


@dataclass(frozen=True, slots=True)
class Hours:
    """From `start` until before `end`, in UTC and perhaps past midnight; equal, they are the whole day."""

    start: time
    end: time
    weekdays: frozenset[int] = EVERY_DAY
    """Monday is 1; in the calendar of `zone`."""
    zone: tzinfo = UTC

    def hold(self, at: datetime) -> bool:
        if at.astimezone(self.zone).isoweekday() not in self.weekdays:
            return False
        now = at.astimezone(UTC).time()
        if self.start < self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end


def read(block: Mapping[str, Any]) -> tuple[Hours, ...]:
    """Return the hours a block names. What cannot be read is left out: the ordinary price holds then."""
    zone = _zone(block.get("weekday_timezone"))
    found = [Hours(*span) for span in _spans(block.get("hours_utc"))]
    for rule in block.get("windows") or ():
        days = rule.get("weekdays")
        weekdays = EVERY_DAY if days is None else frozenset(day for day in days if isinstance(day, int))
        found += [Hours(*span, weekdays, zone) for span in _spans(rule.get("hours_utc"))]
    return tuple(found)


def _spans(written: str | Sequence[str] | None) -> Iterator[tuple[time, time]]:
    for span in [written] if isinstance(written, str) else written or ():
        start, _, end = span.partition("-")
        try:
            yield time.fromisoformat(start.strip()), time.fromisoformat(end.strip())
        except ValueError:
            continue


def _zone(name: str | None) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ValueError, ZoneInfoNotFoundError):
        return UTC
