"""What of a path the next summary is to cover. Walks as far as the last one: asked beside a turn, never on its way."""

from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from llm_chat.models import ChatMessage, Summary
from llm_chat.queries.ids import as_parameter, from_row
from llm_chat.queries.told_files import with_excerpts

FULL = 0.8
"""A summary is made when this much of the budget is taken, so that it is there before anything must be left out."""
KEPT = 0.4
"""This much of it stays in full, so that the next summary is some turns away."""
KEPT_MESSAGES = 2

_MESSAGES, _SUMMARIES = (connection.ops.quote_name(model._meta.db_table) for model in (ChatMessage, Summary))

_SINCE_SUMMARY = f"""
WITH RECURSIVE path(path_id, above_id, depth, spent, is_summed) AS (
    SELECT id, parent_id, 1, token_count, FALSE FROM {_MESSAGES} WHERE id = %s
    UNION ALL
    SELECT above.id, above.parent_id, path.depth + 1, path.spent + above.token_count,
        EXISTS (SELECT 1 FROM {_SUMMARIES} WHERE up_to_id = above.id)
    FROM {_MESSAGES} above JOIN path ON above.id = path.above_id WHERE NOT path.is_summed
)
SELECT path.path_id, path.spent, path.is_summed, message.role, message.token_count
FROM path JOIN {_MESSAGES} message ON message.id = path.path_id ORDER BY path.depth
"""  # noqa: S608  the only names in it are the tables'


class _Row(NamedTuple):
    id: Any
    spent: int
    is_summed: bool
    role: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Portion:
    """Messages to summarise, with the summary of all before them."""

    up_to: UUID
    before: str
    said: list[tuple[str, str]]
    """Role and text, oldest first."""
    covers: int
    """How many messages the new summary will stand for."""


def is_full(tokens: int, budget: int) -> bool:
    return tokens > budget * FULL


def next_portion(leaf_id: UUID, *, budget: int) -> Portion | None:
    """Return what to summarise next of the path up to `leaf_id`; None while all of it fits well."""
    with connection.cursor() as cursor:
        cursor.execute(_SINCE_SUMMARY, [as_parameter(leaf_id)])
        rows = [_Row(*row) for row in cursor.fetchall()]
    if not rows:
        return None
    last = Summary.objects.filter(up_to=rows[-1].id).first() if rows[-1].is_summed else None
    since = rows[:-1] if last else rows
    if not is_full(since[-1].spent + (last.token_count if last else 0), budget):
        return None
    kept = max(KEPT_MESSAGES, sum(row.spent <= budget * KEPT for row in since))
    chosen = _at_most(list(reversed(since[kept:])), budget)
    if not chosen:
        return None
    found = ChatMessage.objects.filter(id__in=[row.id for row in chosen]).values_list("id", "content", "attachments")
    texts = with_excerpts(list(found))
    said = [(row.role, texts.get(from_row(row.id), "")) for row in chosen]
    covers = len(chosen) + (last.messages if last else 0)
    return Portion(from_row(chosen[-1].id), last.text if last else "", said, covers)


def _at_most(rows: list[_Row], budget: int) -> list[_Row]:
    """Return the oldest rows that one call can read, up to the end of a reply: what follows begins with a question."""
    chosen: list[_Row] = []
    spent = 0
    for row in rows:
        spent += row.tokens
        if chosen and spent > budget:
            break
        chosen.append(row)
    while chosen and chosen[-1].role != ChatMessage.Role.ASSISTANT:
        chosen.pop()
    return chosen
