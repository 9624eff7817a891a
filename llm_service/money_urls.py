from django.urls import path

from llm_service.views import money

app_name = "money"

urlpatterns = [
    path("", money.usage, name="usage"),
    path("teams/<uuid:team_id>/limits/", money.limits, name="limits"),
    path("teams/<uuid:team_id>/limits/<uuid:budget_id>/", money.limit, name="limit"),
    path("teams/<uuid:team_id>/limits/<uuid:budget_id>/remove/", money.remove_limit, name="remove_limit"),
    path("teams/<uuid:team_id>/alerts/", money.alert_rules, name="alerts"),
    path("teams/<uuid:team_id>/alerts/<uuid:alert_id>/", money.alert_rule, name="alert"),
    path("teams/<uuid:team_id>/alerts/<uuid:alert_id>/remove/", money.remove_alert, name="remove_alert"),
]
