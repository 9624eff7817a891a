from typing import cast

from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header

from accounts import audit, audit_reading
from teams import audit_actions
from teams.access import allowed
from teams.permissions import Permission
from teams.requests import TeamRequest


@allowed(Permission.VIEW_AUDIT)
def audit_log(request: TeamRequest) -> HttpResponse:
    wanted = audit_reading.wanted(request.GET.dict())
    page = audit_reading.team_page(request.team.pk, wanted, after=request.GET.get("after", ""))
    context = {
        "rows": page.rows,
        "after": page.after,
        "searched_to": page.searched_to,
        "wanted": wanted,
        "actions": team_actions(),
    }
    return render(request, "teams/audit_log.html", context)


@allowed(Permission.VIEW_AUDIT)
def audit_log_file(request: TeamRequest) -> HttpResponse:
    wanted = audit_reading.wanted(request.GET.dict())
    with transaction.atomic():
        audit.record(action=audit_actions.LOG_DOWNLOADED, by=request.user, team_id=request.team.pk, target=request.team)
    lines = audit_reading.stream_csv(audit_reading.of_team(request.team.pk, wanted))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(True, f"audit-log-{timezone.now():%Y-%m-%d}.csv")
    answer["Cache-Control"] = "no-store"
    return cast(HttpResponse, answer)  # all that `allowed` knows


def team_actions() -> list[audit.Action]:
    """Return what the filter offers: everything but what is about accounts alone."""
    accounts = {"account", "signin", "session", "password", "email", "mfa"}
    return [action for name, action in audit.actions().items() if name.partition(".")[0] not in accounts]
