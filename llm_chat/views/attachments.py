"""Files of messages: taken in one by one, given out to their person alone and never as a page."""

from collections.abc import AsyncIterator, Iterator
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.files.base import File
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.csp import CSP
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import SignedInRequest
from lib import stored_files
from llm_chat import actions, queries
from llm_chat.forms import AttachmentForm
from llm_chat.models import Attachment
from realtime.bridge import in_db

CHUNK = 256 * 1024
DRAWN_HERE = frozenset({"image/png", "image/jpeg", "image/webp"})
"""What we drew anew ourselves. Anything else is handed out to be saved, never to be shown."""
# A file is looked at in a box where nothing runs and nothing is asked of anybody, should a browser show it after all.
_NOTHING = {name: [CSP.NONE] for name in ("default-src", "frame-ancestors", "base-uri", "form-action")}
LOCKED_UP = csp_override({**_NOTHING, "sandbox": True})  # type: ignore[dict-item]  # a bare word


@require_POST
@login_required
def attach(request: SignedInRequest) -> JsonResponse:
    """Take one file in. The same `id` again is answered as the first time."""
    form = AttachmentForm(request.POST, request.FILES)
    if not form.is_valid():
        too_large = any(getattr(handler, "too_large", False) for handler in request.upload_handlers)
        return JsonResponse(
            {"error": form.too_large() if too_large else form.fault()}, status=413 if too_large else 400
        )
    try:
        row = actions.attach(by=request.user, upload=form.upload())
    except actions.FileRefused as refusal:
        return JsonResponse({"error": refusal.message}, status=refusal.status)
    except actions.Refused as refusal:
        return JsonResponse({"error": refusal.message}, status=404)
    return JsonResponse(queries.attachment_value(row), status=201)


@require_http_methods(["GET", "HEAD", "DELETE"])
@login_required
@LOCKED_UP
def attachment(request: SignedInRequest, attachment_id: UUID) -> HttpResponseBase:
    """The file itself, or away with it while it is not sent."""
    if request.method == "DELETE":
        return HttpResponse(status=204 if actions.detach(by=request.user, attachment_id=attachment_id) else 404)
    row = _row_or_404(request, attachment_id)
    is_shown = row.mime in DRAWN_HERE and "download" not in request.GET
    answer = _handed_out(request, row, row.file_key, row.mime if is_shown else "application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(not is_shown, row.name) or "attachment"
    return answer


@require_GET
@login_required
@LOCKED_UP
def thumbnail(request: SignedInRequest, attachment_id: UUID) -> HttpResponseBase:
    row = _row_or_404(request, attachment_id)
    if not row.thumbnail_key:
        raise Http404(_("This file has no small picture."))
    answer = _handed_out(request, row, row.thumbnail_key, "image/webp")
    answer["Content-Disposition"] = "inline"
    return answer


def _row_or_404(request: SignedInRequest, attachment_id: UUID) -> Attachment:
    row = queries.attachment_of(request.user.pk, attachment_id)
    if row is None:
        raise Http404(_("There is no such file."))
    return row


def _handed_out(request: SignedInRequest, row: Attachment, key: str, mime: str) -> HttpResponseBase:
    etag = f'"{row.sha256[:32]}-{"t" if key == row.thumbnail_key else "f"}"'
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if answer is None:
        try:
            opened = stored_files.opened(key)
            size = opened.size
        except FileNotFoundError:  # a disk that does not last, as on Heroku
            raise Http404(_("This file is gone from the server.")) from None
        if mime in DRAWN_HERE:  # small: we made it so
            with opened:
                answer = HttpResponse(opened.read(), content_type=mime)
        else:
            pieces = _AsyncPieces if isinstance(request, ASGIRequest) else _Pieces
            answer = StreamingHttpResponse(pieces(opened), content_type=mime)
        answer["Content-Length"] = str(size)
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, max-age=3600"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


class _Pieces:
    """A stored file, piece by piece. The answer closes it, also when nobody reads it."""

    def __init__(self, opened: File[bytes]) -> None:
        self.opened = opened
        self.close = opened.close

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.opened.read(CHUNK), b"")


class _AsyncPieces:
    """The same on the event loop; read in threads of the database's, for a storage may be far away."""

    def __init__(self, opened: File[bytes]) -> None:
        self.opened = opened
        self.close = opened.close

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await in_db(self.opened.read, CHUNK):
            yield piece
