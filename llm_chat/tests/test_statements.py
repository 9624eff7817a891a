"""What a message asks of the database before its reply can begin: its person waits for every statement."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from llm_chat import actions
from llm_chat.actions.ending import Outcome
from llm_chat.models import ChatThread, Status
from realtime import events

pytestmark = pytest.mark.django_db(transaction=True)


def say(user: User, thread_id: uuid.UUID) -> None:
    actions.start_turn(by=user, command=events.SendMessage(id=uuid.uuid4(), thread_id=thread_id, text="hello"))


def answered_thread(user: User) -> uuid.UUID:
    """Return a thread whose last reply ended a minute ago."""
    thread_id = uuid.uuid4()
    say(user, thread_id)
    claim = actions.claim(process_id=uuid.uuid4())
    assert claim
    actions.finish(claim=claim, outcome=Outcome(Status.COMPLETE, seq=2, text="hello"))
    ChatThread.objects.update(last_message_at=timezone.now() - timedelta(minutes=1))
    return thread_id


def statements_of(work: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        work()
    verbs = [query["sql"].split()[0] for query in captured]
    return [verb for verb in verbs if verb in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")]


def test_a_message_in_a_thread_is_stored_by_four_statements(alice: User, settings: LazySettings) -> None:
    thread_id = answered_thread(alice)
    settings.CHAT_MESSAGE_INTERVAL = 1

    assert statements_of(lambda: say(alice, thread_id)) == ["SELECT", "UPDATE", "INSERT", "INSERT"]


def test_a_turn_is_claimed_by_five_statements_that_read_all_it_needs(alice: User) -> None:
    say(alice, answered_thread(alice))

    claimed = statements_of(lambda: actions.claim(process_id=uuid.uuid4()))

    assert claimed == ["SELECT", "UPDATE", "UPDATE", "UPDATE", "WITH"]


def test_looking_for_a_turn_where_none_waits_is_one_statement(alice: User) -> None:
    assert statements_of(lambda: actions.claim(process_id=uuid.uuid4())) == ["SELECT"]
