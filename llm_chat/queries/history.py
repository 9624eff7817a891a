"""What a model is told of a thread: the newest messages within a budget, and a summary in place of what is above."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from llm_chat.models import ChatMessage, Summary
from llm_chat.queries.ids import as_parameter
from llm_chat.queries.told_files import in_vendors_form

LONGEST_WALK = 1_000
REACH = 4
"""How many budgets back a summary is looked for."""

_MESSAGES, _SUMMARIES = (connection.ops.quote_name(model._meta.db_table) for model in (ChatMessage, Summary))

# `spent` is the tokens from a message to the end of the path. The walk ends at the first message that a summary reaches
# (the newest is always told as it is), at the thread's beginning, or beyond reach.
_WALK = f"""
WITH RECURSIVE path(path_id, above_id, depth, spent, is_summed) AS (
    SELECT id, parent_id, 1, token_count, FALSE FROM {_MESSAGES} WHERE id = %s
    UNION ALL
    SELECT above.id, above.parent_id, path.depth + 1, path.spent + above.token_count,
        EXISTS (SELECT 1 FROM {_SUMMARIES} WHERE up_to_id = above.id)
    FROM {_MESSAGES} above JOIN path ON above.id = path.above_id
    WHERE NOT path.is_summed AND path.depth < %s AND path.spent <= %s
)
"""  # noqa: S608  the only names in these are the tables'

_TOLD = f"""{_WALK}
SELECT path.path_id, path.above_id, path.spent, summary.text, summary.token_count, summary.messages, message.role,
    CASE WHEN path.depth = 1 OR path.spent <= %s THEN message.content END, message.attachments
FROM path JOIN {_MESSAGES} message ON message.id = path.path_id
LEFT JOIN {_SUMMARIES} summary ON path.is_summed AND summary.up_to_id = path.path_id
ORDER BY path.depth
"""  # noqa: S608

_LENGTH = f"""
WITH RECURSIVE path(above_id) AS (
    SELECT parent_id FROM {_MESSAGES} WHERE id = %s
    UNION ALL
    SELECT above.parent_id FROM {_MESSAGES} above JOIN path ON above.id = path.above_id
)
SELECT COUNT(*) FROM path
"""  # noqa: S608


class _Row(NamedTuple):
    id: Any
    above_id: Any
    spent: int
    summary: str | None
    summary_tokens: int | None
    summary_messages: int | None
    role: str
    content: str | None
    attachments: str | list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Window:
    """What of a path is told."""

    rows: list[_Row]
    """The newest first."""
    summary: _Row | None
    tokens: int
    """Of the messages and the summary."""
    is_whole: bool
    """Every message of the path is told or summarised."""


@dataclass(frozen=True, slots=True)
class Told:
    """`messages` in the vendors' form, but for their pictures, which are to be put in their place."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    summary: str = ""
    tokens: int = 0
    is_whole: bool = True


def told(parent_id: UUID | None, *, budget: int, has_summary: bool = False) -> Told:
    """Return what the model is told of the path up to `parent_id`. The newest message is told whatever it takes."""
    window = window_of(parent_id, budget=budget, has_summary=has_summary)
    if window is None:
        return Told()
    summary = window.summary.summary or "" if window.summary else ""
    room = budget - (window.summary.summary_tokens or 0 if window.summary else 0)
    return Told(in_vendors_form(window.rows[::-1], room=room), summary, window.tokens, window.is_whole)


def window_of(leaf_id: UUID | None, *, budget: int, has_summary: bool) -> Window | None:
    """Return which messages of the path up to `leaf_id` are told; None where there are none.

    Where a summary reaches a message of the path, what is above it is left out and the summary takes its room from
    what follows. `has_summary` says that looking further back than the budget can be worth it.
    """
    reach = budget * REACH if has_summary else budget
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, [as_parameter(leaf_id), LONGEST_WALK, reach, budget])
        rows = [_Row(*row) for row in cursor.fetchall()]
    if not rows:
        return None
    end = rows[-1]
    summary = end if end.summary else None
    taken = end.summary_tokens or 0
    unsummed = rows[:-1] if summary else rows
    kept = [row for number, row in enumerate(unsummed) if number == 0 or row.spent <= budget - taken]
    is_whole = len(kept) == len(unsummed) and (summary is not None or end.above_id is None)
    return Window(kept, summary, kept[-1].spent + taken, is_whole)


def length_of(leaf_id: UUID) -> int:
    """Return how many messages the path up to `leaf_id` has. Walks all of it."""
    with connection.cursor() as cursor:
        cursor.execute(_LENGTH, [as_parameter(leaf_id)])
        (length,) = cursor.fetchone()
    return int(length)
