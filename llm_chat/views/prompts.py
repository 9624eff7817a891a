from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.views.decorators.http import require_GET, require_POST
from pydantic import ValidationError

from accounts.requests import SignedInRequest
from llm_chat import actions, queries
from llm_chat.forms import PromptChange
from llm_chat.frames import first_fault
from teams.access import allowed_in_named_team
from teams.permissions import Permission, may
from teams.requests import TeamRequest


@require_GET
@allowed_in_named_team(Permission.USE_CHAT)
def prompts_json(request: TeamRequest) -> JsonResponse:
    """The prompts of the team in `team`, or else of the person's current one: their own and the team's."""
    rows = queries.prompts_in(request.user.pk, request.team.pk)
    may_share = may(request.role, Permission.MANAGE_BOTS)
    return JsonResponse({"may_share": may_share, "prompts": [queries.prompt_value(row) for row in rows]})


@require_POST
@login_required
def change_prompt(request: SignedInRequest) -> JsonResponse:
    """Keep the prompt in `id`, new or changed, or let it go."""
    try:
        wish = PromptChange.model_validate_json(request.body)
        if wish.values is None:
            actions.delete_prompt(by=request.user, prompt_id=wish.id)
            return JsonResponse({"deleted": str(wish.id)})
        values = actions.PromptValues(**wish.values.model_dump())
        row = actions.save_prompt(by=request.user, team_id=wish.team_id, prompt_id=wish.id, values=values)
    except ValidationError as error:
        return JsonResponse({"error": first_fault(error)}, status=400)
    except actions.Refused as refusal:
        return JsonResponse({"error": refusal.message}, status=404 if refusal.code == "not_found" else 409)
    return JsonResponse({"prompt": queries.prompt_value(row)})
