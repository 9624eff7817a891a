"""What a reply took, behind one click: for its reader, and for staff with the way to the log."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from llm_chat.models import ChatMessage, ChatThread
from llm_service.models import CallAttempt, LLMCallLog
from teams.actions import personal_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def reply(alice: User) -> ChatMessage:
    thread = ChatThread.objects.create(team=personal_team(alice), user=alice)
    return ChatMessage.objects.create(thread=thread, role="assistant", content="Yes.")


@pytest.fixture
def call(reply: ChatMessage) -> LLMCallLog:
    made = LLMCallLog.objects.create(
        message_id=reply.pk, feature="chat", model="openai/fake", status="success", input_tokens=12, output_tokens=3,
        cost_usd="0.00042", cost_source="litellm", duration_ms=900,
    )  # fmt: skip
    for number in (1, 2):
        CallAttempt.objects.create(call=made, number=number, started_at=timezone.now())
    return made


def calls_seen_by(person: User, message_id: uuid.UUID) -> list[dict[str, Any]]:
    client = Client()
    client.force_login(person)
    calls: list[dict[str, Any]] = client.get(f"/chat/api/messages/{message_id}/details/").json()["calls"]
    return calls


def test_the_reader_is_told_of_each_call_and_its_tries(alice: User, reply: ChatMessage, call: LLMCallLog) -> None:
    (seen,) = calls_seen_by(alice, reply.pk)

    assert (seen["model"], seen["status"], seen["attempts"]) == ("openai/fake", "success", 2)
    assert (seen["input_tokens"], seen["output_tokens"], seen["cost_usd"]) == (12, 3, "0.00042000")
    assert seen["log"] is None


def test_helper_calls_and_those_of_other_replies_are_left_out(alice: User, reply: ChatMessage) -> None:
    LLMCallLog.objects.create(message_id=reply.pk, feature="title", model="m", status="success")
    LLMCallLog.objects.create(message_id=uuid.uuid4(), feature="chat", model="m", status="success")

    assert calls_seen_by(alice, reply.pk) == []


def test_nobody_else_is_told(bob: User, reply: ChatMessage, call: LLMCallLog) -> None:
    client = Client()
    client.force_login(bob)

    assert client.get(f"/chat/api/messages/{reply.pk}/details/").status_code == 404
    assert client.get(f"/chat/api/messages/{uuid.uuid4()}/details/").status_code == 404


def test_staff_who_may_read_the_log_get_there(alice: User, reply: ChatMessage, call: LLMCallLog) -> None:
    alice.is_staff = True
    alice.save()
    assert calls_seen_by(alice, reply.pk)[0]["log"] is None  # staff, but not for the logs

    alice.user_permissions.add(Permission.objects.get(codename="view_llmcalllog"))

    assert calls_seen_by(alice, reply.pk)[0]["log"] == f"/admin/llm_service/llmcalllog/{call.pk}/change/"


def test_it_costs_as_much_for_many_calls_as_for_one(
    alice: User, reply: ChatMessage, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        LLMCallLog.objects.create(message_id=reply.pk, feature="chat", model="m", status="success")

    client = Client()
    client.force_login(alice)
    client.get("/chat/")  # keeps the device

    with django_assert_max_num_queries(6):
        answer = client.get(f"/chat/api/messages/{reply.pk}/details/")

    assert len(answer.json()["calls"]) == 5
