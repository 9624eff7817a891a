"""A page of messages around one of them, wherever in the tree it stands. What the thread shows by itself stays."""

from typing import Any
from uuid import UUID

from django.db import connection

from llm_chat import wire
from llm_chat.models import ChatMessage, ChatThread
from llm_chat.queries.branches import leaf_below
from llm_chat.queries.ids import as_parameter, from_row
from llm_chat.queries.pages import PAGE_MESSAGES, thread_value
from llm_chat.queries.paths import path

ABOVE = PAGE_MESSAGES // 2

_TABLE = connection.ops.quote_name(ChatMessage._meta.db_table)

# The way up from an end of the tree to a message, turned round: the message first, then what follows it.
_DOWN_TO_END = f"""
WITH RECURSIVE up(id, above_id, depth) AS (
    SELECT id, parent_id, 0 FROM {_TABLE} WHERE id = %s
    UNION ALL
    SELECT above.id, above.parent_id, up.depth + 1 FROM {_TABLE} above JOIN up ON above.id = up.above_id
    WHERE up.id <> %s
)
SELECT id FROM up ORDER BY depth DESC LIMIT %s
"""  # noqa: S608  the only names in it are the table's


def excerpt(thread: ChatThread, *, around: UUID | None = None, after: UUID | None = None) -> dict[str, Any]:
    """Return the messages around one, or those after one, on the shown path or else on the branch it is on.

    Raises ValueError if it is no message of the thread.
    """
    message_id, most = (around, PAGE_MESSAGES - ABOVE - 1) if around else (after, PAGE_MESSAGES - 1)
    if message_id is None or not ChatMessage.objects.filter(id=message_id, thread=thread).exists():
        raise ValueError("This is not a message of this thread.")
    below = _down(thread.leaf_id, message_id, most + 2)
    is_shown = below[:1] == [message_id]
    if not is_shown:
        below = _down(leaf_below(message_id).id, message_id, most + 2)
    last = below[: most + 1][-1]
    rows = path(last, limit=len(below[: most + 1]) + (ABOVE if around else 0))
    rows = [row for row in rows if row.id != after]
    return {
        "thread": thread_value(thread),
        "messages": [wire.message(row).model_dump(mode="json") for row in rows],
        "older": str(rows[0].id) if rows and rows[0].parent_id else None,
        "newer": str(last) if len(below) > most + 1 else None,
        "is_shown": is_shown,
    }


def _down(end_id: UUID | None, message_id: UUID, most: int) -> list[UUID]:
    """Return the message and what follows it on the way to the end; something else first if it is not on that way."""
    with connection.cursor() as cursor:
        cursor.execute(_DOWN_TO_END, [as_parameter(end_id), as_parameter(message_id), most])
        return [from_row(id_) for (id_,) in cursor.fetchall()]
