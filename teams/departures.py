"""Tell every tab of people that they are no longer in a team, and have their sockets lose what is the team's."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from realtime import events
from realtime.hub import user_topic
from realtime.publish import publish, recheck


def tell(team_id: UUID, user_ids: Iterable[int]) -> None:
    """On commit, say that these people are in the team no longer."""
    gone = list(user_ids)

    def say() -> None:
        for user_id in gone:
            publish(user_topic(user_id), events.TeamLeft(team_id=team_id))
            recheck(user_id)

    transaction.on_commit(say)
