"""Pages by key: a person's threads, and the messages of one."""

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from llm_chat import wire
from llm_chat.models import UNFINISHED, ChatMessage, ChatThread, Status, Turn
from llm_chat.queries.access import kept_threads_of
from llm_chat.queries.paths import path
from llm_chat.queries.tags import listed_tags, tag_value, with_tags
from realtime import events

PAGE_MESSAGES = 50
PAGE_THREADS = 40
MOST_PINNED = 50


def thread_value(thread: ChatThread) -> dict[str, Any]:
    return {
        "thread_id": str(thread.id),
        "title": thread.title,
        "model": thread.model,
        "rev": thread.rev,
        "last_message_at": thread.last_message_at.isoformat(),
        "pinned": thread.pinned_at is not None,
        "archived": thread.archived_at is not None,
        "temporary": thread.temporary,
    }


def threads_page(
    user_id: int, team_id: UUID, before: str = "", *, archived: bool = False, tag_id: UUID | None = None
) -> dict[str, Any]:
    """Return one page of a person's threads in a team, newest first; all pinned ones stand before the first page.

    Raises ValueError for a cursor we did not make.
    """
    rows = with_tags(kept_threads_of(user_id).of(team_id)).order_by("-last_message_at", "-id")
    if tag_id:
        rows = rows.filter(Exists(ChatThread.tags.through.objects.filter(chatthread=OuterRef("pk"), tag=tag_id)))
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
        "threads": [_row(thread) for thread in (*pinned, *page)],
        "next": _cursor(page[-1]) if more else None,
    }


def _row(thread: ChatThread) -> dict[str, Any]:
    return thread_value(thread) | {"tags": [tag_value(tag) for tag in listed_tags(thread)]}


def _cursor(thread: ChatThread) -> str:
    key = json.dumps([thread.last_message_at.isoformat(), str(thread.id)])
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _from_cursor(text: str) -> tuple[datetime, UUID]:
    try:
        at, id_ = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return datetime.fromisoformat(at).astimezone(UTC), UUID(id_)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError, binascii.Error) as error:
        raise ValueError("`before` is not a cursor of this list.") from error


def history_page(thread: ChatThread, before: UUID | None = None, *, limit: int = PAGE_MESSAGES) -> dict[str, Any]:
    """Return one page of the shown path, oldest first, with the unfinished turns.

    Raises ValueError if `before` is no message of the thread.
    """
    leaf_id = thread.leaf_id
    if before is not None:
        row = ChatMessage.objects.filter(id=before, thread=thread).first()
        if row is None:
            raise ValueError("`before` is not a message of this thread.")
        leaf_id = row.parent_id
    rows = path(leaf_id, limit=limit)
    running, queued = unfinished(thread.id)
    return {
        "thread": thread_value(thread)
        | {
            "settings": wire.thread_settings(thread).model_dump(mode="json"),
            "summary_up_to": str(thread.summary_up_to) if thread.summary_up_to else None,
        },
        "messages": [wire.message(row).model_dump(mode="json") for row in rows],
        "older": str(rows[0].id) if rows and rows[0].parent_id else None,
        "turn": wire.running_turn(running).model_dump(mode="json") if running else None,
        "queued": [wire.queued_turn(turn).model_dump(mode="json") for turn in queued],
    }


def unfinished(thread_id: UUID) -> tuple[Turn | None, list[Turn]]:
    turns = list(
        Turn.objects.filter(thread_id=thread_id, status__in=UNFINISHED)
        .select_related("assistant_message", "user_message")
        .order_by("created_at", "id")
    )
    running = next((turn for turn in turns if turn.status == Status.RUNNING), None)
    return running, [turn for turn in turns if turn.status == Status.QUEUED]


def newest_threads(user_id: int) -> list[events.ThreadCreated]:
    """Return the newest threads of a person, of whichever team, as events that bring a sidebar up to date."""
    rows = with_tags(kept_threads_of(user_id)).filter(archived_at=None).order_by("-last_message_at", "-id")
    return [wire.thread_created(thread, listed_tags(thread)) for thread in rows[:PAGE_THREADS]]
