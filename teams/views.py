from django.http import HttpResponse
from django.shortcuts import render

from teams.access import allowed
from teams.permissions import Permission
from teams.requests import TeamRequest


@allowed(Permission.VIEW_TEAM)
def team(request: TeamRequest) -> HttpResponse:
    return render(request, "teams/team.html")
