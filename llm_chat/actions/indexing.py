"""Texts become searchable: off every path a reader waits on, a moment after they are final.

Messages carry a mark and threads the title that search knows, so whoever writes them need not know of search.
"""

import random
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db import connection
from django.db.models import F, Model, QuerySet

from lib.write_lock import writing
from llm_chat import words
from llm_chat.models import UNFINISHED, ChatMessage, ChatThread, SearchEntry, Status, scope_of
from llm_chat.queries import as_parameter

AT_ONCE = 40
MOST_TEXT = 100_000
"""Characters taken in one transaction, but for a single long text: others wait for it."""
MOST_OF_ONE = 200_000
"""Characters of one text that can be found."""
_MOST_VECTOR = 900_000
_MOST_PLACES, _LAST_PLACE = 255, 16_383
"""What Postgres takes: bytes of a vector (1 MB), places of one word, the last place."""

_TABLE = connection.ops.quote_name(SearchEntry._meta.db_table)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SPREAD = 10
"""Bits of an id below its microsecond."""


@dataclass(frozen=True, slots=True)
class _Text:
    at: datetime
    thread_id: UUID
    message_id: UUID | None
    user_id: int
    team_id: UUID
    role: str
    text: str


def index_due() -> int:
    """Make some of what is final and not searchable yet searchable; return how many texts that were."""
    return _index_messages() + _index_titles()


def _index_messages() -> int:
    due = ChatMessage.objects.filter(is_indexed=False).exclude(status__in=UNFINISHED).select_related("thread")
    due = due.only("role", "status", "content", "created_at", "thread__user_id", "thread__team_id", "thread__temporary")
    rows = _within_bounds(due.order_by("-created_at")[:AT_ONCE])
    if not rows:
        return 0
    with writing():
        # Two processes take different ones; nobody who writes in these threads waits for this lock.
        open_ = ChatMessage.objects.filter(id__in=[row.id for row in rows], is_indexed=False)
        held = set(_locked(open_).values_list("id", flat=True))
        _add([_of_message(row) for row in rows if row.id in held and _can_be_found(row)])
        ChatMessage.objects.filter(id__in=held).update(is_indexed=True)
    return len(held)


def _within_bounds(rows: Iterable[ChatMessage]) -> list[ChatMessage]:
    taken: list[ChatMessage] = []
    size = 0
    for row in rows:
        size += len(row.content)
        if taken and size > MOST_TEXT:
            break
        taken.append(row)
    return taken


def _locked[Row: Model](rows: QuerySet[Row]) -> QuerySet[Row]:
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(of=("self",), skip_locked=True, no_key=True)
    return rows


def _can_be_found(row: ChatMessage) -> bool:
    """A question that was taken back before its turn stands beside the tree; what is temporary is copied nowhere."""
    is_said = row.role == ChatMessage.Role.ASSISTANT or (
        row.role == ChatMessage.Role.USER and row.status != Status.STOPPED
    )
    return is_said and bool(row.content) and not row.thread.temporary


def _of_message(row: ChatMessage) -> _Text:
    thread = row.thread
    return _Text(row.created_at, thread.id, row.id, thread.user_id, thread.team_id, row.role, row.content)


def _index_titles() -> int:
    due = ChatThread.objects.exclude(title=F("indexed_title"))
    if not due.exists():
        return 0
    with writing():
        rows = list(_locked(due).order_by("id")[:AT_ONCE])
        SearchEntry.objects.filter(thread__in=rows, message=None).delete()
        _add(
            _Text(row.last_message_at, row.id, None, row.user_id, row.team_id, "title", row.title)
            for row in rows
            if row.title and not row.temporary
        )
        ChatThread.objects.filter(id__in=[row.id for row in rows]).update(indexed_title=F("title"))
    return len(rows)


def _add(texts: Iterable[_Text]) -> None:
    texts = list(texts)
    ids = _ids(texts)
    entries = [
        (id_, as_parameter(text.thread_id), as_parameter(text.message_id), scope_of(text.user_id, text.team_id))
        for id_, text in zip(ids, texts, strict=True)
    ]
    told = [(scope, words.words_of(text.text[:MOST_OF_ONE])) for (*_, scope), text in zip(entries, texts, strict=True)]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.executemany(
                f"INSERT INTO {_TABLE} (id, thread_id, message_id, scope, words) VALUES (%s, %s, %s, %s, %s::tsvector)",  # noqa: S608
                [(*entry, _vector(scope, said)) for entry, (scope, said) in zip(entries, told, strict=True)],
            )
        else:
            cursor.executemany(
                f"INSERT INTO {_TABLE} (id, thread_id, message_id, scope) VALUES (%s, %s, %s, %s)",  # noqa: S608
                entries,
            )
            cursor.executemany(
                "INSERT INTO llm_chat_searchwords (rowid, words) VALUES (%s, %s)",
                [(id_, " ".join([scope, *said])) for id_, (scope, said) in zip(ids, told, strict=True)],
            )


def _ids(texts: list[_Text]) -> list[int]:
    """Return ids that rise with time, a question's below its reply's of the same moment; none is taken."""
    taken: set[int] = set()
    while True:
        ids: list[int] = []
        for text in texts:
            id_ = _id(text)
            while id_ in taken or id_ in ids:
                id_ += random.randrange(1, 1 << _SPREAD)  # noqa: S311  a few microseconds later
            ids.append(id_)
        met = set(SearchEntry.objects.filter(id__in=ids).values_list("id", flat=True))
        if not met:
            return ids
        taken |= met


def _id(text: _Text) -> int:
    microseconds = (text.at - _EPOCH) // timedelta(microseconds=1)
    inside = zlib.crc32((text.message_id or text.thread_id).bytes) % (1 << (_SPREAD - 1))
    later = 0 if text.role == ChatMessage.Role.USER else 1 << (_SPREAD - 1)
    return max(0, min(microseconds, 1 << (62 - _SPREAD))) << _SPREAD | later | inside


def _vector(scope: str, said: Iterable[str]) -> str:
    places: dict[str, list[int]] = {scope: []}
    size = 0
    for place, word in enumerate(islice(said, MOST_OF_ONE), start=1):
        known = places.setdefault(word, [])
        size += 2 if known else len(word.encode()) + 8
        if size > _MOST_VECTOR:
            break
        if len(known) < _MOST_PLACES:
            known.append(min(place, _LAST_PLACE))
    return " ".join(f"'{word}'" + (f":{','.join(map(str, at))}" if at else "") for word, at in places.items())
