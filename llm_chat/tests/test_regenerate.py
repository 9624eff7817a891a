"""Answering again: another try beside the old reply, or going on where it broke off."""

import uuid
from typing import Any

import pytest

from accounts.models import User
from llm_chat import actions
from llm_chat.models import ChatMessage, ChatThread
from llm_chat.tests.conftest import Opener, Tab
from llm_service import catalogue
from llm_service.fakes import FakeServer
from realtime import events
from realtime.bridge import in_db

pytestmark = pytest.mark.django_db(transaction=True)


def frame(message_id: object, mode: str = "retry", **more: Any) -> dict[str, Any]:
    ids = {"id": str(uuid.uuid4()), "message_id": str(message_id)}
    return {"type": "message.regenerate", "mode": mode, **ids, **more}


async def again(tab: Tab, message_id: object, mode: str = "retry") -> dict[str, Any]:
    """Answer again and return the terminal event."""
    sent = frame(message_id, mode)
    await tab.say(**sent)
    accepted = await tab.until("message.accepted", id=sent["id"])
    assert accepted["assistant_message_id"] == sent["id"]
    return await tab.end_of(accepted["turn_id"])


async def message(id_: str) -> ChatMessage:
    return await in_db(ChatMessage.objects.get, id=id_)


async def leaf_of(thread_id: str) -> str:
    return str((await in_db(ChatThread.objects.get, id=thread_id)).leaf_id)


async def test_a_retry_is_a_sibling_and_the_path_goes_through_it(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    first = await tab.ask("[[fake 5t]]")
    before = await message(first["message_id"])

    second = await again(tab, first["message_id"])

    assert second["status"] == "complete"
    assert second["message"]["parent_id"] == first["message"]["parent_id"]
    assert await leaf_of(first["thread_id"]) == second["message_id"]
    after = await message(first["message_id"])
    assert (after.content, after.status, after.rev) == (before.content, before.status, before.rev)


async def test_a_retry_of_an_older_reply_leaves_what_followed_beside_the_path(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    first = await tab.ask("[[fake 5t]]")
    second = await tab.ask("[[fake 5t]]", first["thread_id"])

    third = await again(tab, first["message_id"])

    assert await leaf_of(first["thread_id"]) == third["message_id"]
    assert (await message(second["message_id"])).status == "complete"


async def test_continue_begins_with_the_old_text_and_grows(
    open_tab: Opener, alice: User, model_server: FakeServer
) -> None:
    tab = await open_tab(alice)
    accepted = await tab.send("[[fake 100t held]]")
    await tab.until("response.output_text.delta")
    await tab.say(type="turn.stop", turn_id=accepted["turn_id"])
    stopped = await tab.end_of(accepted["turn_id"])
    old = stopped["message"]["content"]
    model_server.go_on()

    sent = frame(stopped["message_id"], "continue")
    await tab.say(**sent)
    created = await tab.until("message.created")
    end = await tab.end_of(created["turn_id"])

    assert (created["message"]["content"], created["message"]["parent_id"]) == (old, stopped["message"]["parent_id"])
    assert end["message"]["content"] == old + tab.text_of(created["turn_id"])
    assert len(end["message"]["content"]) > len(old)
    assert (await message(stopped["message_id"])).content == old


async def test_continue_of_an_errors_text_ends_without_the_error(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    broken = await tab.ask("[[fake 20t 40r oops]]")

    await tab.say(**frame(broken["message_id"], "continue"))
    created = await tab.until("message.created")
    await tab.say(type="turn.stop", turn_id=created["turn_id"])
    end = await tab.end_of(created["turn_id"])

    assert end["message"]["content"].startswith(broken["message"]["content"])
    if end["type"] == "final":
        assert end["message"]["error"] is None


async def test_the_same_regenerate_again_gets_the_first_answer(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    first = await tab.ask("[[fake 5t]]")
    sent = frame(first["message_id"])

    await tab.say(**sent)
    await tab.say(**sent)
    answers = [await tab.until("message.accepted", id=sent["id"]) for _ in range(2)]

    assert answers[0]["turn_id"] == answers[1]["turn_id"]
    assert await in_db(ChatMessage.objects.count) == 3


async def test_a_regenerate_waits_its_turn(open_tab: Opener, alice: User, model_server: FakeServer) -> None:
    tab = await open_tab(alice)
    first = await tab.ask("[[fake 5t]]")
    second = await tab.send("[[fake 20t held]]", first["thread_id"])
    await tab.until("response.created", turn_id=second["turn_id"])
    sent = frame(first["message_id"])
    await tab.say(**sent)
    accepted = await tab.until("message.accepted", id=sent["id"])

    model_server.go_on()
    end = await tab.end_of(accepted["turn_id"])

    assert end["status"] == "complete"
    ends = [one["turn_id"] for one in tab.frames if one["type"] == "final"]
    assert ends == [first["turn_id"], second["turn_id"], end["turn_id"]]


async def test_a_regenerate_is_held_to_the_interval(open_tab: Opener, alice: User, settings: Any) -> None:
    tab = await open_tab(alice)
    first = await tab.ask("[[fake 5t]]")
    settings.CHAT_MESSAGE_INTERVAL = 60

    error = await tab.refusal(**frame(first["message_id"]))

    assert error["code"] == "rate_limited"
    assert await in_db(ChatMessage.objects.count) == 2


async def test_an_unknown_foreign_or_unfinished_reply_is_not_found(
    open_tab: Opener, alice: User, charlie: User
) -> None:
    tab, stranger = await open_tab(alice), await open_tab(charlie)
    first = await tab.ask("[[fake 5t]]")
    running = await tab.send("[[fake hang]]", first["thread_id"])
    await tab.until("response.created", turn_id=running["turn_id"])

    unknown = await tab.refusal(**frame(uuid.uuid4()))
    foreign = await stranger.refusal(**frame(first["message_id"]))
    unfinished = await tab.refusal(**frame(running["assistant_message_id"]))
    a_question = await tab.refusal(**frame(first["message"]["parent_id"]))

    assert [error["code"] for error in (unknown, foreign, unfinished, a_question)] == ["not_found"] * 4
    assert unknown["message"] == foreign["message"]


async def test_an_id_that_is_used_already_is_taken(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    first = await tab.ask("[[fake 5t]]")

    error = await tab.refusal(**frame(first["message_id"], id=first["message"]["parent_id"]))

    assert error["code"] == "id_taken"


async def test_a_model_that_is_not_allowed_is_refused(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    first = await tab.ask("[[fake 5t]]")

    error = await tab.refusal(**frame(first["message_id"], model="openai/not-allowed"))

    assert error["code"] == "model_not_allowed"


def test_a_reply_of_a_model_that_is_gone_is_answered_again_by_one_that_is_there(alice: User) -> None:
    sent = actions.start_turn(
        by=alice, command=events.SendMessage(id=uuid.uuid4(), thread_id=uuid.uuid4(), text="hello")
    )
    ChatMessage.objects.filter(id=sent.assistant_message_id).update(status="complete", model="openai/gone")
    ChatThread.objects.update(model="openai/gone")
    ChatMessage.objects.filter(id=sent.id).update(status="complete")

    command = events.RegenerateMessage(id=uuid.uuid4(), message_id=sent.assistant_message_id, mode="retry")
    actions.regenerate(by=alice, command=command)

    assert ChatMessage.objects.get(id=command.id).model == catalogue.default_model()
