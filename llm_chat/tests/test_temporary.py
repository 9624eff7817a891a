import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import personal_data
from accounts.models import User
from llm_chat import actions, queries
from llm_chat.actions.temporary import GRACE
from llm_chat.models import ChatMessage, ChatThread, Turn
from llm_chat.tests.conftest import Opener
from llm_service import call_logs
from llm_service.models import CallBody, LLMCallLog
from realtime.bridge import in_db
from teams.actions import personal_team

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anna(transactional_db: None) -> User:
    return User.objects.create_user("anna@example.com", "anna-password-1")


def temporary_thread(person: User, **more: Any) -> ChatThread:
    thread = ChatThread.objects.create(team=personal_team(person), user=person, temporary=True, **more)
    thread.leaf = ChatMessage.objects.create(thread=thread, role="user", content="A secret plan")
    thread.save()
    return thread


async def test_a_temporary_chat_is_answered_and_stays_out_of_the_sidebar_of_every_tab(
    open_tab: Opener, anna: User
) -> None:
    tab, other = await open_tab(anna), await open_tab(anna)
    end = await tab.ask("[[fake 3t 100r]]", temporary=True)
    await other.answered()

    assert end["status"] == "complete"
    assert [frame for frame in other.frames if frame["type"].startswith("thread.")] == []
    assert (await in_db(queries.threads_page, anna.pk, (await in_db(personal_team, anna)).pk))["threads"] == []
    assert await in_db(queries.newest_threads, anna.pk) == []


async def test_a_second_tab_at_its_address_follows_it_live(open_tab: Opener, anna: User) -> None:
    tab, other = await open_tab(anna), await open_tab(anna)
    end = await tab.ask("[[fake 3t 100r]]", temporary=True)
    await other.say(type="thread.subscribe", thread_id=end["thread_id"])
    await other.until("thread.snapshot")
    again = await tab.ask("[[fake 3t 100r]]", end["thread_id"])

    assert (await other.once("final", turn_id=again["turn_id"]))["message"] == again["message"]
    assert await other.once("thread.updated", rev=again["rev"])


async def test_its_calls_are_logged_without_a_word_and_it_gets_no_title(open_tab: Opener, anna: User) -> None:
    tab = await open_tab(anna)
    end = await tab.ask("My secret is otter [[fake 3t 100r]]", temporary=True)
    await in_db(call_logs.flush)
    (log,) = await in_db(lambda: list(LLMCallLog.objects.all()))

    assert (log.feature, log.metadata["temporary"], log.output_tokens) == ("chat", True, 3)
    assert (log.prompt_preview, log.response_preview, await in_db(CallBody.objects.count)) == ("", "", 0)
    assert (await in_db(ChatThread.objects.get, id=end["thread_id"])).title == ""


async def test_a_failed_call_of_it_keeps_no_word_of_what_the_vendor_said(open_tab: Opener, anna: User) -> None:
    tab = await open_tab(anna)
    await tab.ask("[[fake status400]]", temporary=True)
    await in_db(call_logs.flush)
    (log,) = await in_db(lambda: list(LLMCallLog.objects.prefetch_related("attempts")))

    assert log.status == "error"
    assert log.error_type
    assert [log.error_message, *(attempt.error_message for attempt in log.attempts.all())] == ["", ""]


async def test_leaving_it_ends_its_turn_erases_every_word_and_tells_every_tab(open_tab: Opener, anna: User) -> None:
    tab, other = await open_tab(anna), await open_tab(anna)
    accepted = await tab.send("[[fake 2000t 20r]]", temporary=True)
    await tab.until("response.output_text.delta")
    await other.say(type="thread.subscribe", thread_id=accepted["thread_id"])
    await other.until("thread.snapshot")
    thread_id = uuid.UUID(accepted["thread_id"])
    assert await in_db(lambda: actions.leave_temporary(by=anna, thread_id=thread_id))

    for one in (tab, other):
        assert (await one.once("thread.deleted"))["thread_id"] == accepted["thread_id"]
    assert await in_db(ChatMessage.objects.count) == 0
    assert await in_db(Turn.objects.count) == 0
    refusal = await other.refusal(
        type="message.send", id=str(uuid.uuid4()), thread_id=accepted["thread_id"], text="Still there?"
    )
    assert refusal["code"] == "not_found"


def test_an_ordinary_thread_cannot_be_left_and_a_foreign_one_is_not_there(client: Client, anna: User) -> None:
    ben = User.objects.create_user("ben@example.com", "ben-password-1")
    ordinary = ChatThread.objects.create(team=personal_team(anna), user=anna)
    foreign = temporary_thread(ben)
    own = temporary_thread(anna)
    client.force_login(anna)

    statuses = [client.post(f"/chat/api/threads/{one.id}/leave/").status_code for one in (ordinary, foreign, own, own)]

    assert statuses == [404, 404, 204, 404]
    assert ChatMessage.objects.filter(thread=foreign).exists()


async def test_closing_its_page_erases_it_after_a_minute(open_tab: Opener, anna: User, client: Client) -> None:
    tab = await open_tab(anna)
    thread = uuid.UUID((await tab.ask("[[fake 3t 100r]]", temporary=True))["thread_id"])
    await tab.close()

    def close() -> None:
        client.force_login(anna)
        assert client.post(f"/chat/api/threads/{thread}/leave/", {"closing": "1"}).status_code == 204

    await in_db(close)
    assert not await in_db(lambda: actions.erase_left(thread_id=thread))
    assert await in_db(ChatMessage.objects.count) == 2
    await in_db(lambda: ChatThread.objects.update(left_at=timezone.now() - GRACE))

    assert await in_db(lambda: actions.erase_left(thread_id=thread))
    assert await in_db(ChatMessage.objects.count) == 0


async def test_a_tab_that_comes_back_or_still_shows_it_keeps_it(open_tab: Opener, anna: User) -> None:
    tab, other = await open_tab(anna), await open_tab(anna)
    thread_id = (await tab.ask("[[fake 3t 100r]]", temporary=True))["thread_id"]
    thread = uuid.UUID(thread_id)
    assert await in_db(lambda: actions.close_temporary(by=anna, thread_id=thread))
    assert (await tab.once("thread.updated", left=True))["thread_id"] == thread_id

    await other.say(type="thread.subscribe", thread_id=thread_id)
    await other.until("thread.snapshot")

    assert (await in_db(ChatThread.objects.get, id=thread)).left_at is None
    assert not await in_db(lambda: actions.erase_left(thread_id=thread))


def test_one_whose_closing_was_noted_and_never_acted_on_goes_with_the_old_ones(anna: User) -> None:
    thread = temporary_thread(anna, left_at=timezone.now() - timedelta(minutes=2))
    temporary_thread(anna, left_at=timezone.now())

    assert actions.erase_old_temporary() == 1
    assert not ChatMessage.objects.filter(thread=thread).exists()


def test_one_that_nobody_left_is_erased_after_a_day(anna: User) -> None:
    old = temporary_thread(anna, last_message_at=timezone.now() - timedelta(hours=25))
    new = temporary_thread(anna, last_message_at=timezone.now() - timedelta(hours=23))

    assert actions.erase_old_temporary() == 1
    assert list(ChatMessage.objects.values_list("thread_id", flat=True)) == [new.id]
    assert queries.thread_of(anna.pk, old.id) is None


def test_it_is_in_no_export_and_cannot_be_pinned_renamed_or_archived(client: Client, anna: User) -> None:
    thread = temporary_thread(anna)
    client.force_login(anna)

    for change in ({"pinned": True}, {"archived": True}, {"title": "Mine"}, {"deleted": False}):
        sent = json.dumps({"ids": [str(thread.id)], **change})
        answer = client.post("/chat/api/threads/change/", sent, content_type="application/json")
        assert answer.status_code == 404, change
    assert [name for name, _ in personal_data.export(anna) if name.startswith("threads/")] == []
    assert not any("conversation" in part.text for part in personal_data.described(anna))


def test_a_page_opened_at_its_address_says_what_it_is(client: Client, anna: User) -> None:
    thread = temporary_thread(anna)
    client.force_login(anna)

    page = client.get(f"/chat/{thread.id}/")

    assert page.context["page_data"]["history"]["thread"]["temporary"] is True
    assert page.context["page_data"]["threads"]["threads"] == []


def test_the_address_of_an_erased_one_leads_to_a_new_chat_with_a_word(client: Client, anna: User) -> None:
    thread = temporary_thread(anna)
    actions.leave_temporary(by=anna, thread_id=thread.id)
    client.force_login(anna)

    page = client.get(f"/chat/{thread.id}/", follow=True)

    assert page.redirect_chain == [("/chat/", 302)]
    assert [str(message) for message in page.context["messages"]] == ["That was a temporary chat. It has been erased."]
