"""Shared links: one's own, and the page anybody who has one may read. Nothing there tells who asks or who answered."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import BaseModel, ConfigDict, ValidationError

from accounts.requests import SignedInRequest
from lib import stored_files
from lib.framing import FRAMES_OF_OURS
from llm_chat import actions, queries
from llm_chat.actions.sharing import Lasts
from llm_chat.frames import first_fault
from llm_chat.models import SharedThread
from llm_chat.views.attachments import DRAWN_HERE
from llm_chat.views.threads import thread_or_404
from teams.access import allowed
from teams.permissions import Permission
from teams.requests import TeamRequest


class ShareWish(BaseModel):
    """What the page asks of a link: to be there on these terms, or to go."""

    model_config = ConfigDict(extra="forbid")

    revoke: bool = False
    shows_name: bool = False
    with_images: bool = False
    lasts: Lasts = "never"


@require_http_methods(["GET", "POST"])
@login_required
def share(request: SignedInRequest, thread_id: uuid.UUID) -> JsonResponse:
    """The link of a thread. A POST makes it, has it show the thread as it is now, or revokes it."""
    thread_or_404(request.user, thread_id)
    try:
        if request.method == "POST":
            wish = ShareWish.model_validate_json(request.body)
            if wish.revoke:
                actions.revoke(by=request.user, thread_id=thread_id)
            elif not ratelimit.consume(request, action="share_link", user=request.user):
                return JsonResponse({"error": _("That was a lot of links. Try again in a while.")}, status=429)
            else:
                terms = actions.Terms(wish.shows_name, wish.with_images, wish.lasts)
                actions.share(by=request.user, thread_id=thread_id, terms=terms)
    except ValidationError as error:
        return JsonResponse({"error": first_fault(error)}, status=400)
    except actions.Refused as refusal:
        return JsonResponse({"error": refusal.message}, status=409)
    link = queries.link_of(request.user.pk, thread_id)
    value = queries.link_value(link, _address(request, link)) if link else None
    has_pictures = queries.has_pictures(request.user.pk, thread_id)
    return JsonResponse({"link": value, "name": request.user.name, "has_pictures": has_pictures})


@require_safe
@login_required
def links(request: SignedInRequest) -> HttpResponse:
    page = queries.links_page(request.user.pk, request.GET.get("before", ""))
    rows = [(link, _address(request, link), queries.link_value(link, "")) for link in page.links]
    return render(request, "llm_chat/links.html", {"rows": rows, "next": page.next})


@require_POST
@login_required
def revoke_link(request: SignedInRequest, thread_id: uuid.UUID) -> HttpResponse:
    thread_or_404(request.user, thread_id)
    if actions.revoke(by=request.user, thread_id=thread_id):
        messages.success(request, _("The link leads nowhere now."))
    return redirect("llm_chat:links")


def _address(request: HttpRequest, link: SharedThread) -> str:
    return request.build_absolute_uri(reverse("share:page", args=[link.token]))


# --- For whoever has the link -----------------------------------------------------------------------------------------


def _unlisted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep a page out of search engines and caches, and its address out of what it links to."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if ratelimit.consume(request, action="shared_page"):
            answer = view(request, *args, **kwargs)
        else:
            answer = render(request, "429.html", status=429)
        answer["X-Robots-Tag"] = "noindex, nofollow"
        answer["Referrer-Policy"] = "no-referrer"
        answer["Cache-Control"] = "private, no-cache"
        return answer

    return answered


@require_safe
@csp_override(FRAMES_OF_OURS)
@_unlisted
def shared_page(request: HttpRequest, share_token: str) -> HttpResponse:
    link = queries.opened_by_link(share_token)
    if link is None:
        return _gone(request, ran_out=queries.ran_out(share_token))
    context = {
        "link": link,
        "left_out": sum(said["files"] for said in link.content),
        "preview": request.build_absolute_uri(reverse("share:preview", args=[share_token])),
        "address": _address(request, link),
    }
    return render(request, "share/page.html", context)


@require_safe
@_unlisted
def shared_preview(request: HttpRequest, share_token: str) -> HttpResponse:
    link = queries.opened_by_link(share_token)
    if link is None:
        return _gone(request)
    return HttpResponse(bytes(link.preview), content_type="image/png")


@require_safe
@_unlisted
def shared_picture(request: HttpRequest, share_token: str, picture_id: uuid.UUID) -> HttpResponse:
    link = queries.opened_by_link(share_token)
    row = queries.picture_on(link, picture_id) if link else None
    if row is None or row.mime not in DRAWN_HERE:
        return _gone(request)
    try:
        file = stored_files.opened(row.file_key)
    except FileNotFoundError:
        return _gone(request)
    with file:
        return HttpResponse(file.read(), content_type=row.mime)


@require_http_methods(["GET", "POST"])
@allowed(Permission.USE_CHAT)
def shared_copy(request: TeamRequest, share_token: str) -> HttpResponse:
    """Go on with a shared conversation in a thread of one's own."""
    link = queries.opened_by_link(share_token)
    if link is None:
        return _gone(request)
    if request.method == "POST":
        thread = actions.copy_shared(by=request.user, team=request.team, link=link)
        return redirect("llm_chat:thread", thread.id)
    return render(request, "share/copy.html", {"link": link})


def _gone(request: HttpRequest, *, ran_out: bool = False) -> HttpResponse:
    """Revoked and never there look alike. That a link ran out is told to whoever has it."""
    return render(request, "share/gone.html", {"ran_out": ran_out}, status=404)
