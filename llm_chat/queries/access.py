"""Whose a thread is: every query for threads or messages begins here."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import ngettext

from lib import wording
from llm_chat.models import ChatMessage, ChatThread
from teams.models import Membership, Team
from teams.permissions import Permission, roles_that_may
from teams.scoping import TeamScopedQuerySet, live_membership

_MEMBERSHIPS = connection.ops.quote_name(Membership._meta.db_table)

# Every thread is reached through its person and their place, at this moment, in its team: `threads_of` for the threads
# themselves, `in_thread_of` for what hangs on one.


def threads_of(user_id: int) -> TeamScopedQuerySet[ChatThread]:
    return threads_with_deleted(user_id).filter(deleted_at=None)


def threads_with_deleted(user_id: int) -> TeamScopedQuerySet[ChatThread]:
    """Return a person's threads, those included that they have deleted and may still take back."""
    return ChatThread.objects.open_to(user_id, Permission.USE_CHAT).filter(user_id=user_id)


def in_thread_of(user_id: int) -> Q:
    """Return the condition that a row's `thread` is this person's, in a team they are in."""
    return Q(
        live_membership(user_id, Permission.USE_CHAT, team="thread__team"),
        thread__user_id=user_id,
        thread__deleted_at=None,
    )


def asker_is_in_team() -> Exists:
    """Return the condition that whoever asked for a turn is, at this moment, in its thread's team."""
    return live_membership(OuterRef("user_id"), Permission.USE_CHAT, team="thread__team")


_ROLES = ", ".join(f"'{role}'" for role in roles_that_may(Permission.USE_CHAT))


def person_is_in_team(threads: str) -> str:
    """Return the same of rows of `threads` in SQL, for what every turn asks: to build it costs more than to run it."""
    return (
        f"EXISTS (SELECT 1 FROM {_MEMBERSHIPS} place WHERE place.team_id = {threads}.team_id"  # noqa: S608  as above
        f" AND place.user_id = {threads}.user_id AND place.role IN ({_ROLES}))"
    )


def kept_threads_of(user_id: int) -> TeamScopedQuerySet[ChatThread]:
    """Return a person's threads without the temporary ones, which are reached by their addresses alone.

    Whatever lists, searches or hands out threads and their messages asks through it.
    """
    return threads_of(user_id).filter(temporary=False)


def thread_of(user_id: int, thread_id: UUID) -> ChatThread | None:
    """Return the thread if it is this person's; a missing one and somebody else's look alike."""
    return threads_of(user_id).filter(id=thread_id).first()


def was_temporary(user_id: int, thread_id: UUID) -> bool:
    """Tell whether this was a temporary thread of theirs that is erased by now."""
    return threads_with_deleted(user_id).filter(id=thread_id, temporary=True).exclude(deleted_at=None).exists()


def thread_id_of_message(user_id: int, message_id: UUID) -> UUID | None:
    """Return the thread of a message, if both are this person's."""
    return ChatMessage.objects.filter(in_thread_of(user_id), id=message_id).values_list("thread_id", flat=True).first()


def people_of(thread_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the person of each thread, for the threads that its person may see now."""
    rows = ChatThread.objects.filter(live_membership(OuterRef("user")), id__in=thread_ids, deleted_at=None)
    return dict(rows.values_list("id", "user_id"))


def threads_in_words(team: Team) -> str:
    count = ChatThread.objects.of(team).filter(temporary=False).count()
    words = ngettext("%(count)s conversation", "%(count)s conversations", count) % {"count": wording.number(count)}
    return words if count else ""
