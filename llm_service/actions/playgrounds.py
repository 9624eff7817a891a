"""Playgrounds kept under a name. Whoever is let in here may ask models under the team; the door has checked that."""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from lib.write_lock import writing
from llm_service.models import Playground
from llm_service.playground.content import LONGEST_KEPT, Content
from llm_service.queries import playgrounds
from teams.refusals import Refused

MOST = 100
"""Of a person in a team."""
LONGEST_NAME = 80


def save(*, by: User, team_id: UUID, playground_id: UUID, name: str, is_shared: bool, content: Content) -> Playground:
    """Keep a playground under an id that its page chose: a new one, or one that is changed. Raises Refused."""
    name = _checked_name(name)
    kept = content.model_dump()
    if len(content.model_dump_json()) > LONGEST_KEPT:
        raise Refused(_("This is too long to be kept. Shorten a message."))
    with writing():
        row = Playground.objects.filter(pk=playground_id).first()
        if row and not playgrounds.changeable_by(by).of(team_id).filter(pk=playground_id).exists():
            raise Refused(_("You cannot change this one. Save it under a name of your own."))
        if row is None:
            if not playgrounds.may_ask(by, team_id):
                raise Refused(_("You are not in this team any more."))
            if Playground.objects.of(team_id).filter(user=by).count() >= MOST:
                raise Refused(_("You have kept %(most)s here. Delete one first.") % {"most": MOST})
            row = Playground(pk=playground_id, team_id=team_id, user=by)
        row.name, row.content, row.is_shared, row.changed_at = name, kept, is_shared, timezone.now()
        row.save()
    return row


def change(*, by: User, playground_id: UUID, name: str | None = None, is_shared: bool | None = None) -> Playground:
    """Rename one, share it, or take it back. Raises Refused."""
    with writing():
        row = playgrounds.changeable_by(by).filter(pk=playground_id).first()
        if row is None:
            raise Refused(_("You cannot change this one. Save it under a name of your own."))
        if name is not None:
            row.name = _checked_name(name)
        if is_shared is not None:
            if not is_shared and row.user_id != by.pk:
                raise Refused(_("Only whoever made it can take it back."))
            row.is_shared = is_shared
        row.save(update_fields=["name", "is_shared"])
    return row


def delete(*, by: User, playground_id: UUID) -> None:
    """Raises Refused."""
    with writing():
        if not playgrounds.changeable_by(by).filter(pk=playground_id).delete()[0]:
            raise Refused(_("You cannot delete this one."))


def _checked_name(name: str) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Refused(_("Give it a name of at most %(most)s characters.") % {"most": LONGEST_NAME})
    return name
