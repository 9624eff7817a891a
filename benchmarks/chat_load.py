"""Browser tabs as load: each has a cookie and one socket, says something, reads the reply and acknowledges it."""

import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from benchmarks.streams import Stream


@dataclass(slots=True)
class Tab:
    """One socket, read all the time as a browser does: a tab that rests must still answer pings."""

    socket: aiohttp.ClientWebSocketResponse
    thread_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    _stream: Stream | None = None
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _acknowledged: float = 0.0
    _reader: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._reader = asyncio.create_task(self._read())

    async def turn(self, prompt: str, wait: float) -> Stream:
        stream = self._stream = Stream(time.monotonic())
        self._ended.clear()
        try:
            async with asyncio.timeout(wait):
                await self.socket.send_json(
                    {"type": "message.send", "id": str(uuid.uuid4()), "thread_id": self.thread_id, "text": prompt}
                )
                await self._ended.wait()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            stream.error = repr(error)
        self._stream = None
        return stream

    async def close(self) -> None:
        await self.socket.close()
        if self._reader:
            await self._reader

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type is aiohttp.WSMsgType.TEXT and self._stream:
                await self._take(json.loads(message.data), self._stream)
        if self._stream:
            self._end(self._stream, f"closed with {self.socket.close_code}")

    async def _take(self, frame: dict[str, Any], stream: Stream) -> None:
        now = time.monotonic()
        match frame["type"]:
            case "response.output_text.delta":
                stream.arrived(now, frame["delta"])
                if now - self._acknowledged >= 1:
                    self._acknowledged = now
                    await self.socket.send_json({"type": "turn.ack", "turn_id": frame["turn_id"], "seq": frame["seq"]})
            case "final":
                is_same = frame["message"]["content"] == stream.text
                self._end(stream, "" if is_same else "the stored text differs from the streamed one")
            case "response.error" | "error":
                self._end(stream, json.dumps(frame))

    def _end(self, stream: Stream, error: str) -> None:
        stream.error = error
        self._ended.set()


@dataclass(slots=True)
class Browser:
    """Many tabs of one server. `async with Browser(base) as browser`."""

    base: str
    tabs: list[Tab] = field(default_factory=list)
    session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Browser":
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self

    async def __aexit__(self, *_: object) -> None:
        for tab in self.tabs:
            await tab.close()
        if self.session:
            await self.session.close()

    async def open(self, cookies: list[str]) -> None:
        assert self.session is not None
        for cookie in cookies:
            headers = {"Cookie": cookie, "Origin": self.base}
            socket = await self.session.ws_connect(f"{self.base}/ws/chat/", headers=headers, max_msg_size=0)
            self.tabs.append(Tab(socket))
            self.tabs[-1].start()

    async def turns(self, prompt: str, *, within: float, wait: float, tabs: int | None = None) -> list[Stream]:
        """Say `prompt` in each tab, the starts spread evenly; return when all replies have ended."""
        chosen = self.tabs[:tabs]

        async def started(number: int, tab: Tab) -> Stream:
            await asyncio.sleep(number * within / len(chosen))
            return await tab.turn(prompt, wait)

        return await asyncio.gather(*(started(number, tab) for number, tab in enumerate(chosen)))
