"""Inside one process an event reaches every socket that watches its topic, and nobody else."""

import asyncio
import threading
import uuid

from realtime import events, hub, publish, relay, services
from realtime.hub import Hub, Packet, packed, thread_topic, user_topic

WAIT = 2.0


class Watcher:
    def __init__(self) -> None:
        self.got: list[tuple[str, Packet]] = []
        self.resyncs = 0
        self.rechecks = 0

    def deliver(self, topic: str, packet: Packet) -> None:
        self.got.append((topic, packet))

    def resync(self) -> None:
        self.resyncs += 1

    def recheck(self) -> None:
        self.rechecks += 1


class Outlet:
    def __init__(self) -> None:
        self.offered: list[tuple[str, Packet]] = []

    def offer(self, topic: str, packet: Packet) -> None:
        self.offered.append((topic, packet))


async def test_everybody_who_watches_a_topic_gets_what_is_published_there() -> None:
    server, packet = Hub(), Packet("hello")
    watchers = [Watcher(), Watcher()]
    for watcher in watchers:
        server.watch("thread:1", watcher)

    server.publish("thread:1", packet)

    assert [watcher.got for watcher in watchers] == [[("thread:1", packet)]] * 2


async def test_nobody_gets_what_is_published_elsewhere() -> None:
    server, watcher = Hub(), Watcher()
    server.watch("thread:1", watcher)

    server.publish("thread:2", Packet("hello"))

    assert watcher.got == []


async def test_who_no_longer_watches_gets_nothing() -> None:
    server, watcher = Hub(), Watcher()
    server.watch("thread:1", watcher)
    server.watch("thread:1", watcher)

    server.unwatch("thread:1", watcher)
    server.unwatch("thread:1", watcher)
    server.unwatch("never", watcher)
    server.publish("thread:1", Packet("hello"))

    assert watcher.got == []
    assert server._watchers == {}


async def test_a_watcher_may_leave_while_it_is_told() -> None:
    server = Hub()

    class Leaving(Watcher):
        def deliver(self, topic: str, packet: Packet) -> None:
            super().deliver(topic, packet)
            server.unwatch(topic, self)

    leaving, staying = Leaving(), Watcher()
    server.watch("t", leaving)
    server.watch("t", staying)

    server.publish("t", Packet("one"))
    server.publish("t", Packet("two"))

    assert (len(leaving.got), len(staying.got)) == (1, 2)


async def test_what_is_published_leaves_for_other_processes_and_what_comes_from_them_does_not() -> None:
    server, outlet = Hub(), Outlet()
    server.outlet = outlet
    ours, theirs = Packet("ours"), Packet("theirs")

    server.publish("t", ours)
    server.deliver("t", theirs)

    assert outlet.offered == [("t", ours)]


async def test_a_resync_reaches_each_watcher_once_however_much_it_watches() -> None:
    server, watcher = Hub(), Watcher()
    server.watch("thread:1", watcher)
    server.watch("user:1", watcher)

    server.resync()

    assert watcher.resyncs == 1
    assert server.socket_count == 1


async def test_the_hub_of_a_loop_is_always_the_same_one() -> None:
    assert hub.current() is hub.current()
    assert hub.of_this_process() is hub.current()


def test_a_loop_that_has_ended_has_no_hub() -> None:
    async def serve() -> Hub:
        return hub.current()

    first, second = asyncio.run(serve()), asyncio.run(serve())

    assert first is not second
    assert hub.of_this_process() is None
    assert hub.call_in_loop(lambda: None) is False


async def test_a_thread_may_publish() -> None:
    server, watcher = hub.current(), Watcher()
    thread_id = uuid.uuid4()
    server.watch(thread_topic(thread_id), watcher)
    event = events.ThreadTitleUpdated(thread_id=thread_id, rev=4, title="Name")

    await asyncio.to_thread(publish.publish, thread_topic(thread_id), event)
    await asyncio.sleep(0)

    [(_, packet)] = watcher.got
    assert (packet.text, packet.rev) == (event.model_dump_json(), 4)


async def test_events_of_one_thread_of_control_keep_their_order() -> None:
    server, watcher = hub.current(), Watcher()
    thread_id = uuid.uuid4()
    server.watch("t", watcher)

    def say() -> None:
        for rev in range(100):
            publish.publish("t", events.ThreadDeleted(thread_id=thread_id, rev=rev))

    thread = threading.Thread(target=say)
    thread.start()
    async with asyncio.timeout(WAIT):
        while len(watcher.got) < 100:
            await asyncio.sleep(0.001)
    thread.join()

    assert [packet.rev for _, packet in watcher.got] == list(range(100))


async def test_a_wake_from_a_thread_runs_on_the_loop() -> None:
    hub.current()
    woken: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    services.on_wake("test-service", lambda: woken.set_result(threading.get_ident()))

    await asyncio.to_thread(publish.wake, "test-service")

    async with asyncio.timeout(WAIT):
        assert await woken == threading.get_ident()


async def test_a_wake_of_an_unknown_service_is_nothing() -> None:
    hub.current()

    await asyncio.to_thread(publish.wake, "no-such-service")
    await asyncio.sleep(0)


async def test_an_order_is_obeyed_here_and_handed_on() -> None:
    server = hub.current()
    obeyed: list[str] = []
    relay.orders["test-order"] = obeyed.append
    try:
        await asyncio.to_thread(publish.order, "test-order", "now")
        await asyncio.sleep(0)
    finally:
        del relay.orders["test-order"]

    assert obeyed == ["now"]
    assert relay.relay_of(server) is None


def test_without_a_server_and_without_redis_publishing_is_quiet() -> None:
    publish.publish("t", events.ThreadDeleted(thread_id=uuid.uuid4(), rev=1))
    publish.wake("turns")
    publish.order("stop", "x")


def test_a_packet_knows_what_a_socket_must_know() -> None:
    thread_id, turn_id = uuid.uuid4(), uuid.uuid4()
    message = events.Message(
        id=uuid.uuid4(),
        thread_id=thread_id,
        parent_id=None,
        role="assistant",
        content="",
        status="complete",
        created_at="2026-01-01T00:00:00Z",  # type: ignore[arg-type]  # pydantic reads it
    )
    final = events.Final(
        thread_id=thread_id,
        turn_id=turn_id,
        message_id=message.id,
        seq=9,
        rev=3,
        status="complete",
        message=message,
        usage=None,
    )
    created = events.MessageCreated(thread_id=thread_id, rev=2, message=message, turn_id=turn_id)

    end, news = packed(final), packed(created)

    assert (end.thread_id, end.turn_id, end.seq, end.rev, end.terminal) == (str(thread_id), str(turn_id), 9, 3, True)
    assert (news.thread_id, news.turn_id, news.seq, news.rev, news.terminal) == (str(thread_id), "", 0, 2, False)


def test_topics_of_people_and_threads_never_meet() -> None:
    assert user_topic(1) != thread_topic("1")


async def test_a_recheck_reaches_every_socket_of_that_person_alone() -> None:
    server = hub.current()
    mine, also_mine, other = Watcher(), Watcher(), Watcher()
    server.watch(user_topic(1), mine)
    server.watch(user_topic(1), also_mine)
    server.watch(user_topic(2), other)

    await asyncio.to_thread(publish.recheck, 1)
    await asyncio.sleep(0.05)

    assert [mine.rechecks, also_mine.rechecks, other.rechecks] == [1, 1, 0]
