"""The playground: its page, one model's answer as a stream, what a stopped one took, and what is kept under a name."""

from typing import Any, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET, require_POST
from pydantic import ValidationError

from accounts.requests import SignedInRequest
from lib.framing import FRAMES_OF_OURS
from llm_service import background, catalogue, tools
from llm_service.actions import playgrounds as actions
from llm_service.actions import reading
from llm_service.forms.playground import Change, Save, ToolWish, Wish
from llm_service.models import LLMCallLog, Playground
from llm_service.parameters import Invalid
from llm_service.playground import content, replay, running
from llm_service.queries import calls, playgrounds
from teams import actions as team_actions
from teams.models import Membership
from teams.refusals import Refused


@csp_override(FRAMES_OF_OURS)
@login_required
def playground(request: SignedInRequest, playground_id: UUID | None = None) -> HttpResponse:
    """The page, empty, with what was kept, or with what a logged call asked (`call`); `team` is who pays."""
    kept = get_object_or_404(playgrounds.open_to(request.user), pk=playground_id) if playground_id else None
    call = _call_to_repeat(request) if not kept else None
    current = team_actions.current_membership(request.user)  # makes the personal team of somebody new
    places = playgrounds.places(request.user)
    here = _place(request, places, kept.team_id if kept else call.team_id if call else None, current.team_id)
    data = _data(request, here, places, kept)
    if call:
        body = reading.open_words(by=request.user, call=call)
        again = replay.of(call, body)
        data |= {
            "source": f"call-{call.pk}",
            "content": again.content.model_dump(),
            "notes": again.notes,
            "original": replay.original(call, body) | {"url": reverse("operations:call", args=[call.pk])},
        }
        if call.team_id != here.team_id:
            said = _("You cannot ask models under the team of this call, so this runs under another one.")
            data["notes"] = [*again.notes, said]
    answer = render(request, "operations/playground.html", {"data": data, "kept": kept})
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@login_required
def run(request: SignedInRequest) -> HttpResponse:
    """Ask one model; the answer comes line by line (`playground.running`). Hanging up ends the call."""
    try:
        wish = Wish.model_validate_json(request.body)
        question = content.Question(wish.content)
    except (ValidationError, Invalid) as fault:
        return _fault(fault)
    if not playgrounds.may_ask(request.user, wish.team):
        return JsonResponse({"error": _("You cannot ask models under this team any more.")}, status=403)
    if wish.replay_of and playgrounds.replayable(request.user, wish.replay_of) is None:
        raise Http404
    if not catalogue.is_allowed(wish.model, wish.team):
        return JsonResponse({"error": _("This model is not available in this team. Choose another one.")}, status=400)
    language = translation.get_language() or "en"
    asked = running.Run(wish.model, question, request.user.pk, wish.team, wish.replay_of, language)
    answer = StreamingHttpResponse(running.Lines(asked), content_type="application/x-ndjson; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    answer["X-Accel-Buffering"] = "no"  # a proxy that waits for the whole answer
    return cast(HttpResponse, answer)  # all that `login_required` knows


@require_POST
@login_required
def run_tool(request: SignedInRequest) -> JsonResponse:
    """What one of our own tools answers to a call that a model asked for."""
    try:
        wish = ToolWish.model_validate_json(request.body)
    except ValidationError as fault:
        return _fault(fault)
    if not playgrounds.may_ask(request.user, wish.team):
        return JsonResponse({"error": _("You cannot ask models under this team any more.")}, status=403)
    outcome = background.run(tools.call(tools.registered(), wish.name, wish.arguments))
    return JsonResponse({"told": outcome.told})


@require_GET
@login_required
def numbers(request: SignedInRequest, call_id: UUID) -> JsonResponse:
    """What a call of one's own took and where it can be opened, once its log is written; until then nothing."""
    call = LLMCallLog.objects.filter(user=request.user).defer(*calls.HEAVY).filter(pk=call_id).first()
    if call is None:
        return JsonResponse({"numbers": None, "url": None})
    is_open = calls.calls_open_to(request.user).filter(pk=call.pk).exists()
    url = reverse("operations:call", args=[call.pk]) if is_open else None
    return JsonResponse({"numbers": replay.numbers(call), "url": url})


@require_POST
@login_required
def save(request: SignedInRequest) -> JsonResponse:
    try:
        wish = Save.model_validate_json(request.body)
        row = actions.save(
            by=request.user,
            team_id=wish.team,
            playground_id=wish.id,
            name=wish.name,
            is_shared=wish.is_shared,
            content=wish.content,
        )
    except (ValidationError, Refused) as fault:
        return _fault(fault)
    return JsonResponse({"saved": _told(request, row)})


@require_POST
@login_required
def change(request: SignedInRequest, playground_id: UUID) -> JsonResponse:
    """Rename a kept one, share it or take it back, or let it go."""
    get_object_or_404(playgrounds.open_to(request.user), pk=playground_id)
    try:
        wish = Change.model_validate_json(request.body)
        if wish.deleted:
            actions.delete(by=request.user, playground_id=playground_id)
            return JsonResponse({"deleted": str(playground_id)})
        row = actions.change(by=request.user, playground_id=playground_id, name=wish.name, is_shared=wish.is_shared)
    except (ValidationError, Refused) as fault:
        return _fault(fault)
    return JsonResponse({"saved": _told(request, row)})


def _call_to_repeat(request: SignedInRequest) -> LLMCallLog | None:
    """Return the call in the address. Raises Http404 for one whose words this person may not read."""
    if "call" not in request.GET:
        return None
    call_id = _uuid(request.GET["call"])
    call = playgrounds.replayable(request.user, call_id) if call_id else None
    if call is None:
        raise Http404(_("There is no such call, or you may not read what was said in it."))
    return call


def _place(request: SignedInRequest, places: list[Membership], shown: UUID | None, current: UUID) -> Membership:
    """Return whose providers and budgets count: as asked for, else those of what is shown, else the current team's."""
    asked = _uuid(request.GET.get("team", ""))
    if asked and not any(place.team_id == asked for place in places):
        raise Http404(_("There is no such team."))
    for team_id in (asked or shown, current):
        if found := next((place for place in places if place.team_id == team_id), None):
            return found
    return next((place for place in places if place.team.personal_owner_id == request.user.pk), places[0])


def _data(
    request: SignedInRequest, here: Membership, places: list[Membership], kept: Playground | None
) -> dict[str, Any]:
    team = here.team
    return {
        "user": request.user.pk,
        "team": str(team.pk),
        "teams": [
            {"id": str(place.team_id), "name": _name_of(place), "is_personal": place.team.is_personal}
            for place in places
        ],
        "default_model": catalogue.default_model(team.pk),
        "most_models": content.MOST_MODELS,
        "source": f"kept-{kept.pk}" if kept else "new",
        "content": content.Content.model_validate(kept.content).model_dump() if kept else None,
        "notes": [],
        "original": None,
        "kept": _told(request, kept) if kept else None,
        "saved": [_told(request, row) for row in playgrounds.listed(request.user, team.pk)],
        "tools": [
            {"name": tool.name, "label": str(tool.label), "definition": tool.as_schema()["function"]}
            for tool in tools.registered().values()
        ],
        "urls": {
            "page": reverse("operations:playground"),
            "run": reverse("operations:run_playground"),
            "tool": reverse("operations:run_playground_tool"),
            "save": reverse("operations:save_playground"),
            "numbers": reverse("operations:playground_numbers", args=[UUID(int=0)]),
            "models": f"{reverse('llm_chat:models')}?team={team.pk}",
            "preset": reverse("llm_chat:change_preset"),
        },
    }


def _name_of(place: Membership) -> str:
    return _("Personal") if place.team.is_personal else place.team.name


def _told(request: SignedInRequest, row: Playground) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "name": row.name,
        "is_shared": row.is_shared,
        "is_own": row.user_id == request.user.pk,
        "by": row.user.short_name if row.user and row.user_id != request.user.pk else "",
        "url": reverse("operations:kept_playground", args=[row.pk]),
        "change_url": reverse("operations:change_playground", args=[row.pk]),
    }


def _fault(fault: ValidationError | Invalid | Refused) -> JsonResponse:
    if isinstance(fault, Invalid):
        return JsonResponse({"error": str(fault), "faults": fault.faults}, status=400)
    if isinstance(fault, Refused):
        return JsonResponse({"error": str(fault)}, status=409)
    first = fault.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    return JsonResponse({"error": f"`{place}`: {first['msg']}." if place else f"{first['msg']}."}, status=400)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
