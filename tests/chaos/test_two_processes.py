"""Two processes, one Postgres, one Redis: every tab shows the same, whichever process it is connected to."""

import asyncio
import time

from tests.chaos import stored
from tests.servers import Deployment
from tests.tabs import Tab


async def test_tabs_on_different_processes_show_the_same_tokens_title_stop_and_queue(pair: Deployment) -> None:
    (cookie,) = pair.cookies(1)
    here, there = (web.base for web in pair.webs)
    async with Tab(here, cookie) as one, Tab(there, cookie) as other:
        first = await one.send("Harbour lights [[fake 120t 40r]]")
        thread_id = first["thread_id"]
        await other.watch(thread_id)
        second = await one.send("[[fake 900t 40r]]", thread_id)
        third = await other.send("[[fake 20t]]", thread_id)
        await other.until(lambda: list(other.views[thread_id].queued) == [second["turn_id"], third["turn_id"]])
        await one.until(lambda: list(one.views[thread_id].queued) == [second["turn_id"], third["turn_id"]])

        for tab in (one, other):
            await tab.ended(first)
            await tab.began(second, 100)
        asked = time.monotonic()
        await other.stop(second["turn_id"])
        for tab in (one, other):
            assert (await tab.ended(second))["status"] == "stopped"
        assert time.monotonic() - asked < 1.0
        for tab in (one, other):
            await tab.ended(third)
            await tab.until(lambda tab=tab: tab.rows[thread_id].get("title"))  # type: ignore[misc]

        views = [tab.views[thread_id] for tab in (one, other)]
        assert views[0].shown() == views[1].shown() == stored.path(pair, thread_id)
        assert one.rows[thread_id]["title"] == other.rows[thread_id]["title"] == stored.title(pair, thread_id)
        for view in views:
            assert view.built == {turn_id: end["message"]["content"] for turn_id, end in view.ends.items()}
            assert (view.gaps, view.repeated_ends) == (0, 0)


async def test_each_turn_leaves_exactly_one_chat_call_log(pair: Deployment) -> None:
    (cookie,) = pair.cookies(1)
    async with Tab(pair.webs[0].base, cookie) as tab, Tab(pair.webs[1].base, cookie) as other:
        turns = [await one.send(text) for one in (tab, other) for text in ("[[fake 30t]]", "[[fake 900t 50r]]")]
        await asyncio.gather(tab.ended(turns[0]), other.ended(turns[2]), tab.began(turns[1]), other.began(turns[3]))
        await tab.stop(turns[3]["turn_id"])
        await other.stop(turns[1]["turn_id"])
        await asyncio.gather(tab.ended(turns[1]), other.ended(turns[3]))

        await tab.until(lambda: all(stored.chat_calls(pair, turn["turn_id"]) for turn in turns))
        logs = [stored.chat_calls(pair, turn["turn_id"]) for turn in turns]
        assert logs == [["success"], ["cancelled"], ["success"], ["cancelled"]]


async def test_a_tab_that_was_offline_for_a_whole_turn_catches_up_without_reloading_the_history(
    pair: Deployment,
) -> None:
    (cookie,) = pair.cookies(1)
    async with Tab(pair.webs[0].base, cookie) as one, Tab(pair.webs[1].base, cookie) as other:
        first = await one.send("[[fake 20t]]")
        await one.ended(first)
        view = await other.watch(first["thread_id"])
        other.drop()
        await one.ended(await one.send("[[fake 40t 40r]]", first["thread_id"]))
        running = await one.send("[[fake 80t 40r]]", first["thread_id"])
        await one.began(running, 50)

        await other.reconnect()
        await asyncio.gather(one.ended(running), other.ended(running))

        assert view.shown() == one.views[view.id].shown() == stored.path(pair, view.id)
        assert other.reloads == 0
