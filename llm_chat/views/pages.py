import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from accounts.actions import change_chat_preferences
from accounts.requests import SignedInRequest, settings_of
from lib.framing import FRAMES_OF_OURS
from llm_chat import context, queries
from llm_chat.forms import PreferencesForm
from llm_chat.models import ChatThread
from llm_service import abilities, catalogue
from realtime import events
from teams import middleware
from teams.access import allowed
from teams.permissions import Permission
from teams.requests import TeamRequest


@require_GET
@gzip_page
@csp_override(FRAMES_OF_OURS)
@allowed(Permission.USE_CHAT)
def home(request: TeamRequest) -> HttpResponse:
    return render(request, "llm_chat/page.html", {"page_data": _page_data(request, None)})


@require_GET
@gzip_page
@csp_override(FRAMES_OF_OURS)
@login_required
def thread(request: SignedInRequest, thread_id: uuid.UUID) -> HttpResponse:
    """A thread is shown among those of its own team, whichever one the person worked in last."""
    shown = queries.thread_of(request.user.pk, thread_id)
    if shown is None:
        if not queries.was_temporary(request.user.pk, thread_id):
            raise Http404(_("There is no such thread."))
        messages.info(request, _("That was a temporary chat. It has been erased."))
        return redirect("llm_chat:home")
    within = middleware.entered(request, shown.team_id)
    return render(within, "llm_chat/page.html", {"page_data": _page_data(within, shown)})


@allowed(Permission.USE_CHAT)
def preferences(request: TeamRequest) -> HttpResponse:
    form = PreferencesForm(request.POST or None, chosen=settings_of(request), team_id=request.team.pk)
    if form.is_valid():
        change_chat_preferences(by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("llm_chat:settings")
    return render(request, "llm_chat/settings.html", {"form": form})


def _default_preset(user_id: int, team_id: uuid.UUID) -> dict[str, Any] | None:
    """What a new chat begins with. A page that shows a thread asks for it when a new chat is begun."""
    preset = queries.default_preset(user_id, team_id)
    return queries.preset_value(preset, is_default=True) if preset else None


def _page_data(request: TeamRequest, shown: ChatThread | None) -> dict[str, Any]:
    person, team = request.user, request.team
    preferred = settings_of(request).chat_model
    return {
        "user": {"id": person.pk, "email": person.email, "name": person.short_name},
        "team": {"id": str(team.pk), "name": team.name},
        "site_name": settings.SITE_NAME,
        "now": timezone.now().isoformat(),
        "models": [
            {
                "id": model.id,
                "label": model.label,
                "provider": catalogue.group_of(model),
                "budget": context.budget_of(model.id),
                "sees_images": abilities.sees_images(model.id),
            }
            for model in catalogue.available_models(team.pk)
        ],
        "default_model": preferred if catalogue.is_allowed(preferred, team.pk) else catalogue.default_model(team.pk),
        "limits": {
            "max_text": events.MAX_TEXT,
            "max_frame": events.MAX_FRAME,
            "message_interval": settings.CHAT_MESSAGE_INTERVAL,
            "file_mb": settings.ATTACHMENT_MAX_MB,
            "files": settings.ATTACHMENT_MAX_PER_MESSAGE,
        },
        "urls": {
            "home": reverse("llm_chat:home"),
            "threads": reverse("llm_chat:threads"),
            "change_threads": reverse("llm_chat:change_threads"),
            "tags": reverse("llm_chat:tags"),
            "search": reverse("llm_chat:search"),
            "models": reverse("llm_chat:models"),
            "presets": reverse("llm_chat:presets"),
            "preferences": reverse("llm_chat:settings"),
            "change_preset": reverse("llm_chat:change_preset"),
            "socket": "/ws/chat/",
            "logout": reverse("account_logout"),
        },
        **({} if shown else {"preset": _default_preset(person.pk, team.pk)}),
        "threads": queries.threads_page(person.pk, team.pk),
        "thread_id": str(shown.id) if shown else None,
        "history": queries.history_page(shown) if shown else None,
    }
