"""What the runner of a process writes: its lease, its claims, and the text so far of its turns."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Device, UserSettings
from lib.write_lock import writing
from llm_chat import context, queries, wire
from llm_chat.models import ChatMessage, ChatThread, RunnerProcess, Status, Turn
from llm_chat.queries import as_parameter, from_row
from realtime.hub import thread_topic
from realtime.publish import publish

LEASE_SECONDS = 8

_TURNS, _THREADS, _MESSAGES, _SETTINGS, _DEVICES = (
    connection.ops.quote_name(model._meta.db_table) for model in (Turn, ChatThread, ChatMessage, UserSettings, Device)
)


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
    language: str
    """The one its person reads, as far as it is known."""
    team_id: UUID
    bot_id: UUID | None
    instructions: str
    """What the person wants kept in mind in every conversation."""
    thread_instructions: str
    parameters: dict[str, Any]
    told: queries.Told
    budget: int
    """For what is told; the instructions have taken theirs."""
    reply: ChatMessage
    untitled_text: str | None
    temporary: bool
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
    """Return the turns of this process that somebody wants stopped, wherever they said so, or that are nobody's now."""
    running = Turn.objects.filter(process_id=process_id, status=Status.RUNNING)
    return list(running.filter(Q(stop_requested=True) | ~queries.asker_is_in_team()).values_list("id", flat=True))


def claim(*, process_id: UUID) -> Claim | None:
    """Take the oldest queued turn whose thread is free; None when there is none.

    Claimed means begun: whatever happens now, the turn is never run again.
    """
    while True:
        with writing():
            found = _next()
            if found is None:
                return None
            turn = _taken(found, process_id)
            if turn:  # else somebody took it between our look and our lock; the next look knows
                _begin(turn, found)
                return _claimed(turn, found)


class _Found(NamedTuple):
    """A turn to take, its thread as locked, and what its person wants kept in mind. Ids are as the driver has them."""

    turn_id: Any
    leaf_id: Any
    team_id: Any
    bot_id: Any
    rev: int
    title: str
    temporary: bool
    thread_instructions: str
    parameters: Any
    summary_up_to: Any
    instructions: str
    language: str
    has_others: bool
    leaf_has_more: bool
    """Something may stand below the leaf beside what is appended, as in a thread from elsewhere."""


# What a claim asks is written out: building it anew costs many times what running it does, and a reader waits for it.
# A locked thread is being claimed or ended by somebody; the sweep after that finds what is left.
_NEXT = f"""
SELECT turn.id, thread.leaf_id, thread.team_id, thread.bot_id, thread.rev, thread.title, thread.temporary,
    thread.instructions, thread.parameters, thread.summary_up_to,
    COALESCE((SELECT custom_instructions FROM {_SETTINGS} WHERE user_id = turn.user_id), ''),
    COALESCE(
        (SELECT language FROM {_SETTINGS} WHERE user_id = turn.user_id AND language <> ''),
        (SELECT language FROM {_DEVICES} WHERE user_id = turn.user_id AND language <> ''
            ORDER BY last_seen_at DESC LIMIT 1),
        ''
    ),
    EXISTS (SELECT 1 FROM {_TURNS} other WHERE other.status = 'queued' AND other.id <> turn.id),
    EXISTS (SELECT 1 FROM {_MESSAGES} child WHERE child.parent_id = thread.leaf_id AND child.status <> 'queued')
FROM {_TURNS} turn JOIN {_THREADS} thread ON thread.id = turn.thread_id
WHERE turn.status = 'queued' AND {queries.person_is_in_team("thread")} AND NOT EXISTS (
    SELECT 1 FROM {_TURNS} ahead WHERE ahead.thread_id = turn.thread_id AND (
        ahead.status = 'running' OR (ahead.status = 'queued' AND ahead.created_at < turn.created_at)
    )
)
ORDER BY turn.created_at, turn.id LIMIT 1
{"FOR UPDATE OF thread SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""}
"""  # noqa: S608  the only names in these are the tables'

_TAKE = f"""
UPDATE {_TURNS} SET status = 'running', process_id = %s, token = %s, started_at = %s
WHERE id = %s AND status = 'queued' AND NOT EXISTS (
    SELECT 1 FROM {_TURNS} other WHERE other.thread_id = {_TURNS}.thread_id AND other.status = 'running'
) RETURNING *
"""  # noqa: S608

_PLACE = f"""
UPDATE {_MESSAGES} SET rev = %s, status = CASE WHEN id = %s THEN 'running' ELSE 'complete' END,
    parent_id = CASE WHEN id = %s THEN %s ELSE parent_id END, chosen_rev = %s
WHERE id IN (%s, %s) RETURNING *
"""  # noqa: S608

_LEAD_TO = f"UPDATE {_THREADS} SET rev = %s, leaf_id = %s, path_rev = COALESCE(%s, path_rev) WHERE id = %s"  # noqa: S608


def _next() -> _Found | None:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT)
        row = cursor.fetchone()
    return _Found(*row) if row else None


def _taken(found: _Found, process_id: UUID) -> Turn | None:
    """Make the turn ours if its thread is free."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    taken = Turn.objects.raw(_TAKE, [as_parameter(process_id), as_parameter(uuid4()), now, found.turn_id])
    return next(iter(taken), None)


def _as_value(json_: Any) -> Any:
    return json.loads(json_) if isinstance(json_, str) else json_


def _begin(turn: Turn, found: _Found) -> None:
    """Place the question and its reply, and have the thread lead to them."""
    rev = found.rev + 1
    question, reply = as_parameter(turn.user_message_id), as_parameter(turn.assistant_message_id)
    appended = question if turn.appends else None
    rows = ChatMessage.objects.raw(_PLACE, [rev, reply, appended, found.leaf_id, rev, question, reply])
    placed = {row.id: row for row in rows}
    turn.assistant_message = placed[turn.assistant_message_id]
    turn.user_message = placed[turn.user_message_id] if turn.user_message_id else None
    changed = [row for row in (turn.user_message, turn.assistant_message) if row]
    path_rev = rev if not turn.appends and _turns_away(changed[0], found) else None
    with connection.cursor() as cursor:
        cursor.execute(_LEAD_TO, [rev, reply, path_rev, as_parameter(turn.thread_id)])
    if not turn.appends or found.leaf_has_more:
        queries.with_siblings(changed)
    updates = [wire.message_updated(row, turn, rev) for row in changed]

    def tell() -> None:
        for update in updates:
            publish(thread_topic(turn.thread_id), update)

    transaction.on_commit(tell)


def _turns_away(first: ChatMessage, found: _Found) -> bool:
    """Tell whether a turn goes on from a message that is not shown: a page has more to load than what it placed."""
    return first.parent_id is not None and not queries.leads_through(found.leaf_id, first.parent_id)


def _claimed(turn: Turn, found: _Found) -> Claim:
    reply = turn.assistant_message
    # A bot says itself what the model is told. What the person wants kept in mind takes its room from the history.
    instructions, of_thread = ("", "") if found.bot_id else (found.instructions, found.thread_instructions)
    budget = context.left_for_messages(turn.model, instructions, of_thread)
    told = queries.told(reply.parent_id, budget=budget, has_summary=found.summary_up_to is not None)
    assert turn.token is not None  # noqa: S101  the turn was taken with one
    return Claim(
        turn_id=turn.id,
        token=turn.token,
        thread_id=turn.thread_id,
        message_id=reply.id,
        mode=Turn.Mode(turn.mode),
        model=turn.model,
        user_id=turn.user_id,
        language=found.language,
        team_id=from_row(found.team_id),
        bot_id=from_row(found.bot_id) if found.bot_id else None,
        instructions=instructions,
        thread_instructions=of_thread,
        parameters=_as_value(found.parameters),
        told=told,
        budget=budget,
        reply=reply,
        untitled_text=_first_words(turn.user_message)
        if turn.user_message and not found.title and not found.temporary
        else None,
        temporary=bool(found.temporary),
        is_last=not found.has_others,
    )


def _first_words(message: ChatMessage) -> str:
    """Return what a thread can be called after; a message without text has files."""
    return message.content or ", ".join(str(file.get("name", "")) for file in message.attachments)


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
            [(one.seq, as_parameter(one.claim.turn_id), as_parameter(one.claim.token), one.seq) for one in progress],
        )
        all_held = cursor.rowcount == len(progress)
        cursor.executemany(
            _SAVE_TEXT.replace("tools = %s", f"tools = %s{as_json}"),
            [
                (
                    one.text,
                    one.reasoning,
                    json.dumps(one.tools),
                    as_parameter(one.claim.message_id),
                    as_parameter(one.claim.turn_id),
                    as_parameter(one.claim.token),
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
