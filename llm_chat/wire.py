"""Rows as the values of the protocol."""

from collections.abc import Iterable
from typing import Any, Literal, cast
from uuid import UUID

from django.utils.translation import gettext as _

from llm_chat.models import ChatMessage, ChatThread, Status, Tag, Turn
from realtime import events
from realtime.hub import thread_topic, user_topic


def _stored[Value: events.Frame](kind: type[Value], value: dict[str, Any]) -> Value:
    """Return what a row holds of it. While releases are mixed a newer one may have stored more than this one knows."""
    return kind.model_validate(value, extra="ignore")


def message(row: ChatMessage) -> events.Message:
    return events.Message(
        id=row.id,
        thread_id=row.thread_id,
        parent_id=row.parent_id,
        role=cast(events.Role, row.role),
        content=row.content,
        reasoning=row.reasoning,
        tools=[_stored(events.ToolCall, call) for call in row.tools],
        status=cast(events.Status, row.status),
        error=_stored(events.MessageError, row.error) if row.error else None,
        model=row.model,
        usage=_stored(events.Usage, row.usage) if row.usage else None,
        attachments=row.attachments,
        siblings=list(row.siblings),
        created_at=row.created_at,
        feedback=cast(Literal["up", "down"], row.rating) if row.rating else None,
    )


def message_rated(row: ChatMessage, rev: int) -> events.MessageUpdated:
    """Return the news that a reply is seen otherwise. It belongs to no turn, and moves no path."""
    return events.MessageUpdated(thread_id=row.thread_id, rev=rev, message=message(row))


def message_created(row: ChatMessage, turn: Turn, rev: int) -> events.MessageCreated:
    return events.MessageCreated(
        thread_id=row.thread_id, rev=rev, message=message(row), turn_id=turn.id, status=cast(events.Status, turn.status)
    )


def message_updated(row: ChatMessage, turn: Turn, rev: int) -> events.MessageUpdated:
    return events.MessageUpdated(
        thread_id=row.thread_id, rev=rev, message=message(row), turn_id=turn.id, status=cast(events.Status, turn.status)
    )


def tags_changed(team_id: UUID, tags: Iterable[Tag]) -> events.TagsChanged:
    return events.TagsChanged(team_id=team_id, tags=_tags(tags))


def _tags(tags: Iterable[Tag]) -> list[events.Tag]:
    return [events.Tag(id=tag.id, name=tag.name, colour=tag.colour) for tag in tags]


def thread_created(thread: ChatThread, tags: Iterable[Tag] = ()) -> events.ThreadCreated:
    return events.ThreadCreated(
        thread_id=thread.id,
        team_id=thread.team_id,
        rev=thread.rev,
        title=thread.title,
        model=thread.model,
        last_message_at=thread.last_message_at,
        pinned=thread.pinned_at is not None,
        archived=thread.archived_at is not None,
        tags=_tags(tags),
    )


def topic_of_changes(thread: ChatThread) -> str:
    """Return who is told that a thread changed: its person's sidebar, or, of a temporary one, whoever watches it."""
    return thread_topic(thread.id) if thread.temporary else user_topic(thread.user_id)


def thread_updated(
    thread: ChatThread, *, leaf_id: UUID | None = None, tags: Iterable[Tag] | None = None
) -> events.ThreadUpdated:
    return events.ThreadUpdated(
        thread_id=thread.id,
        team_id=thread.team_id,
        rev=thread.rev,
        model=thread.model,
        last_message_at=thread.last_message_at,
        pinned=thread.pinned_at is not None,
        archived=thread.archived_at is not None,
        tags=None if tags is None else _tags(tags),
        leaf_id=leaf_id,
    )


def thread_settings(thread: ChatThread) -> events.ThreadSettings:
    return events.ThreadSettings(instructions=thread.instructions, parameters=thread.parameters)


def accepted(turn: Turn, frame_id: UUID, rev: int) -> events.MessageAccepted:
    return events.MessageAccepted(
        id=frame_id,
        thread_id=turn.thread_id,
        turn_id=turn.id,
        assistant_message_id=turn.assistant_message_id,
        status=cast(events.Status, turn.status),
        rev=rev,
    )


def terminal(turn: Turn, row: ChatMessage, rev: int) -> events.TerminalEvent:
    """Return the one event that ended `turn`, also long afterwards: all of it is in the rows."""
    value = message(row)
    if turn.status == Status.ERROR:
        error = value.error or events.MessageError(
            code="model_error", message=_("The model could not answer."), retryable=True
        )
        return events.ResponseError(
            thread_id=turn.thread_id,
            turn_id=turn.id,
            message_id=row.id,
            seq=turn.seq,
            rev=rev,
            code=error.code,
            message=value,
            error=error.message,
            retryable=error.retryable,
            retry_after=error.retry_after,
        )
    return events.Final(
        thread_id=turn.thread_id,
        turn_id=turn.id,
        message_id=row.id,
        seq=turn.seq,
        rev=rev,
        status=cast(events.EndStatus, turn.status),
        message=value,
        usage=value.usage,
    )


def queued_turn(turn: Turn) -> events.QueuedTurn:
    return events.QueuedTurn(
        turn_id=turn.id,
        message_id=turn.assistant_message_id,
        message=message(turn.user_message) if turn.user_message and turn.mode == Turn.Mode.SEND else None,
    )


def running_turn(turn: Turn) -> events.RunningTurn:
    """Return the turn as of its last checkpoint."""
    row = turn.assistant_message
    return events.RunningTurn(
        turn_id=turn.id,
        message_id=row.id,
        seq=turn.seq,
        text=row.content,
        reasoning=row.reasoning,
        tools=[_stored(events.ToolCall, call) for call in row.tools],
    )
