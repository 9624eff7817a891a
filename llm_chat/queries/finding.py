"""What a person's conversations say: full-text search, newest first, with the server's own database."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from llm_chat.models import ChatMessage, ChatThread, SearchEntry, scope_of
from llm_chat.queries.access import kept_threads_of
from llm_chat.queries.ids import as_parameter, from_row
from llm_chat.words import Marker, Term, asked

PAGE_FOUND = 20
"""Threads of a page."""
MOST_OF_A_THREAD = 3
"""Finds that are shown of a thread before the reader asks for the others."""
LOOKED_AT = 120
MOST_LOOKS = 8
NEWEST_FIRST, ENOUGH = 400, 10
"""Of a word that is common the newest texts have enough threads; of all others the index has few."""
_LAST = 2**63 - 1

_ENTRIES = connection.ops.quote_name(SearchEntry._meta.db_table)


class _Find(NamedTuple):
    """A text with all terms. Ids are as the driver has them, but for `id`."""

    id: int
    thread_id: Any
    message_id: Any


class _Look(NamedTuple):
    """Some finds, newest first, and where to go on; None where there is nothing older."""

    finds: list[_Find]
    next: int | None


def search(
    user_id: int, team_id: UUID, question: str, before: str = "", *, thread_id: UUID | None = None
) -> dict[str, Any]:
    """Return one page of what a person's threads in a team say of `question`, those with the newest finds first.

    A thread may be on several pages, each time with other finds. Raises ValueError for a cursor we did not make.
    """
    terms = asked(question)
    at = _from_cursor(before)
    if not terms:
        return {"results": [], "next": None}
    scope = scope_of(user_id, team_id)
    for _ in range(MOST_LOOKS):
        look = _look(scope, terms, at, thread_id)
        threads = _threads(user_id, team_id, look.finds)
        page, rest = _page(find for find in look.finds if from_row(find.thread_id) in threads)
        goes_on = _last_of(page) if rest else look.next
        if page or goes_on is None:  # else all of it was of threads that are not listed any more
            break
        at = goes_on
    results = _results(page, threads, Marker(terms), thread_id is not None)
    return {"results": results, "next": None if goes_on is None else str(goes_on)}


def _from_cursor(before: str) -> int:
    if not before:
        return _LAST
    if not (before.isascii() and before.isdigit() and len(before) < 20):
        raise ValueError("`before` is not a cursor of this search.")
    return min(int(before), _LAST)


def _threads(user_id: int, team_id: UUID, finds: list[_Find]) -> dict[UUID, ChatThread]:
    ids = {find.thread_id for find in finds}
    return kept_threads_of(user_id).of(team_id).in_bulk(ids) if ids else {}


def _page(finds: Iterable[_Find]) -> tuple[dict[UUID, list[_Find]], bool]:
    """Return the finds of as many threads as fit on a page, and whether some were left."""
    page: dict[UUID, list[_Find]] = defaultdict(list)
    for find in finds:
        thread_id = from_row(find.thread_id)
        if thread_id not in page and len(page) == PAGE_FOUND:
            return page, True
        page[thread_id].append(find)
    return page, False


def _last_of(page: dict[UUID, list[_Find]]) -> int:
    return min(find.id for finds in page.values() for find in finds)


def _results(
    page: dict[UUID, list[_Find]], threads: dict[UUID, ChatThread], marker: Marker, all_of_them: bool
) -> list[dict[str, Any]]:
    shown = {
        thread_id: [find for find in finds if find.message_id][: None if all_of_them else MOST_OF_A_THREAD]
        for thread_id, finds in page.items()
    }
    rows = ChatMessage.objects.only("role", "content", "created_at").in_bulk(
        [find.message_id for finds in shown.values() for find in finds]
    )
    return [
        {
            "thread_id": str(thread_id),
            "title": marker.snippet(threads[thread_id].title, around=200),
            "archived": threads[thread_id].archived_at is not None,
            "last_message_at": threads[thread_id].last_message_at.isoformat(),
            "found": [
                {
                    "message_id": str(row.id),
                    "role": row.role,
                    "created_at": row.created_at.isoformat(),
                    "text": marker.snippet(row.content),
                }
                for row in (rows.get(from_row(find.message_id)) for find in shown[thread_id])
                if row
            ],
            "more": sum(find.message_id is not None for find in finds) - len(shown[thread_id]),
        }
        for thread_id, finds in page.items()
    ]


# --- The two databases ------------------------------------------------------------------------------------------------


def _look(scope: str, terms: list[Term], before: int, thread_id: UUID | None) -> _Look:
    """Return at most LOOKED_AT texts with all terms that are older than `before`, newest first."""
    of_thread = as_parameter(thread_id) if thread_id else None
    if connection.vendor == "sqlite":
        return _whole(_asked(_IN_SQLITE, [_for_sqlite(scope, terms), before, of_thread, of_thread, LOOKED_AT]))
    question = _for_postgres(scope, terms)
    if of_thread:
        return _whole(_asked(_IN_THREAD, [of_thread, question, before, LOOKED_AT]))
    return _in_postgres(scope, question, before)


def _whole(finds: list[_Find]) -> _Look:
    return _Look(finds, finds[-1].id if len(finds) == LOOKED_AT else None)


# SQLite goes through the words from the newest text on, and ends where there is enough.
_IN_SQLITE = f"""
SELECT entry.id, entry.thread_id, entry.message_id
FROM llm_chat_searchwords said JOIN {_ENTRIES} entry ON entry.id = said.rowid
WHERE said.words MATCH %s AND said.rowid < %s AND (%s IS NULL OR entry.thread_id = %s)
ORDER BY said.rowid DESC LIMIT %s
"""  # noqa: S608  the only names in these are the table's

_IN_THREAD = f"""
SELECT id, thread_id, message_id FROM {_ENTRIES}
WHERE thread_id = %s AND words @@ %s::tsquery AND id < %s ORDER BY id DESC LIMIT %s
"""  # noqa: S608

# The index of words knows no order. So the newest texts are looked at one by one; a word that is not often among them
# is in few others, which the index finds and which can be sorted.
_AMONG_NEWEST = f"""
WITH newest AS MATERIALIZED (
    SELECT id, thread_id, message_id, words FROM {_ENTRIES} WHERE scope = %s AND id < %s ORDER BY id DESC LIMIT %s
), bounds AS (SELECT min(id) AS oldest, count(*) AS number FROM newest)
SELECT newest.id, newest.thread_id, newest.message_id, bounds.oldest, bounds.number
FROM bounds LEFT JOIN newest ON newest.words @@ %s::tsquery ORDER BY newest.id DESC LIMIT %s
"""  # noqa: S608

_AMONG_ALL = f"""
WITH found AS MATERIALIZED (
    SELECT id, thread_id, message_id FROM {_ENTRIES} WHERE words @@ %s::tsquery AND id < %s
)
SELECT id, thread_id, message_id FROM found ORDER BY id DESC LIMIT %s
"""  # noqa: S608


def _in_postgres(scope: str, question: str, before: int) -> _Look:
    with connection.cursor() as cursor:
        cursor.execute(_AMONG_NEWEST, [scope, before, NEWEST_FIRST, question, LOOKED_AT])
        rows = cursor.fetchall()
    *_, oldest, number = rows[0]
    found = [_Find(*row[:3]) for row in rows if row[0] is not None]
    if number < NEWEST_FIRST or len(found) == LOOKED_AT:
        return _whole(found)
    if len({find.thread_id for find in found}) >= ENOUGH:
        return _Look(found, oldest)
    return _whole(found + _asked(_AMONG_ALL, [question, oldest, LOOKED_AT - len(found)]))


def _asked(statement: str, parameters: list[Any]) -> list[_Find]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [_Find(*row) for row in cursor.fetchall()]


def _for_sqlite(scope: str, terms: list[Term]) -> str:
    """Words hold no quotes, so nothing that was typed is read as an operator."""
    asked_for = (f'"{" ".join(term.words)}"{" *" if term.is_prefix else ""}' for term in terms)
    return " AND ".join([f'"{scope}"', *asked_for])


def _for_postgres(scope: str, terms: list[Term]) -> str:
    asked_for = (" <-> ".join(f"'{word}'" for word in term.words) + (":*" if term.is_prefix else "") for term in terms)
    return " & ".join([f"'{scope}'", *(f"({term})" for term in asked_for)])
