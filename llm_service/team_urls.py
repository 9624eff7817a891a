"""Pages of one team about models; mounted below `teams/<uuid:team_id>/`."""

from django.urls import path

from llm_service.views import guardrails, providers

app_name = "team_models"

urlpatterns = [
    path("providers/", providers.listed, name="list"),
    path("providers/new/", providers.connect, name="connect"),
    path("providers/<uuid:provider_id>/", providers.change, name="change"),
    path("providers/<uuid:provider_id>/try/", providers.try_out, name="try"),
    path("providers/<uuid:provider_id>/disconnect/", providers.disconnect, name="disconnect"),
    path("guardrails/", guardrails.listed, name="guardrails"),
    path("guardrails/new/", guardrails.add, name="add_guardrail"),
    path("guardrails/<uuid:guardrail_id>/", guardrails.change, name="change_guardrail"),
    path("guardrails/<uuid:guardrail_id>/remove/", guardrails.remove, name="remove_guardrail"),
    path("models/rule/", providers.rule, name="rule"),
]
