"""Reading threads: what the model is told, and pages that cost the same however long a thread is."""

import base64
import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from llm_chat import queries
from llm_chat.models import ChatMessage, ChatThread
from teams.actions import personal_team

pytestmark = pytest.mark.django_db


def thread_of(user: User, **more: Any) -> ChatThread:
    return ChatThread.objects.create(user=user, team=personal_team(user), **more)


def said(thread: ChatThread, *lines: tuple[str, str], tokens: int = 10, parent: Any = None) -> list[ChatMessage]:
    """Store a path of messages, each below the one before, and make its end the thread's leaf."""
    rows = []
    for number, (role, content) in enumerate(lines, 1):
        row = ChatMessage(
            thread=thread, parent_id=parent, role=role, content=content, token_count=tokens, rev=thread.rev + number
        )
        rows.append(row)
        parent = row.id
    ChatMessage.objects.bulk_create(rows)
    thread.leaf_id, thread.rev = parent, thread.rev + len(rows)
    thread.save()
    return rows


def talk(thread: ChatThread, pairs: int) -> list[ChatMessage]:
    lines = [(role, f"{role} {number}") for number in range(pairs) for role in ("user", "assistant")]
    return said(thread, *lines)


def told(thread: ChatThread, tokens: int = 1_000) -> list[tuple[str, str]]:
    return [(one["role"], one["content"]) for one in queries.told(thread.leaf_id, budget=tokens).messages]


# --- For the model


def test_the_model_is_told_the_shown_path_in_order(alice: User) -> None:
    thread = thread_of(alice)
    said(thread, ("user", "one"), ("assistant", "two"), ("user", "three"))

    assert told(thread) == [("user", "one"), ("assistant", "two"), ("user", "three")]


def test_other_branches_are_not_told(alice: User) -> None:
    thread = thread_of(alice)
    first = said(thread, ("user", "one"), ("assistant", "two"))
    said(thread, ("user", "one, again"), ("assistant", "other"), parent=None)
    said(thread, ("user", "three"), parent=first[1].id)

    assert told(thread) == [("user", "one"), ("assistant", "two"), ("user", "three")]


def test_history_ends_where_the_budget_does(alice: User) -> None:
    thread = thread_of(alice)
    talk(thread, 10)

    assert told(thread, tokens=40) == [
        (role, f"{role} {number}") for number in (8, 9) for role in ("user", "assistant")
    ]
    assert len(told(thread, tokens=39)) == 3


def test_the_question_itself_is_told_whatever_it_costs(alice: User) -> None:
    thread = thread_of(alice)
    said(thread, ("user", "before"), ("assistant", "before"))
    said(thread, ("user", "very long"), tokens=5_000, parent=thread.leaf_id)

    assert told(thread, tokens=100) == [("user", "very long")]


def test_the_budget_counts_what_was_stored_and_reads_no_text(alice: User) -> None:
    thread = thread_of(alice)
    said(thread, ("user", "x" * 50_000), ("assistant", "y"), tokens=1)

    assert len(told(thread, tokens=2)) == 2


def test_replies_that_are_empty_are_left_out_and_neighbours_merged(alice: User) -> None:
    thread = thread_of(alice)
    said(thread, ("user", "one"), ("assistant", ""), ("user", "two"), ("assistant", "three"), ("assistant", "four"))

    assert told(thread) == [("user", "one\n\ntwo"), ("assistant", "three\n\nfour")]


def test_rows_of_other_roles_are_not_told(alice: User) -> None:
    thread = thread_of(alice)
    said(thread, ("system", "secret"), ("user", "one"), ("tool", "result"), ("user", "two"))

    assert told(thread) == [("user", "one\n\ntwo")]


def test_a_thread_with_nothing_in_it_tells_nothing() -> None:
    assert queries.told(None, budget=100) == queries.Told()
    assert queries.told(uuid.uuid4(), budget=100) == queries.Told()


@pytest.mark.parametrize("pairs", [3, 100])
def test_history_for_the_model_is_one_query(alice: User, django_assert_num_queries: Any, pairs: int) -> None:
    thread = thread_of(alice)
    talk(thread, pairs)

    with django_assert_num_queries(1):
        queries.told(thread.leaf_id, budget=100_000)


# --- Pages of a path


def test_what_a_newer_release_stored_is_shown_as_far_as_this_one_knows(alice: User) -> None:
    thread = thread_of(alice)
    _, reply = said(thread, ("user", "one"), ("assistant", "two"))
    newer = {"from_a_newer_release": 1}
    reply.error = {"code": "provider_down", "message": "Later.", "retryable": True, **newer}
    reply.tools = [{"call_id": "1", "name": "clock", "label": "Clock", "arguments": "{}", **newer}]
    reply.usage = newer
    reply.save()

    shown = queries.history_page(thread)["messages"][-1]

    assert (shown["error"]["code"], shown["tools"][0]["name"]) == ("provider_down", "clock")
    assert "from_a_newer_release" not in json.dumps(shown)


def test_a_long_path_comes_in_pages_from_its_end(alice: User) -> None:
    thread = thread_of(alice)
    rows = talk(thread, 60)
    pages, before = [], None

    for _ in range(4):
        page = queries.history_page(thread, before)
        pages.append([one["content"] for one in page["messages"]])
        if page["older"] is None:
            break
        before = uuid.UUID(page["older"])

    assert [len(page) for page in pages] == [50, 50, 20]
    assert [*pages[2], *pages[1], *pages[0]] == [row.content for row in rows]


def test_an_older_page_follows_its_own_branch_even_when_the_path_has_moved_on(alice: User) -> None:
    thread = thread_of(alice)
    rows = talk(thread, 30)
    older = queries.history_page(thread)["older"]
    said(thread, ("user", "new root"), parent=None)

    page = queries.history_page(thread, uuid.UUID(older))

    assert [one["content"] for one in page["messages"]] == [row.content for row in rows[:10]]


def test_a_page_before_what_is_not_in_the_thread_is_refused(alice: User) -> None:
    thread, other = thread_of(alice), thread_of(alice)
    elsewhere = said(other, ("user", "one"))[0]

    for before in (uuid.uuid4(), elsewhere.id):
        with pytest.raises(ValueError, match="not a message of this thread"):
            queries.history_page(thread, before)


def test_an_empty_thread_has_an_empty_page(alice: User) -> None:
    page = queries.history_page(thread_of(alice))

    assert (page["messages"], page["older"], page["turn"], page["queued"]) == ([], None, None, [])


@pytest.mark.parametrize("pairs", [2, 100])
def test_a_page_takes_the_same_few_queries_in_a_thread_of_any_length(
    alice: User, django_assert_num_queries: Any, pairs: int
) -> None:
    thread = thread_of(alice)
    talk(thread, pairs)

    with django_assert_num_queries(2):
        queries.history_page(thread)


@pytest.mark.parametrize("pairs", [2, 100])
def test_joining_takes_the_same_few_queries_in_a_thread_of_any_length(
    alice: User, django_assert_max_num_queries: Any, pairs: int
) -> None:
    thread = thread_of(alice)
    talk(thread, pairs)

    with django_assert_max_num_queries(6):  # two of them are the savepoint of the test's own transaction
        joined = queries.join(alice.pk, thread.id, thread.rev - 1, None)

    assert joined and len(joined.snapshot.messages) == 1


# --- Pages of threads


def many_threads(user: User, count: int, *, at_once: bool = False) -> list[ChatThread]:
    """Return threads, newest first."""
    now = timezone.now()
    team = personal_team(user)
    rows = [
        ChatThread(
            user=user,
            team=team,
            title=f"thread {number}",
            last_message_at=now if at_once else now - timedelta(seconds=number),
        )
        for number in range(count)
    ]
    return ChatThread.objects.bulk_create(rows)


def all_pages(user: User) -> list[list[str]]:
    pages: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = queries.threads_page(user.pk, personal_team(user).pk, cursor)
        pages.append([one["thread_id"] for one in page["threads"]])
        cursor = page["next"]
        assert len(pages) < 10
    return pages


def test_threads_come_newest_first_in_pages(alice: User) -> None:
    rows = many_threads(alice, 100)

    pages = all_pages(alice)

    assert [len(page) for page in pages] == [40, 40, 20]
    assert [one for page in pages for one in page] == [str(row.id) for row in rows]


def test_threads_of_the_same_moment_are_neither_lost_nor_shown_twice(alice: User) -> None:
    rows = many_threads(alice, 90, at_once=True)

    shown = [one for page in all_pages(alice) for one in page]

    assert len(shown) == len(set(shown)) == 90
    assert set(shown) == {str(row.id) for row in rows}


def test_a_full_last_page_has_no_next(alice: User) -> None:
    many_threads(alice, 40)

    assert [len(page) for page in all_pages(alice)] == [40]


def test_a_thread_that_moves_up_between_two_pages_hides_no_other(alice: User) -> None:
    rows = many_threads(alice, 80)
    first = queries.threads_page(alice.pk, personal_team(alice).pk)
    ChatThread.objects.filter(id=rows[60].id).update(last_message_at=timezone.now() + timedelta(seconds=5))

    second = queries.threads_page(alice.pk, personal_team(alice).pk, first["next"])

    shown = [one["thread_id"] for one in second["threads"]]
    assert shown == [str(row.id) for row in rows[40:] if row is not rows[60]]


def test_nobody_sees_the_threads_of_somebody_else(alice: User, bob: User) -> None:
    many_threads(alice, 3)

    assert queries.threads_page(bob.pk, personal_team(bob).pk) == {"threads": [], "next": None}


def test_a_page_of_threads_is_one_query_and_another_for_the_pinned_ones(
    alice: User, django_assert_num_queries: Any
) -> None:
    many_threads(alice, 100)
    team = personal_team(alice)

    with django_assert_num_queries(2):
        first = queries.threads_page(alice.pk, team.pk)
    with django_assert_num_queries(1):
        queries.threads_page(alice.pk, team.pk, first["next"])


def cursor(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


BAD_CURSORS = {
    "words": "yesterday",
    "padding": "====",
    "umlaut": "ä",
    "no-json": base64.urlsafe_b64encode(b"{").decode(),
    "bytes": base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    "number": cursor(5),
    "null": cursor(None),
    "short": cursor(["2026-01-01T00:00:00+00:00"]),
    "long": cursor(["2026-01-01T00:00:00+00:00", str(uuid.uuid4()), 1]),
    "no-date": cursor(["soon", str(uuid.uuid4())]),
    "date-number": cursor([5, str(uuid.uuid4())]),
    "before-all-time": cursor(["0001-01-01T00:00:00+14:00", str(uuid.uuid4())]),
    "no-uuid": cursor(["2026-01-01T00:00:00+00:00", "1"]),
    "uuid-number": cursor(["2026-01-01T00:00:00+00:00", 1]),
    "deep": base64.urlsafe_b64encode(b"[" * 6_000).decode(),
}


@pytest.mark.parametrize("text", BAD_CURSORS.values(), ids=BAD_CURSORS)
def test_a_cursor_that_is_not_ours_is_refused(alice: User, text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor of this list"):
        queries.threads_page(alice.pk, personal_team(alice).pk, text)


def test_a_date_without_a_zone_is_no_trouble(alice: User) -> None:
    many_threads(alice, 1)

    page = queries.threads_page(alice.pk, personal_team(alice).pk, cursor(["2999-01-01T00:00:00", str(uuid.uuid4())]))

    assert len(page["threads"]) == 1
