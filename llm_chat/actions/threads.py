"""What a person does with whole threads: name, pin, archive, delete, and take back a deletion."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import BaseModel

from accounts.models import User
from lib.write_lock import writing
from llm_chat import queries, wire
from llm_chat.actions import attached
from llm_chat.actions.starting import Refused
from llm_chat.actions.stopping import stop_unfinished
from llm_chat.actions.tags import tag_threads
from llm_chat.models import UNFINISHED, ChatThread, Tag, Turn
from realtime import events
from realtime.hub import user_topic
from realtime.publish import publish

MOST_AT_ONCE = 100
UNDO_WITHIN = timedelta(hours=1)
ERASED_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the threads; None leaves a thing as it is."""

    title: str | None = None
    pinned: bool | None = None
    archived: bool | None = None
    deleted: bool | None = None
    tagged: Collection[UUID] = ()
    untagged: Collection[UUID] = ()


def change_threads(*, by: User, thread_ids: Collection[UUID], change: Change) -> None:
    """Change threads of a person, all or none. A change that is there already is no change. Raises Refused."""
    ids = set(thread_ids)
    if len(ids) > MOST_AT_ONCE:
        raise Refused(
            "too_large",
            _("At most %(most_at_once)s conversations can be changed at once.") % {"most_at_once": MOST_AT_ONCE},
        )
    with writing():
        mine = queries.threads_with_deleted(by.pk).filter(id__in=ids, temporary=False)
        # In one order, so that two changes of the same threads never wait for each other.
        found = list(mine.select_for_update(of=("self",)).order_by("id"))
        if len(found) != len(ids) or any(thread.deleted_at for thread in found if change.deleted is None):
            raise Refused("not_found", _("There is no such conversation any more."))
        if change.pinned:
            _check_room_for_pins(by, found)
        retagged = tag_threads(by, found, change.tagged, change.untagged) if change.tagged or change.untagged else set()
        tags = queries.tags_on(retagged if change.deleted is None else ids)
        said = [event for thread in found for event in _changed(thread, change, tags[thread.id], thread.id in retagged)]

        def tell() -> None:
            for event in said:
                publish(user_topic(by.pk), event)

        transaction.on_commit(tell)


def erase_deleted_threads() -> int:
    """Erase what was deleted too long ago to be taken back; return how many threads that were."""
    erased = 0
    while True:
        with writing():
            due = ChatThread.objects.filter(deleted_at__lte=timezone.now() - UNDO_WITHIN)
            ids = list(due.values_list("id", flat=True)[:ERASED_AT_ONCE])
            files = attached.ids_of_threads(ids)
            ChatThread.objects.filter(id__in=ids).delete()
            attached.erase_unused(files)
        erased += len(ids)
        if len(ids) < ERASED_AT_ONCE:
            return erased


def _check_room_for_pins(by: User, found: list[ChatThread]) -> None:
    for team_id in {thread.team_id for thread in found}:
        new = {thread.id for thread in found if thread.team_id == team_id}
        pinned = queries.threads_with_deleted(by.pk).of(team_id).filter(deleted_at=None).exclude(pinned_at=None)
        if pinned.exclude(id__in=new).count() + len(new) > queries.MOST_PINNED:
            raise Refused(
                "too_large",
                _("At most %(most_pinned)s conversations can be pinned. Unpin one first.")
                % {"most_pinned": queries.MOST_PINNED},
            )


def _changed(thread: ChatThread, change: Change, tags: list[Tag], is_retagged: bool) -> list[BaseModel]:
    """Change one thread; return what its person's tabs must be told."""
    before = (thread.title, thread.pinned_at, thread.archived_at, thread.deleted_at)
    now = timezone.now()
    if change.title is not None:
        thread.title = change.title
    if change.pinned is not None and change.pinned != bool(thread.pinned_at):
        thread.pinned_at = now if change.pinned else None
    if change.archived is not None and change.archived != bool(thread.archived_at):
        thread.archived_at = now if change.archived else None
    if change.deleted is not None and change.deleted != bool(thread.deleted_at):
        thread.deleted_at = now if change.deleted else None
    if (thread.title, thread.pinned_at, thread.archived_at, thread.deleted_at) == before and not is_retagged:
        return []
    thread.rev += 1
    thread.save(update_fields=["title", "pinned_at", "archived_at", "deleted_at", "rev"])
    title, _, _, deleted_at = before
    if thread.deleted_at:
        unfinished = Turn.objects.filter(thread=thread, status__in=UNFINISHED)
        for turn in unfinished.select_related("assistant_message", "user_message"):
            stop_unfinished(thread, turn)  # a reply that nobody will read is not paid for
        return [events.ThreadDeleted(thread_id=thread.id, rev=thread.rev)]
    if deleted_at:
        return [wire.thread_created(thread, tags)]
    said: list[BaseModel] = [wire.thread_updated(thread, tags=tags if is_retagged else None)]
    if thread.title != title:
        said.append(events.ThreadTitleUpdated(thread_id=thread.id, rev=thread.rev, title=thread.title))
    return said
