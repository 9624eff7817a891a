"""What a reader of the call log filters by: read from an address, written to one, and turned into conditions.

A value that cannot be read counts as not given; `unread` names it, so that the page can say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from llm_service.models import Feedback, LLMCallLog
from llm_service.queries.usage import Dimension

LONGEST = 200
MOST_METADATA = 5
PERIODS = {
    "hour": (_("Last hour"), timedelta(hours=1)),
    "day": (_("Last 24 hours"), timedelta(days=1)),
    "week": (_("Last 7 days"), timedelta(days=7)),
    "month": (_("Last 30 days"), timedelta(days=30)),
    "quarter": (_("Last 90 days"), timedelta(days=90)),
}
SORTS = {"newest": _("Newest first"), "cost": _("Most expensive first"), "duration": _("Slowest first")}
TEXTS = ("model", "provider", "feature", "error", "user", "text", "id")
LABELS = {
    "period": _("Time"),
    "since": _("From"),
    "until": _("To"),
    "status": _("Status"),
    "model": _("Model"),
    "provider": _("Provider"),
    "feature": _("Feature"),
    "error": _("Error"),
    "user": _("Person"),
    "team": _("Team"),
    "bot": _("Bot"),
    "text": _("Text"),
    "id": _("Id"),
    "rating": _("Feedback"),
    "cost_from": _("Cost from"),
    "cost_to": _("Cost to"),
    "took_from": _("Took at least"),
    "took_to": _("Took at most"),
    "meta": _("Metadata"),
}


@dataclass(frozen=True)
class Chip:
    """One filter in words, and the address without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True)
class CallFilter:
    period: str = ""
    since: datetime | None = None
    until: datetime | None = None
    status: str = ""
    model: str = ""
    provider: str = ""
    feature: str = ""
    error: str = ""
    user: str = ""
    team: UUID | None = None
    bot: UUID | None = None
    text: str = ""
    id: str = ""
    rating: str = ""
    cost_from: Decimal | None = None
    cost_to: Decimal | None = None
    took_from: int | None = None
    took_to: int | None = None
    """Both in milliseconds; the address says seconds."""
    meta: tuple[tuple[str, str], ...] = ()
    sort: str = "newest"
    unread: tuple[str, ...] = field(default=(), compare=False)

    def __bool__(self) -> bool:
        return replace(self, sort="newest", team=None) != CallFilter()

    @property
    def looks_through(self) -> bool:
        """Tell whether rows must be opened to see if they fit: no index knows texts and metadata."""
        return bool(self.text or self.meta)

    @property
    def has_range(self) -> bool:
        return any(value is not None for value in (self.cost_from, self.cost_to, self.took_from, self.took_to))

    def asks_sums(self) -> list[tuple[Dimension, str]]:
        """Return the value to ask the sums of days for, the whole where nothing is filtered by; else nothing."""
        split: list[tuple[Dimension, str]] = [
            ("status", self.status),
            ("model", self.model),
            ("provider", self.provider),
            ("feature", self.feature),
            ("error", self.error),
            ("user", str(_person(self.user)) if self.user else ""),
            ("bot", str(self.bot or "")),
        ]
        asked = [(name, value) for name, value in split if value]
        rest = replace(
            self, sort="newest", team=None, bot=None, status="", model="", provider="", feature="", error="", user=""
        )
        return (asked or [("all", "")]) if rest == CallFilter() and len(asked) < 2 else []

    # --- The address ------------------------------------------------------------------------------------------------

    @classmethod
    def read(cls, fields: QueryDict) -> Self:
        values: dict[str, Any] = {name: _text(fields.get(name, "")) for name in TEXTS}
        unread = []
        for name, reader in _READERS.items():
            written = _text(fields.get(name, ""))
            values[name] = reader(written) if written else None
            if written and values[name] is None:
                unread.append(name)
        pairs = [_text(pair).partition("=") for pair in fields.getlist("meta")[:MOST_METADATA] if pair.strip()]
        if any(not equals for _key, equals, _value in pairs):
            unread.append("meta")
        values["meta"] = tuple((key.strip(), value.strip()) for key, equals, value in pairs if equals and key.strip())
        for name, known in (
            ("period", PERIODS),
            ("status", LLMCallLog.Status.values),
            ("rating", [*Feedback.Rating.values, "text"]),
            ("sort", SORTS),
        ):
            written = fields.get(name, "")
            values[name] = written if written in known else ""
        values["sort"] = values["sort"] or "newest"
        return cls(**values, unread=tuple(unread))

    def fields(self) -> list[tuple[str, str]]:
        """Return what the address says, each value once, in a fixed order."""
        said = [
            (name, _written(name, getattr(self, name)))
            for name in LABELS
            if name != "meta" and getattr(self, name) not in ("", None)
        ]
        said += [("meta", f"{key}={value}") for key, value in self.meta]
        return said if self.sort == "newest" else [*said, ("sort", self.sort)]

    def query(self) -> str:
        return urlencode(self.fields())

    def chips(self, names: Mapping[str, str] | None = None) -> list[Chip]:
        """Return the filters in words; `names` tells what to call a team."""
        said = self.fields()
        return [
            Chip(
                str(LABELS[name]), self._in_words(name, value, names or {}), urlencode(said[:place] + said[place + 1 :])
            )
            for place, (name, value) in enumerate(said)
            if name != "sort"
        ]

    def _in_words(self, name: str, value: str, names: Mapping[str, str]) -> str:
        match name:
            case "period":
                return str(PERIODS[value][0])
            case "status":
                return str(LLMCallLog.Status(value).label)
            case "rating":
                return str(_("With a text") if value == "text" else Feedback.Rating(value).label)
            case "since" | "until":
                return value.replace("T", " ") + " UTC"
            case "cost_from" | "cost_to":
                return f"${value}"
            case "took_from" | "took_to":
                return f"{value} s"
            case "team":
                return names.get(value, value)
        return value

    # --- The conditions ---------------------------------------------------------------------------------------------

    def narrow(self, calls: QuerySet[LLMCallLog], *, now: datetime | None = None) -> QuerySet[LLMCallLog]:
        """Keep what fits, all but texts and metadata."""
        if self.period:
            calls = calls.filter(created_at__gte=(now or timezone.now()) - PERIODS[self.period][1])
        plain = {
            "created_at__gte": self.since,
            "created_at__lt": self.until,
            "status": self.status,
            "model": self.model,
            "provider": self.provider,
            "feature": self.feature,
            "error_type": self.error,
            "team_id": self.team,
            "bot_id": self.bot,
            "cost_usd__gte": self.cost_from,
            "cost_usd__lte": self.cost_to,
            "duration_ms__gte": self.took_from,
            "duration_ms__lte": self.took_to,
        }
        calls = calls.filter(**{name: value for name, value in plain.items() if value not in ("", None)})
        if self.status and self.status != LLMCallLog.Status.SUCCESS:
            calls = calls.exclude(status=LLMCallLog.Status.SUCCESS)  # says nothing new, but names the partial index
        if self.error:
            calls = calls.exclude(error_type="")
        if self.user:
            calls = calls.filter(user_id=_person(self.user))
        if self.id:
            calls = calls.filter(_with_id(self.id))
        if self.rating:
            said = (
                Feedback.objects.exclude(text="")
                if self.rating == "text"
                else Feedback.objects.filter(rating=self.rating)
            )
            calls = calls.filter(message_id__in=said.values("message_id"))
        return calls

    def look_through(self, calls: QuerySet[LLMCallLog]) -> QuerySet[LLMCallLog]:
        """Keep what holds the text and the metadata asked for."""
        if self.text:
            calls = calls.filter(Q(prompt_preview__icontains=self.text) | Q(response_preview__icontains=self.text))
        for number, (key, value) in enumerate(self.meta):
            name = f"meta_{number}"
            # Cast, because a key's own comparison takes what it is compared with for JSON.
            said = Cast(KeyTextTransform(key, "metadata"), TextField())
            calls = calls.alias(**{name: said}).filter(**{name: value})
        return calls


def _person(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    found = User.objects.filter(email=text.lower()).values_list("pk", flat=True).first()
    return found or 0


def _with_id(text: str) -> Q:
    """Any id somebody may hold in their hands: of the call, its turn, thread or message, or the caller's own."""
    wanted = Q(request_id=text)
    if id_ := _uuid(text):
        wanted |= Q(pk=id_) | Q(turn_id=id_) | Q(thread_id=id_) | Q(message_id=id_)
    return wanted


def _text(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    """Read a day or a minute, in UTC."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 2000 <= read.year <= 9000:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _end(text: str) -> datetime | None:
    """Read the end of a time: a day counts whole."""
    read = _moment(text)
    return read + timedelta(days=1) if read and len(text) == len("2026-11-21") else read


def _amount(text: str) -> Decimal | None:
    try:
        read = Decimal(text.removeprefix("$").replace(",", "."))
    except InvalidOperation:
        return None
    return read if read.is_finite() and 0 <= read < 1_000_000 else None


def _milliseconds(text: str) -> int | None:
    read = _amount(text.removesuffix("s").strip())
    return None if read is None else int(read * 1000)


_READERS: dict[str, Any] = {
    "since": _moment,
    "until": _end,
    "team": _uuid,
    "bot": _uuid,
    "cost_from": _amount,
    "cost_to": _amount,
    "took_from": _milliseconds,
    "took_to": _milliseconds,
}


def _written(name: str, value: Any) -> str:
    if isinstance(value, datetime):
        day = value - timedelta(days=1) if name == "until" else value
        return f"{day:%Y-%m-%d}" if value.time() == time.min else f"{value:%Y-%m-%dT%H:%M}"
    if name in ("took_from", "took_to"):
        return f"{Decimal(value) / 1000:f}"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
