"""Packets between processes: one Redis pub/sub group, each process in it once, whole batches per message.

Everything leaves through one bounded queue. When Redis hangs or is down, batches are dropped and counted; each batch
carries its sender's running number, so a receiver that misses one knows it and lets its sockets catch up. A beat every
two seconds makes that true of a quiet system too, and tells who is there: a process that hears no other keeps its
packets to itself, and says so in the first batch it sends to a newcomer.
"""

import asyncio
import logging
import time
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from realtime.hub import Hub, Packet

logger = logging.getLogger(__name__)

GROUP = "parley.relay"
BEAT_SECONDS = 2.0
PEER_SECONDS = 4 * BEAT_SECONDS  # silent for so long, a process counts as gone
PACE_SECONDS = 0.005  # what arrives within it leaves as one message
QUEUE_LIMIT = 10_000
BATCH_LIMIT = 500
SEND_TIMEOUT = 2.0
REDIS_FAULTS = (OSError, TimeoutError, RedisError)

Question = Callable[[str], str | None]
Order = Callable[[str], None]


class Relay:
    """The hub's outlet, and the inlet of what other processes say.

    `orders` are one-way messages by name (wake, stop); `questions` are asked of all processes, and the first one that
    knows answers.
    """

    def __init__(self, hub: Hub, layer: Any) -> None:
        self.hub = hub
        self.layer = layer
        self.dropped = 0
        self._queue: deque[list[Any]] = deque()
        self._wakeup = asyncio.Event()
        self._number = 0
        self._heard: dict[str, int] = {}
        self._heard_at: dict[str, float] = {}
        self._kept_back = False
        self._channel = ""
        self._answers: dict[str, asyncio.Future[str]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(work) for work in (self._receive(), self._send(), self._beat())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await asyncio.wait_for(self.layer.flush(), SEND_TIMEOUT)
        except REDIS_FAULTS:
            logger.warning("Redis did not say goodbye.")

    # --- Out

    def offer(self, topic: str, packet: Packet) -> None:
        if self._heard_at:
            self._put(as_item(topic, packet))
        else:
            self._kept_back = True

    def order(self, name: str, argument: str) -> None:
        self._put(["order", name, argument])

    async def ask(self, name: str, argument: str, timeout: float) -> str | None:  # noqa: ASYNC109  a deadline of the protocol
        """Ask every other process; None if none of them answered in time."""
        if not self._channel or not self._heard_at:
            return None
        key = uuid.uuid4().hex
        answer = self._answers[key] = asyncio.get_running_loop().create_future()
        self._put(["question", name, argument, key, self._channel])
        try:
            return await asyncio.wait_for(answer, timeout)
        except TimeoutError:
            return None
        finally:
            del self._answers[key]

    def _put(self, item: list[Any]) -> None:
        if len(self._queue) >= QUEUE_LIMIT:
            self._queue.popleft()
            self.dropped += 1
            self._number += 1  # the receivers see the hole
        self._queue.append(item)
        self._wakeup.set()

    async def _send(self) -> None:
        while True:
            await self._wakeup.wait()
            await asyncio.sleep(PACE_SECONDS)
            self._wakeup.clear()
            while self._queue:
                batch = [self._queue.popleft() for _ in range(min(BATCH_LIMIT, len(self._queue)))]
                await self._send_batch(batch)

    async def _send_batch(self, items: list[list[Any]]) -> None:
        self._number += 1
        kept_back = self._kept_back
        message = {
            "type": "relay",
            "origin": self.hub.id,
            "number": self._number,
            "kept_back": kept_back,
            "items": items,
        }
        if self._heard_at:
            self._kept_back = False
        try:
            await asyncio.wait_for(self.layer.group_send(GROUP, message), SEND_TIMEOUT)
        except REDIS_FAULTS as error:
            self.dropped += len(items)
            self._kept_back |= kept_back
            logger.warning("Redis took no events (%s); clients will catch up.", error or type(error).__name__)
            await asyncio.sleep(0.2)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            gone = time.monotonic() - PEER_SECONDS
            self._heard_at = {origin: at for origin, at in self._heard_at.items() if at > gone}
            if not self._queue:
                self._put(["beat"])

    # --- In

    async def _receive(self) -> None:
        while True:
            try:
                channel = await self.layer.new_channel("parley.")
                await self.layer.group_add(GROUP, channel)
                self._channel = channel
                self._put(["beat"])  # here I am
                while True:
                    self._take(await self.layer.receive(channel))
            except REDIS_FAULTS as error:
                self._channel = ""
                logger.warning("Redis cannot be heard (%s); trying again.", error or type(error).__name__)
                await asyncio.sleep(1)

    def _take(self, message: dict[str, Any]) -> None:
        if "answer" in message:
            waiting = self._answers.get(message["key"])
            if waiting and not waiting.done():
                waiting.set_result(message["answer"])
            return
        origin, number = message["origin"], message["number"]
        if origin == self.hub.id:
            return
        if number:
            missed = number - self._heard.get(origin, number - 1) - 1
            self._heard[origin] = number
            if missed > 0 or message["kept_back"]:
                self.hub.resync()
            if origin not in self._heard_at:
                self._put(["beat"])  # a newcomer need not wait for the next one to know of us
            self._heard_at[origin] = time.monotonic()
        for item in message["items"]:
            self._handle(item)

    def _handle(self, item: list[Any]) -> None:
        match item:
            case ["packet", topic, *fields]:
                self.hub.deliver(topic, Packet(*fields))
            case ["order", name, argument]:
                if name in orders:
                    orders[name](argument)
            case ["question", name, argument, key, channel]:
                answer = questions[name](argument) if name in questions else None
                if answer is not None:
                    _keep(asyncio.create_task(self._answer(channel, key, answer)))

    async def _answer(self, channel: str, key: str, answer: str) -> None:
        try:
            await asyncio.wait_for(self.layer.send(channel, {"key": key, "answer": answer}), SEND_TIMEOUT)
        except REDIS_FAULTS as error:
            logger.warning("Redis took no answer (%s).", error or type(error).__name__)


def as_item(topic: str, packet: Packet) -> list[Any]:
    return ["packet", topic, *(getattr(packet, field) for field in Packet.__slots__)]


orders: dict[str, Order] = {}
questions: dict[str, Question] = {}
_background: set[asyncio.Task[None]] = set()


def _keep(task: asyncio.Task[None]) -> None:
    _background.add(task)
    task.add_done_callback(_background.discard)


def relay_of(hub: Hub | None) -> Relay | None:
    return hub.outlet if hub is not None and isinstance(hub.outlet, Relay) else None


def send_from_outside(items: list[list[Any]]) -> None:
    """Reach the servers from a process that is none (a worker, a command); without Redis nobody hears it."""
    layer = get_channel_layer()
    if layer is None:
        return
    message: dict[str, Any] = {"type": "relay", "origin": "", "number": 0, "kept_back": False, "items": items}

    async def send() -> None:
        await asyncio.wait_for(layer.group_send(GROUP, message), SEND_TIMEOUT)
        await layer.flush()  # this loop ends with the call

    try:
        async_to_sync(send)()
    except REDIS_FAULTS as error:
        logger.warning("Redis took no events (%s); clients will catch up.", error or type(error).__name__)
