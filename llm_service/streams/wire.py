"""The bytes of an answer that LiteLLM has opened, and a repair of LiteLLM's own reading of them."""

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterator
from typing import Any

DRAIN_SECONDS = 1.0

_closing: set[asyncio.Task[None]] = set()


class Wire:
    """An unread HTTP response, read straight from aiohttp where that carries it: four layers fewer per token."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self._carrier: Any = None if response.headers.get("content-encoding") else _aiohttp_response(response)
        self._bytes: AsyncIterator[bytes] | None = None

    async def read(self) -> bytes:
        """Return what has arrived, waiting for at least one byte; empty at the end."""
        if self._carrier is not None:
            data: bytes = await self._carrier.content.readany()
            return data
        if self._bytes is None:
            self._bytes = self.response.aiter_bytes()
        return await anext(self._bytes, b"")

    def close(self, *, was_read: bool) -> None:
        """Hang up at once. A fully read answer gives its connection back for the next call."""
        if self._carrier is None:
            _later(self.response.aclose())
        elif was_read and not self._carrier.content.is_eof():
            _later(self._drain())
        else:
            self._carrier.close()

    async def _drain(self) -> None:
        # The last event has come; the end of the body follows in the next packet.
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                while await self.read():
                    pass
        finally:
            self._carrier.close()


def _later(closing: Any) -> None:
    task = asyncio.ensure_future(_quietly(closing))
    _closing.add(task)
    task.add_done_callback(_closing.discard)


async def _quietly(closing: Any) -> None:
    with contextlib.suppress(Exception):  # nobody waits for the end of a connection
        await closing


def _aiohttp_response(response: Any) -> Any:
    stream = response.stream
    for _ in range(4):
        carrier = getattr(stream, "_aiohttp_response", None)
        if carrier is not None:
            return carrier
        stream = getattr(stream, "_stream", None)
    return None


def response_behind(stream: Any) -> Any:
    """Return the unread HTTP response under LiteLLM's inner stream, or None if it has none to give."""
    source = getattr(stream, "streaming_response", None)
    for holder, name in ((stream, "http_response"), (source, "response"), (stream, "response")):
        response = getattr(holder, name, None)
        if _is_unread(response):
            return response
    if inspect.isasyncgen(source) and inspect.getasyncgenstate(source) == inspect.AGEN_CREATED:
        response = inspect.getasyncgenlocals(source).get("self")
        if _is_unread(response):
            return response
    return None


def _is_unread(response: Any) -> bool:
    # LiteLLM may also hold an answer it has read already and is about to tell in pieces.
    return hasattr(response, "aiter_bytes") and not response.is_stream_consumed


def repair_lines(stream: Any) -> None:
    """Let LiteLLM's reader see lines as they were sent.

    Its own are cut at U+2028, U+0085 and the like, and it takes the letters `[DONE]` in a text for the end.
    """
    source = getattr(stream, "streaming_response", None)
    if not inspect.isasyncgen(source) or source.__qualname__ != "Response.aiter_lines":
        return
    response = response_behind(stream)
    if response is not None and inspect.getasyncgenstate(source) == inspect.AGEN_CREATED:
        stream.streaming_response = _lines(response)


async def _lines(response: Any) -> AsyncIterator[str]:
    rest = b""
    async for data in response.aiter_bytes():
        lines = (rest + data).split(b"\n")
        rest = lines.pop()
        for line in lines:
            yield _escaped(line)
    if rest:
        yield _escaped(rest)


def _escaped(line: bytes) -> str:
    if b"[DONE]" in line and line.strip() != b"data: [DONE]":
        # In valid JSON these letters can stand in a string only, where the escape means the same.
        line = line.replace(b"[DONE]", b"\\u005bDONE]")
    return line.rstrip(b"\r").decode("utf-8", "replace")
