"""A person's tags in a team: made, renamed, given a colour, deleted; and put on threads and taken off."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from lib.write_lock import writing
from llm_chat import queries, wire
from llm_chat.actions.starting import Refused
from llm_chat.models import ChatThread, Tag
from realtime.hub import user_topic
from realtime.publish import publish
from teams import queries as team_queries
from teams.permissions import Permission, may

MOST_TAGS = 100
MOST_ON_A_THREAD = 10

_On = ChatThread.tags.through


@dataclass(frozen=True, slots=True)
class TagChange:
    """What a tag is to be; None leaves a thing as it is."""

    name: str | None = None
    colour: str | None = None
    deleted: bool = False


def change_tag(*, by: User, team_id: UUID, tag_id: UUID, change: TagChange) -> None:
    """Make a tag under an id of the page's choice, change it, or delete it; twice is once. Raises Refused."""
    try:
        with writing():
            place = team_queries.membership(by, team_id)
            if place is None or not may(place.role, Permission.USE_CHAT):
                raise Refused("not_found", _("You are not in this team any more."))
            tag = Tag.objects.select_for_update().filter(id=tag_id).first()
            if tag and (tag.user_id, tag.team_id) != (by.pk, team_id):
                raise Refused("not_found", _("There is no such tag any more."))
            _store(by, team_id, tag_id, tag, change)
            event = wire.tags_changed(team_id, queries.tags_of(by.pk, team_id))
            transaction.on_commit(lambda: publish(user_topic(by.pk), event))
    except IntegrityError:
        raise Refused("id_taken", _("There is a tag called “%(name)s” already.") % {"name": change.name}) from None


def _store(by: User, team_id: UUID, tag_id: UUID, tag: Tag | None, change: TagChange) -> None:
    if change.deleted:
        if tag:
            tag.delete()
        return
    if tag is None:
        if change.name is None:
            raise Refused("not_found", _("There is no such tag any more."))
        if len(queries.tags_of(by.pk, team_id)) >= MOST_TAGS:
            raise Refused(
                "too_large", _("At most %(most_tags)s tags can be made. Delete one first.") % {"most_tags": MOST_TAGS}
            )
        tag = Tag(id=tag_id, user=by, team_id=team_id)
    tag.name = tag.name if change.name is None else change.name
    tag.colour = tag.colour if change.colour is None else change.colour
    tag.save()


def tag_threads(by: User, threads: list[ChatThread], on: Collection[UUID], off: Collection[UUID]) -> set[UUID]:
    """Put tags on threads and take others off; return the threads that this changed. Raises Refused."""
    own = {tag.id: tag.team_id for tag in Tag.objects.filter(user=by, id__in={*on, *off})}
    ids = [thread.id for thread in threads]
    present = set(_On.objects.filter(chatthread__in=ids).values_list("chatthread_id", "tag_id"))
    if any(tag_id not in own or own[tag_id] != thread.team_id for tag_id in on for thread in threads):
        raise Refused("not_found", _("There is no such tag any more."))
    wanted = dict.fromkeys((thread_id, tag_id) for thread_id in ids for tag_id in on)
    new = [one for one in wanted if one not in present]
    gone = {(thread_id, tag_id) for thread_id, tag_id in present if tag_id in set(off) - set(on)}
    for thread_id in ids:
        count = sum(one == thread_id for one, _ in (*present, *new)) - sum(one == thread_id for one, _ in gone)
        if count > MOST_ON_A_THREAD and any(one == thread_id for one, _ in new):
            raise Refused(
                "too_large",
                _("A conversation can have %(most_on_a_thread)s tags. Take one off first.")
                % {"most_on_a_thread": MOST_ON_A_THREAD},
            )
    _On.objects.bulk_create([_On(chatthread_id=thread_id, tag_id=tag_id) for thread_id, tag_id in new])
    _On.objects.filter(chatthread__in={one for one, _ in gone}, tag__in={tag_id for _, tag_id in gone}).delete()
    return {thread_id for thread_id, _ in (*new, *gone)}
