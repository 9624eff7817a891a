"""Filters of the call log, kept under a name."""

from uuid import UUID

from accounts.models import User
from lib.write_lock import writing
from llm_service.models import SavedView

MOST = 50


class TooMany(Exception):
    """Somebody has as many saved views as one can find one's way in."""


def save(*, by: User, team_id: UUID, name: str, query: str, is_shared: bool) -> SavedView:
    """Keep filters under a name; of the same name they are replaced. Raises TooMany."""
    with writing():
        mine = SavedView.objects.filter(user=by, team_id=team_id)
        if mine.count() >= MOST and not mine.filter(name=name).exists():
            raise TooMany
        view, _ = SavedView.objects.update_or_create(
            user=by, team_id=team_id, name=name, defaults={"query": query, "is_shared": is_shared}
        )
        return view


def forget(*, by: User, view_id: int) -> bool:
    """Remove one of one's own saved views; False for one that is not."""
    with writing():
        return SavedView.objects.filter(user=by, pk=view_id).delete()[0] > 0
