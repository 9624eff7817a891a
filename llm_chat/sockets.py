"""One tab's socket: what it watches, what it has been sent, and how it catches up. Knows no Channels and no ORM."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple
from uuid import UUID

from django.db import Error as DatabaseError
from pydantic import BaseModel

from accounts.models import User
from llm_chat import actions, queries, turns
from llm_chat.flood import AnswerBudget
from llm_chat.outbox import Outbox
from realtime import events, hub, relay
from realtime.bridge import in_db
from realtime.hub import Packet, thread_topic, user_topic

logger = logging.getLogger(__name__)

OWNER_ANSWERS_WITHIN = 0.5
HELD_LIMIT = 2_000
RETRY_SECONDS = 2.0

Send = Callable[[str], Awaitable[None]]
Look = Callable[[], None]


class Held(NamedTuple):
    packet: Packet
    is_listed: bool
    """Said to the person: the list of threads shows it, too, and no snapshot tells it that."""


@dataclass(slots=True)
class Subscription:
    """One watched thread. While `held`, its packets wait for an answer that must go first."""

    thread_id: str
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    holds: int = 0
    held: list[Held] = field(default_factory=list)
    rev: int = 0
    turn_id: str = ""
    """The turn that goes on, as far as this socket knows: its end is still to be told."""
    overflowed: bool = False
    resyncing: bool = False
    resync_again_from: int | None = None
    """The `rev` before a gap noticed while a catch-up was on its way, which may have read before that gap."""


class Socket:
    """Everything between one WebSocket and the hub. `deliver`, `resync` and `recheck` make it a hub.Watcher.

    `look` starts a look at whether its person is still signed in, which is not the socket's own business.
    """

    def __init__(self, user: User, send: Send, look: Look) -> None:
        self.user = user
        self.recheck = look
        self.closed = asyncio.Event()
        self.outbox = Outbox()
        self._answers = AnswerBudget()
        self._send = send
        self._hub = hub.current()
        self._subscriptions: dict[str, Subscription] = {}
        self._queue: deque[str] = deque()
        self._sending: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._retelling = self._retell_again = False
        self._hub.watch(user_topic(user.pk), self)

    # --- Out

    def deliver(self, topic: str, packet: Packet) -> None:
        subscription = self._subscriptions.get(packet.thread_id)
        if subscription and packet.turn_id and not packet.terminal:
            subscription.turn_id = packet.turn_id
        if subscription and subscription.holds:
            if len(subscription.held) < HELD_LIMIT:
                subscription.held.append(Held(packet, is_listed=topic != thread_topic(packet.thread_id)))
            else:
                subscription.overflowed = True
        else:
            self._pass_on(packet, subscription)

    def say(self, event: BaseModel) -> None:
        """Answer this socket alone."""
        self._put(event.model_dump_json())

    def _pass_on(self, packet: Packet, subscription: Subscription | None) -> None:
        if self.outbox.put(packet):
            # Past a gap the old rev stays: the snapshot that fills it is asked from there.
            if subscription and packet.rev > subscription.rev and not self.outbox.has_gap_in(packet.thread_id):
                subscription.rev = packet.rev
            if subscription and packet.terminal and packet.turn_id == subscription.turn_id:
                subscription.turn_id = ""
            self._put(packet.text)

    def _put(self, text: str) -> None:
        self._queue.append(text)
        if self._sending is None:
            # Eager: daphne takes a frame without a wait, so most frames leave here and now, with no task switch.
            task = asyncio.Task(self._send_all(), loop=self._hub.loop, eager_start=True)
            if not task.done():
                self._sending = task
                task.add_done_callback(self._sent)

    async def _send_all(self) -> None:
        while self._queue:
            await self._send(self._queue.popleft())

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending = None
        if not task.cancelled() and (error := task.exception()):
            logger.info("A socket went away: %s", error)

    # --- Watching

    async def subscribe(self, thread_id: UUID, rev: int | None, turn_id: UUID | None) -> bool:
        """Watch a thread and say what changed since `rev`; False if it is not this person's."""
        subscription = self.hold(thread_id)
        try:
            async with subscription.lock:
                await self._answers.room()
                joined = await in_db(queries.join, self.user.pk, thread_id, rev, turn_id)
                if joined is None:
                    self.unsubscribe(thread_id)
                    return False
                if joined.was_left:
                    await in_db(partial(actions.come_back, by=self.user, thread_id=thread_id))
                snapshot = await self._with_live_turn(joined.snapshot)
                text = snapshot.model_dump_json()
                self._answers.spend(len(text))
                self._put(text)
                if joined.terminal:
                    self.say(joined.terminal)
                    if subscription.turn_id == str(joined.terminal.turn_id):
                        subscription.turn_id = ""
                subscription.rev = max(subscription.rev, snapshot.rev)
                subscription.held = _above(snapshot, subscription.held, joined.terminal)
                return True
        finally:
            self.release(subscription)

    def hold(self, thread_id: UUID) -> Subscription:
        """Watch a thread, its packets held back until `release`."""
        key = str(thread_id)
        subscription = self._subscriptions.get(key)
        if subscription is None:
            subscription = self._subscriptions[key] = Subscription(key)
            self._hub.watch(thread_topic(key), self)
        subscription.holds += 1
        return subscription

    def release(self, subscription: Subscription) -> None:
        """End a hold. What waited leaves, unless the thread has been unsubscribed meanwhile."""
        subscription.holds -= 1
        if subscription.holds or self._subscriptions.get(subscription.thread_id) is not subscription:
            return
        held, subscription.held = subscription.held, []
        for packet, _ in held:
            self._pass_on(packet, subscription)
        if subscription.overflowed:
            subscription.overflowed = False
            self._catch_up(subscription.thread_id)

    def tell_held_ends(self) -> None:
        """Say how turns ended that a join still holds back: the socket will not live to see it done."""
        for subscription in self._subscriptions.values():
            for packet, _ in subscription.held:
                if packet.terminal:
                    self._put(packet.text)

    def is_watching(self, thread_id: UUID) -> bool:
        return str(thread_id) in self._subscriptions

    def unsubscribe(self, thread_id: UUID) -> None:
        if self._subscriptions.pop(str(thread_id), None):
            self._hub.unwatch(thread_topic(thread_id), self)

    def settled(self) -> set[UUID]:
        """Return the watched threads that can be judged: what is held may be too new for a query to see."""
        return {UUID(key) for key, subscription in self._subscriptions.items() if not subscription.holds}

    def leave(self, thread_ids: Iterable[UUID]) -> None:
        """Watch these no more, and say that they are gone; but for those that are being joined again meanwhile."""
        for thread_id in thread_ids:
            subscription = self._subscriptions.get(str(thread_id))
            if subscription and not subscription.holds:
                self.unsubscribe(thread_id)
                self.say(events.ThreadDeleted(thread_id=thread_id, rev=subscription.rev + 1))

    def is_watching_only(self, thread_ids: Collection[UUID]) -> bool:
        return all(UUID(key) in thread_ids for key in self._subscriptions)

    async def _with_live_turn(self, snapshot: events.ThreadSnapshot) -> events.ThreadSnapshot:
        """Put the owner's memory in place of the last checkpoint: the owner is the log of a running turn."""
        if snapshot.turn is None:
            return snapshot
        live = running_turn(snapshot.thread_id)
        if live is None:
            outlet = relay.relay_of(self._hub)
            text = await outlet.ask("turn", str(snapshot.thread_id), OWNER_ANSWERS_WITHIN) if outlet else None
            live = events.RunningTurn.model_validate_json(text) if text else None
        if live is None or live.turn_id != snapshot.turn.turn_id or live.seq < snapshot.turn.seq:
            return snapshot
        return snapshot.model_copy(update={"turn": live})

    # --- Catching up

    def acknowledge(self, turn_id: UUID, seq: int) -> None:
        for thread_id in self.outbox.acknowledge(str(turn_id), seq):
            self._catch_up(thread_id)

    def resync(self) -> None:
        self.recheck()  # what was lost may have been the order to do so
        for thread_id in list(self._subscriptions):
            self._catch_up(thread_id)
        self._retell_again = True
        if not self._retelling:
            self._retelling = True
            self._in_background(self._retell_threads())

    def _catch_up(self, thread_id: str) -> None:
        subscription = self._subscriptions.get(thread_id)
        if subscription is None:
            return
        if subscription.resyncing:
            subscription.resync_again_from = subscription.rev
            return
        subscription.resyncing = True
        self._in_background(self._subscribe_again(subscription, subscription.rev))

    async def _subscribe_again(self, subscription: Subscription, rev: int) -> None:
        since: int | None = rev
        try:
            while since is not None:
                subscription.resync_again_from = None
                thread_id = UUID(subscription.thread_id)
                turn_id = UUID(subscription.turn_id) if subscription.turn_id else None
                if not await _until_stored(partial(self.subscribe, thread_id, since, turn_id)):
                    self.say(events.ThreadDeleted(thread_id=thread_id, rev=subscription.rev + 1))
                    return
                since = subscription.resync_again_from
        finally:
            subscription.resyncing = False

    async def _retell_threads(self) -> None:
        """Say how the newest threads stand: a new one, a title or an order may have been lost between processes."""
        try:
            while self._retell_again:
                self._retell_again = False
                for event in await _until_stored(lambda: in_db(queries.newest_threads, self.user.pk)):
                    self.say(event)
        finally:
            self._retelling = False

    # --- The end

    def _in_background(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("A socket stumbled.", exc_info=error)

    def close(self) -> None:
        self.closed.set()
        self._hub.unwatch(user_topic(self.user.pk), self)
        for thread_id in list(self._subscriptions):
            self.unsubscribe(UUID(thread_id))
        self._queue.clear()
        for task in self._tasks:
            task.cancel()


async def _until_stored[T](ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again while the database is away; the socket's end cancels it."""
    while True:
        try:
            return await ask()
        except DatabaseError as error:
            logger.warning("A socket could not catch up yet: %s", error)
            await asyncio.sleep(RETRY_SECONDS)


def running_turn(thread_id: UUID) -> events.RunningTurn | None:
    """Return the turn this process is writing in a thread, as far as it has been published."""
    runner = turns.of_this_process()
    run = runner.run_in(thread_id) if runner else None
    return run.snapshot() if run else None


def _above(snapshot: events.ThreadSnapshot, held: list[Held], told: events.TerminalEvent | None) -> list[Held]:
    """Keep what the snapshot does not already hold, and how turns ended: nobody was told but of the end in `told`.

    A gap in a turn's deltas leaves only its end.
    """
    kept: list[Held] = []
    seqs = {str(snapshot.turn.turn_id): snapshot.turn.seq} if snapshot.turn else {}
    for one in held:
        packet = one.packet
        if packet.rev:
            is_told = told is not None and packet.turn_id == str(told.turn_id)
            if not is_told if packet.terminal else one.is_listed or packet.rev > snapshot.rev:
                kept.append(one)
        elif (packet.turn_id not in seqs and packet.seq == 1) or packet.seq == seqs.get(packet.turn_id, 0) + 1:
            seqs[packet.turn_id] = packet.seq
            kept.append(one)
    return kept
