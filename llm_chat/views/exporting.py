import json
import uuid

from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from llm_chat import portable, queries


@require_safe
@login_required
def export(request: SignedInRequest, thread_id: uuid.UUID) -> HttpResponse:
    """A conversation as a file: `format` is `markdown` or `json`; `all` adds the branches not shown."""
    thread = queries.kept_threads_of(request.user.pk).filter(id=thread_id).select_related("team").first()
    if thread is None:
        raise Http404(_("There is no such conversation."))
    name = slugify(thread.title)[:60] or "conversation"
    if request.GET.get("format") != "json":
        text = portable.as_markdown(thread.title or _("New chat"), queries.shown_path(thread))
        return _file(f"{name}.md", "text/markdown; charset=utf-8", text)
    rows = thread.messages.order_by("created_at", "id") if "all" in request.GET else queries.shown_path(thread)
    value = {**portable.head(thread), "messages": [portable.message(row) for row in rows]}
    text = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
    return _file(f"{name}.json", "application/json", text)


def _file(name: str, content_type: str, text: str) -> HttpResponse:
    answer = HttpResponse(text, content_type=content_type)
    answer["Content-Disposition"] = str(content_disposition_header(True, name))
    answer["Cache-Control"] = "no-store"
    return answer
