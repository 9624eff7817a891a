"""Tell every server process that people are no longer in a team, so that open sockets lose what is the team's."""

import json
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from realtime.publish import order

ORDER = "left_team"


@dataclass(frozen=True, slots=True)
class Departure:
    team_id: UUID
    user_id: int | None
    """None: everybody, because the team is gone."""


def tell(team_id: UUID, user_id: int) -> None:
    """On commit, say that this person has left."""
    _on_commit(Departure(team_id, user_id))


def tell_all(team_id: UUID) -> None:
    """On commit, say that the team is gone."""
    _on_commit(Departure(team_id, None))


def _on_commit(departure: Departure) -> None:
    argument = json.dumps([str(departure.team_id), departure.user_id])
    transaction.on_commit(lambda: order(ORDER, argument))


def read(argument: str) -> Departure:
    team_id, user_id = json.loads(argument)
    return Departure(UUID(team_id), user_id)
