"""Which sends are taken, which are refused, and that one message is stored once."""

import asyncio
import uuid
from typing import Any

import pytest

from accounts.models import User
from llm_chat import actions
from llm_chat.models import ChatMessage, ChatThread, Turn
from llm_chat.tests.conftest import Opener, Tab
from llm_service import catalogue
from realtime import events
from realtime.bridge import in_db

pytestmark = pytest.mark.django_db(transaction=True)


def frame(thread_id: str | None = None, **more: Any) -> dict[str, Any]:
    """A `message.send` with fresh ids."""
    ids = {"id": str(uuid.uuid4()), "thread_id": thread_id or str(uuid.uuid4())}
    return {"type": "message.send", "text": "hello", **ids, **more}


async def path_of(tab: Tab, thread_id: str) -> list[str]:
    """Return the contents of the shown path, replies left out."""
    await tab.say(type="thread.subscribe", thread_id=thread_id)
    snapshot = await tab.until("thread.snapshot", thread_id=thread_id)
    return [message["content"] for message in snapshot["messages"] if message["role"] == "user"]


async def counts() -> tuple[int, int, int]:
    return await in_db(lambda: (ChatThread.objects.count(), ChatMessage.objects.count(), Turn.objects.count()))


def same_answer(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one[key] == other[key] for key in ("id", "thread_id", "turn_id", "assistant_message_id"))


# --- One message, once


async def test_a_resend_gets_the_first_answer_again(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    sent = frame()
    await tab.say(**sent)
    first = await tab.until("message.accepted")
    await tab.end_of(first["turn_id"])

    await tab.say(**sent)
    second = await tab.until("message.accepted")

    assert same_answer(first, second)
    assert second["status"] == "complete"
    assert await counts() == (1, 2, 1)


async def test_a_resend_is_answered_even_within_the_interval(open_tab: Opener, alice: User, settings: Any) -> None:
    settings.CHAT_MESSAGE_INTERVAL = 60
    tab = await open_tab(alice)
    sent = frame()
    await tab.say(**sent)
    first = await tab.until("message.accepted")

    await tab.say(**sent)

    assert same_answer(first, await tab.until("message.accepted"))


def test_a_resend_is_answered_even_if_its_model_is_offered_no_more(alice: User, settings: Any) -> None:
    model = catalogue.default_model()
    command = events.SendMessage(id=uuid.uuid4(), thread_id=uuid.uuid4(), text="hello", model=model)
    first = actions.start_turn(by=alice, command=command)
    settings.LLM_ALLOWED_MODELS = ["openai/another"]

    assert actions.start_turn(by=alice, command=command) == first


@pytest.mark.parametrize("sockets", [1, 2])
async def test_five_tries_at_once_store_one_message(open_tab: Opener, alice: User, sockets: int) -> None:
    tabs = [await open_tab(alice) for _ in range(sockets)]
    sent = frame()

    await asyncio.gather(*(tabs[number % sockets].say(**sent) for number in range(5)))
    answers = [await tabs[number % sockets].until("message.accepted") for number in range(5)]

    assert all(same_answer(answers[0], answer) for answer in answers)
    await tabs[0].end_of(answers[0]["turn_id"])
    assert await counts() == (1, 2, 1)


async def test_an_id_used_in_another_thread_is_taken(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    sent = frame()
    await tab.say(**sent)
    await tab.until("message.accepted")

    error = await tab.refusal(**{**sent, "thread_id": str(uuid.uuid4())})

    assert (error["code"], error["id"]) == ("id_taken", sent["id"])
    assert (await counts())[0] == 1


async def test_an_id_used_by_somebody_else_is_taken(open_tab: Opener, alice: User, bob: User) -> None:
    tab, other = await open_tab(alice), await open_tab(bob)
    sent = frame()
    await tab.say(**sent)
    await tab.until("message.accepted")

    same_thread = await other.refusal(**sent)
    own_thread = await other.refusal(**{**sent, "thread_id": str(uuid.uuid4())})

    assert (same_thread["code"], own_thread["code"]) == ("not_found", "id_taken")
    assert await counts() == (1, 2, 1)


async def test_the_id_of_a_reply_is_taken(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    final = await tab.ask("hello")

    error = await tab.refusal(**frame(final["thread_id"], id=final["message_id"]))

    assert error["code"] == "id_taken"


async def test_two_first_messages_that_race_both_land_in_the_new_thread(open_tab: Opener, alice: User) -> None:
    tabs = [await open_tab(alice), await open_tab(alice)]
    thread_id = str(uuid.uuid4())

    await asyncio.gather(*(tab.say(**frame(thread_id)) for tab in tabs))
    for tab in tabs:
        accepted = await tab.until("message.accepted")
        await tab.end_of(accepted["turn_id"])

    assert await counts() == (1, 4, 2)
    assert len(await path_of(tabs[0], thread_id)) == 2


# --- Limits


async def test_a_second_message_within_the_interval_is_refused_with_the_time_to_wait(
    open_tab: Opener, alice: User, settings: Any
) -> None:
    settings.CHAT_MESSAGE_INTERVAL = 1
    tab = await open_tab(alice)
    accepted = await tab.send("first")
    early = frame(accepted["thread_id"])

    error = await tab.refusal(**early)

    assert (error["code"], error["id"]) == ("rate_limited", early["id"])
    assert 0 < error["retry_after"] <= 1
    await tab.end_of(accepted["turn_id"])
    assert await counts() == (1, 2, 1)


async def test_the_refused_message_is_taken_after_the_time_named(open_tab: Opener, alice: User, settings: Any) -> None:
    settings.CHAT_MESSAGE_INTERVAL = 0.5
    tab = await open_tab(alice)
    accepted = await tab.send("first")
    early = frame(accepted["thread_id"])
    error = await tab.refusal(**early)

    await asyncio.sleep(error["retry_after"])
    await tab.say(**early)

    assert (await tab.until("message.accepted"))["id"] == early["id"]


async def test_the_interval_counts_per_thread_and_person(
    open_tab: Opener, alice: User, bob: User, settings: Any
) -> None:
    settings.CHAT_MESSAGE_INTERVAL = 60
    tab, other = await open_tab(alice), await open_tab(bob)
    await tab.send("first")

    assert await tab.send("in another thread")
    assert await other.send("by another person")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a" * 75_001, "too_long"),
        ("", "bad_frame"),
        (" \n\t ", "bad_frame"),
        ("a\x00b", "bad_frame"),
        ("half an emoji \ud83d", "bad_frame"),
    ],
    ids=["75001-characters", "empty", "blank", "nul", "lone-surrogate"],
)
async def test_a_text_that_cannot_be_a_message_is_refused(open_tab: Opener, alice: User, text: str, code: str) -> None:
    tab = await open_tab(alice)
    sent = frame(text=text)

    error = await tab.refusal(**sent)

    assert (error["code"], error["id"]) == (code, sent["id"])
    assert await counts() == (0, 0, 0)


async def test_the_longest_text_is_taken_and_comes_back_unchanged(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    text = "äö\u2028😀 \\ \"'`<b>&amp;\r\n\t" + "a" * 74_900

    accepted = await tab.send(text)
    created = await tab.until("message.created")

    assert created["message"]["content"] == text
    assert (await in_db(ChatMessage.objects.get, id=accepted["id"])).content == text


@pytest.mark.parametrize("model", ["openai/not-allowed", "x" * 10_000, "\ud83d"])
async def test_a_model_that_is_not_allowed_is_refused(open_tab: Opener, alice: User, model: str) -> None:
    tab = await open_tab(alice)
    sent = frame(model=model)

    error = await tab.refusal(**sent)

    assert (error["code"], error["id"]) == ("model_not_allowed", sent["id"])
    assert len(error["message"]) < 200
    assert await counts() == (0, 0, 0)


async def test_the_model_of_a_new_thread_is_remembered_for_the_next_one(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    other = "openai/fake-30t"

    for chosen in ({"model": other}, {}):
        sent = frame(**chosen)
        await tab.say(**sent)
        assert (await tab.until("thread.created", thread_id=sent["thread_id"]))["model"] == other


async def test_an_unknown_bot_is_refused(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)

    error = await tab.refusal(**frame(bot_id=str(uuid.uuid4())))

    assert error["code"] == "not_found"
    assert await counts() == (0, 0, 0)


async def test_a_thread_of_somebody_else_takes_nothing_and_tells_nothing(
    open_tab: Opener, alice: User, charlie: User
) -> None:
    tab, stranger = await open_tab(alice), await open_tab(charlie)
    final = await tab.ask("private")

    error = await stranger.refusal(**frame(final["thread_id"]))
    await tab.ask("more", final["thread_id"])
    await stranger.answered()

    assert error["code"] == "not_found"
    assert [one["type"] for one in stranger.frames] == ["error", "pong"]


# --- Where a message goes


async def test_without_a_parent_a_message_goes_to_the_end_whatever_its_tab_has_seen(
    open_tab: Opener, alice: User
) -> None:
    stale, tab = await open_tab(alice), await open_tab(alice)
    first = await stale.ask("one")
    await stale.say(type="thread.unsubscribe", thread_id=first["thread_id"])
    await tab.ask("two", first["thread_id"])

    await stale.ask("three", first["thread_id"])

    assert await path_of(tab, first["thread_id"]) == ["one", "two", "three"]


async def test_an_edit_names_the_parent_and_begins_a_branch_beside_the_old_one(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    first = await tab.ask("one")
    await tab.ask("two", first["thread_id"])

    await tab.ask("two, better", first["thread_id"], parent_id=first["message_id"])

    assert await path_of(tab, first["thread_id"]) == ["one", "two, better"]
    siblings = await in_db(lambda: ChatMessage.objects.filter(parent_id=first["message_id"]).count())
    assert siblings == 2


async def test_an_edit_of_the_first_message_names_null_and_begins_at_the_root(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    first = await tab.ask("one")
    await tab.ask("two", first["thread_id"])

    end = await tab.ask("one, better", first["thread_id"], parent_id=None)

    assert end["status"] == "complete"
    assert await path_of(tab, first["thread_id"]) == ["one, better"]
    assert (await counts())[1] == 6


async def test_a_new_thread_may_begin_with_a_null_parent(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)

    assert (await tab.ask("hello", parent_id=None))["status"] == "complete"


async def test_a_message_after_an_edit_follows_the_new_branch(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    first = await tab.ask("one")
    await tab.ask("one, better", first["thread_id"], parent_id=None)

    await tab.ask("two", first["thread_id"])

    assert await path_of(tab, first["thread_id"]) == ["one, better", "two"]


async def test_an_unknown_parent_is_refused(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    final = await tab.ask("one")
    elsewhere = await tab.ask("another thread")

    unknown = await tab.refusal(**frame(final["thread_id"], parent_id=str(uuid.uuid4())))
    foreign = await tab.refusal(**frame(final["thread_id"], parent_id=elsewhere["message_id"]))
    in_no_thread = await tab.refusal(**frame(parent_id=final["message_id"]))

    assert [error["code"] for error in (unknown, foreign, in_no_thread)] == ["not_found"] * 3


async def test_a_message_that_was_taken_back_in_the_queue_is_no_parent(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    first = await tab.send("[[fake hang]]")
    await tab.until("response.created")
    second = await tab.send("two", first["thread_id"])
    await tab.say(type="turn.stop", turn_id=second["turn_id"])
    await tab.end_of(second["turn_id"])

    for parent_id in (second["id"], second["assistant_message_id"]):
        assert (await tab.refusal(**frame(first["thread_id"], parent_id=parent_id)))["code"] == "not_found"


# --- Stored, nothing else


def test_start_turn_stores_a_queued_turn_and_runs_nothing(alice: User) -> None:
    command = events.SendMessage(id=uuid.uuid4(), thread_id=uuid.uuid4(), text="hello")

    accepted = actions.start_turn(by=alice, command=command)

    turn = Turn.objects.get()
    assert (turn.id, turn.status, turn.process_id) == (accepted.turn_id, "queued", None)
    roles = ChatMessage.objects.order_by("role").values_list("role", "content", "status")
    assert list(roles) == [("assistant", "", "queued"), ("user", "hello", "queued")]
