"""A turn from the send to its one terminal event: streamed, queued, stopped, failed."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from llm_chat.models import ChatMessage, ChatThread, Status, Turn
from llm_chat.tests.conftest import Opener, Tab
from llm_service.fakes import FakeServer
from realtime.bridge import in_db

pytestmark = pytest.mark.django_db(transaction=True)

SLOW = "[[fake 400t 40r]]"
HELD = "[[fake 20t held]]"


async def message(id_: str) -> ChatMessage:
    return await in_db(ChatMessage.objects.get, id=id_)


async def turn(id_: str) -> Turn:
    return await in_db(Turn.objects.get, id=id_)


async def running(tab: Tab, text: str = SLOW, thread_id: str | None = None, **more: Any) -> dict[str, Any]:
    """Send a message and return its `message.accepted` once its text has begun to arrive."""
    accepted = await tab.send(text, thread_id, **more)
    await tab.until("response.output_text.delta", turn_id=accepted["turn_id"])
    return accepted


async def waiting(tab: Tab, text: str = "[[fake hang]]", thread_id: str | None = None) -> dict[str, Any]:
    """Send a message and return its `message.accepted` once the model has been asked and says nothing."""
    accepted = await tab.send(text, thread_id)
    await tab.until("response.created", turn_id=accepted["turn_id"])
    return accepted


# --- Streaming


async def test_a_message_is_accepted_then_streamed_then_ended_once(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)

    accepted = await tab.send("hello")
    final = await tab.end_of(accepted["turn_id"])

    assert accepted["status"] == "queued"
    seqs = [frame["seq"] for frame in tab.of(accepted["turn_id"]) if "seq" in frame]
    assert seqs == list(range(1, len(seqs) + 1))
    assert (final["status"], final["message"]["content"]) == ("complete", tab.text_of(accepted["turn_id"]))
    stored = await message(accepted["assistant_message_id"])
    assert (stored.content, stored.status) == (final["message"]["content"], Status.COMPLETE)
    await tab.answered()
    assert len(tab.ends_of(accepted["turn_id"])) == 1


async def test_the_answer_to_a_send_comes_before_anything_it_causes(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)

    accepted = await tab.send("hello")
    await tab.end_of(accepted["turn_id"])

    of_thread = [frame["type"] for frame in tab.frames if frame.get("thread_id") == accepted["thread_id"]]
    assert of_thread[0] == "message.accepted"
    assert of_thread.index("message.created") < of_thread.index("message.updated") < of_thread.index("response.created")


async def test_the_end_says_what_the_reply_used(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)

    final = await tab.ask("[[fake 12t]]")

    usage = final["usage"]
    assert (usage["output_tokens"], usage["usage_source"]) == (12, "exact")
    assert usage["input_tokens"] > 0
    assert 0 <= usage["time_to_first_token_ms"] <= usage["duration_ms"]
    assert final["message"]["usage"] == usage


async def test_a_stopped_reply_says_that_its_usage_is_an_estimate(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    accepted = await running(tab)

    await tab.say(type="turn.stop", turn_id=accepted["turn_id"])
    usage = (await tab.end_of(accepted["turn_id"]))["usage"]

    assert usage["usage_source"] == "estimated"
    assert 0 < usage["output_tokens"] < 400


async def test_a_reply_comes_in_pieces_as_it_is_written(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)

    final = await tab.ask("[[fake 40t 100r]]")

    deltas = [frame for frame in tab.of(final["turn_id"]) if frame["type"] == "response.output_text.delta"]
    assert len(deltas) > 3


async def test_a_burst_of_tokens_is_sent_in_far_fewer_frames(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)

    final = await tab.ask("[[fake 2000t]]")

    deltas = [frame for frame in tab.of(final["turn_id"]) if frame["type"] == "response.output_text.delta"]
    assert len(deltas) < 200
    assert tab.text_of(final["turn_id"]) == final["message"]["content"]


async def test_a_turn_outlives_the_socket_that_asked_for_it(
    open_tab: Opener, alice: User, model_server: FakeServer
) -> None:
    asking, watching = await open_tab(alice), await open_tab(alice)
    accepted = await running(asking, HELD)

    await asking.close()
    await watching.say(type="thread.subscribe", thread_id=accepted["thread_id"])
    model_server.go_on()
    final = await watching.end_of(accepted["turn_id"])

    assert final["status"] == "complete"


async def test_every_change_raises_the_rev_and_the_end_moves_the_thread_up(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    older = await tab.ask("first thread")
    newer = await tab.ask("second thread")

    again = await tab.ask("back to the first", older["thread_id"])

    revs = [frame["rev"] for frame in tab.frames if frame.get("thread_id") == older["thread_id"] and "rev" in frame]
    assert revs[-1] > older["rev"] and again["rev"] > older["rev"]
    ids = await in_db(lambda: [str(row.id) for row in ChatThread.objects.order_by("-last_message_at")])
    assert ids == [older["thread_id"], newer["thread_id"]]


async def test_a_thread_seen_by_nobody_else_tells_its_person_alone(open_tab: Opener, alice: User, bob: User) -> None:
    tab, stranger = await open_tab(alice), await open_tab(bob)

    await tab.ask("private")

    await stranger.answered()
    assert [frame["type"] for frame in stranger.frames] == ["pong"]


# --- Stop


async def test_stop_in_the_middle_keeps_the_text_that_was_shown(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    accepted = await running(tab)

    await tab.say(type="turn.stop", turn_id=accepted["turn_id"])
    final = await tab.end_of(accepted["turn_id"])

    assert (final["status"], final["message"]["status"]) == ("stopped", "stopped")
    assert final["message"]["content"] == tab.text_of(accepted["turn_id"]) != ""
    stored = await message(accepted["assistant_message_id"])
    assert (stored.content, stored.status) == (final["message"]["content"], Status.STOPPED)
    await tab.answered()
    assert len(tab.ends_of(accepted["turn_id"])) == 1


@pytest.mark.parametrize("silence", ["[[fake 20t first5000]]", "[[fake hang]]"])
async def test_stop_works_before_the_first_token(open_tab: Opener, alice: User, silence: str) -> None:
    tab = await open_tab(alice)
    accepted = await waiting(tab, silence)

    await tab.say(type="turn.stop", turn_id=accepted["turn_id"])
    final = await tab.end_of(accepted["turn_id"])

    assert (final["status"], final["message"]["content"]) == ("stopped", "")


async def test_stop_works_right_behind_the_send(no_sweep: None, open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    accepted = await tab.send(SLOW)

    await tab.say(type="turn.stop", turn_id=accepted["turn_id"])
    final = await tab.end_of(accepted["turn_id"])

    assert final["status"] == "stopped"


async def test_stop_works_from_another_tab(open_tab: Opener, alice: User) -> None:
    first, second = await open_tab(alice), await open_tab(alice)
    accepted = await running(first)

    await second.say(type="turn.stop", turn_id=accepted["turn_id"])

    assert (await first.end_of(accepted["turn_id"]))["status"] == "stopped"


async def test_a_late_stop_gets_the_end_that_was(open_tab: Opener, alice: User) -> None:
    tab, late = await open_tab(alice), await open_tab(alice)
    final = await tab.ask("hello")

    await late.say(type="turn.stop", turn_id=final["turn_id"])

    told = await late.until("final")
    assert {**told, "rev": 0} == {**final, "rev": 0}
    assert (await message(final["message_id"])).status == Status.COMPLETE


async def test_two_stops_end_a_turn_once(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    accepted = await running(tab)

    await tab.say(type="turn.stop", turn_id=accepted["turn_id"])
    await tab.say(type="turn.stop", turn_id=accepted["turn_id"])
    final = await tab.end_of(accepted["turn_id"])
    await tab.answered()

    assert all(end == final for end in tab.ends_of(accepted["turn_id"]))
    assert final["status"] == "stopped"


async def test_nobody_stops_the_turn_of_somebody_else(
    open_tab: Opener, alice: User, charlie: User, model_server: FakeServer
) -> None:
    tab, stranger = await open_tab(alice), await open_tab(charlie)
    accepted = await running(tab, HELD)

    error = await stranger.refusal(type="turn.stop", turn_id=accepted["turn_id"])
    unknown = await stranger.refusal(type="turn.stop", turn_id=str(uuid.uuid4()))

    assert (error["code"], error["message"]) == (unknown["code"], unknown["message"]) == ("not_found", error["message"])
    model_server.go_on()
    assert (await tab.end_of(accepted["turn_id"]))["status"] == "complete"


async def test_a_stop_ends_only_its_own_turn(open_tab: Opener, alice: User, model_server: FakeServer) -> None:
    tab = await open_tab(alice)
    stopped = await running(tab)
    other = await running(tab, HELD)

    await tab.say(type="turn.stop", turn_id=stopped["turn_id"])

    assert (await tab.end_of(stopped["turn_id"]))["status"] == "stopped"
    model_server.go_on()
    assert (await tab.end_of(other["turn_id"]))["status"] == "complete"


# --- Queue


async def test_messages_sent_meanwhile_wait_and_are_answered_in_order(
    open_tab: Opener, alice: User, model_server: FakeServer
) -> None:
    tab = await open_tab(alice)
    first = await running(tab, HELD)
    second = await tab.send("second", first["thread_id"])
    third = await tab.send("third", first["thread_id"])

    model_server.go_on()
    await tab.end_of(third["turn_id"])

    ends = [frame["turn_id"] for frame in tab.frames if frame["type"] == "final"]
    assert ends == [first["turn_id"], second["turn_id"], third["turn_id"]]


async def test_the_place_of_a_queued_message_is_fixed_when_its_turn_begins(
    open_tab: Opener, alice: User, model_server: FakeServer
) -> None:
    tab = await open_tab(alice)
    first = await running(tab, HELD)
    second = await tab.send("second", first["thread_id"])
    assert (await message(second["id"])).parent_id is None

    model_server.go_on()
    await tab.end_of(second["turn_id"])

    assert str((await message(second["id"])).parent_id) == first["assistant_message_id"]
    placed = next(
        frame for frame in tab.frames if frame["type"] == "message.updated" and frame["message"]["id"] == second["id"]
    )
    assert placed["message"]["parent_id"] == first["assistant_message_id"]
    thread = await in_db(ChatThread.objects.get, id=first["thread_id"])
    assert str(thread.leaf_id) == second["assistant_message_id"]


async def test_a_queued_turn_that_is_stopped_ends_at_once_and_never_joins_the_path(
    open_tab: Opener, alice: User
) -> None:
    tab = await open_tab(alice)
    first = await running(tab)
    second = await tab.send("second", first["thread_id"])
    third = await tab.send("third", first["thread_id"])

    await tab.say(type="turn.stop", turn_id=second["turn_id"])
    final = await tab.end_of(second["turn_id"])
    assert (final["status"], (await turn(first["turn_id"])).status) == ("stopped", Status.RUNNING)
    await tab.say(type="turn.stop", turn_id=first["turn_id"])
    await tab.end_of(third["turn_id"])

    assert (await message(second["id"])).status == Status.STOPPED
    assert str((await message(third["id"])).parent_id) == first["assistant_message_id"]
    assert (await tab.end_of(third["turn_id"]))["status"] == "complete"


async def test_a_turn_stopped_in_the_queue_takes_its_message_back_in_every_tab(open_tab: Opener, alice: User) -> None:
    tab, other = await open_tab(alice), await open_tab(alice)
    first = await running(tab)
    await other.say(type="thread.subscribe", thread_id=first["thread_id"])
    await other.until("thread.snapshot")
    second = await tab.send("second", first["thread_id"])

    await tab.say(type="turn.stop", turn_id=second["turn_id"])

    for one in (tab, other):
        update = await one.until("message.updated", turn_id=second["turn_id"])
        assert (update["message"]["id"], update["message"]["status"]) == (second["id"], "stopped")
        assert (await one.end_of(second["turn_id"]))["message"]["status"] == "stopped"


async def test_a_reply_of_a_turn_stopped_in_the_queue_cannot_be_tried_again(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    first = await running(tab)
    second = await tab.send("second", first["thread_id"])
    await tab.say(type="turn.stop", turn_id=second["turn_id"])
    await tab.end_of(second["turn_id"])

    retry = {"type": "message.regenerate", "message_id": second["assistant_message_id"], "mode": "retry"}
    error = await tab.refusal(**retry, id=str(uuid.uuid4()))

    assert error["code"] == "not_found"


# --- Errors


async def test_a_model_that_fails_at_once_ends_the_turn_with_a_code_and_a_sentence(
    open_tab: Opener, alice: User
) -> None:
    tab = await open_tab(alice)

    end = await tab.ask("[[fake status500]]")

    assert (end["type"], end["message"]["status"], end["message"]["content"]) == ("response.error", "error", "")
    assert end["code"] and end["error"].endswith(".") and end["retryable"] is True
    error = {"code": end["code"], "message": end["error"], "retryable": True, "retry_after": None, "retry_at": None}
    assert end["message"]["error"] == {**error, "mended_by": ["model"]}
    assert (await turn(end["turn_id"])).status == Status.ERROR


async def test_an_error_says_when_the_vendor_wants_to_be_asked_again(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)

    end = await tab.ask("[[fake status429 after40]]")

    assert (end["code"], end["retryable"], end["retry_after"]) == ("rate_limited", True, 40.0)
    assert end["message"]["error"]["retry_after"] == 40.0


async def test_whoever_learns_of_an_error_later_is_told_the_same_time_for_another_try(
    open_tab: Opener, alice: User
) -> None:
    tab = await open_tab(alice)
    before = timezone.now()
    end = await tab.ask("[[fake status429 after40]]")
    at = datetime.fromisoformat(end["message"]["error"]["retry_at"])

    later = await open_tab(alice)
    await later.say(type="thread.subscribe", thread_id=end["thread_id"], turn_id=end["turn_id"])

    assert before <= at - timedelta(seconds=40) <= timezone.now()
    told = await later.end_of(end["turn_id"])
    assert told["message"]["error"] == end["message"]["error"]


@pytest.mark.parametrize(
    ("script", "code", "mended_by"),
    [
        ("status404", "model_not_found", ["model"]),
        ("status401", "bad_credentials", ["model"]),
        ("status400", "bad_request", ["edit", "model"]),
    ],
)
async def test_an_error_that_another_try_cannot_mend_says_what_may(
    open_tab: Opener, alice: User, script: str, code: str, mended_by: list[str]
) -> None:
    tab = await open_tab(alice)

    error = (await tab.ask(f"[[fake {script}]]"))["message"]["error"]

    assert (error["code"], error["retryable"], error["mended_by"]) == (code, False, mended_by)


async def test_an_error_in_the_middle_keeps_the_text_and_the_next_message_works(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)

    broken = await tab.ask("[[fake 20t 40r oops]]")
    following = await tab.ask("[[fake 5t]]", broken["thread_id"])

    assert (broken["type"], broken["message"]["content"]) == ("response.error", tab.text_of(broken["turn_id"]))
    assert broken["message"]["content"] != ""
    assert following["status"] == "complete"
    stored = await message(broken["message_id"])
    assert (stored.content, stored.status) == (broken["message"]["content"], Status.ERROR)


async def test_an_error_ends_only_its_own_turn(open_tab: Opener, alice: User, model_server: FakeServer) -> None:
    tab = await open_tab(alice)
    other = await running(tab, HELD)
    broken = await tab.ask("[[fake 10t 40r oops]]")
    queued_behind = await tab.ask("[[fake 5t]]", broken["thread_id"])

    assert broken["type"] == "response.error"
    assert queued_behind["status"] == "complete"
    model_server.go_on()
    assert (await tab.end_of(other["turn_id"]))["status"] == "complete"


async def test_the_persons_message_survives_an_error(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    accepted = await tab.send("[[fake status500]] keep me")

    await tab.end_of(accepted["turn_id"])

    stored = await message(accepted["id"])
    assert (stored.content, stored.status) == ("[[fake status500]] keep me", Status.COMPLETE)
