from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.views.decorators.http import require_GET, require_POST
from pydantic import ValidationError

from accounts.requests import SignedInRequest
from llm_chat import actions, queries
from llm_chat.forms import TagWish
from llm_chat.frames import first_fault
from teams.access import allowed_in_named_team
from teams.permissions import Permission
from teams.requests import TeamRequest


@require_GET
@allowed_in_named_team(Permission.USE_CHAT)
def tags_json(request: TeamRequest) -> JsonResponse:
    """The person's tags in the team in `team`, or else in their current one."""
    return JsonResponse({"tags": [queries.tag_value(tag) for tag in queries.tags_of(request.user.pk, request.team.pk)]})


@require_POST
@login_required
def change_tag(request: SignedInRequest) -> JsonResponse:
    """Make a tag of the person's in a team, rename it, give it a colour, or delete it."""
    try:
        wish = TagWish.model_validate_json(request.body)
        change = actions.TagChange(wish.name, wish.colour, wish.deleted)
        actions.change_tag(by=request.user, team_id=wish.team, tag_id=wish.id, change=change)
    except ValidationError as error:
        return JsonResponse({"error": first_fault(error)}, status=400)
    except actions.Refused as refusal:
        return JsonResponse({"error": refusal.message}, status=404 if refusal.code == "not_found" else 409)
    return JsonResponse({"id": str(wish.id)})
