import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts import personal_data
from accounts.models import User
from llm_chat import actions, queries
from llm_chat.models import ChatMessage, ChatThread
from llm_chat.tests.conftest import Opener
from llm_chat.tests.mirror import Mirror, fields_of
from llm_service import call_logs
from llm_service.feedback import Opinion
from llm_service.models import Feedback, LLMCallLog
from realtime.bridge import in_db
from teams.actions import personal_team

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anna(transactional_db: None) -> User:
    return User.objects.create_user("anna@example.com", "anna-password-1")


@pytest.fixture
def reply(anna: User) -> ChatMessage:
    return a_reply(anna)


def a_reply(person: User) -> ChatMessage:
    thread = ChatThread.objects.create(team=personal_team(person), user=person)
    asked = ChatMessage.objects.create(thread=thread, role="user", content="Why?")
    thread.leaf = ChatMessage.objects.create(thread=thread, parent=asked, role="assistant", content="So.", model="a/b")
    thread.save()
    return thread.leaf


def post(client: Client, message_id: uuid.UUID, **opinion: Any) -> Any:
    address = f"/chat/api/messages/{message_id}/feedback/"
    return client.post(address, json.dumps(opinion), content_type="application/json")


def test_a_rating_is_kept_with_its_reason_changed_and_taken_back(
    client: Client, anna: User, reply: ChatMessage
) -> None:
    client.force_login(anna)

    assert post(client, reply.id, rating="down").json() == {"rating": "down", "reason": "", "text": ""}
    assert post(client, reply.id, rating="down", reason="wrong", text=" It is 7. ").status_code == 200
    row = Feedback.objects.get()
    assert (row.user, row.message_id, row.thread_id, row.model) == (anna, reply.id, reply.thread_id, "a/b")
    assert client.get(f"/chat/api/messages/{reply.id}/feedback/").json() == {
        "rating": "down",
        "reason": "wrong",
        "text": "It is 7.",
    }
    assert post(client, reply.id, rating="up").json()["rating"] == "up"
    assert Feedback.objects.get().rating == "up"
    assert post(client, reply.id, rating=None).json()["rating"] is None
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    "opinion", [{}, {"rating": "sideways"}, {"rating": "up", "reason": "bored"}, {"rating": "up", "text": "a" * 2_001}]
)
def test_what_is_no_opinion_is_refused(client: Client, anna: User, reply: ChatMessage, opinion: dict[str, Any]) -> None:
    client.force_login(anna)

    assert post(client, reply.id, **opinion).status_code == 400
    assert not Feedback.objects.exists()


def test_only_finished_replies_of_ones_own_threads_can_be_rated(client: Client, anna: User, reply: ChatMessage) -> None:
    foreign = a_reply(User.objects.create_user("ben@example.com", "ben-password-1"))
    running = ChatMessage.objects.create(thread=reply.thread, role="assistant", status="running")
    client.force_login(anna)
    assert reply.parent_id

    for message_id in (foreign.id, running.id, reply.parent_id, uuid.uuid4()):
        assert post(client, message_id, rating="up").status_code == 404
    assert not Feedback.objects.exists()


async def test_a_rating_is_in_every_tab_and_a_stale_page_that_applies_it_equals_a_fresh_one(
    open_tab: Opener, anna: User
) -> None:
    tab, other = await open_tab(anna), await open_tab(anna)
    end = await tab.ask("[[fake 3t 100r]]")
    titled = await tab.once("thread.title.updated")
    thread_id, message_id = uuid.UUID(end["thread_id"]), uuid.UUID(end["message_id"])
    stale = await in_db(_history, thread_id)
    await other.say(type="thread.subscribe", thread_id=end["thread_id"], rev=titled["rev"])
    await other.until("thread.snapshot")

    for rating in ("down", "up", None):
        opinion = Opinion(rating=rating, reason="wrong" if rating == "down" else "")
        await in_db(actions.rate, by=anna, message_id=message_id, opinion=opinion)
        frame = await other.until("message.updated")
        assert frame["message"]["feedback"] == rating
        mirror = Mirror.of(stale)
        mirror.apply(frame)
        stale = mirror.as_history()
        assert fields_of(stale) == fields_of(await in_db(_history, thread_id))
        assert not mirror.behind
    assert (await tab.once("message.updated", rev=titled["rev"] + 1))["message"]["id"] == end["message_id"]


async def test_a_rating_finds_the_call_it_is_about(open_tab: Opener, anna: User) -> None:
    tab = await open_tab(anna)
    end = await tab.ask("[[fake 3t 100r]]")
    await in_db(call_logs.flush)
    message_id = uuid.UUID(end["message_id"])
    await in_db(lambda: actions.rate(by=anna, message_id=message_id, opinion=Opinion(rating="up")))

    row = await in_db(Feedback.objects.get)
    call = await in_db(LLMCallLog.objects.get, feature="chat")
    assert (row.call_id, str(row.turn_id)) == (call.id, end["turn_id"])


def test_a_rating_of_a_reply_not_shown_here_moves_no_path() -> None:
    shown = {"id": str(uuid.uuid4()), "parent_id": None, "status": "complete", "role": "user"}
    beside = {**shown, "id": str(uuid.uuid4()), "role": "assistant", "parent_id": shown["id"]}
    mirror = Mirror({"rev": 4}, [shown], None)
    mirror._in_order({"type": "message.updated", "rev": 5, "turn_id": None, "message": beside})

    assert (mirror.path, mirror.rev) == ([shown], 5)


def test_a_tab_that_missed_a_rating_far_above_starts_anew(anna: User) -> None:
    thread = ChatThread.objects.create(team=personal_team(anna), user=anna, rev=1)
    above, first = None, None
    for _ in range(queries.PAGE_MESSAGES + 4):
        above = ChatMessage.objects.create(thread=thread, parent=above, role="assistant", rev=1)
        first = first or above
    thread.leaf = above
    thread.save()
    assert first
    assert above
    actions.rate(by=anna, message_id=above.id, opinion=Opinion(rating="up"))
    near = queries.join(anna.pk, thread.id, 1, None)
    actions.rate(by=anna, message_id=first.id, opinion=Opinion(rating="up"))
    far = queries.join(anna.pk, thread.id, 2, None)

    assert near
    assert ([one.id for one in near.snapshot.messages], near.snapshot.reset) == ([above.id], False)
    assert far
    assert far.snapshot.reset


def test_feedback_is_in_ones_own_file_and_goes_with_the_account(anna: User, reply: ChatMessage) -> None:
    actions.rate(by=anna, message_id=reply.id, opinion=Opinion(rating="down", reason="unsafe", text="Knives"))
    (rows,) = [content for name, content in personal_data.export(anna) if name == "feedback.json"]

    assert isinstance(rows, Iterator)
    assert [(row["reason"], row["text"]) for row in rows] == [("unsafe", "Knives")]
    anna.delete()
    assert not Feedback.objects.exists()


def test_feedback_of_a_temporary_chat_goes_with_it(anna: User, reply: ChatMessage) -> None:
    ChatThread.objects.update(temporary=True)
    actions.rate(by=anna, message_id=reply.id, opinion=Opinion(rating="down", text="Knives"))
    actions.leave_temporary(by=anna, thread_id=reply.thread_id)

    assert not Feedback.objects.exists()


def _history(thread_id: uuid.UUID) -> dict[str, Any]:
    return queries.history_page(ChatThread.objects.get(id=thread_id))
