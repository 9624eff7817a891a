"""One call. What was said in it stands on a page of its own, and who opens that is told to the audit log."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.requests import SignedInRequest
from llm_service import bodies
from llm_service.actions import reading
from llm_service.models import CallBody, LLMCallLog
from llm_service.queries import call_detail, calls, playgrounds, turns
from llm_service.queries.call_filters import CallFilter


@login_required
def call(request: SignedInRequest, call_id: UUID) -> HttpResponse:
    shown = _open(request, call_id)
    context = _context(request, shown)
    context["has_words"] = CallBody.objects.filter(call=shown).exists()
    return _page(request, context)


@login_required
def words(request: SignedInRequest, call_id: UUID) -> HttpResponse:
    shown = _open(request, call_id)
    if not calls.may_read_words(request.user, shown.team_id):
        raise PermissionDenied(_("Your role in this team does not let you read what was sent to models."))
    body = reading.open_words(by=request.user, call=shown)
    context = _context(request, shown)
    if body:
        context["words"] = call_detail.words(body)
        context["raw"] = {"request": bodies.indented(body.request), "response": bodies.indented(body.response)}
    return _page(request, context | {"is_open": True, "has_words": body is not None})


def _open(request: SignedInRequest, call_id: UUID) -> LLMCallLog:
    return get_object_or_404(calls.calls_open_to(request.user).select_related("user", "team"), pk=call_id)


def _context(request: SignedInRequest, shown: LLMCallLog) -> dict[str, Any]:
    wanted = CallFilter.read(request.GET)
    open_calls = calls.calls_open_to(request.user)
    if wanted.team:
        open_calls = open_calls.filter(team_id=wanted.team)
    may_read = calls.may_read_words(request.user, shown.team_id)
    newer, older = calls.neighbours(open_calls, wanted, shown)
    return {
        "call": shown,
        "query": wanted.query(),
        "newer": newer,
        "older": older,
        "kinds": call_detail.kinds(shown),
        "speed": call_detail.tokens_per_second(shown),
        "attempts": call_detail.attempts(shown),
        "feedback": call_detail.feedback(shown),
        "waterfall": turns.waterfall(calls.calls_open_to(request.user), shown, names_tools=may_read),
        "replays": playgrounds.replays_of(request.user, shown),
        "guardrails": call_detail.guardrails(shown),
        "metadata": call_detail.metadata(shown),
        "may_read": may_read,
        "is_own": shown.user_id == request.user.pk,
    }


def _page(request: SignedInRequest, context: dict[str, Any]) -> HttpResponse:
    answer = render(request, "operations/call.html", context)
    answer["Cache-Control"] = "no-store"
    return answer
