from django.urls import path

from teams import views

app_name = "teams"

urlpatterns = [
    path("<uuid:team_id>/", views.team, name="team"),
    path("<uuid:team_id>/settings/", views.team, name="settings"),
]
