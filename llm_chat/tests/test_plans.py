"""How the databases go about lists and search: by an index, however much others have said and one person has."""

import re
from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from llm_chat import queries
from llm_chat.models import ChatMessage, ChatThread, SearchEntry, Tag, scope_of
from teams.actions import personal_team

pytestmark = pytest.mark.django_db

OWN, OTHERS = 2_000, 20_000
"""Threads of one person, and messages of others. The plans are the same with 10,000 and 1,000,000."""
GROWING = ("llm_chat_chatthread", "llm_chat_chatmessage", "llm_chat_searchentry")


def series(count: int) -> str:
    if connection.vendor == "postgresql":
        return f"generate_series(1, {count}) AS series(n)"
    rows = f"WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < {count}) SELECT n FROM up"  # noqa: S608
    return f"({rows}) AS series"


def id_of(prefix: str) -> str:
    hashed = f"md5('{prefix}' || series.n)"
    return f"{hashed}::uuid" if connection.vendor == "postgresql" else hashed


def before(unit: str) -> str:
    if connection.vendor == "postgresql":
        return f"now() - series.n * interval '1 {unit}'"
    return f"strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || series.n || ' {unit}s')"


def copied(model: type[models.Model], like: models.Model, count: int, **said: str) -> None:
    """Make many rows like one, in one statement."""
    columns = [field.column for field in model._meta.concrete_fields if field.column]
    values = ", ".join(said.get(column) or f"one.{column}" for column in columns)
    table, key = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} one CROSS JOIN {series(count)}"  # noqa: S608
            f" WHERE one.{key} = %s",
            [queries.as_parameter(like.pk)],
        )


def searchable(scope: str, prefix: str, count: int, offset: int) -> None:
    with connection.cursor() as cursor:
        values = f"series.n * 2048 + {offset}, {id_of(f'thread-{prefix}')}, {id_of(prefix)}, '{scope}'"
        if connection.vendor == "postgresql":
            words = f"('''{scope}'' ''common'':1 ''rare' || (series.n % 500) || ''':2')::tsvector"
            cursor.execute(
                f"INSERT INTO llm_chat_searchentry (id, thread_id, message_id, scope, words)"  # noqa: S608
                f" SELECT {values}, {words} FROM {series(count)}"
            )
            return
        cursor.execute(
            f"INSERT INTO llm_chat_searchentry (id, thread_id, message_id, scope) SELECT {values} FROM {series(count)}"  # noqa: S608
        )
        cursor.execute(
            "INSERT INTO llm_chat_searchwords (rowid, words)"  # noqa: S608
            f" SELECT series.n * 2048 + {offset}, '{scope} common rare' || (series.n % 500) FROM {series(count)}"
        )


@pytest.fixture
def crowd(alice: User, bob: User) -> User:
    """Alice with her many conversations, among the many messages of others."""
    for person, prefix, count, offset in ((alice, "own", OWN, 0), (bob, "other", OTHERS, 1)):
        team = personal_team(person)
        thread = ChatThread.objects.create(user=person, team=team, title="Talk", indexed_title="Talk")
        message = ChatMessage.objects.create(thread=thread, role="user", content="common", is_indexed=True)
        thread_id, at = id_of(f"thread-{prefix}"), before("minute")
        copied(ChatThread, thread, count, id=thread_id, last_message_at=at, created_at=at)
        copied(ChatMessage, message, count, id=id_of(prefix), thread_id=thread_id, created_at=at)
        searchable(scope_of(person.pk, team.pk), prefix, count, offset)
        tag = Tag.objects.create(team=team, user=person, name="Work")
        tag.threads.add(*ChatThread.objects.filter(user=person).order_by("-last_message_at")[100:200])
    ChatThread.objects.filter(user=alice).update(leaf=None)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return alice


def scans(ask: Callable[[], object]) -> list[str]:
    """Return what the plans of these queries read from end to end, of the tables that grow."""
    with CaptureQueriesContext(connection) as asked:
        ask()
    statements = [one["sql"] for one in asked.captured_queries if re.match(r"\s*(SELECT|WITH)", one["sql"])]
    assert statements
    found: list[str] = []
    for sql in statements:
        with connection.cursor() as cursor:
            cursor.execute(f"{'EXPLAIN' if connection.vendor == 'postgresql' else 'EXPLAIN QUERY PLAN'} {sql}")
            found += [str(row[-1]) for row in cursor.fetchall()]
    if connection.vendor == "postgresql":
        return [line for line in found if re.search(rf"Seq Scan on ({'|'.join(GROWING)})\b", line)]
    # An index that is walked in its order until there is enough is no scan; neither is one of a virtual table.
    whole = [line for line in found if line.startswith("SCAN") and "INDEX" not in line]
    said = " ".join(statements).replace('"', "")
    return [line for line in whole if _grows(line.split()[1], said)]


def _grows(name: str, said: str) -> bool:
    """Tell whether a name in a plan stands for a table that grows."""
    return any(name == table or re.search(rf"\b{table} (?:AS )?{re.escape(name)}\b", said) for table in GROWING)


def found(user: User, team: UUID, words: str) -> None:
    assert queries.search(user.pk, team, words)["results"]


ASKED: dict[str, Callable[[User, UUID, ChatThread], object]] = {
    "the list": lambda user, team, _: queries.threads_page(user.pk, team),
    "its second page": lambda user, team, _: queries.threads_page(
        user.pk, team, str(queries.threads_page(user.pk, team)["next"])
    ),
    "the archive": lambda user, team, _: queries.threads_page(user.pk, team, archived=True),
    "one tag": lambda user, team, _: queries.threads_page(user.pk, team, tag_id=Tag.objects.get(user=user).id),
    "one thread": lambda user, _, thread: queries.history_page(thread),
    "a word of every message": lambda user, team, _: found(user, team, "common"),
    "a word of few": lambda user, team, _: found(user, team, "rare7"),
    "two words": lambda user, team, _: found(user, team, "common rare7"),
    "the beginning of a word": lambda user, team, _: found(user, team, "rar"),
    "a word of none": lambda user, team, _: queries.search(user.pk, team, "nowhere"),
    "a word in one thread": lambda user, team, thread: queries.search(user.pk, team, "common", thread_id=thread.id),
}


def test_no_list_and_no_search_reads_a_growing_table_from_end_to_end(crowd: User) -> None:
    team, thread = personal_team(crowd).pk, ChatThread.objects.filter(user=crowd).first()
    assert thread

    read = {name: scans(partial(ask, crowd, team, thread)) for name, ask in ASKED.items()}

    assert read == {name: [] for name in ASKED}


def test_a_scan_would_be_seen(crowd: User) -> None:
    assert scans(lambda: list(SearchEntry.objects.filter(message_id__isnull=False, scope__endswith="x")))
    assert scans(lambda: list(ChatMessage.objects.filter(content__contains="nowhere")))
