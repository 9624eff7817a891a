"""The tree beside the shown path: the versions of a message, and where a branch ends."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q, TextField
from django.db.models.expressions import RawSQL

from llm_chat.models import ChatMessage, Status, Turn
from llm_chat.queries.ids import as_parameter, from_row

# What waits in the queue, or was taken back while it did, hangs beside the tree: nothing can follow it, and it is no
# version of anything.
NEVER_PLACED = (
    Q(status=Status.QUEUED)
    | Q(role=ChatMessage.Role.USER, status=Status.STOPPED)
    | Q(
        role=ChatMessage.Role.ASSISTANT,
        status=Status.STOPPED,
        written_by__isnull=False,
        written_by__started_at__isnull=True,
    )
)

_MESSAGES, _TURNS = (connection.ops.quote_name(model._meta.db_table) for model in (ChatMessage, Turn))


def _is_placed(message: str) -> str:
    """Return the opposite of `NEVER_PLACED` in SQL."""
    return (
        f"{message}.status <> 'queued' AND ({message}.status <> 'stopped' OR ({message}.role <> 'user' AND NOT EXISTS ("  # noqa: S608
        f"SELECT 1 FROM {_TURNS} turn WHERE turn.assistant_message_id = {message}.id AND turn.started_at IS NULL)))"
    )


def _versions(message: str, beside: str) -> str:
    """Return the select of a row's versions. A reply that was continued is none, if nothing but that follows it."""
    ids = "string_agg(version.id::text, ',')" if connection.vendor == "postgresql" else "group_concat(version.id)"
    return f"""(SELECT {ids} FROM (
        SELECT version.id FROM {_MESSAGES} version
        WHERE {beside} AND {_is_placed("version")} AND (version.id = {message}.id OR NOT EXISTS (
            SELECT 1 FROM {_MESSAGES} longer WHERE longer.parent_id = version.parent_id
            AND longer.continues = version.id AND {_is_placed("longer")}
        ) OR EXISTS (SELECT 1 FROM {_MESSAGES} below WHERE below.parent_id = version.id AND {_is_placed("below")}))
        ORDER BY version.created_at, version.id
    ) version)"""  # noqa: S608  the only names in it are the tables'


def siblings_of(message: str) -> str:
    """Return the ids of all versions of `message`, a row of SQL, in order of creation, as one text."""
    roots = _versions(message, f"version.parent_id IS NULL AND version.thread_id = {message}.thread_id")
    others = _versions(message, f"version.parent_id = {message}.parent_id")
    return f"CASE WHEN {message}.parent_id IS NULL THEN {roots} ELSE {others} END"


def read_siblings(row: ChatMessage, found: str | None) -> None:
    """Tell a row what `siblings_of` found."""
    versions = [UUID(id_) for id_ in found.split(",")] if found else []
    row.siblings = versions if len(versions) > 1 and row.id in versions else ()


def with_siblings(rows: Sequence[ChatMessage]) -> None:
    """Tell rows what other versions of them there are."""
    found = ChatMessage.objects.filter(id__in=[row.id for row in rows])
    siblings = dict(found.annotate(found=_SIBLINGS).values_list("id", "found"))
    for row in rows:
        read_siblings(row, siblings.get(row.id))


_SIBLINGS = RawSQL(siblings_of(_MESSAGES), (), output_field=TextField())  # noqa: S611  nothing of it comes from anybody


# Each step takes the child the path turned to last, or else the newest.
_DOWN = f"""
WITH RECURSIVE down(id, depth) AS (
    SELECT id, 0 FROM {_MESSAGES} WHERE id = %s
    UNION ALL
    SELECT below.id, down.depth + 1 FROM down JOIN {_MESSAGES} below ON below.id = (
        SELECT child.id FROM {_MESSAGES} child WHERE child.parent_id = down.id AND {_is_placed("child")}
        ORDER BY child.chosen_rev DESC, child.created_at DESC, child.id DESC LIMIT 1
    )
)
SELECT id, depth FROM down ORDER BY depth DESC LIMIT 1
"""  # noqa: S608  the only names in it are the tables'


class Leaf(NamedTuple):
    id: UUID
    depth: int
    """How many messages below the one that was asked about."""


def leaf_below(message_id: UUID) -> Leaf:
    """Return where the branch of a message ends, taking the turns its reader took last."""
    with connection.cursor() as cursor:
        cursor.execute(_DOWN, [as_parameter(message_id)])
        id_, depth = cursor.fetchone()
    return Leaf(from_row(id_), depth)
