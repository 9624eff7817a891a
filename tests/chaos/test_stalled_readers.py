"""Tabs that stop reading cost bounded memory, are closed in time, and slow nobody."""

import asyncio
import contextlib
import statistics
import time

from tests.servers import Deployment
from tests.tabs import Tab

READERS = 50
MEGABYTES = 6
GROWTH_BYTES = 50 * 1024**2
TOO_SLOW = 4408
# One message comes back whole: in the frames of its making, its reply's deltas and the reply's end.
ECHOED = "[[fake echo]] " + ("x" * 999 + " ") * 70
ROUNDS = MEGABYTES * 1024**2 // (4 * len(ECHOED))


async def _stream(writer: Tab, probe: Tab, thread_id: str) -> list[float]:
    """Send the megabytes through one thread; return how long pings of another person took meanwhile."""
    took: list[float] = []

    async def ping() -> None:
        while True:
            took.append(await probe.ping())
            await asyncio.sleep(0.1)  # under the limit of frames a tab may send

    pings = asyncio.create_task(ping())
    for _ in range(ROUNDS):
        await writer.ended(await writer.send(ECHOED, thread_id))
    pings.cancel()
    await asyncio.gather(pings, return_exceptions=True)
    return took


def p95(took: list[float]) -> float:
    return statistics.quantiles(took, n=20)[-1]


async def test_fifty_stalled_readers_cost_little_memory_are_closed_and_slow_nobody(either: Deployment) -> None:
    web = either.webs[-1]
    cookie, another = either.cookies(2)
    async with contextlib.AsyncExitStack() as stack:
        writer = await stack.enter_async_context(Tab(either.webs[0].base, cookie))
        probe = await stack.enter_async_context(Tab(web.base, another))
        first = await writer.send("[[fake 5t]]")
        undisturbed = await _stream(writer, probe, first["thread_id"])

        readers = [Tab(web.base, cookie, buffer=16_384) for _ in range(READERS)]
        await asyncio.gather(*(stack.enter_async_context(reader) for reader in readers))
        running = await writer.send("[[fake 5t]]")
        await writer.ended(running)
        await asyncio.gather(*(reader.watch(running["thread_id"]) for reader in readers))
        memory, connections = web.rss(), web.connections()
        for number, reader in enumerate(readers):
            reader.stall() if number % 2 else reader.go_deaf()
        stalled_at = time.monotonic()

        disturbed = await _stream(writer, probe, running["thread_id"])

        growth = web.rss() - memory
        deaf = readers[::2]
        await asyncio.gather(*(reader.until(lambda reader=reader: reader.closes, 60) for reader in deaf))  # type: ignore[misc]
        closed_after = time.monotonic() - stalled_at
        assert [reader.closes[0] for reader in deaf] == [TOO_SLOW] * len(deaf)
        assert closed_after < 40
        await probe.until(lambda: web.connections() <= connections - READERS, 60 - closed_after)
        assert growth < GROWTH_BYTES
        assert all(reader.received < 1024**2 for reader in deaf)
        if p95(disturbed) >= 1.2 * p95(undisturbed) + 0.05:  # the machine may have become slower meanwhile
            async with Tab(web.base, another) as fresh:
                undisturbed = await _stream(writer, fresh, running["thread_id"])
        assert p95(disturbed) < 1.2 * p95(undisturbed) + 0.05
