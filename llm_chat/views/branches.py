import uuid

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.views.decorators.http import require_POST
from pydantic import ValidationError

from accounts.requests import SignedInRequest
from llm_chat import actions, queries
from llm_chat.forms import BranchChoice, Fork
from llm_chat.frames import first_fault

MOST_SHOWN = 200
"""So many messages are sent at most to have the one in sight whose version was chosen."""


@require_POST
@login_required
def choose_branch(request: SignedInRequest, thread_id: uuid.UUID) -> JsonResponse:
    """Turn to the branch of a message; the answer is the thread as it is shown then."""
    try:
        wish = BranchChoice.model_validate_json(request.body)
        thread, leaf = actions.choose_branch(by=request.user, thread_id=thread_id, message_id=wish.message_id)
    except ValidationError as error:
        return JsonResponse({"error": first_fault(error)}, status=400)
    except actions.Refused as refusal:
        return _refused(refusal)
    wanted = leaf.depth + queries.PAGE_MESSAGES // 2
    limit = max(wanted, queries.PAGE_MESSAGES) if wanted <= MOST_SHOWN else queries.PAGE_MESSAGES
    return JsonResponse(queries.history_page(thread, limit=limit))


@require_POST
@login_required
def fork(request: SignedInRequest, thread_id: uuid.UUID) -> JsonResponse:
    """Begin a new thread with what was said up to a message."""
    try:
        wish = Fork.model_validate_json(request.body)
        made = actions.fork(by=request.user, thread_id=thread_id, message_id=wish.message_id, new_id=wish.id)
    except ValidationError as error:
        return JsonResponse({"error": first_fault(error)}, status=400)
    except actions.Refused as refusal:
        return _refused(refusal)
    return JsonResponse({"thread_id": str(made.id)})


def _refused(refusal: actions.Refused) -> JsonResponse:
    return JsonResponse({"error": refusal.message}, status=404 if refusal.code == "not_found" else 409)
