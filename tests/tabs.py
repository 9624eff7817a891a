"""A browser tab as a program: one WebSocket that acknowledges, reconnects, resends and catches up as the page does."""

import asyncio
import contextlib
import json
import socket
import time
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp

from tests.views import ENDS, Frame, View

ACK_SECONDS = 1.0
ANSWER_SECONDS = 5.0
SILENT_SECONDS = 10.0
PATIENCE = 20.0
RESTARTING = 4503


class Tab:
    """One tab of one person at one web process. Use as `async with Tab(base, cookie) as tab`."""

    def __init__(
        self, base: str, cookie: str, *, loses: Callable[[Frame], bool] | None = None, buffer: int = 0
    ) -> None:
        self.base = base
        self.views: dict[str, View] = {}
        self.rows: dict[str, Frame] = {}
        """The sidebar: the last thing said of each thread."""
        self.gone: set[str] = set()
        """The threads it was told it has no more."""
        self.errors: list[Frame] = []
        self.closes: list[int] = []
        self.resumed: list[float] = []
        """Seconds from each opened socket to the first snapshot on it."""
        self.received = 0
        self.reloads = 0
        self._headers = {"Cookie": cookie, "Origin": base}
        self._loses = loses
        self._buffer = buffer
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._wanted = asyncio.Event()
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._is_deaf = False
        self._outbox: dict[str, Frame] = {}
        self._answers: dict[str, asyncio.Future[Frame]] = {}
        self._pongs: list[asyncio.Future[None]] = []
        self._acks: dict[str, int] = {}
        self._asked: dict[str, float] = {}
        self._heard: dict[str, float] = {}
        self._opened_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Tab":
        connector = aiohttp.TCPConnector(socket_factory=self._new_socket)
        self._session = aiohttp.ClientSession(connector=connector, headers=self._headers)
        self._wanted.set()
        self._tasks = [asyncio.create_task(self._live()), asyncio.create_task(self._tick())]
        await self.until(lambda: self.is_online)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    def _new_socket(self, address: tuple[Any, ...]) -> socket.socket:
        made = socket.socket(address[0], address[1], address[2])
        made.setblocking(False)
        if self._buffer:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._buffer)
        return made

    # --- What a person does

    async def send(self, text: str, thread_id: str | None = None, id_: str | None = None, seconds: float = 60) -> Frame:
        """Say something, again and again until it is accepted; return the `message.accepted`."""
        thread_id = thread_id or str(uuid.uuid4())
        self.views.setdefault(thread_id, View(thread_id, rev=0))
        frame = {"type": "message.send", "id": id_ or str(uuid.uuid4()), "thread_id": thread_id, "text": text}
        return await self.ask(frame, seconds)

    async def ask(self, frame: Frame, seconds: float = 60) -> Frame:
        """Send a frame with an id until it is accepted, as the page's outbox does."""
        answer = self._answers[frame["id"]] = asyncio.get_running_loop().create_future()
        self._outbox[frame["id"]] = frame
        await self.say(**frame)
        try:
            return await asyncio.wait_for(answer, seconds)
        finally:
            self._outbox.pop(frame["id"], None)
            self._answers.pop(frame["id"], None)

    async def watch(self, thread_id: str) -> View:
        """Open a thread: subscribe and wait for its snapshot."""
        view = self.views.setdefault(thread_id, View(thread_id))
        before = view.snapshots
        await self._subscribe(view)
        await self.until(lambda: view.snapshots > before)
        return view

    async def stop(self, turn_id: str) -> None:
        await self.say(type="turn.stop", turn_id=turn_id)

    async def ping(self) -> float:
        """Return the seconds to the pong."""
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pongs.append(answered)
        began = time.monotonic()
        await self.say(type="ping")
        await asyncio.wait_for(answered, PATIENCE)
        return time.monotonic() - began

    async def say(self, **frame: Any) -> None:
        """Put a frame on the socket, if there is one."""
        if self._socket and not self._socket.closed:
            with contextlib.suppress(ConnectionError):
                await self._socket.send_str(json.dumps(frame))

    async def until(self, is_true: Callable[[], object], seconds: float = PATIENCE) -> None:
        async with asyncio.timeout(seconds):
            while not is_true():
                for task in self._tasks:
                    if task.done() and not task.cancelled():
                        task.result()  # raises what broke the tab
                await asyncio.sleep(0.01)

    async def ended(self, accepted: Frame, seconds: float = 60) -> Frame:
        """Wait for the end of a turn and return it: `status` and the whole `message`."""
        view = self.views[accepted["thread_id"]]
        turn_id, message_id = accepted["turn_id"], accepted["assistant_message_id"]
        try:
            await self.until(lambda: view.end_of(turn_id, message_id), seconds)
        except TimeoutError:
            raise TimeoutError(f"Turn {turn_id} has not ended in this tab: {view}, closed {self.closes}") from None
        end = view.end_of(turn_id, message_id)
        assert end
        return end

    async def began(self, accepted: Frame, characters: int = 1, seconds: float = PATIENCE) -> None:
        """Wait until this much of a reply has arrived."""
        view, turn_id = self.views[accepted["thread_id"]], accepted["turn_id"]
        await self.until(lambda: len(view.text_of(turn_id)) >= characters, seconds)

    # --- What befalls it

    @property
    def is_online(self) -> bool:
        return self._socket is not None and not self._socket.closed

    def drop(self) -> None:
        """Lose the network; no reconnect before `reconnect`."""
        self._wanted.clear()
        raw = self._socket.get_extra_info("socket") if self._socket else None
        if raw:
            with contextlib.suppress(OSError):
                raw.shutdown(socket.SHUT_RDWR)

    async def reconnect(self) -> None:
        await self.until(lambda: self._socket is None)
        self._wanted.set()
        await self.until(lambda: self.is_online)

    def stall(self) -> None:
        """Stop reading from the network for good, so that the server's bytes pile up."""
        self._may_read.clear()
        self._wanted.clear()

    def go_deaf(self) -> None:
        """Take everything off the network, but look at nothing and acknowledge nothing: a hung script."""
        self._is_deaf = True
        self._wanted.clear()

    # --- The socket

    async def _live(self) -> None:
        tries = 0
        while True:
            await self._wanted.wait()
            code = None
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                async with self._session.ws_connect(
                    f"{self.base}/ws/chat/", max_msg_size=0, timeout=aiohttp.ClientWSTimeout(ws_close=1.0)
                ) as self._socket:
                    await self._on_open()
                    async for message in self._messages(self._socket):
                        tries = 0
                        self._receive(json.loads(message))
                    code = self._socket.close_code
                    self.closes.append(code or 1006)
            self._socket = None
            tries += 1
            await asyncio.sleep(0.3 if code == RESTARTING else min(4.0, 0.5 * 2 ** (tries - 1)))

    async def _messages(self, connection: aiohttp.ClientWebSocketResponse) -> AsyncIterator[str]:
        while True:
            await self._may_read.wait()
            message = await connection.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            self.received += len(message.data)
            if not self._is_deaf:
                yield message.data

    async def _on_open(self) -> None:
        self._opened_at = time.monotonic()
        self._acks.clear()
        self._asked.clear()
        for view in self.views.values():
            await self._subscribe(view)
        for frame in list(self._outbox.values()):
            await self.say(**frame)
        if self.closes:
            self._background(self._refresh_rows())

    async def _refresh_rows(self) -> None:
        """Read the sidebar over HTTP: what was said of it meanwhile is not said again."""
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with self._session.get(f"{self.base}/chat/api/threads/") as answer:
                for row in (await answer.json())["threads"]:
                    self.rows[row["thread_id"]] = self.rows.get(row["thread_id"], {}) | row

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(ACK_SECONDS)
            if self._is_deaf or not self._may_read.is_set():
                continue
            for turn_id, seq in list(self._acks.items()):
                await self.say(type="turn.ack", turn_id=turn_id, seq=seq)
            self._acks.clear()
            now = time.monotonic()
            for view in self.views.values():
                is_silent = view.live and now - self._heard.get(view.id, now) > SILENT_SECONDS
                if is_silent or view.id in self._asked:  # unanswered, or the running turn says nothing
                    await self._subscribe(view)

    async def _subscribe(self, view: View) -> None:
        now = time.monotonic()
        if now - self._asked.get(view.id, 0) < ANSWER_SECONDS:
            return
        self._asked[view.id] = self._heard[view.id] = now
        turn_id = view.live.turn_id if view.live else None
        await self.say(type="thread.subscribe", thread_id=view.id, rev=view.rev, turn_id=turn_id)

    def _receive(self, frame: Frame) -> None:
        if self._loses and self._loses(frame):
            return
        match frame["type"]:
            case "message.accepted":
                self._answered(frame["id"], frame)
            case "error":
                self.errors.append(frame)
                self._refused(frame)
            case "pong":
                self._pongs.pop(0).set_result(None)
            case _:
                self._heed(frame)

    def _heed(self, frame: Frame) -> None:
        """Take in what was said to all tabs."""
        if frame["type"] == "thread.deleted":
            self.gone.add(frame["thread_id"])
            self.views.pop(frame["thread_id"], None)
            self.rows.pop(frame["thread_id"], None)
            return
        if frame["type"] in ("team.left", "presets.changed"):
            return
        if frame["type"] in ("thread.created", "thread.updated", "thread.title.updated"):
            self.rows[frame["thread_id"]] = self.rows.get(frame["thread_id"], {}) | frame
        if frame["type"] == "thread.snapshot":
            self._asked.pop(frame["thread_id"], None)
            if self._opened_at:
                self.resumed.append(time.monotonic() - self._opened_at)
                self._opened_at = 0.0
        if "seq" in frame and frame["type"] not in ENDS:
            self._acks[frame["turn_id"]] = frame["seq"]
        view = self._view_of(frame)
        if view is None:
            return
        self._heard[view.id] = time.monotonic()
        need = view.apply(frame)
        if need == "subscribe":
            self._background(self._subscribe(view))
        elif need == "reload":
            self.reloads += 1
            self._background(self._reload(view))

    def _view_of(self, frame: Frame) -> View | None:
        if "thread_id" in frame:
            return self.views.get(frame["thread_id"])
        turn_id = frame["turn_id"]
        if len(self.views) == 1:
            return next(iter(self.views.values()))
        owner = (view for view in self.views.values() if view.live and view.live.turn_id == turn_id)
        return next(owner, None) or next((view for view in self.views.values() if turn_id in view.ends), None)

    async def _reload(self, view: View) -> None:
        """Read the whole history over HTTP, as the page does when a snapshot cannot help."""
        async with self._session.get(f"{self.base}/chat/api/threads/{view.id}/messages/") as answer:
            history = await answer.json()
        view.path, view.rev, view.title = history["messages"], history["thread"]["rev"], history["thread"]["title"]
        await self._subscribe(view)

    def _answered(self, id_: str, frame: Frame) -> None:
        answer = self._answers.get(id_)
        if answer and not answer.done():
            answer.set_result(frame)

    def _refused(self, frame: Frame) -> None:
        id_ = frame["id"]
        if id_ not in self._outbox:
            return
        if frame["code"] in ("restarting", "unavailable", "rate_limited"):
            self._background(self._say_again(id_, frame["retry_after"] or 1.0))
        else:
            self._answered(id_, frame)

    async def _say_again(self, id_: str, after: float) -> None:
        await asyncio.sleep(after)
        if id_ in self._outbox:
            await self.say(**self._outbox[id_])

    def _background(self, work: Any) -> None:
        self._tasks = [task for task in self._tasks if not task.done()]
        self._tasks.append(asyncio.create_task(work))
