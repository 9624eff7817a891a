"""A running server without a port: the ASGI application and its services on the test's own loop."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from accounts.models import User
from lib import lifecycle
from llm_chat import turns
from llm_service import library
from llm_service.fakes import FakeServer, running
from realtime.bridge import in_db

WAIT = 25.0


def session_cookie(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


class Tab:
    """One browser tab, as the server sees it."""

    def __init__(
        self,
        user: User | None,
        path: str = "/ws/chat/",
        origin: str | None = "http://localhost",
        host: str = "localhost",
        cookie: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.user = user
        self.path = path
        self.origin = origin
        self.host = host
        self.cookie = cookie
        self.headers = headers or {}
        self.frames: list[dict[str, Any]] = []

    async def open(self) -> bool:
        from config.asgi import application  # noqa: PLC0415  settings first

        headers = [(b"host", self.host.encode())]
        headers += [(name.encode(), value.encode()) for name, value in self.headers.items()]
        if self.origin is not None:
            headers.append((b"origin", self.origin.encode()))
        if self.user:
            self.cookie = await in_db(session_cookie, self.user)
        if self.cookie:
            headers.append((b"cookie", self.cookie.encode()))
        self._socket = WebsocketCommunicator(application, self.path, headers=headers)
        connected, _ = await self._socket.connect(WAIT)
        return bool(connected)

    async def say(self, **frame: Any) -> None:
        await self._socket.send_to(text_data=json.dumps(frame))

    async def say_raw(self, text: str | None = None, data: bytes | None = None) -> None:
        key, value = ("text", text) if text is not None else ("bytes", data)
        await self._socket.send_input({"type": "websocket.receive", key: value})

    async def send(self, text: str, thread_id: uuid.UUID | str | None = None, **more: Any) -> dict[str, Any]:
        """Send a message and return its `message.accepted`."""
        id_ = str(uuid.uuid4())
        await self.say(type="message.send", id=id_, thread_id=str(thread_id or uuid.uuid4()), text=text, **more)
        return await self.until("message.accepted", id=id_)

    async def until(self, type_: str, **fields: Any) -> dict[str, Any]:
        """Return the next frame of this type with these fields; frames on the way are kept in `frames`."""
        async with self._patience(f"{type_} {fields}"):
            while True:
                frame = await self.next()
                if frame["type"] == type_ and all(str(frame.get(key)) == str(value) for key, value in fields.items()):
                    return frame

    async def once(self, type_: str, **fields: Any) -> dict[str, Any]:
        """Like `until`, but a frame that has passed already will do."""
        for frame in self.frames:
            if frame["type"] == type_ and all(str(frame.get(key)) == str(value) for key, value in fields.items()):
                return frame
        return await self.until(type_, **fields)

    async def end_of(self, turn_id: str) -> dict[str, Any]:
        """Return the terminal event of a turn, also if it has passed already."""
        async with self._patience(f"end of {turn_id}"):
            while True:
                for frame in self.of(turn_id):
                    if frame["type"] in ("final", "response.error"):
                        return frame
                await self.next()

    @asynccontextmanager
    async def _patience(self, awaited: str) -> AsyncIterator[None]:
        """Say what came instead, if it never comes."""
        try:
            async with asyncio.timeout(WAIT):
                yield
        except TimeoutError:
            came = "\n".join(str(frame)[:300] for frame in self.frames)
            raise AssertionError(f"No {awaited} within {WAIT} s; there came\n{came}") from None

    async def ask(self, text: str, thread_id: uuid.UUID | str | None = None, **more: Any) -> dict[str, Any]:
        """Send a message and return the terminal event of its turn."""
        accepted = await self.send(text, thread_id, **more)
        return await self.end_of(accepted["turn_id"])

    async def refusal(self, **frame: Any) -> dict[str, Any]:
        """Send a frame that must be refused and return the `error`."""
        await self.say(**frame)
        return await self.until("error")

    async def next(self, seconds: float = WAIT) -> dict[str, Any]:
        output = await self._socket.receive_output(seconds)
        if output["type"] == "websocket.close":
            raise Closed(output["code"], output.get("reason", ""))
        frame: dict[str, Any] = json.loads(output["text"])
        self.frames.append(frame)
        return frame

    async def answered(self) -> None:
        """Wait until the server has worked off all that was said so far."""
        await self.say(type="ping")
        await self.until("pong")

    async def silent(self, seconds: float = 0.2) -> bool:
        return bool(await self._socket.receive_nothing(seconds, 0.01))

    async def close_code(self) -> int:
        try:
            async with asyncio.timeout(WAIT):
                while True:
                    await self.next()
        except Closed as closed:
            return closed.code

    def of(self, turn_id: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame.get("turn_id") == turn_id]

    def ends_of(self, turn_id: str) -> list[dict[str, Any]]:
        return [frame for frame in self.of(turn_id) if frame["type"] in ("final", "response.error")]

    def text_of(self, turn_id: str) -> str:
        return "".join(frame["delta"] for frame in self.of(turn_id) if frame["type"] == "response.output_text.delta")

    async def close(self) -> None:
        await self._socket.disconnect()


class Closed(Exception):
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


async def until(claim: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT):
        while not claim():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def serving() -> AsyncIterator[None]:
    await lifecycle.start()
    try:
        yield
    finally:
        await lifecycle.drain()
        await lifecycle.stop()


@pytest.fixture
async def server(transactional_db: None) -> AsyncIterator[None]:
    async with serving():
        yield


Opener = Callable[..., Awaitable[Tab]]


@pytest.fixture
async def open_tab(server: None) -> AsyncIterator[Opener]:
    """Open tabs that are closed when the test ends."""
    tabs: list[Tab] = []

    async def opened(user: User, path: str = "/ws/chat/") -> Tab:
        tab = Tab(user, path)
        assert await tab.open()
        tabs.append(tab)
        return tab

    yield opened
    for tab in tabs:
        await tab.close()


@pytest.fixture
def no_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for the runner's regular look waits longer than any test."""
    monkeypatch.setattr(turns, "SWEEP_SECONDS", 10 * WAIT)


@pytest.fixture(autouse=True)
def calm(settings: Any) -> None:
    settings.CHAT_MESSAGE_INTERVAL = 0
    settings.CHAT_DRAIN_SECONDS = 0.2


@pytest.fixture(scope="session")
def model_server() -> Iterator[FakeServer]:
    library.litellm()  # the first import takes seconds, which no single test should pay
    with running() as server:
        yield server


@pytest.fixture(autouse=True)
async def models(model_server: FakeServer, monkeypatch: pytest.MonkeyPatch, settings: Any) -> AsyncIterator[None]:
    """The scripted server is the only vendor; `[[fake ...]]` in a message says what it does."""
    monkeypatch.setenv("OPENAI_API_BASE", model_server.url)
    monkeypatch.setenv("OPENAI_API_KEY", "test-key")
    settings.LLM_ALLOWED_MODELS = ["openai/fake-20t", "openai/fake-30t"]
    settings.LLM_MAX_RETRIES = 0
    model_server.forget()
    yield
    await library.close_connections()
