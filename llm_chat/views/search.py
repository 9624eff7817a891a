import uuid

from django.http import JsonResponse
from django.views.decorators.http import require_GET

from llm_chat import queries
from teams.access import allowed_in_named_team
from teams.permissions import Permission
from teams.requests import TeamRequest


@require_GET
@allowed_in_named_team(Permission.USE_CHAT)
def search_json(request: TeamRequest) -> JsonResponse:
    """What the person's conversations in the team in `team` say of `q`; with `thread`, those of one of them."""
    asked = request.GET
    try:
        thread_id = uuid.UUID(asked["thread"]) if asked.get("thread") else None
        found = queries.search(
            request.user.pk, request.team.pk, asked.get("q", ""), asked.get("before", ""), thread_id=thread_id
        )
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse(found)
