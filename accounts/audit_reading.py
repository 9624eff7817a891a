"""Reads of the audit log: a page by key, filtered, and the same as a file."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.models import AuditEntry, User
from lib import csv_lines
from realtime.bridge import in_db

ON_A_PAGE = 50
SEARCHED_AT_ONCE = 2_000
"""How many entries one page looks through for what was filtered by, however long the log is."""
AT_ONCE = 1_000
COLUMNS = (
    gettext_lazy("Time (UTC)"),
    gettext_lazy("What happened"),
    gettext_lazy("Action"),
    gettext_lazy("Who"),
    gettext_lazy("On what"),
    gettext_lazy("Before"),
    gettext_lazy("After"),
    gettext_lazy("Address"),
    gettext_lazy("Browser"),
)


@dataclass(frozen=True)
class Wanted:
    """What a reader filters by; each part may be empty."""

    who: str = ""
    action: str = ""
    target: str = ""
    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return self != Wanted()

    @property
    def narrows(self) -> bool:
        """Tell whether entries of the time asked for may be left out."""
        return bool(self.who or self.action or self.target)


@dataclass(frozen=True)
class Shown:
    entry: AuditEntry
    sentence: list[audit.Words]


@dataclass(frozen=True)
class Page:
    rows: list[Shown]
    after: int | None
    searched_to: datetime | None = None
    """How far back was looked, where that was not to the beginning."""


def wanted(fields: Mapping[str, str]) -> Wanted:
    """Read the filters of an address. A date that is none counts as not given."""
    texts = {name: fields.get(name, "").replace("\0", "").strip()[:200] for name in ("who", "action", "target")}
    return Wanted(**texts, since=_date(fields.get("since", "")), until=_date(fields.get("until", "")))


def of_team(team_id: UUID, wanted: Wanted) -> QuerySet[AuditEntry]:
    return _that_fit(_in_time(team_id, wanted), wanted)


def _in_time(team_id: UUID, wanted: Wanted) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.filter(team_id=team_id)
    if wanted.since:
        entries = entries.filter(created_at__gte=datetime.combine(wanted.since, time.min, UTC))
    if wanted.until:
        entries = entries.filter(created_at__lt=datetime.combine(wanted.until, time.min, UTC) + timedelta(days=1))
    return entries


def _that_fit(entries: QuerySet[AuditEntry], wanted: Wanted) -> QuerySet[AuditEntry]:
    if wanted.who:
        entries = entries.filter(actor_label__icontains=wanted.who)
    if wanted.action:
        entries = entries.filter(action=wanted.action)
    if wanted.target:
        entries = entries.filter(target_label__icontains=wanted.target)
    return entries


def of_account(user: User) -> QuerySet[AuditEntry]:
    """Return what happened to this person's account, whoever did it."""
    return AuditEntry.objects.filter(team_id=None, target_type="user", target_id=str(user.pk))


def page(entries: QuerySet[AuditEntry], *, after: str) -> Page:
    """Return the newest entries, or those older than the one with the id `after`."""
    id_ = _id(after)
    older = entries.filter(id__lt=id_) if id_ else entries
    return _page(list(older.order_by("-id")[: ON_A_PAGE + 1]))


def team_page(team_id: UUID, wanted: Wanted, *, after: str) -> Page:
    """Return the newest entries of a team that fit, or those older than the one with the id `after`.

    A page ends after SEARCHED_AT_ONCE entries even if few of them fit: the next one goes on from there.
    """
    entries = _in_time(team_id, wanted)
    id_ = _id(after)
    last = AuditEntry.objects.filter(team_id=team_id, id=id_).first() if id_ else None
    if last:
        # The first condition says nothing new, but an index can use it.
        at = last.created_at
        entries = entries.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=last.pk), created_at__lte=at)
    newest_first = ("-created_at", "-id")
    end = None
    if wanted.narrows:
        looked_through = entries.order_by(*newest_first).only("id", "created_at")
        end = next(iter(looked_through[SEARCHED_AT_ONCE - 1 : SEARCHED_AT_ONCE]), None)
    if end:
        at = end.created_at
        entries = entries.filter(Q(created_at__gt=at) | Q(created_at=at, id__gte=end.pk), created_at__gte=at)
    page = _page(list(_that_fit(entries, wanted).order_by(*newest_first)[: ON_A_PAGE + 1]))
    return replace(page, after=end.pk, searched_to=end.created_at) if end and not page.after else page


def _page(found: list[AuditEntry]) -> Page:
    shown = [Shown(entry, audit.sentence(entry)) for entry in found[:ON_A_PAGE]]
    return Page(shown, found[ON_A_PAGE - 1].pk if len(found) > ON_A_PAGE else None)


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


async def stream_csv(entries: QuerySet[AuditEntry]) -> AsyncIterator[str]:
    """Yield the file piece by piece. Each is read in a thread of the database's, none is read ahead."""
    pieces = as_csv(entries)
    while (piece := await in_db(next, pieces, None)) is not None:
        yield piece


def as_csv(entries: QuerySet[AuditEntry]) -> Iterator[str]:
    """Yield the lines of a table, newest first, read some at a time."""
    yield csv_lines.line(map(str, COLUMNS))
    last: int | None = None
    while True:
        older = entries if last is None else entries.filter(id__lt=last)
        rows = list(older.order_by("-id")[:AT_ONCE])
        yield "".join(map(_line_of, rows))
        if len(rows) < AT_ONCE:
            return
        last = rows[-1].pk


def _line_of(entry: AuditEntry) -> str:
    return csv_lines.line(
        (
            f"{entry.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            *(audit.sentence_as_text(entry), entry.action, entry.actor_label, entry.target_label),
            *(_fields(entry.before), _fields(entry.after), entry.address or "", entry.user_agent),
        )
    )


def _fields(values: dict[str, object]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in values.items())


def _date(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 9000 else None
