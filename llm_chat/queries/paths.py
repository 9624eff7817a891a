"""A path through the tree of a thread's messages, up by parent pointers."""

from uuid import UUID

from django.db import connection

from llm_chat.models import ChatMessage
from llm_chat.queries.branches import read_siblings, siblings_of
from llm_chat.queries.ids import as_parameter

_TABLE = connection.ops.quote_name(ChatMessage._meta.db_table)


_PATH = f"""
WITH RECURSIVE path(path_id, above_id, depth) AS (
    SELECT id, parent_id, 1 FROM {_TABLE} WHERE id = %s
    UNION ALL
    SELECT above.id, above.parent_id, path.depth + 1
    FROM {_TABLE} above JOIN path ON above.id = path.above_id
    WHERE path.depth < %s
)
SELECT message.*, {siblings_of("message")} AS found
FROM {_TABLE} message JOIN path ON message.id = path.path_id ORDER BY path.depth DESC
"""  # noqa: S608  the only names in it are the table's and its columns'


def path(leaf_id: UUID | None, *, limit: int) -> list[ChatMessage]:
    """Return at most `limit` messages that end at `leaf_id`, oldest first."""
    if leaf_id is None:
        return []
    rows = list(ChatMessage.objects.raw(_PATH, [as_parameter(leaf_id), limit]))
    for row in rows:
        read_siblings(row, getattr(row, "found", None))
    return rows


_LEADS = f"""
WITH RECURSIVE up(id, parent_id) AS (
    SELECT id, parent_id FROM {_TABLE} WHERE id = %s
    UNION ALL
    SELECT above.id, above.parent_id FROM {_TABLE} above JOIN up ON above.id = up.parent_id WHERE up.id <> %s
)
SELECT EXISTS (SELECT 1 FROM up WHERE id = %s)
"""  # noqa: S608  the only name in it is the table's


def leads_through(leaf_id: UUID | None, message_id: UUID) -> bool:
    """Tell whether a message is on the path that ends at `leaf_id`. Walks up as far as to the message."""
    sought = as_parameter(message_id)
    with connection.cursor() as cursor:
        cursor.execute(_LEADS, [as_parameter(leaf_id), sought, sought])
        (found,) = cursor.fetchone()
    return bool(found)
