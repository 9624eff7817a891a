"""Reads of threads: a path by parent pointers, pages by key, and what a joining tab must see."""

import base64
import binascii
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from llm_chat import wire
from llm_chat.models import UNFINISHED, ChatMessage, ChatThread, Status, Turn
from realtime import events
from teams.contents import counted
from teams.models import Membership, Team
from teams.permissions import Permission, roles_that_may
from teams.scoping import TeamScopedQuerySet, live_membership

PAGE_MESSAGES = 50
PAGE_THREADS = 40
MOST_PINNED = 50

_TABLE = connection.ops.quote_name(ChatMessage._meta.db_table)
_MEMBERSHIPS = connection.ops.quote_name(Membership._meta.db_table)


def _walk_for(columns: str) -> str:
    """Return the walk up from one message. `spent` is the tokens of all later ones: it ends where the budget does."""
    return f"""
WITH RECURSIVE path(path_id, above_id, depth, spent) AS (
    SELECT id, parent_id, 1, token_count FROM {_TABLE} WHERE id = %s
    UNION ALL
    SELECT above.id, above.parent_id, path.depth + 1, path.spent + above.token_count
    FROM {_TABLE} above JOIN path ON above.id = path.above_id
    WHERE path.depth < %s AND path.spent + above.token_count <= %s
)
SELECT {columns} FROM {_TABLE} message JOIN path ON message.id = path.path_id ORDER BY path.depth DESC
"""  # noqa: S608  the only names in it are the table's and its columns'


_PATH, _TOLD = _walk_for("message.*"), _walk_for("message.role, message.content")


def path(leaf_id: UUID | None, *, limit: int, tokens: int = 2**31) -> list[ChatMessage]:
    """Return at most `limit` messages that end at `leaf_id`, oldest first, within `tokens`."""
    if leaf_id is None:
        return []
    return list(ChatMessage.objects.raw(_PATH, [as_parameter(leaf_id), limit, tokens]))


def as_parameter(id_: UUID | None) -> str | None:
    """Return an id as SQL written by hand takes it."""
    value: str | None = ChatMessage._meta.pk.get_db_prep_value(id_, connection)  # on Postgres a UUID, which will do
    return value


# Every thread is reached through its person and their place, at this moment, in its team: `_threads_of` for the threads
# themselves, `in_thread_of` for what hangs on one.


def _threads_of(user_id: int) -> TeamScopedQuerySet[ChatThread]:
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


def thread_of(user_id: int, thread_id: UUID) -> ChatThread | None:
    """Return the thread if it is this person's; a missing one and somebody else's look alike."""
    return _threads_of(user_id).filter(id=thread_id).first()


def thread_id_of_message(user_id: int, message_id: UUID) -> UUID | None:
    """Return the thread of a message, if both are this person's."""
    return ChatMessage.objects.filter(in_thread_of(user_id), id=message_id).values_list("thread_id", flat=True).first()


def people_of(thread_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the person of each thread, for the threads that its person may see now."""
    rows = ChatThread.objects.filter(live_membership(OuterRef("user")), id__in=thread_ids, deleted_at=None)
    return dict(rows.values_list("id", "user_id"))


# --- Pages ------------------------------------------------------------------------------------------------------------


def thread_value(thread: ChatThread) -> dict[str, Any]:
    return {
        "thread_id": str(thread.id),
        "title": thread.title,
        "model": thread.model,
        "rev": thread.rev,
        "last_message_at": thread.last_message_at.isoformat(),
        "pinned": thread.pinned_at is not None,
        "archived": thread.archived_at is not None,
    }


def threads_page(user_id: int, team_id: UUID, before: str = "", *, archived: bool = False) -> dict[str, Any]:
    """Return one page of a person's threads in a team, newest first; all pinned ones stand before the first page.

    Raises ValueError for a cursor we did not make.
    """
    rows = _threads_of(user_id).of(team_id).order_by("-last_message_at", "-id")
    if archived:
        rows, pinned = rows.exclude(archived_at=None), []
    else:
        rows = rows.filter(archived_at=None)
        pinned = [] if before else list(rows.exclude(pinned_at=None)[:MOST_PINNED])
        rows = rows.filter(pinned_at=None)
    if before:
        at, id_ = _from_cursor(before)
        rows = rows.filter(Q(last_message_at__lt=at) | Q(last_message_at=at, id__lt=id_))
    page = list(rows[: PAGE_THREADS + 1])
    more = len(page) > PAGE_THREADS
    page = page[:PAGE_THREADS]
    return {
        "threads": [thread_value(thread) for thread in (*pinned, *page)],
        "next": _cursor(page[-1]) if more else None,
    }


def _cursor(thread: ChatThread) -> str:
    key = json.dumps([thread.last_message_at.isoformat(), str(thread.id)])
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _from_cursor(text: str) -> tuple[datetime, UUID]:
    try:
        at, id_ = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return datetime.fromisoformat(at).astimezone(UTC), UUID(id_)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError, binascii.Error) as error:
        raise ValueError("`before` is not a cursor of this list.") from error


def history_page(thread: ChatThread, before: UUID | None = None) -> dict[str, Any]:
    """Return one page of the shown path, oldest first, with the unfinished turns.

    Raises ValueError if `before` is no message of the thread.
    """
    leaf_id = thread.leaf_id
    if before is not None:
        row = ChatMessage.objects.filter(id=before, thread=thread).first()
        if row is None:
            raise ValueError("`before` is not a message of this thread.")
        leaf_id = row.parent_id
    rows = path(leaf_id, limit=PAGE_MESSAGES)
    running, queued = _unfinished(thread.id)
    return {
        "thread": thread_value(thread),
        "messages": [wire.message(row).model_dump(mode="json") for row in rows],
        "older": str(rows[0].id) if rows and rows[0].parent_id else None,
        "turn": wire.running_turn(running).model_dump(mode="json") if running else None,
        "queued": [wire.queued_turn(turn).model_dump(mode="json") for turn in queued],
    }


def _unfinished(thread_id: UUID) -> tuple[Turn | None, list[Turn]]:
    turns = list(
        Turn.objects.filter(thread_id=thread_id, status__in=UNFINISHED)
        .select_related("assistant_message", "user_message")
        .order_by("created_at", "id")
    )
    running = next((turn for turn in turns if turn.status == Status.RUNNING), None)
    return running, [turn for turn in turns if turn.status == Status.QUEUED]


def newest_threads(user_id: int) -> list[events.ThreadCreated]:
    """Return the newest threads of a person, of whichever team, as events that bring a sidebar up to date."""
    rows = _threads_of(user_id).filter(archived_at=None).order_by("-last_message_at", "-id")[:PAGE_THREADS]
    return [wire.thread_created(thread) for thread in rows]


def threads_in_words(team: Team) -> str:
    return counted(ChatThread.objects.of(team).count(), "conversation", "conversations")


# --- Joining ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Join:
    """What a tab that subscribes must be told, read in one transaction."""

    snapshot: events.ThreadSnapshot
    terminal: events.TerminalEvent | None


def join(user_id: int, thread_id: UUID, rev: int | None, turn_id: UUID | None) -> Join | None:
    """Return what changed since `rev`, and the end of `turn_id` if it has ended; None if the thread is not theirs."""
    with transaction.atomic():
        thread = thread_of(user_id, thread_id)
        if thread is None:
            return None
        messages, reset = _changed_since(thread, rev)
        running, queued = _unfinished(thread_id)
        ended = (
            Turn.objects.filter(id=turn_id, thread_id=thread_id)
            .exclude(status__in=UNFINISHED)
            .select_related("assistant_message")
            .first()
            if turn_id
            else None
        )
    snapshot = events.ThreadSnapshot(
        thread_id=thread_id,
        rev=thread.rev,
        title=thread.title,
        model=thread.model,
        messages=[wire.message(row) for row in messages],
        reset=reset,
        turn=wire.running_turn(running) if running else None,
        queued=[wire.queued_turn(turn) for turn in queued],
    )
    return Join(snapshot, wire.terminal(ended, ended.assistant_message, thread.rev) if ended else None)


def _changed_since(thread: ChatThread, rev: int | None) -> tuple[list[ChatMessage], bool]:
    """Return the changed messages of the shown path, or none and True where the client had better start anew."""
    if rev is not None and rev > thread.rev:
        return [], True
    shown = path(thread.leaf_id, limit=PAGE_MESSAGES + 1)
    changed = [row for row in shown if rev is None or row.rev > rev]
    if rev is None:
        return changed[-PAGE_MESSAGES:], len(shown) > PAGE_MESSAGES
    # All of a long tail changed: what lies above it may have, too.
    return (changed, False) if len(changed) <= PAGE_MESSAGES else ([], True)


# --- For the model ----------------------------------------------------------------------------------------------------


def model_history(parent_id: UUID | None, *, tokens: int) -> list[dict[str, str]]:
    """Return what the model is told: the path up to `parent_id` within `tokens`, in the vendors' form.

    Empty replies are left out and neighbouring messages of one role are merged: some vendors refuse both.
    """
    told: list[dict[str, str]] = []
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, [as_parameter(parent_id), 1_000, tokens])
        rows = cursor.fetchall()
    for role, content in rows:
        if not content or role not in (ChatMessage.Role.USER, ChatMessage.Role.ASSISTANT):
            continue
        if told and told[-1]["role"] == role:
            told[-1]["content"] += "\n\n" + content
        else:
            told.append({"role": role, "content": content})
    return told
