"""How a scripted answer is written: byte by byte, at once, or so many tokens a second."""

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from llm_service.fakes.script import Script

if TYPE_CHECKING:
    from llm_service.fakes.server import Seen


async def write(response: web.StreamResponse, script: Script, frames: list[bytes]) -> None:
    if script.has("bytes"):
        for frame in frames:
            for start in range(len(frame)):
                await response.write(frame[start : start + 1])
        return
    if frames:
        await response.write(b"".join(frames))


async def paced(
    request: web.Request, response: web.StreamResponse, script: Script, frames: list[bytes], seen: "Seen"
) -> None:
    if not script.rate:
        for start in range(0, len(frames), 16):
            await write(response, script, frames[start : start + 16])
            seen.sent_tokens = min(start + 16, len(frames))
        return
    # A timer callback that writes to the transport costs a third of a task that sleeps: 4,000 tokens a second must
    # leave the processor to the server under test.
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    transport = request.transport
    began = loop.time()
    number = 0
    timer: asyncio.Handle = loop.call_soon(lambda: None)

    def tick() -> None:
        nonlocal number, timer
        if done.done():
            return
        if transport is None or transport.is_closing():
            done.set_exception(ConnectionResetError("The client hung up"))
            return
        now = loop.time()
        while number < len(frames) and began + number / script.rate <= now + 0.0005:
            frame = frames[number]
            transport.write(b"%x\r\n%b\r\n" % (len(frame), frame))
            number += 1
        seen.sent_tokens = number
        if number >= len(frames):
            done.set_result(None)
            return
        timer = loop.call_at(began + number / script.rate, tick)

    tick()
    try:
        await done
    finally:
        timer.cancel()
