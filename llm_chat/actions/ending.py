"""A turn ends, once: by its runner, by whoever stopped it in the queue, or by a sweeper whose neighbour died."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils import timezone

from lib.write_lock import writing
from llm_chat import queries, wire
from llm_chat.actions.running import Claim
from llm_chat.models import ChatMessage, ChatThread, RunnerProcess, Status, Turn
from llm_service import call_logs, tokens
from realtime import events
from realtime.hub import thread_topic
from realtime.publish import publish, wake

logger = logging.getLogger(__name__)

_IN_TEAM = queries.person_is_in_team(connection.ops.quote_name(ChatThread._meta.db_table))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a turn ended and what its message holds now."""

    status: Status
    seq: int
    text: str
    reasoning: str = ""
    tools: list[dict[str, Any]] | None = None
    usage: events.Usage | None = None
    error: events.MessageError | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    terminal: events.TerminalEvent
    thread_updated: events.ThreadUpdated | None
    """For the person, if they are still in the thread's team."""
    topic: str
    """Where that is said."""


def locked(thread_id: UUID) -> ChatThread | None:
    """Hold a thread for an end of one of its turns."""
    in_team = RawSQL(_IN_TEAM, ())  # noqa: S611  nothing of it comes from anybody
    return ChatThread.objects.select_for_update().filter(id=thread_id).annotate(is_open=in_team).first()


def is_open(thread: ChatThread) -> bool:
    """Tell whether the person of a `locked` thread is still in its team."""
    return bool(getattr(thread, "is_open", False))


def finish(*, claim: Claim, outcome: Outcome) -> events.TerminalEvent | None:
    """Store and tell the end of a claimed turn; None if somebody else ended it first, and then nothing was written."""
    token_count = tokens.stored_count(outcome.text)
    with writing():
        thread = locked(claim.thread_id)
        held = Turn.objects.filter(id=claim.turn_id, token=claim.token, status=Status.RUNNING)
        if thread is None or not held.update(status=outcome.status, seq=outcome.seq, ended_at=timezone.now()):
            return None
        turn = Turn(id=claim.turn_id, thread=thread, user_id=claim.user_id, status=outcome.status, seq=outcome.seq)
        ended = _ended(thread, turn, claim.reply, outcome, token_count)
        transaction.on_commit(lambda: _tell(turn, ended, []))
        return ended.terminal


def _ended(thread: ChatThread, turn: Turn, row: ChatMessage, outcome: Outcome, token_count: int) -> Ended:
    thread.rev += 1
    thread.last_message_at = timezone.now()
    thread.save(update_fields=["rev", "last_message_at"])
    row.content, row.reasoning, row.tools = outcome.text, outcome.reasoning, outcome.tools or []
    row.status, row.rev, row.token_count = outcome.status, thread.rev, token_count
    row.usage = outcome.usage.model_dump(mode="json") if outcome.usage else None
    row.error = outcome.error.model_dump(mode="json") if outcome.error else None
    row.save(update_fields=["content", "reasoning", "tools", "status", "rev", "token_count", "usage", "error"])
    updated = wire.thread_updated(thread) if is_open(thread) else None
    return Ended(wire.terminal(turn, row, thread.rev), updated, wire.topic_of_changes(thread))


def end_queued(thread: ChatThread, turn: Turn) -> None:
    """Take a queued turn back. The caller has `locked` the thread; the rows stay, beside the path."""
    turn.status, turn.seq, turn.ended_at = Status.STOPPED, 1, timezone.now()
    turn.save(update_fields=["status", "seq", "ended_at"])
    row = turn.assistant_message
    ended = _ended(thread, turn, row, Outcome(Status.STOPPED, seq=1, text=row.content), 0)
    said: list[events.MessageUpdated] = []
    if turn.user_message and turn.mode == Turn.Mode.SEND:
        turn.user_message.status, turn.user_message.rev = Status.STOPPED, thread.rev
        turn.user_message.save(update_fields=["status", "rev"])
        said.append(wire.message_updated(turn.user_message, turn, thread.rev))
    transaction.on_commit(lambda: _tell(turn, ended, said))


def end_left_behind() -> int:
    """Take back what waits for people who are no longer in the thread's team; return how many turns that were."""
    waiting = Turn.objects.filter(~queries.asker_is_in_team(), status=Status.QUEUED)
    ended = 0
    for turn_id, thread_id in waiting.values_list("id", "thread_id"):
        with writing():
            thread = locked(thread_id)
            turn = waiting.filter(id=turn_id).select_related("assistant_message", "user_message").first()
            if thread and turn:
                end_queued(thread, turn)
                ended += 1
    return ended


def end_lost_turns() -> int:
    """End the turns of processes whose lease ran out, with the text of their last checkpoint; return how many."""
    live = RunnerProcess.objects.filter(expires_at__gt=Now()).values("id")
    ended = _end_all(Turn.objects.filter(status=Status.RUNNING).exclude(process_id__in=live))
    RunnerProcess.objects.filter(expires_at__lte=Now()).delete()
    return ended


def end_strays(*, process_id: UUID, running: Collection[UUID]) -> int:
    """End the turns a live process holds but does not run, because a claim or an end broke on its way."""
    held = Turn.objects.filter(status=Status.RUNNING, process_id=process_id)
    return _end_all(held.exclude(id__in=running))


def _end_all(lost: QuerySet[Turn]) -> int:
    return sum(_end_lost(lost, turn_id, thread_id) for turn_id, thread_id in lost.values_list("id", "thread_id"))


def _end_lost(lost: QuerySet[Turn], turn_id: UUID, thread_id: UUID) -> bool:
    with writing():
        thread = locked(thread_id)
        turn = lost.filter(id=turn_id).select_related("assistant_message").first()
        if thread is None or turn is None:
            return False
        turn.status = Status.STOPPED if turn.stop_requested else Status.INTERRUPTED
        turn.seq, turn.ended_at = turn.seq + 1, timezone.now()
        turn.save(update_fields=["status", "seq", "ended_at"])
        row = turn.assistant_message
        queries.with_siblings([row])
        outcome = Outcome(Status(turn.status), turn.seq, row.content, row.reasoning, row.tools)
        ended = _ended(thread, turn, row, outcome, tokens.stored_count(row.content))
        transaction.on_commit(lambda: _tell(turn, ended, []))
    logger.warning("The process of turn %s is gone; it ends as %s.", turn_id, turn.status)
    call_logs.record_process_lost(
        turn_id=turn.id,
        thread_id=thread.id,
        message_id=row.id,
        model=turn.model,
        user_id=turn.user_id,
        team_id=thread.team_id,
        started_at=turn.started_at,
        partial_text=row.content,
        temporary=thread.temporary,
    )
    return True


def _tell(turn: Turn, ended: Ended, updates: list[events.MessageUpdated]) -> None:
    for event in (*updates, ended.terminal):
        publish(thread_topic(turn.thread_id), event)
    if ended.thread_updated:
        publish(ended.topic, ended.thread_updated)
    wake("turns")
