import uuid
from dataclasses import asdict
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.views.decorators.http import require_GET, require_POST
from pydantic import ValidationError

from accounts.requests import SignedInRequest
from llm_chat import actions, queries, wire
from llm_chat.forms import PresetChange, SettingsWish
from llm_chat.frames import first_fault
from llm_chat.views.threads import thread_or_404
from llm_service import abilities, catalogue
from llm_service.parameters import RULES, Invalid
from teams.access import allowed_in_named_team
from teams.permissions import Permission, may
from teams.requests import TeamRequest


@require_GET
@allowed_in_named_team(Permission.USE_CHAT)
def models_json(request: TeamRequest) -> JsonResponse:
    """What each model of the team can do. The first answer of a process may take seconds."""
    rules = {name: asdict(rule) for name, rule in RULES.items()}
    return JsonResponse({"models": _models(request.team.pk), "rules": rules})


@require_POST
@login_required
def change_settings(request: SignedInRequest, thread_id: uuid.UUID) -> JsonResponse:
    try:
        wish = SettingsWish.model_validate_json(request.body)
        change = actions.SettingsChange(wish.model, wish.instructions, wish.parameters)
        thread = actions.change_settings(by=request.user, thread_id=thread_id, change=change)
    except (ValidationError, Invalid, actions.Refused) as fault:
        return _fault(fault)
    settings = wire.thread_settings(thread).model_dump(mode="json")
    return JsonResponse({"rev": thread.rev, "model": thread.model, "settings": settings})


@require_GET
@login_required
def context_json(request: SignedInRequest, thread_id: uuid.UUID) -> JsonResponse:
    """How full the context would be with the model in `model`, or else with the thread's."""
    shown = thread_or_404(request.user, thread_id)
    wished = request.GET.get("model", "")
    found = (one for one in (wished, shown.model) if catalogue.is_allowed(one, shown.team_id))
    model = next(found, None) or catalogue.default_model(shown.team_id)
    return JsonResponse(queries.context_value(shown, request.user, model))


@require_GET
@allowed_in_named_team(Permission.USE_CHAT)
def presets_json(request: TeamRequest) -> JsonResponse:
    """The presets of the team in `team`, or else of the person's current one: their own and the team's."""
    may_share = may(request.role, Permission.MANAGE_BOTS)
    rows = queries.presets_in(request.user.pk, request.team.pk)
    return JsonResponse(
        {"may_share": may_share, "presets": [queries.preset_value(row, is_default=chosen) for row, chosen in rows]}
    )


@require_POST
@login_required
def change_preset(request: SignedInRequest) -> JsonResponse:
    """Keep the preset in `id`, new or changed, choose it as the default, or let it go."""
    try:
        wish = PresetChange.model_validate_json(request.body)
        if wish.is_default is not None and wish.values is None:
            row = actions.choose_default_preset(by=request.user, preset_id=wish.id, is_default=wish.is_default)
            return JsonResponse({"preset": queries.preset_value(row, is_default=wish.is_default)})
        if wish.values is None:
            actions.delete_preset(by=request.user, preset_id=wish.id)
            return JsonResponse({"deleted": str(wish.id)})
        values = actions.PresetValues(**wish.values.model_dump())
        row = actions.save_preset(by=request.user, team_id=wish.team_id, preset_id=wish.id, values=values)
    except (ValidationError, Invalid, actions.Refused) as fault:
        return _fault(fault)
    return JsonResponse({"preset": queries.preset_value(row, is_default=values.is_default)})


def _fault(fault: ValidationError | Invalid | actions.Refused) -> JsonResponse:
    if isinstance(fault, Invalid):
        return JsonResponse({"error": str(fault), "faults": fault.faults}, status=400)
    if isinstance(fault, actions.Refused):
        return JsonResponse({"error": fault.message}, status=404 if fault.code == "not_found" else 409)
    return JsonResponse({"error": first_fault(fault)}, status=400)


def _models(team_id: uuid.UUID) -> list[dict[str, Any]]:
    return [
        {
            "id": model.id,
            "label": model.label,
            "provider": catalogue.group_of(model),
            "abilities": asdict(model.abilities),
            "note": model.note,
            "parameters": abilities.parameters_of(model.id),
            "efforts": abilities.efforts_of(model.id),
        }
        for model in catalogue.available_models(team_id)
    ]
