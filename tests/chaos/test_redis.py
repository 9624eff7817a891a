"""Redis is a messenger, not a store: killed or hung, chat goes on, and afterwards every tab catches up."""

import asyncio
import contextlib
import itertools
import random
import statistics
import time

from tests.chaos import stored
from tests.servers import Deployment
from tests.tabs import Tab
from tests.views import Frame

SOCKETS = 60
PEOPLE = 10
DOWN_SECONDS = 10.0
CONSISTENT_SECONDS = 15.0


async def _crowd(pair: Deployment, stack: contextlib.AsyncExitStack) -> list[list[Tab]]:
    """Give each person tabs on both processes, all of them on one thread of theirs."""
    crowd = []
    for cookie in pair.cookies(PEOPLE):
        tabs = [Tab(pair.webs[number % 2].base, cookie) for number in range(SOCKETS // PEOPLE)]
        await asyncio.gather(*(stack.enter_async_context(tab) for tab in tabs))
        first = await tabs[0].send("Good morning [[fake 5t]]")
        await asyncio.gather(*(tab.watch(first["thread_id"]) for tab in tabs))
        crowd.append(tabs)
    return crowd


async def _keep_talking(crowd: list[list[Tab]], sent: list[Frame], took: list[float]) -> None:
    """Say something short about five times a second, each time through another tab."""
    while True:
        tabs = random.choice(crowd)  # noqa: S311
        began = time.monotonic()
        sent.append(await random.choice(tabs).send("[[fake 12t 12r]]", next(iter(tabs[0].views)), seconds=10))  # noqa: S311
        took.append(time.monotonic() - began)
        await asyncio.sleep(0.2)


async def _settled(pair: Deployment, crowd: list[list[Tab]]) -> float:
    """Wait until every tab of every person shows what the database holds; return how long that took."""
    began = time.monotonic()
    while True:
        behind = [
            (number, tab.base == pair.webs[0].base, view.rev, view.live and view.live.seq, view.gaps, view.snapshots)
            for number, tabs in enumerate(crowd)
            for kept in [stored.path(pair, next(iter(tabs[0].views)))]
            for tab in tabs
            for view in tab.views.values()
            if view.shown() != kept
        ]
        took = time.monotonic() - began
        if not behind and stored.unfinished(pair) == 0:
            return took
        assert took < CONSISTENT_SECONDS, f"{len(behind)} tabs are behind after {took:.0f} s: {behind}"
        await asyncio.sleep(0.25)


async def test_redis_killed_for_ten_seconds_loses_no_message_and_all_tabs_catch_up(pair: Deployment) -> None:
    assert pair.redis
    sent: list[Frame] = []
    took: list[float] = []
    async with contextlib.AsyncExitStack() as stack:
        crowd = await _crowd(pair, stack)
        talk = asyncio.create_task(_keep_talking(crowd, sent, took))
        await asyncio.sleep(2)
        pair.redis.kill()
        before = len(sent)
        await asyncio.sleep(DOWN_SECONDS)
        while_down = len(sent) - before
        await asyncio.to_thread(pair.redis.start)
        await asyncio.sleep(3)
        talk.cancel()
        await asyncio.gather(talk, return_exceptions=True)
        await _settled(pair, crowd)

        assert while_down >= 15
        assert max(took) < 3
        assert all(stored.copies(pair, one["id"]) == 1 for one in sent)
        assert {status for tabs in crowd for _, _, status, _ in next(iter(tabs[0].views.values())).shown()} == {
            "complete"
        }
        assert all(not tab.errors and not tab.closes and not tab.reloads for tabs in crowd for tab in tabs)


async def test_a_title_said_while_redis_was_away_reaches_the_other_process_afterwards(pair: Deployment) -> None:
    assert pair.redis
    (cookie,) = pair.cookies(1)
    async with Tab(pair.webs[0].base, cookie) as tab, Tab(pair.webs[1].base, cookie) as other:
        await asyncio.sleep(2.5)  # both have heard a beat of the other
        pair.redis.kill()
        accepted = await tab.send("Said in the dark [[fake 5t]]")
        await tab.ended(accepted)
        await tab.until(lambda: tab.rows[accepted["thread_id"]].get("title"))
        await asyncio.to_thread(pair.redis.start)

        await other.until(lambda: other.rows.get(accepted["thread_id"], {}).get("title"), CONSISTENT_SECONDS)

        assert other.rows[accepted["thread_id"]]["title"] == stored.title(pair, accepted["thread_id"])


async def test_a_hung_redis_holds_up_no_runner_and_no_send(pair: Deployment) -> None:
    assert pair.redis
    (cookie,) = pair.cookies(1)
    async with Tab(pair.webs[0].base, cookie) as tab, Tab(pair.webs[1].base, cookie) as other:
        first = await tab.send("[[fake 300t 30r]]")
        view = await other.watch(first["thread_id"])
        await tab.began(first, 60)

        pair.redis.pause()
        arrivals: list[float] = []
        seen = len(tab.views[view.id].text_of(first["turn_id"]))
        until = time.monotonic() + 6
        while time.monotonic() < until:
            await tab.until(lambda: len(tab.views[view.id].text_of(first["turn_id"])) > seen)  # noqa: B023
            seen = len(tab.views[view.id].text_of(first["turn_id"]))
            arrivals.append(time.monotonic())
        began = time.monotonic()
        second = await other.send("[[fake 5t]]")
        await other.ended(second)
        took = time.monotonic() - began
        pair.redis.resume()
        await asyncio.gather(tab.ended(first), other.ended(first))

        gaps = [after - before for before, after in itertools.pairwise(arrivals)]
        assert statistics.quantiles(gaps, n=20)[-1] < 0.3
        assert max(gaps) < 1.5
        assert took < 3
        assert view.shown() == tab.views[view.id].shown() == stored.path(pair, view.id)
