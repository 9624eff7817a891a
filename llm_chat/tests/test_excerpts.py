"""Pages of messages around one that was found: far above the newest ones, or on a branch that is not shown."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from llm_chat import queries
from llm_chat.models import ChatMessage, ChatThread
from llm_chat.tests.test_history import said, talk, thread_of

pytestmark = pytest.mark.django_db


def page(thread: ChatThread, **where: Any) -> dict[str, Any]:
    thread.refresh_from_db()
    return queries.excerpt(thread, **where)


def texts(found: dict[str, Any]) -> list[str]:
    return [message["content"] for message in found["messages"]]


def test_a_page_has_as_many_messages_above_as_below(alice: User) -> None:
    thread = thread_of(alice)
    rows = talk(thread, 100)

    found = page(thread, around=rows[60].id)

    assert texts(found) == [row.content for row in rows[35:85]]
    assert (found["older"], found["newer"], found["is_shown"]) == (str(rows[35].id), str(rows[84].id), True)


def test_from_a_page_every_message_up_to_the_end_is_reached_once(alice: User) -> None:
    thread = thread_of(alice)
    rows = talk(thread, 100)

    found = page(thread, around=rows[3].id)
    read = texts(found)
    assert found["older"] is None
    while found["newer"]:
        found = page(thread, after=uuid.UUID(found["newer"]))
        read += texts(found)

    assert read == [row.content for row in rows]


def test_the_first_and_the_last_message_have_a_page(alice: User) -> None:
    thread = thread_of(alice)
    rows = talk(thread, 40)

    assert texts(page(thread, around=rows[0].id)) == [row.content for row in rows[:25]]
    last = page(thread, around=rows[-1].id)
    assert (texts(last), last["newer"]) == ([row.content for row in rows[-26:]], None)
    assert texts(page(thread, after=rows[-1].id)) == []


def test_a_message_of_another_branch_is_shown_on_its_own_and_the_thread_stays_as_it_is(alice: User) -> None:
    thread = thread_of(alice)
    first = said(thread, ("user", "one"), ("assistant", "two"))
    old = said(thread, ("user", "old"), ("assistant", "older way"), parent=first[-1].id)
    ChatMessage.objects.filter(id=old[1].id).update(created_at=timezone.now() - timedelta(hours=1))
    said(thread, ("assistant", "newer way"), parent=old[0].id)
    said(thread, ("user", "new"), ("assistant", "end"), parent=first[-1].id)
    thread.refresh_from_db()
    leaf, rev = thread.leaf_id, thread.rev

    found = page(thread, around=old[0].id)

    assert (texts(found), found["is_shown"]) == (["one", "two", "old", "newer way"], False)
    assert texts(page(thread, around=old[1].id)) == ["one", "two", "old", "older way"]
    thread.refresh_from_db()
    assert (thread.leaf_id, thread.rev) == (leaf, rev)


@pytest.mark.parametrize("where", ["around", "after"])
def test_a_message_of_another_thread_has_no_page_here(alice: User, bob: User, where: str) -> None:
    thread = thread_of(alice)
    foreign = talk(thread_of(bob), 1)[0]
    client = Client()
    client.force_login(alice)

    for id_ in (foreign.id, uuid.uuid4()):
        answer = client.get(f"/chat/api/threads/{thread.id}/messages/?{where}={id_}")
        assert (answer.status_code, answer.json()) == (400, {"error": "This is not a message of this thread."})


def test_a_page_of_a_long_thread_takes_few_queries(alice: User, django_assert_max_num_queries: Any) -> None:
    thread = thread_of(alice)
    rows = talk(thread, 300)
    thread.refresh_from_db()

    with django_assert_max_num_queries(3):
        queries.excerpt(thread, around=rows[10].id)
