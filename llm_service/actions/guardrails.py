"""What a team lets neither out nor in. Whoever calls these may manage the team's providers."""

from dataclasses import dataclass

from django.db import IntegrityError
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from lib.write_lock import writing
from llm_service import audit_actions, guardrails
from llm_service.models import Guardrail
from teams.models import Team
from teams.refusals import Refused

MOST_OF_A_TEAM = 20
FIELDS = ("name", "kind", "action", "checks_requests", "checks_replies", "is_active")


@dataclass(frozen=True)
class Details:
    """What somebody entered."""

    name: str
    kind: str
    action: str
    words: tuple[str, ...] = ()
    message: str = ""
    checks_requests: bool = True
    checks_replies: bool = True
    is_active: bool = True


def add(*, by: User, team: Team, details: Details) -> Guardrail:
    """Hold a team's calls against something from now on. Raises Refused before any write."""
    if Guardrail.objects.of(team).count() >= MOST_OF_A_TEAM:
        raise Refused(_("A team can have %(most)s guardrails.") % {"most": MOST_OF_A_TEAM})
    return _stored(by, Guardrail(team=team), details, audit_actions.GUARDRAIL_ADDED, {})


def change(*, by: User, guardrail: Guardrail, details: Details) -> Guardrail:
    return _stored(by, guardrail, details, audit_actions.GUARDRAIL_CHANGED, _told(guardrail))


def remove(*, by: User, guardrail: Guardrail) -> None:
    with writing():
        action = audit_actions.GUARDRAIL_REMOVED
        audit.record(action=action, by=by, team_id=guardrail.team_id, target=guardrail, before=_told(guardrail))
        guardrail.delete()
        guardrails.changed()


def _stored(
    by: User, guardrail: Guardrail, details: Details, action: audit.Action, before: dict[str, object]
) -> Guardrail:
    for name in FIELDS:
        setattr(guardrail, name, getattr(details, name))
    guardrail.words, guardrail.message = list(details.words), details.message
    try:
        with writing():
            guardrail.save()
            audit.record(
                action=action,
                by=by,
                team_id=guardrail.team_id,
                target=guardrail,
                before=before,
                after=_told(guardrail),
            )
            guardrails.changed()
    except IntegrityError:
        raise Refused(_("There is a guardrail with this name already.")) from None
    return guardrail


def _told(guardrail: Guardrail) -> dict[str, object]:
    """Not the words: they may be what the team wants nobody to read."""
    return {**{name: getattr(guardrail, name) for name in FIELDS}, "lines": len(guardrail.words)}
