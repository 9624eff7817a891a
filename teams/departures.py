"""Tell every server process that people are no longer in a team, so that open sockets lose what is the team's."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from realtime.publish import order

ORDER = "left_team"


@dataclass(frozen=True, slots=True)
class Departure:
    team_id: UUID
    user_ids: frozenset[int]


def tell(team_id: UUID, user_ids: Iterable[int]) -> None:
    """On commit, say that these people are in the team no longer."""
    argument = json.dumps([str(team_id), list(user_ids)])
    transaction.on_commit(lambda: order(ORDER, argument))


def read(argument: str) -> Departure:
    team_id, user_ids = json.loads(argument)
    return Departure(UUID(team_id), frozenset(user_ids))
