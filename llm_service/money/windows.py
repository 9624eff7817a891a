"""When the spans of budgets begin and end, in the time zone of the budget."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

EVER = datetime(2000, 1, 1, tzinfo=UTC)
"""Where a span without end begins."""


def start_of(window: str, zone: str, at: datetime) -> datetime:
    """Return when the span began that `at` is in."""
    local = at.astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0)
    if window == "minute":
        found = local
    elif window == "hour":
        found = local.replace(minute=0)
    elif window == "total":
        return EVER
    else:
        # Midnight by the wall clock: a day of the time change has 23 or 25 hours.
        found = local.replace(hour=0, minute=0)
        if window == "week":
            found -= timedelta(days=found.weekday())
        elif window == "month":
            found = found.replace(day=1)
    return found.astimezone(UTC)


def end_of(window: str, zone: str, at: datetime) -> datetime | None:
    """Return when the next span begins; None where there is none."""
    if window == "total":
        return None
    start = start_of(window, zone, at).astimezone(ZoneInfo(zone))
    if window in ("minute", "hour"):
        return (start.astimezone(UTC) + timedelta(minutes=1 if window == "minute" else 60)).astimezone(UTC)
    if window == "month":
        start = (start + timedelta(days=32)).replace(day=1)
    else:
        start += timedelta(days=7 if window == "week" else 1)
    return start.astimezone(UTC)
