"""The list of calls: filters from the address, a page by key, and the same rows alone for the live tail."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render

from accounts.requests import SignedInRequest
from llm_service.actions import reading
from llm_service.models import Feedback, LLMCallLog
from llm_service.queries import calls as queries
from llm_service.queries.call_filters import LABELS, PERIODS, SORTS, CallFilter
from llm_service.queries.calls import Page
from llm_service.views import call_rows
from llm_service.views.access import Sight, sight

LIVE_FOR_MINUTES = 30


@login_required
def calls(request: SignedInRequest) -> HttpResponse:
    wanted, seen, shows_words = asked(request)
    if shows_words:
        reading.note_words_listed(by=request.user, team_id=seen.team_id, filters=wanted.query())
    return _no_store(render(request, "operations/calls.html", _context(request, wanted, seen, shows_words)))


@login_required
def rows(request: SignedInRequest) -> HttpResponse:
    """The first page's rows alone. A call is stored when it ends, so new rows may stand anywhere among the others.

    Asked every 2 s, they show no words and look for none: each look at words is told to the audit log.
    """
    wanted, seen, _shows_words = asked(request)
    wanted = replace(wanted, text="")
    page = queries.page(seen.calls, wanted)
    context = {"page": page, "wanted": wanted, "rows": _in_words(page, wanted, seen, shows_words=False)}
    return _no_store(render(request, "operations/_rows.html", context))


def asked(request: SignedInRequest) -> tuple[CallFilter, Sight, bool]:
    """Return the filters of the address, the calls they are about, and whether words are wanted and may be read."""
    wanted = CallFilter.read(request.GET)
    seen = sight(request, wanted.team)
    if not seen.may_read and wanted.text:
        wanted = replace(wanted, text="", unread=(*wanted.unread, "text"))
    if seen.team and not wanted.team:
        wanted = replace(wanted, team=seen.team.pk)
    return wanted, seen, seen.may_read and bool(wanted.text or request.GET.get("words"))


def _context(request: SignedInRequest, wanted: CallFilter, seen: Sight, shows_words: bool) -> dict[str, Any]:
    after = request.GET.get("after", "")
    page = queries.page(seen.calls, wanted, after=after)
    return {
        "page": page,
        "rows": _in_words(page, wanted, seen, shows_words=shows_words),
        "totals": None if wanted.looks_through else queries.totals(seen.calls, wanted),
        "in_use": queries.in_use(seen.calls),
        "views": list(queries.saved_views(request.user)),
        "wanted": wanted,
        "unread": [LABELS[name] for name in wanted.unread],
        "chips": [chip for chip in wanted.chips(seen.names) if seen.sees_all or chip.label != str(LABELS["team"])],
        "query": wanted.query(),
        "seen": seen,
        "shows_words": shows_words,
        "periods": [(name, label) for name, (label, _length) in PERIODS.items()],
        "statuses": LLMCallLog.Status.choices,
        "ratings": Feedback.Rating.choices,
        "sorts": SORTS.items(),
        "is_first_page": not after,
        "seconds_from": _seconds(wanted.took_from),
        "seconds_to": _seconds(wanted.took_to),
        "live_for": LIVE_FOR_MINUTES,
    }


def _in_words(page: Page, wanted: CallFilter, seen: Sight, *, shows_words: bool) -> list[dict[str, str | bool]]:
    return call_rows.in_words(page.rows, query=wanted.query(), names_teams=seen.team is None, shows_words=shows_words)


def _seconds(milliseconds: int | None) -> str:
    return "" if milliseconds is None else f"{milliseconds / 1000:g}"


def _no_store(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    return answer
