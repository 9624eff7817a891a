"""What one slow reader may cost: a bounded number of bytes, and nobody else's time."""

import asyncio
import uuid
from typing import Any

import pytest

from accounts.models import User
from llm_chat import consumers
from llm_chat.outbox import TERMINAL_LIMIT, UNACKED_LIMIT, Outbox
from llm_chat.sockets import Socket
from llm_chat.tests.conftest import Opener, Tab
from realtime import events, hub
from realtime.hub import Packet, thread_topic, user_topic

KIB = 1024


def delta(seq: int, size: int = KIB, turn_id: str = "turn", thread_id: str = "thread") -> Packet:
    return Packet("x" * size, thread_id=thread_id, turn_id=turn_id, seq=seq)


def terminal(seq: int, size: int = KIB, turn_id: str = "turn", thread_id: str = "thread") -> Packet:
    return Packet("x" * size, thread_id=thread_id, turn_id=turn_id, seq=seq, rev=9, terminal=True)


def filled(box: Outbox) -> int:
    """Put deltas until one is refused; return the seq of the last that passed."""
    seq = 0
    while box.put(delta(seq + 1)):
        seq += 1
        assert seq < 2 * UNACKED_LIMIT // KIB
    return seq


# --- The accounts of one socket


def test_256_kib_may_be_on_the_way_and_no_more() -> None:
    box = Outbox()

    assert filled(box) == UNACKED_LIMIT // KIB
    assert box.sent == UNACKED_LIMIT


def test_a_reader_that_acknowledges_gets_everything() -> None:
    box = Outbox()

    for seq in range(1, 2_000):
        assert box.put(delta(seq))
        if seq % 100 == 0:
            assert box.acknowledge("turn", seq) == set()


def test_bytes_are_counted_not_characters() -> None:
    box = Outbox()

    box.put(Packet("ä" * 1_000, turn_id="turn", seq=1))

    assert box.sent == 2_000


def test_past_the_limit_only_ends_of_turns_pass() -> None:
    box = Outbox()
    last = filled(box)

    assert not box.put(delta(last + 2, size=1))
    assert not box.put(Packet("x", thread_id="thread", rev=5))
    assert box.put(terminal(last + 3))


def test_a_tab_owes_nothing_once_it_has_acknowledged_all_but_the_end_of_a_turn() -> None:
    box = Outbox()
    last = filled(box)
    box.put(terminal(last + 1, size=200 * KIB))

    assert box.acknowledge("turn", last) == {"thread"}
    assert all(box.put(Packet("x" * KIB, thread_id="another")) for _ in range(UNACKED_LIMIT // KIB + 1))


def test_even_ends_of_turns_have_a_limit() -> None:
    box = Outbox()
    filled(box)

    passed = sum(box.put(terminal(1, size=10 * KIB, turn_id=f"turn {number}")) for number in range(100))

    assert passed < 100
    assert box.sent <= TERMINAL_LIMIT


def test_after_a_gap_a_thread_stays_silent_until_its_snapshot() -> None:
    box = Outbox()
    last = filled(box)
    box.acknowledge("turn", last // 4)

    assert not box.put(delta(last + 2))
    assert box.has_gap_in("thread")
    assert not box.has_gap_in("another")


def test_catching_up_names_the_threads_that_missed_something_once() -> None:
    box = Outbox()
    last = filled(box)
    box.put(delta(1, turn_id="second", thread_id="another"))

    assert box.acknowledge("turn", last // 4) == set()
    assert box.acknowledge("turn", last) == {"thread", "another"}
    assert box.acknowledge("turn", last) == set()
    assert box.put(delta(last + 5))


def test_an_ack_of_one_turn_counts_for_all_that_was_sent_before() -> None:
    box = Outbox()
    for seq in range(1, 101):
        box.put(delta(seq, turn_id="first"))
        box.put(delta(seq, turn_id="second"))

    box.acknowledge("second", 100)

    assert sum(box.put(delta(seq)) for seq in range(1, 1_000)) == UNACKED_LIMIT // KIB


def test_acks_of_what_was_never_sent_change_nothing() -> None:
    box = Outbox()
    last = filled(box)

    assert box.acknowledge("unknown", 10**9) == set()
    assert box.acknowledge("turn", -5) == set()
    assert not box.put(delta(last + 1))


def test_thirty_seconds_behind_are_too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_000.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    box = Outbox()
    last = filled(box)

    def stalled_at(seconds: float) -> bool:
        clock[0] = 1_000.0 + seconds
        return box.stalled

    assert [stalled_at(0), stalled_at(29), stalled_at(31)] == [False, False, True]
    box.acknowledge("turn", last)
    assert not stalled_at(32)


# --- One socket


class Reader:
    """The far end of a Socket."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def take(self, text: str) -> None:
        self.texts.append(text)


@pytest.fixture
async def reader() -> Reader:
    return Reader()


async def test_a_thread_left_and_watched_again_while_it_was_held_is_not_held_for_ever(reader: Reader) -> None:
    socket = Socket(User(pk=1), reader.take, lambda: None)
    thread_id = uuid.uuid4()
    first = socket.hold(thread_id)
    socket.unsubscribe(thread_id)
    second = socket.hold(thread_id)
    hub.current().publish(thread_topic(thread_id), Packet("early", thread_id=str(thread_id), rev=1))

    socket.release(first)
    assert reader.texts == [] and second.held != []
    socket.release(second)
    hub.current().publish(thread_topic(thread_id), Packet("late", thread_id=str(thread_id), rev=2))

    await hub_idle(reader, 2)
    assert reader.texts == ["early", "late"]
    socket.close()


async def test_two_holds_of_one_thread_let_go_together(reader: Reader) -> None:
    socket = Socket(User(pk=1), reader.take, lambda: None)
    thread_id = uuid.uuid4()
    holds = [socket.hold(thread_id), socket.hold(thread_id)]
    hub.current().publish(thread_topic(thread_id), Packet("one", thread_id=str(thread_id), rev=1))

    socket.release(holds[0])
    assert len(holds[1].held) == 1
    socket.release(holds[1])

    await hub_idle(reader, 1)
    assert reader.texts == ["one"]
    socket.close()


async def test_a_closed_socket_watches_nothing(reader: Reader) -> None:
    socket = Socket(User(pk=1), reader.take, lambda: None)
    socket.hold(uuid.uuid4())
    assert hub.current().socket_count == 1

    socket.close()

    assert hub.current().socket_count == 0


async def hub_idle(reader: Reader, count: int) -> None:
    async with asyncio.timeout(20):
        while len(reader.texts) < count:
            await asyncio.sleep(0)


# --- Through a real socket

LONG = "[[fake 21000t]]"
"""Its deltas and its end are, together, past the limit; its end alone is not past that of ends."""


def kinds(tab: Tab, turn_id: str) -> list[str]:
    return [frame["type"] for frame in tab.of(turn_id)]


@pytest.mark.django_db(transaction=True)
async def test_a_tab_that_never_acknowledges_gets_only_the_end_past_the_limit(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    first = await tab.ask(LONG)

    second = await tab.ask("[[fake 20t 100r]]", first["thread_id"])
    await tab.answered()

    assert (first["status"], second["status"]) == ("complete", "complete")
    assert kinds(tab, second["turn_id"]) == ["message.accepted", "final"]


@pytest.mark.django_db(transaction=True)
async def test_a_tab_that_acknowledges_after_a_gap_gets_one_fresh_snapshot(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    accepted = await tab.send(LONG)
    final = await tab.end_of(accepted["turn_id"])
    following = await tab.send("[[fake 3t]]", accepted["thread_id"])
    await tab.answered()

    await tab.say(type="turn.ack", turn_id=accepted["turn_id"], seq=final["seq"])
    snapshot = await tab.until("thread.snapshot")
    await tab.answered()

    assert sum(frame["type"] == "thread.snapshot" for frame in tab.frames) == 1
    shown = {one["id"] for one in snapshot["messages"]} | {one["message_id"] for one in snapshot["queued"]}
    if snapshot["turn"]:  # claimed between two reads of the join
        shown.add(snapshot["turn"]["message_id"])
    if following["assistant_message_id"] not in shown:  # ended between them: then its end follows the snapshot
        await tab.end_of(following["turn_id"])


@pytest.mark.django_db(transaction=True)
async def test_what_changed_inside_a_gap_is_in_the_snapshot_after_it(open_tab: Opener, alice: User) -> None:
    tab, other = await open_tab(alice), await open_tab(alice)
    first = await tab.ask(LONG)
    stored: dict[str, Any] = await other.send("[[fake 3t]]", first["thread_id"])
    second = await tab.end_of(stored["turn_id"])
    assert "message.updated" not in kinds(tab, stored["turn_id"]), "the place of the question was not told"

    await tab.say(type="turn.ack", turn_id=first["turn_id"], seq=first["seq"])
    await tab.say(type="turn.ack", turn_id=second["turn_id"], seq=second["seq"])
    snapshot = await tab.until("thread.snapshot")

    assert stored["id"] in [one["id"] for one in snapshot["messages"]]


@pytest.mark.django_db(transaction=True)
async def test_a_stalled_tab_slows_nobody(open_tab: Opener, alice: User, bob: User) -> None:
    stalled, other, stranger = await open_tab(alice), await open_tab(alice), await open_tab(bob)
    accepted = await stalled.send(LONG)
    await other.say(type="thread.subscribe", thread_id=accepted["thread_id"])
    await other.until("thread.snapshot")

    assert (await stranger.ask("[[fake 5t]]"))["status"] == "complete"
    assert (await other.end_of(accepted["turn_id"]))["status"] == "complete"


@pytest.mark.django_db(transaction=True)
async def test_after_a_gap_between_processes_a_tab_catches_up_from_before_it(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    first = await tab.ask("[[fake 3t]]")
    await tab.once("thread.title.updated")
    await tab.answered()
    socket = next(iter(consumers.open_sockets)).socket
    assert socket
    server, topics = hub.current(), (thread_topic(first["thread_id"]), user_topic(alice.pk))
    for topic in topics:
        server.unwatch(topic, socket)
    missed = await (await open_tab(alice)).ask("[[fake 3t]]", first["thread_id"])
    for topic in topics:
        server.watch(topic, socket)

    socket.resync()
    news = events.ThreadUpdated(thread_id=uuid.UUID(first["thread_id"]), rev=missed["rev"])
    server.deliver(topics[0], hub.packed(news))  # what came with the message that showed the gap
    snapshot = await tab.until("thread.snapshot")

    assert missed["message_id"] in [one["id"] for one in snapshot["messages"]]
