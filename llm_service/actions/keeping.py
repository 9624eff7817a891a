"""What a team wants kept of its calls."""

from accounts import audit
from accounts.models import User
from lib.write_lock import writing
from llm_service import audit_actions
from llm_service.models import Keeping
from teams.models import Team

FIELDS = ("words", "bodies_days", "logs_days")


def change(*, by: User, team: Team, words: str, bodies_days: int | None, logs_days: int | None) -> Keeping:
    """Store what a team wants kept from now on; what is older goes with the next hourly run."""
    with writing():
        row = Keeping.objects.of(team).select_for_update().first() or Keeping(team=team)
        before = {name: getattr(row, name) for name in FIELDS}
        row.words, row.bodies_days, row.logs_days = words, bodies_days, logs_days
        after = {name: getattr(row, name) for name in FIELDS}
        row.save()
        if after != before:
            audit.record(
                action=audit_actions.KEEPING_CHANGED, by=by, team_id=team.pk, target=team, before=before, after=after
            )
    return row
