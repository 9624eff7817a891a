import uuid
from dataclasses import asdict

from django.contrib.auth.decorators import login_required
from django.http import Http404, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.requests import SignedInRequest
from llm_chat import queries
from llm_service import reply_calls


@require_GET
@login_required
def details(request: SignedInRequest, message_id: uuid.UUID) -> JsonResponse:
    """The calls behind a reply of one's own; `log` is the row in the admin, for staff who may read it."""
    if queries.thread_id_of_message(request.user.pk, message_id) is None:
        raise Http404(_("There is no such message."))
    may_read_logs = request.user.is_staff and request.user.has_perm(reply_calls.MAY_READ_LOGS)
    calls = [
        asdict(call)
        | {"log": reverse("admin:llm_service_llmcalllog_change", args=[call.id]) if may_read_logs else None}
        for call in reply_calls.of_message(message_id)
    ]
    return JsonResponse({"calls": calls})
