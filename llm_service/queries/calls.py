"""Reads of the call log: whose calls are open to whom, and the list of them, a page by key."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum

from accounts.models import User
from llm_service.models import LLMCallLog, SavedView
from llm_service.queries import usage
from llm_service.queries.call_filters import CallFilter
from teams.models import Membership, Team
from teams.permissions import Permission, may, roles_that_may
from teams.scoping import live_membership

ON_A_PAGE = 50
COUNTED = 10_000
"""Totals are of so many calls at most: counting a million takes longer than anybody waits."""
SEARCHED_AT_ONCE = 5_000
"""How many calls one page opens to look for a text or metadata."""
CHOICES_FROM = 2_000
FEW = 500
MOST_TEAMS = 300
IN_USE = ("model", "provider", "feature", "error_type")
HEAVY = ("metadata", "response_preview", "error_message", "unit_prices")
SHOWN = (
    *("created_at", "status", "error_type", "retry_count", "model", "feature", "prompt_preview"),
    *("input_tokens", "output_tokens", "cost_usd", "cost_source", "time_to_first_token_ms", "duration_ms"),
    *("user__email", "user__name", "team__name"),
)
"""What a row of the list says."""
SUMMED = ("calls", "cost_usd", "unpriced", "input_tokens", "output_tokens", "errors")
SEES_ALL = "llm_service.view_llmcalllog"


# --- Whose calls are open to whom -------------------------------------------------------------------------------------


def sees_all(user: User) -> bool:
    """Tell whether somebody of the staff sees the calls of all teams."""
    return user.is_staff and user.has_perm(SEES_ALL)


def calls_open_to(user: User, permission: Permission = Permission.VIEW_USAGE) -> QuerySet[LLMCallLog]:
    """Return the calls of teams in which this person, at this moment, may do this; to staff all calls."""
    calls = LLMCallLog.objects.all()
    return calls if sees_all(user) else calls.filter(live_membership(user, permission))


def may_read_words(user: User, team_id: UUID | None) -> bool:
    """Tell whether somebody may read what was said in this team's calls (None: in everybody's)."""
    if sees_all(user):
        return True
    place = Membership.objects.filter(user=user, team_id=team_id).first() if team_id else None
    return place is not None and may(place.role, Permission.READ_CALLS)


def teams_to_choose(user: User) -> list[Team]:
    """Return the teams of somebody whose calls they may look at, by name."""
    places = Membership.objects.filter(user=user, role__in=roles_that_may(Permission.VIEW_USAGE))
    return [place.team for place in places.select_related("team").order_by("team__name", "team_id")[:MOST_TEAMS]]


def teams_of_the_site() -> list[tuple[UUID, str]]:
    """Return ids and names of the teams the staff may choose from: of all a few hundred, by name."""
    return list(Team.objects.order_by("name", "id").values_list("pk", "name")[:MOST_TEAMS])


# --- A page of the list -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Order:
    """A way to sort by one indexed column, the greatest first; the id decides between equals."""

    column: str

    @property
    def columns(self) -> tuple[str, str]:
        return f"-{self.column}", "id"

    def key(self, call: LLMCallLog) -> str:
        value = getattr(call, self.column)
        said = value.isoformat() if isinstance(value, datetime) else str(value)
        return base64.urlsafe_b64encode(f"{said}~{call.pk}".encode()).decode().rstrip("=")

    def after(self, calls: QuerySet[LLMCallLog], key: str) -> QuerySet[LLMCallLog]:
        """Keep what comes after the row with this key. A key that cannot be read leads to the first page."""
        read = self._read(key)
        if read is None:
            return calls
        return self.after_key(calls, *read)

    def after_key(self, calls: QuerySet[LLMCallLog], value: object, id_: UUID) -> QuerySet[LLMCallLog]:
        same, less, most = self.column, f"{self.column}__lt", f"{self.column}__lte"
        # The last condition says nothing new, but an index can use it.
        return calls.filter(Q(**{less: value}) | Q(**{same: value}, id__gt=id_), **{most: value})

    def before(self, calls: QuerySet[LLMCallLog], call: LLMCallLog) -> QuerySet[LLMCallLog]:
        value = getattr(call, self.column)
        same, more, least = self.column, f"{self.column}__gt", f"{self.column}__gte"
        return calls.filter(Q(**{more: value}) | Q(**{same: value}, id__lt=call.pk), **{least: value})

    def _read(self, key: str) -> tuple[object, UUID] | None:
        try:
            said, _, id_ = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)).decode().rpartition("~")
            return _READERS[self.column](said), UUID(id_)
        except (ValueError, InvalidOperation, binascii.Error):
            return None


_READERS: dict[str, Callable[[str], object]] = {
    "created_at": datetime.fromisoformat,
    "cost_usd": Decimal,
    "duration_ms": int,
}
ORDERS = {"newest": Order("created_at"), "cost": Order("cost_usd"), "duration": Order("duration_ms")}


@dataclass(frozen=True)
class Page:
    rows: list[LLMCallLog]
    after: str = ""
    searched_to: datetime | None = None
    """How far back was looked for a text or metadata, where that was not to the beginning."""


@dataclass(frozen=True)
class Totals:
    calls: int
    is_all: bool
    cost_usd: Decimal
    unpriced: int
    tokens: int
    failed: int


def that_fit(calls: QuerySet[LLMCallLog], wanted: CallFilter) -> QuerySet[LLMCallLog]:
    """Return the calls that fit, in their order; each is opened where a text or metadata is asked for."""
    return _in_order(wanted.look_through(wanted.narrow(calls)), wanted)


def page(calls: QuerySet[LLMCallLog], wanted: CallFilter, *, after: str = "", size: int = ON_A_PAGE) -> Page:
    """Return the first calls that fit, or those after the row whose key is `after`."""
    order = ORDERS[wanted.sort]
    found = order.after(_narrowed(calls, wanted), after)
    end = None
    if wanted.looks_through:
        looked_through = found.order_by(*order.columns).only("id", order.column, "created_at")
        end = next(iter(looked_through[SEARCHED_AT_ONCE - 1 : SEARCHED_AT_ONCE]), None)
        if end:
            found = found.filter(**{f"{order.column}__gte": getattr(end, order.column)})
        found = wanted.look_through(found)
    rows = list(found.select_related("user", "team").only(*SHOWN).order_by(*order.columns)[: size + 1])
    if len(rows) > size:
        return Page(rows[:size], order.key(rows[size - 1]))
    return Page(rows, order.key(end), end.created_at) if end else Page(rows)


def totals(calls: QuerySet[LLMCallLog], wanted: CallFilter) -> Totals:
    """Sum up what fits, but for texts and metadata: the first COUNTED calls, if the sums of days know no better."""
    asked = wanted.asks_sums()
    fitting = _in_order(wanted.narrow(calls), wanted)
    if asked and fitting.values_list("pk", flat=True)[COUNTED : COUNTED + 1].exists():
        return _summed(wanted, asked)
    return sums(fitting)


def _summed(wanted: CallFilter, asked: list[tuple[usage.Dimension, str]]) -> Totals:
    """Read it off the sums of days, from the oldest day that is kept; they are a minute behind the calls."""
    days = settings.LLM_LOGS_KEEP_DAYS or 36_500
    only = asked[0] if asked[0][1] else None
    found = usage.total(usage.Span.last(days=days), team=wanted.team, only=only, columns=SUMMED)
    return Totals(found.calls, True, found.cost_usd, found.unpriced, found.tokens, found.errors)


def sums(calls: QuerySet[LLMCallLog]) -> Totals:
    """Sum up the first COUNTED of these calls."""
    found = calls[: COUNTED + 1].aggregate(
        calls=Count("pk"),
        cost=Sum("cost_usd"),
        unpriced=Count("pk", filter=Q(cost_usd=None) & Q(total_tokens__gt=0)),
        tokens=Sum("total_tokens"),
        failed=Count("pk", filter=Q(status=LLMCallLog.Status.ERROR)),
    )
    return Totals(
        calls=min(found["calls"], COUNTED),
        is_all=found["calls"] <= COUNTED,
        cost_usd=Decimal(found["cost"] or 0),
        unpriced=found["unpriced"],
        tokens=found["tokens"] or 0,
        failed=found["failed"],
    )


def neighbours(calls: QuerySet[LLMCallLog], wanted: CallFilter, call: LLMCallLog) -> tuple[UUID | None, UUID | None]:
    """Return the calls before and after this one in the list somebody came from, without texts and metadata."""
    order = ORDERS[wanted.sort]
    if getattr(call, order.column) is None:
        return None, None
    found = _narrowed(calls, wanted)
    back = order.before(found, call).order_by(order.column, "-id").values_list("pk", flat=True)
    on = order.after(found, order.key(call)).order_by(*order.columns).values_list("pk", flat=True)
    return back.first(), on.first()


def in_use(calls: QuerySet[LLMCallLog]) -> dict[str, list[str]]:
    """Return the models, providers, features and errors of the newest calls, to choose from."""
    newest = list(calls.order_by("-created_at").values_list(*IN_USE)[:CHOICES_FROM])
    return {name: sorted({row[place] for row in newest} - {""}) for place, name in enumerate(IN_USE)}


def saved_views(user: User) -> QuerySet[SavedView]:
    """Return somebody's own saved views and those shared in their teams."""
    mine = Q(user=user) | Q(is_shared=True)
    shown = SavedView.objects.open_to(user, Permission.VIEW_USAGE).filter(mine)
    return shown.select_related("team", "user").order_by("name", "id")


def _narrowed(calls: QuerySet[LLMCallLog], wanted: CallFilter) -> QuerySet[LLMCallLog]:
    """Keep what fits; few calls in a range of cost or time are picked out first.

    A database that looks for them from the newest on walks through all calls for the last of a handful.
    """
    found = wanted.narrow(calls)
    if wanted.sort != "newest":
        return found.exclude(**{ORDERS[wanted.sort].column: None})
    if wanted.has_range:
        few = list(found.values_list("pk", flat=True).order_by()[: FEW + 1])
        if len(few) <= FEW:
            return LLMCallLog.objects.filter(pk__in=few)
    return found


def _in_order(calls: QuerySet[LLMCallLog], wanted: CallFilter) -> QuerySet[LLMCallLog]:
    order = ORDERS[wanted.sort]
    if wanted.sort != "newest":
        calls = calls.exclude(**{order.column: None})
    return calls.order_by(*order.columns)
