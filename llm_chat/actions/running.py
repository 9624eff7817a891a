"""What the runner of a process writes: its lease, its claims, and the text so far of its turns."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.functions import Now
from django.utils import timezone

from accounts.queries import custom_instructions_of
from lib.write_lock import writing
from llm_chat import queries, wire
from llm_chat.models import ChatMessage, ChatThread, RunnerProcess, Status, Turn
from llm_service import tokens
from realtime.hub import thread_topic
from realtime.publish import publish

LEASE_SECONDS = 8
AT_ONCE = 5  # turns looked at per claim

_TURNS = connection.ops.quote_name(Turn._meta.db_table)
_MESSAGES = connection.ops.quote_name(ChatMessage._meta.db_table)


@dataclass(frozen=True, slots=True)
class Claim:
    """One turn, taken by one runner. `token` fences off every other one."""

    turn_id: UUID
    token: UUID
    thread_id: UUID
    message_id: UUID
    mode: Turn.Mode
    model: str
    user_id: int
    team_id: UUID
    bot_id: UUID | None
    instructions: str
    history: list[dict[str, str]]
    reply: ChatMessage
    untitled_text: str | None
    is_last: bool
    """No other turn waited to be claimed."""


def heartbeat(*, process_id: UUID) -> None:
    """Renew the lease of this process, or take one."""
    until = ExpressionWrapper(Now() + timedelta(seconds=LEASE_SECONDS), output_field=DateTimeField())
    if not RunnerProcess.objects.filter(id=process_id).update(expires_at=until):
        RunnerProcess.objects.create(id=process_id, expires_at=until)


def leave(*, process_id: UUID) -> None:
    """Give the lease up at once."""
    RunnerProcess.objects.filter(id=process_id).delete()


def stops_requested(*, process_id: UUID) -> list[UUID]:
    """Return the turns of this process that somebody wants stopped, wherever they said so."""
    return list(
        Turn.objects.filter(process_id=process_id, status=Status.RUNNING, stop_requested=True).values_list(
            "id", flat=True
        )
    )


def claim(*, process_id: UUID) -> Claim | None:
    """Take the oldest queued turn whose thread is free; None when there is none.

    Claimed means begun: whatever happens now, the turn is never run again.
    """
    found = _claimable()
    for place, (turn_id, thread_id) in enumerate(found, start=1):
        with writing():
            # A locked thread is being claimed or ended by somebody; the sweep after that finds what is left.
            locked = ChatThread.objects.select_for_update(
                skip_locked=connection.features.has_select_for_update_skip_locked
            )
            thread = locked.filter(id=thread_id).first()
            turn = _taken(turn_id, process_id) if thread else None
            if thread is None or turn is None:
                continue
            _begin(turn, thread)
            return _claimed(turn, thread, is_last=place == len(found) < AT_ONCE)
    return None


# Asked after every turn, so it is written out: building it anew costs many times what running it does.
_CLAIMABLE = f"""
SELECT turn.id, turn.thread_id FROM {_TURNS} turn
WHERE turn.status = 'queued' AND NOT EXISTS (
    SELECT 1 FROM {_TURNS} ahead WHERE ahead.thread_id = turn.thread_id AND (
        ahead.status = 'running' OR (ahead.status = 'queued' AND ahead.created_at < turn.created_at)
    )
)
ORDER BY turn.created_at, turn.id LIMIT {AT_ONCE}
"""  # noqa: S608  the only name in it is the table's


def _claimable() -> list[tuple[UUID, UUID]]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMABLE)
        return [(_as_uuid(turn_id), _as_uuid(thread_id)) for turn_id, thread_id in cursor.fetchall()]


_TAKE = f"""
UPDATE {_TURNS} SET status = 'running', process_id = %s, token = %s, started_at = %s
WHERE id = %s AND status = 'queued' AND NOT EXISTS (
    SELECT 1 FROM {_TURNS} other WHERE other.thread_id = {_TURNS}.thread_id AND other.status = 'running'
) RETURNING *
"""  # noqa: S608


def _taken(turn_id: UUID, process_id: UUID) -> Turn | None:
    """Make the turn ours if its thread is free, and return it with its messages."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    for turn in Turn.objects.raw(_TAKE, [*map(_as_parameter, (process_id, uuid4())), now, _as_parameter(turn_id)]):
        ids = [id_ for id_ in (turn.user_message_id, turn.assistant_message_id) if id_]
        rows = ChatMessage.objects.in_bulk(ids)
        turn.assistant_message = rows[turn.assistant_message_id]
        turn.user_message = rows[turn.user_message_id] if turn.user_message_id else None
        return turn
    return None


def _as_parameter(id_: UUID) -> str:
    value: str = ChatMessage._meta.pk.get_db_prep_value(id_, connection)  # on Postgres a UUID, which will do as well
    return value


def _as_uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)  # SQLite keeps it as text


def _begin(turn: Turn, thread: ChatThread) -> None:
    question, reply = turn.user_message, turn.assistant_message
    thread.rev += 1
    changed = [reply]
    if question and turn.mode == Turn.Mode.SEND:
        if turn.appends:
            question.parent_id = thread.leaf_id
        question.status = Status.COMPLETE
        changed.insert(0, question)
    reply.status = Status.RUNNING
    for row in changed:
        row.rev = thread.rev
    _place(changed)
    thread.leaf = reply
    thread.save(update_fields=["rev", "leaf"])
    updates = [wire.message_updated(row, turn, thread.rev) for row in changed]

    def tell() -> None:
        for update in updates:
            publish(thread_topic(thread.id), update)

    transaction.on_commit(tell)


def _place(rows: list[ChatMessage]) -> None:
    """Store parent, status and rev of a question and its reply in one statement."""
    ids = [_as_parameter(row.id) for row in rows]
    parents = [_as_parameter(row.parent_id) if row.parent_id else None for row in rows]
    statuses = [row.status for row in rows]
    cases = " ".join(["WHEN %s THEN %s"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_MESSAGES} SET rev = %s, "  # noqa: S608
            f"parent_id = CASE id {cases} ELSE parent_id END, status = CASE id {cases} ELSE status END "
            f"WHERE id IN ({', '.join(['%s'] * len(rows))})",
            [rows[0].rev, *_flat(ids, parents), *_flat(ids, statuses), *ids],
        )


def _flat(keys: list[str], values: Sequence[str | None]) -> list[str | None]:
    return [one for pair in zip(keys, values, strict=True) for one in pair]


def _claimed(turn: Turn, thread: ChatThread, *, is_last: bool) -> Claim:
    reply = turn.assistant_message
    # A bot says itself what the model is told. What the person wants kept in mind takes its room from the history.
    instructions = "" if thread.bot_id else custom_instructions_of(turn.user_id)
    left = max(0, settings.CHAT_HISTORY_TOKENS - tokens.stored_count(instructions))
    history = queries.model_history(reply.parent_id, tokens=left)
    assert turn.token is not None  # noqa: S101  the turn was taken with one
    return Claim(
        turn_id=turn.id,
        token=turn.token,
        thread_id=thread.id,
        message_id=reply.id,
        mode=Turn.Mode(turn.mode),
        model=turn.model,
        user_id=turn.user_id,
        team_id=thread.team_id,
        bot_id=thread.bot_id,
        instructions=instructions,
        history=history,
        reply=reply,
        untitled_text=turn.user_message.content if turn.user_message and not thread.title else None,
        is_last=is_last,
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """The text so far of one turn."""

    claim: Claim
    seq: int
    text: str
    reasoning: str
    tools: list[dict[str, Any]]


_SAVE_SEQ = f"UPDATE {_TURNS} SET seq = %s WHERE id = %s AND token = %s AND status = 'running' AND seq < %s"  # noqa: S608
_SAVE_TEXT = f"""
UPDATE {_MESSAGES} SET content = %s, reasoning = %s, tools = %s WHERE id = %s AND EXISTS (
    SELECT 1 FROM {_TURNS} WHERE id = %s AND token = %s AND status = 'running' AND seq = %s
)
"""  # noqa: S608  the only names in it are the tables'


def checkpoint(*, progress: Iterable[Progress]) -> set[UUID]:
    """Store the text so far of many turns in one transaction; return the turns that are no longer ours."""
    progress = list(progress)
    as_json = "::jsonb" if connection.vendor == "postgresql" else ""
    with writing(), connection.cursor() as cursor:
        # Turn before message, as every end does it: the other way round the two would wait for each other.
        cursor.executemany(
            _SAVE_SEQ,
            [(one.seq, _as_parameter(one.claim.turn_id), _as_parameter(one.claim.token), one.seq) for one in progress],
        )
        all_held = cursor.rowcount == len(progress)
        cursor.executemany(
            _SAVE_TEXT.replace("tools = %s", f"tools = %s{as_json}"),
            [
                (
                    one.text,
                    one.reasoning,
                    json.dumps(one.tools),
                    _as_parameter(one.claim.message_id),
                    _as_parameter(one.claim.turn_id),
                    _as_parameter(one.claim.token),
                    one.seq,
                )
                for one in progress
            ],
        )
        if all_held:
            return set()
    tokens_ = [one.claim.token for one in progress]
    held = Turn.objects.filter(token__in=tokens_, status=Status.RUNNING).values_list("id", flat=True)
    return {one.claim.turn_id for one in progress} - set(held)
