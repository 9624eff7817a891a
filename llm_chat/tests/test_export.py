"""What a person's own file holds of their conversations and calls."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.export import archive
from accounts.models import User
from llm_chat.models import ChatMessage, ChatThread
from llm_service.models import LLMCallLog
from teams.actions import personal_team

pytestmark = pytest.mark.django_db

AT = datetime(2026, 5, 4, tzinfo=UTC)


def thread_with(user: User, count: int) -> ChatThread:
    thread = ChatThread.objects.create(team=personal_team(user), user=user, title="Long talk")
    # Backwards and two at a time, so that neither ids nor times alone put them in order.
    ChatMessage.objects.bulk_create(
        ChatMessage(thread=thread, role="user", content=f"message {n}", created_at=AT + timedelta(seconds=n // 2))
        for n in reversed(range(count))
    )
    return thread


def files_of(user: User) -> dict[str, Any]:
    file = ZipFile(io.BytesIO(b"".join(archive(user, at=AT))))
    return {name: json.loads(file.read(name)) for name in file.namelist()}


def test_every_message_of_a_long_thread_is_there_once_and_in_order(alice: User) -> None:
    thread = thread_with(alice, 2_001)

    said = files_of(alice)[f"threads/{thread.id}.json"]["messages"]

    times = [message["created_at"] for message in said]
    assert len({message["content"] for message in said}) == len(said) == 2_001
    assert times == sorted(times)


def test_a_long_thread_is_read_in_pages(alice: User) -> None:
    thread_with(alice, 2_001)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        files_of(alice)

    of_messages = [query for query in queries if 'FROM "llm_chat_chatmessage" WHERE' in query["sql"]]
    assert len(of_messages) == 11


def test_a_thread_tells_its_title_and_team(alice: User) -> None:
    thread = thread_with(alice, 1)

    told = files_of(alice)[f"threads/{thread.id}.json"]

    assert (told["title"], told["team"]) == ("Long talk", "alice")


def test_other_peoples_threads_and_calls_are_not_there(alice: User, bob: User) -> None:
    theirs = thread_with(bob, 1)
    LLMCallLog.objects.create(user=bob, model="openai/theirs", status="success")
    LLMCallLog.objects.create(user=alice, model="openai/mine", status="success", prompt_preview="what was asked")

    files = files_of(alice)

    assert f"threads/{theirs.id}.json" not in files
    assert [call["model"] for call in files["model_calls.json"]] == ["openai/mine"]


def test_teams_are_there_with_the_role_in_each(alice: User) -> None:
    personal_team(alice)

    [team] = files_of(alice)["teams.json"]["teams"]

    assert (team["name"], team["role"], team["is_personal"]) == ("alice", "owner", True)
