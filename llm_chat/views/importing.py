from django.contrib import messages
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from llm_chat import actions
from llm_chat.models import Import
from teams.access import allowed
from teams.permissions import Permission
from teams.requests import TeamRequest

MOST_MB = 200
SHOWN = 20


class ImportUpload(TemporaryFileUploadHandler):
    """Puts a file on the disk, as far as it is allowed."""

    too_large = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start + len(raw_data) > MOST_MB * 1024 * 1024:
            self.too_large = True
            raise StopUpload(connection_reset=False)
        return super().receive_data_chunk(raw_data, start)


@csrf_exempt  # checked below: to look at the token is to read the upload, and how is said before
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Where conversations of other products are brought in, and how far they have come."""
    upload = ImportUpload(request)
    request.upload_handlers = [upload]
    answer: HttpResponse = _imports(request)
    return answer


@csrf_protect
@allowed(Permission.USE_CHAT)
def _imports(request: TeamRequest) -> HttpResponse:
    if request.method == "POST":
        _take(request)
        return redirect("llm_chat:imports")
    rows = list(Import.objects.of(request.team).filter(user=request.user).order_by("-created_at")[:SHOWN])
    is_busy = any(row.state in actions.BUSY for row in rows)
    return render(request, "llm_chat/imports.html", {"imports": rows, "is_busy": is_busy, "most_mb": MOST_MB})


def _take(request: TeamRequest) -> None:
    file = request.FILES.get("file")
    (handler,) = request.upload_handlers
    if getattr(handler, "too_large", False):
        messages.error(
            request,
            _("A file can have %(most)s MB. Import the conversations.json in it alone.") % {"most": MOST_MB},
        )
    elif file is None or not file.size:
        messages.error(request, _("Choose a file that has something in it."))
    else:
        try:
            actions.begin_import(by=request.user, team=request.team, name=file.name or _("A file"), file=file)
        except (actions.Refused, actions.FileRefused) as refusal:
            messages.error(request, refusal.message)
