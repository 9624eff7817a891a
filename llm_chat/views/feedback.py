import uuid

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.views.decorators.http import require_http_methods
from pydantic import ValidationError

from accounts.requests import SignedInRequest
from llm_chat import actions
from llm_chat.frames import first_fault
from llm_service.feedback import Opinion


@require_http_methods(["GET", "POST"])
@login_required
def feedback(request: SignedInRequest, message_id: uuid.UUID) -> JsonResponse:
    """What this person thinks of a reply; a POST changes it, and takes it back with a `rating` of null."""
    try:
        if request.method == "POST":
            actions.rate(by=request.user, message_id=message_id, opinion=Opinion.model_validate_json(request.body))
        return JsonResponse(actions.rated(by=request.user, message_id=message_id).model_dump())
    except ValidationError as error:
        return JsonResponse({"error": first_fault(error)}, status=400)
    except actions.Refused as refusal:
        return JsonResponse({"error": refusal.message}, status=404)
