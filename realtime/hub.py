"""From one publisher to every socket that watches a topic, in this process directly and in others through the relay.

Topics are plain strings (`thread:<id>`, `user:<id>`). A hub belongs to one event loop; `publish` below may be called
from any thread. Nothing here awaits: a slow socket or a hung Redis never holds up the one who publishes.
"""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from pydantic import BaseModel

from realtime import events


@dataclass(frozen=True, slots=True)
class Packet:
    """An event encoded once, with what a socket must know to order, drop or resume it."""

    text: str
    thread_id: str = ""
    turn_id: str = ""
    seq: int = 0
    rev: int = 0
    terminal: bool = False


def packed(event: BaseModel) -> Packet:
    """Encode an event that names its thread."""
    return Packet(
        text=event.model_dump_json(),
        thread_id=str(getattr(event, "thread_id", "")),
        turn_id=str(getattr(event, "turn_id", None) or "") if hasattr(event, "seq") else "",
        seq=getattr(event, "seq", 0),
        rev=getattr(event, "rev", 0),
        terminal=isinstance(event, events.TerminalEvent),
    )


def thread_topic(thread_id: UUID | str) -> str:
    return f"thread:{thread_id}"


def user_topic(user_id: int) -> str:
    return f"user:{user_id}"


class Watcher(Protocol):
    def deliver(self, topic: str, packet: Packet) -> None:
        """Take a packet; must not block."""

    def resync(self) -> None:
        """Packets may have been lost between processes: catch up from the database."""

    def recheck(self) -> None:
        """What its person may do has changed: see whether it still may watch what it watches."""


class Outlet(Protocol):
    """Where packets for other processes go."""

    def offer(self, topic: str, packet: Packet) -> None: ...


class Hub:
    def __init__(self) -> None:
        self.id = uuid.uuid4().hex
        self.loop = asyncio.get_running_loop()
        self.outlet: Outlet | None = None
        self._watchers: dict[str, set[Watcher]] = {}

    def watch(self, topic: str, watcher: Watcher) -> None:
        self._watchers.setdefault(topic, set()).add(watcher)

    def unwatch(self, topic: str, watcher: Watcher) -> None:
        watchers = self._watchers.get(topic)
        if watchers:
            watchers.discard(watcher)
            if not watchers:
                del self._watchers[topic]

    def publish(self, topic: str, packet: Packet) -> None:
        """Hand a packet to this process's sockets and to the relay. Call on the hub's loop."""
        self.deliver(topic, packet)
        if self.outlet:
            self.outlet.offer(topic, packet)

    def deliver(self, topic: str, packet: Packet) -> None:
        for watcher in tuple(self._watchers.get(topic, ())):
            watcher.deliver(topic, packet)

    def resync(self) -> None:
        for watcher in {watcher for watchers in self._watchers.values() for watcher in watchers}:
            watcher.resync()

    def recheck(self, user_id: int) -> None:
        """Have each socket of a person look again at who it is and what it may see."""
        for watcher in tuple(self._watchers.get(user_topic(user_id), ())):
            watcher.recheck()

    @property
    def socket_count(self) -> int:
        return len({watcher for watchers in self._watchers.values() for watcher in watchers})


_hub: Hub | None = None


def current() -> Hub:
    """Return the hub of the running loop, made at first use."""
    global _hub
    if _hub is None or _hub.loop is not asyncio.get_running_loop():
        _hub = Hub()
    return _hub


def of_this_process() -> Hub | None:
    """Return the hub if a server runs in this process; for callers on other threads."""
    return _hub if _hub is not None and _hub.loop.is_running() else None


def call_in_loop(function: Callable[[], None]) -> bool:
    """Run `function` on the server's loop soon; False where no server runs."""
    hub = of_this_process()
    if hub is None:
        return False
    hub.loop.call_soon_threadsafe(function)
    return True
