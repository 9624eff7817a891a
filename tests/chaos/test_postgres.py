"""Postgres goes away under load: clear refusals or a retry, nothing twice, and all well soon after."""

import asyncio
import contextlib
import time

from tests.chaos import stored
from tests.servers import Deployment
from tests.tabs import Tab
from tests.views import Frame

DOWN_SECONDS = 10.0  # longer than a lease: nobody may take the turns of a neighbour that was cut off as well
RECOVERY_SECONDS = 15.0


async def test_a_restart_of_postgres_under_load_loses_and_doubles_nothing(pair: Deployment) -> None:
    assert pair.postgres
    sent: list[Frame] = []
    async with contextlib.AsyncExitStack() as stack:
        tabs = [
            await stack.enter_async_context(Tab(pair.webs[number % 2].base, cookie))
            for number, cookie in enumerate(pair.cookies(12))
        ]

        async def talk(tab: Tab) -> None:
            while True:
                sent.append(await tab.send("[[fake 15t 15r]]"))
                await asyncio.sleep(0.5)

        long = await asyncio.gather(*(tab.send("[[fake 400t 20r]]") for tab in tabs))
        await asyncio.gather(*(tab.began(one) for tab, one in zip(tabs, long, strict=True)))
        talks = [asyncio.create_task(talk(tab)) for tab in tabs]
        await asyncio.sleep(2)

        pair.postgres.kill()
        await asyncio.sleep(DOWN_SECONDS)
        await asyncio.to_thread(pair.postgres.start)
        back_at = time.monotonic()
        seen = len(sent)
        await _until(lambda: len(sent) >= seen + 2 * len(tabs), RECOVERY_SECONDS)
        newest = sent[-1]
        owner = next(tab for tab in tabs if newest["thread_id"] in tab.views)
        assert (await owner.ended(newest))["status"] == "complete"
        recovered = time.monotonic() - back_at
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        for tab, one in zip(tabs, long, strict=True):
            await tab.ended(one)
        await _until(lambda: stored.unfinished(pair) == 0, 20)

        assert recovered < RECOVERY_SECONDS
        assert {error["code"] for tab in tabs for error in tab.errors} <= {"unavailable"}
        assert all(stored.copies(pair, one["id"]) == 1 for one in sent)
        for tab in tabs:
            for view in tab.views.values():
                await tab.until(lambda view=view: view.shown() == stored.path(pair, view.id))  # type: ignore[misc]
        ((connections,),) = pair.rows("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
        assert connections <= 2 * 8 + 1
        statuses = {stored.turn(pair, one["turn_id"]).status for one in long}
        assert statuses == {"complete"}


async def _until(is_true, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not is_true():
            await asyncio.sleep(0.1)
