"""What a tab that joins a thread must see: a reload, a second tab, a reconnect, a phone that wakes."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from llm_chat import wire
from llm_chat.models import UNFINISHED, ChatMessage, ChatThread, Turn
from llm_chat.queries.access import thread_of
from llm_chat.queries.branches import with_siblings
from llm_chat.queries.pages import PAGE_MESSAGES, unfinished
from llm_chat.queries.paths import path
from realtime import events


@dataclass(frozen=True, slots=True)
class Join:
    """What a tab that subscribes must be told, read in one transaction."""

    snapshot: events.ThreadSnapshot
    terminal: events.TerminalEvent | None
    was_left: bool
    """A temporary one, about to be erased unless a tab shows it."""


def join(user_id: int, thread_id: UUID, rev: int | None, turn_id: UUID | None) -> Join | None:
    """Return what changed since `rev`, and the end of `turn_id` if it has ended; None if the thread is not theirs."""
    with transaction.atomic():
        thread = thread_of(user_id, thread_id)
        if thread is None:
            return None
        messages, reset = _changed_since(thread, rev)
        running, queued = unfinished(thread_id)
        ended = (
            Turn.objects.filter(id=turn_id, thread_id=thread_id)
            .exclude(status__in=UNFINISHED)
            .select_related("assistant_message")
            .first()
            if turn_id
            else None
        )
        if ended:
            with_siblings([ended.assistant_message])
    snapshot = events.ThreadSnapshot(
        thread_id=thread_id,
        rev=thread.rev,
        title=thread.title,
        model=thread.model,
        messages=[wire.message(row) for row in messages],
        reset=reset,
        turn=wire.running_turn(running) if running else None,
        queued=[wire.queued_turn(turn) for turn in queued],
        settings=wire.thread_settings(thread),
        summary_up_to=thread.summary_up_to,
    )
    terminal = wire.terminal(ended, ended.assistant_message, thread.rev) if ended else None
    return Join(snapshot, terminal, thread.left_at is not None)


def _changed_since(thread: ChatThread, rev: int | None) -> tuple[list[ChatMessage], bool]:
    """Return the changed messages of the shown path, or none and True where the client had better start anew."""
    if rev is not None and not thread.path_rev <= rev <= thread.rev:
        return [], True  # rows of a branch that was turned to since then are old and have not changed
    shown = path(thread.leaf_id, limit=PAGE_MESSAGES + 1)
    changed = [row for row in shown if rev is None or row.rev > rev]
    if rev is None:
        return changed[-PAGE_MESSAGES:], len(shown) > PAGE_MESSAGES
    # All of a long tail changed: what lies above it may have, too.
    is_beyond = len(changed) > PAGE_MESSAGES or (len(shown) > PAGE_MESSAGES and _rated_above(thread, rev, shown[0]))
    return ([], True) if is_beyond else (changed, False)


def _rated_above(thread: ChatThread, rev: int, first: ChatMessage) -> bool:
    """Tell whether a message before the newest ones changed: people rate old replies, too."""
    return ChatMessage.objects.filter(thread=thread, rev__gt=rev, created_at__lt=first.created_at).exists()
