from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from accounts.requests import SignedInRequest
from llm_service import exports
from llm_service.actions import reading
from llm_service.views.calls import asked

TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson; charset=utf-8"}


@login_required
def export(request: SignedInRequest, format_: str) -> HttpResponse:
    wanted, seen, shows_words = asked(request)
    filters = f"{wanted.query()}{' with words' if shows_words else ''}"
    reading.note_download(by=request.user, team_id=seen.team_id, format_=format_, filters=filters)
    about = exports.about(seen.calls, wanted)
    pieces = exports.stream(seen.calls, wanted, format_=format_, words=shows_words)
    answer = StreamingHttpResponse(pieces, content_type=TYPES[format_])
    answer["Content-Disposition"] = content_disposition_header(True, f"calls-{timezone.now():%Y-%m-%d}.{format_}")
    answer["Cache-Control"] = "no-store"
    answer["X-Rows-About"] = str(about)
    return cast(HttpResponse, answer)  # all that `login_required` knows
