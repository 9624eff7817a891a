import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from pydantic import ValidationError

from accounts.models import User
from accounts.requests import SignedInRequest
from llm_chat import actions, queries
from llm_chat.forms import ThreadsChange
from llm_chat.frames import first_fault
from llm_chat.models import ChatThread
from teams.access import allowed_in_named_team
from teams.permissions import Permission
from teams.requests import TeamRequest

MESSAGES_BY = ("before", "after", "around")


@require_GET
@allowed_in_named_team(Permission.USE_CHAT)
def threads_json(request: TeamRequest) -> JsonResponse:
    """The threads of the team in `team`, or else of the current one; `archived` ones, or those with a `tag`."""
    try:
        before, archived = request.GET.get("before", ""), "archived" in request.GET
        tag = uuid.UUID(request.GET["tag"]) if request.GET.get("tag") else None
        page = queries.threads_page(request.user.pk, request.team.pk, before, archived=archived, tag_id=tag)
        return JsonResponse(page)
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=400)


@require_POST
@login_required
def change_threads(request: SignedInRequest) -> JsonResponse:
    """Rename, pin, archive, tag, delete or bring back the threads in `ids`, all of them or none."""
    try:
        wish = ThreadsChange.model_validate_json(request.body)
        change = actions.Change(wish.title, wish.pinned, wish.archived, wish.deleted, wish.tagged, wish.untagged)
        actions.change_threads(by=request.user, thread_ids=wish.ids, change=change)
    except ValidationError as error:
        return JsonResponse({"error": first_fault(error)}, status=400)
    except actions.Refused as refusal:
        return JsonResponse({"error": refusal.message}, status=404 if refusal.code == "not_found" else 409)
    return JsonResponse({"changed": len(wish.ids)})


@require_GET
@login_required
def messages_json(request: SignedInRequest, thread_id: uuid.UUID) -> JsonResponse:
    """The newest messages, or those `before`, `after` or `around` one of them."""
    shown = thread_or_404(request.user, thread_id)
    try:
        named = {name: uuid.UUID(request.GET[name]) for name in MESSAGES_BY if request.GET.get(name)}
        if "before" in named or not named:
            return JsonResponse(queries.history_page(shown, named.get("before")))
        return JsonResponse(queries.excerpt(shown, around=named.get("around"), after=named.get("after")))
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=400)


@require_POST
@login_required
def leave_temporary(request: SignedInRequest, thread_id: uuid.UUID) -> HttpResponse:
    """What a tab says when its person goes away from a temporary chat, to another one or, with `closing`, for now."""
    leave = actions.close_temporary if "closing" in request.POST else actions.leave_temporary
    if not leave(by=request.user, thread_id=thread_id):
        raise Http404(_("There is no such temporary chat."))
    return HttpResponse(status=204)


def thread_or_404(person: User, thread_id: uuid.UUID) -> ChatThread:
    found = queries.thread_of(person.pk, thread_id)
    if found is None:
        raise Http404(_("There is no such thread."))
    return found
