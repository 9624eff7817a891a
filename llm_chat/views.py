import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from pydantic import ValidationError

from accounts.actions import change_chat_preferences
from accounts.models import User
from accounts.requests import SignedInRequest, settings_of
from llm_chat import actions, queries
from llm_chat.forms import PreferencesForm, ThreadsChange
from llm_chat.frames import first_fault
from llm_chat.models import ChatThread
from llm_service import catalogue
from realtime import events
from teams import middleware
from teams.access import allowed
from teams.permissions import Permission
from teams.requests import TeamRequest


@require_GET
@allowed(Permission.USE_CHAT)
def home(request: TeamRequest) -> HttpResponse:
    return render(request, "llm_chat/page.html", {"page_data": _page_data(request, None)})


@require_GET
@login_required
def thread(request: SignedInRequest, thread_id: uuid.UUID) -> HttpResponse:
    """A thread is shown among those of its own team, whichever one the person worked in last."""
    shown = _thread_or_404(request.user, thread_id)
    within = middleware.entered(request, shown.team_id)
    return render(within, "llm_chat/page.html", {"page_data": _page_data(within, shown)})


@login_required
def preferences(request: SignedInRequest) -> HttpResponse:
    form = PreferencesForm(request.POST or None, chosen=settings_of(request))
    if form.is_valid():
        change_chat_preferences(by=request.user, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("llm_chat:settings")
    return render(request, "llm_chat/settings.html", {"form": form})


@require_GET
@allowed(Permission.USE_CHAT)
def threads_json(request: TeamRequest) -> JsonResponse:
    """The threads of the team in `team`, or else of the person's current one; with `archived`, those put away."""
    try:
        if "team" in request.GET:
            middleware.entered(request, uuid.UUID(request.GET["team"]))
        before, archived = request.GET.get("before", ""), "archived" in request.GET
        return JsonResponse(queries.threads_page(request.user.pk, request.team.pk, before, archived=archived))
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=400)


@require_POST
@login_required
def change_threads(request: SignedInRequest) -> JsonResponse:
    """Rename, pin, archive, delete or bring back the threads in `ids`, all of them or none."""
    try:
        wish = ThreadsChange.model_validate_json(request.body)
        change = actions.Change(wish.title, wish.pinned, wish.archived, wish.deleted)
        actions.change_threads(by=request.user, thread_ids=wish.ids, change=change)
    except ValidationError as error:
        return JsonResponse({"error": first_fault(error)}, status=400)
    except actions.Refused as refusal:
        return JsonResponse({"error": refusal.message}, status=404 if refusal.code == "not_found" else 409)
    return JsonResponse({"changed": len(wish.ids)})


@require_GET
@login_required
def messages_json(request: SignedInRequest, thread_id: uuid.UUID) -> JsonResponse:
    shown = _thread_or_404(request.user, thread_id)
    try:
        before = uuid.UUID(request.GET["before"]) if request.GET.get("before") else None
        return JsonResponse(queries.history_page(shown, before))
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=400)


def _thread_or_404(person: User, thread_id: uuid.UUID) -> ChatThread:
    found = queries.thread_of(person.pk, thread_id)
    if found is None:
        raise Http404("There is no such thread.")
    return found


def _page_data(request: TeamRequest, shown: ChatThread | None) -> dict[str, Any]:
    person, team = request.user, request.team
    preferred = settings_of(request).chat_model
    return {
        "user": {"id": person.pk, "email": person.email, "name": person.short_name},
        "team": {"id": str(team.pk), "name": team.name},
        "site_name": settings.SITE_NAME,
        "models": [
            {"id": model.id, "label": model.label, "provider": catalogue.provider_label(model.provider)}
            for model in catalogue.available_models()
        ],
        "default_model": preferred if catalogue.is_allowed(preferred) else catalogue.default_model(),
        "limits": {
            "max_text": events.MAX_TEXT,
            "max_frame": events.MAX_FRAME,
            "message_interval": settings.CHAT_MESSAGE_INTERVAL,
        },
        "urls": {
            "home": reverse("llm_chat:home"),
            "threads": reverse("llm_chat:threads"),
            "change_threads": reverse("llm_chat:change_threads"),
            "socket": "/ws/chat/",
            "logout": reverse("account_logout"),
        },
        "threads": queries.threads_page(person.pk, team.pk),
        "thread_id": str(shown.id) if shown else None,
        "history": queries.history_page(shown) if shown else None,
    }
