"""Between processes: two hubs with a layer of their own each, and a real Redis that is stopped, killed and started."""

import asyncio
import contextlib
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer

from realtime import publish, relay
from realtime.hub import Hub, Packet
from realtime.relay import Relay
from tests.services import free_port

pytestmark = pytest.mark.services

WAIT = 10.0


class RedisServer:
    """A Redis of this test alone, always on the same port."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        assert program, "this run has REDIS_URL, so it needs redis-server, too"
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir", str(self.directory)]
        self._process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        until = time.monotonic() + WAIT
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise AssertionError("redis-server did not start")

    def say(self, number: int) -> None:
        assert self._process
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait(WAIT)
            self._process = None


class Watcher:
    def __init__(self) -> None:
        self.texts: list[str] = []
        self.resyncs = 0
        self.rechecks = 0

    def deliver(self, topic: str, packet: Packet) -> None:
        self.texts.append(packet.text)

    def resync(self) -> None:
        self.resyncs += 1

    def recheck(self) -> None:
        self.rechecks += 1


class Process:
    """What one server process has of this room, and one socket that watches `t`."""

    def __init__(self, url: str) -> None:
        self.hub = Hub()
        self.layer = RedisPubSubChannelLayer(hosts=[{"address": url, "socket_timeout": None}], prefix="test")
        self.relay = Relay(self.hub, self.layer)
        self.hub.outlet = self.relay
        self.watcher = Watcher()
        self.hub.watch("t", self.watcher)

    async def start(self) -> None:
        self.relay.start()
        await until(lambda: self.relay._channel != "")

    def say(self, text: str) -> None:
        self.hub.publish("t", Packet(text))

    def heard(self, text: str) -> bool:
        return text in self.watcher.texts


async def until(condition: Callable[[], bool], seconds: float = WAIT) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    yield server
    server.kill()


Starter = Callable[[], Awaitable[Process]]


@pytest.fixture
async def process(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Starter]:
    monkeypatch.setattr(relay, "SEND_TIMEOUT", 0.5)
    monkeypatch.setattr(relay, "BEAT_SECONDS", 0.2)
    started: list[Process] = []

    async def start() -> Process:
        one = Process(redis.url)
        await one.start()
        started.append(one)
        await acquainted(*started)
        return one

    yield start
    redis.say(signal.SIGCONT)
    for one in started:
        await one.relay.stop()


async def acquainted(*processes: Process) -> None:
    """Wait until each has heard of each: before, they keep their packets to themselves."""
    for one in processes:
        others = {other.hub.id for other in processes if other is not one}
        await until(lambda one=one, others=others: others <= set(one.relay._heard_at))  # type: ignore[misc]


async def test_a_packet_reaches_the_sockets_of_every_process_once(process: Starter) -> None:
    first, second, third = await process(), await process(), await process()

    first.say("hello")
    await until(lambda: second.heard("hello") and third.heard("hello"))
    second.say("thanks")
    await until(lambda: first.heard("thanks") and third.heard("thanks"))

    for one in (first, second, third):
        assert one.watcher.texts == ["hello", "thanks"]


async def test_all_of_a_packet_arrives(process: Starter) -> None:
    first, second = await process(), await process()
    got: list[Packet] = []
    second.watcher.deliver = lambda topic, packet: got.append(packet)  # type: ignore[method-assign]
    packet = Packet('{"ä": "\u2028😀"}', thread_id="a", turn_id="b", seq=3, rev=4, terminal=True)

    first.hub.publish("t", packet)
    await until(lambda: bool(got))

    assert got == [packet]


async def test_a_thousand_packets_arrive_in_order_and_in_far_fewer_messages(process: Starter) -> None:
    first, second = await process(), await process()

    for number in range(1_000):
        first.say(str(number))
    await until(lambda: second.heard("999"))

    assert second.watcher.texts == [str(number) for number in range(1_000)]
    assert second.watcher.resyncs == 0
    assert first.relay._number < 50


async def test_a_process_alone_keeps_its_packets_to_itself(process: Starter) -> None:
    alone = await process()
    await until(lambda: not alone.relay._queue)

    alone.say("to nobody")

    assert not alone.relay._queue
    assert alone.watcher.texts == ["to nobody"]


async def test_a_newcomer_is_told_that_it_may_have_missed_something(process: Starter) -> None:
    first = await process()
    first.say("before")

    second = await process()
    # A beat that leaves while the newcomer comes says so, and the answer to its first words says it once more.
    await until(lambda: second.watcher.resyncs >= 1)
    first.say("after")
    await until(lambda: second.heard("after"))
    told = second.watcher.resyncs
    first.say("later")
    await until(lambda: second.heard("later"))

    assert second.watcher.texts == ["after", "later"]
    assert second.watcher.resyncs == told <= 2
    assert first.watcher.resyncs == 0


async def test_a_process_that_went_silent_is_no_longer_relayed_to(
    process: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "PEER_SECONDS", 0.5)
    first, second = await process(), await process()
    await second.relay.stop()

    await until(lambda: not first.relay._heard_at)
    first.say("to nobody")
    second.relay.start()
    await until(lambda: second.watcher.resyncs >= 1)
    await crosses(first, second)

    assert not second.heard("to nobody")


async def test_an_order_reaches_the_others(process: Starter, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = await process(), await process()
    obeyed: list[str] = []
    monkeypatch.setitem(relay.orders, "test", obeyed.append)

    first.relay.order("test", "now")
    first.relay.order("unknown", "nobody knows it")
    await until(lambda: bool(obeyed))

    assert obeyed == ["now"]


async def test_a_question_is_answered_by_whoever_knows(process: Starter, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _, _ = await process(), await process(), await process()
    monkeypatch.setitem(relay.questions, "test", lambda argument: argument.upper())

    assert await first.relay.ask("test", "word", 2) == "WORD"


async def test_where_nobody_is_there_to_ask_the_answer_is_at_hand(process: Starter) -> None:
    alone = await process()

    assert await asyncio.wait_for(alone.relay.ask("unknown", "word", WAIT), WAIT / 2) is None


async def test_where_nobody_answers_the_question_ends_at_its_deadline(process: Starter) -> None:
    first, _ = await process(), await process()
    begun = time.monotonic()

    answer = await first.relay.ask("unknown", "word", 0.3)

    assert answer is None
    assert 0.25 < time.monotonic() - begun < WAIT
    assert first.relay._answers == {}


async def test_a_late_answer_harms_nobody(process: Starter, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = await process(), await process()
    monkeypatch.setitem(relay.questions, "test", lambda argument: argument)

    assert await first.relay.ask("test", "word", 0) is None
    assert await first.relay.ask("test", "again", 2) == "again"


async def test_a_hole_makes_the_others_catch_up_before_they_hear_what_follows(process: Starter) -> None:
    first, second = await process(), await process()
    heard_at_resync: list[int] = []
    second.watcher.resync = lambda: heard_at_resync.append(len(second.watcher.texts))  # type: ignore[method-assign]

    first.relay._number += 1  # as if one message had been lost
    first.say("after")
    await until(lambda: second.heard("after"))

    assert heard_at_resync == [0]


async def test_the_beat_shows_a_hole_where_nothing_else_is_said(process: Starter) -> None:
    first, second = await process(), await process()

    first.relay._number += 1

    await until(lambda: second.watcher.resyncs == 1)


async def test_a_newcomer_does_not_make_anybody_catch_up(process: Starter) -> None:
    first, second = await process(), await process()
    for number in range(5):
        first.say(str(number))
        await until(lambda number=number: second.heard(str(number)))  # type: ignore[misc]

    third = await process()
    await acquainted(first, second, third)

    assert [one.watcher.resyncs for one in (first, second, third)] == [0, 0, 0]


async def test_a_queue_that_is_full_drops_the_oldest_counts_and_shows_the_hole(
    process: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await process(), await process()
    monkeypatch.setattr(relay, "QUEUE_LIMIT", 10)

    for number in range(30):
        first.say(str(number))
    await until(lambda: second.heard("29"))

    assert first.relay.dropped == 20
    assert second.watcher.texts == [str(number) for number in range(20, 30)]
    assert second.watcher.resyncs == 1


async def test_a_redis_that_hangs_holds_nobody_up(process: Starter, redis: RedisServer) -> None:
    first, _ = await process(), await process()
    redis.say(signal.SIGSTOP)

    begun = time.monotonic()
    for number in range(1_000):
        first.say(str(number))
    took = time.monotonic() - begun
    await until(lambda: first.relay.dropped > 0)

    assert took < 1
    assert len(first.watcher.texts) == 1_000
    assert await first.relay.ask("unknown", "word", 0.1) is None


async def test_after_a_redis_that_hung_packets_cross_again_and_sockets_catch_up(
    process: Starter, redis: RedisServer
) -> None:
    first, second = await process(), await process()
    redis.say(signal.SIGSTOP)
    first.say("lost or late")
    await until(lambda: first.relay.dropped > 0)

    redis.say(signal.SIGCONT)
    await crosses(first, second)
    await crosses(second, first)

    assert second.watcher.resyncs >= 1 or second.heard("lost or late")


async def test_after_a_redis_that_died_packets_cross_again_and_sockets_catch_up(
    process: Starter, redis: RedisServer
) -> None:
    first, second = await process(), await process()
    redis.kill()
    first.say("lost")
    await until(lambda: first.relay.dropped > 0)

    redis.start()
    await crosses(first, second)
    await crosses(second, first)

    assert not second.heard("lost")
    assert second.watcher.resyncs >= 1


async def crosses(one: Process, other: Process) -> None:
    """Say something now and then until it is heard."""
    async with asyncio.timeout(WAIT):
        while not other.heard("back"):
            one.say("back")
            await asyncio.sleep(0.1)


async def test_a_worker_that_is_no_server_reaches_the_servers(
    process: Starter, redis: RedisServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await process(), await process()
    obeyed: list[str] = []
    monkeypatch.setitem(relay.orders, "test", obeyed.append)
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [redis.url], "prefix": "test"},
        }
    }

    items: list[list[Any]] = [relay.as_item("t", Packet("from a worker")), ["order", "test", "now"]]
    await asyncio.to_thread(relay.send_from_outside, items)
    await until(lambda: first.heard("from a worker") and second.heard("from a worker") and len(obeyed) == 2)

    assert first.watcher.resyncs == second.watcher.resyncs == 0


async def test_a_worker_is_not_held_up_by_a_redis_that_is_gone(
    process: Starter, redis: RedisServer, settings: Any
) -> None:
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [redis.url], "prefix": "test"},
        }
    }
    redis.kill()
    begun = time.monotonic()

    await asyncio.to_thread(publish.wake, "turns")

    assert time.monotonic() - begun < 3
    redis.start()


async def test_a_relay_that_was_stopped_leaves_nothing_running(redis: RedisServer) -> None:
    before = asyncio.all_tasks()
    one = Process(redis.url)
    await one.start()

    await one.relay.stop()

    assert asyncio.all_tasks() == before
