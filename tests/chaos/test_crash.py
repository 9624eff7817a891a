"""A web process dies, by `kill -9` or by a deploy, while replies are being written."""

import asyncio
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos import stored
from tests.servers import Deployment, Web
from tests.tabs import RESTARTING, Tab
from tests.views import Frame

STREAM = "[[fake 1200t 20r]]"
KILLED_STREAMS = 20
DRAINED_STREAMS = 50


async def _talking(tab: Tab, count: int, text: str = STREAM) -> list[Frame]:
    """Start replies in as many threads and wait until each is under way."""
    accepted = await asyncio.gather(*(tab.send(text) for _ in range(count)))
    await asyncio.gather(*(tab.began(one, 30) for one in accepted))
    return accepted


async def test_after_kill_minus_nine_nothing_said_is_lost_and_every_reply_ends_interrupted(either: Deployment) -> None:
    web = either.webs[0]
    tabs = [Tab(web.base, cookie) for cookie in either.cookies(4)]
    try:
        await asyncio.gather(*(tab.__aenter__() for tab in tabs))
        started = await asyncio.gather(*(_talking(tab, KILLED_STREAMS // len(tabs)) for tab in tabs))
        waiting = await tabs[0].send("[[fake 10t]]", started[0][0]["thread_id"])
        await asyncio.sleep(2.5)

        for server in either.webs:  # the replies may be written by either
            server.kill()
        shown = {
            turn["turn_id"]: tab.views[turn["thread_id"]].text_of(turn["turn_id"])
            for tab, turns in zip(tabs, started, strict=True)
            for turn in turns
        }
        for server in either.webs:
            await asyncio.to_thread(server.start)
        back_at = time.monotonic()
        for tab, turns in zip(tabs, started, strict=True):
            for turn in turns:
                assert (await tab.ended(turn, 20))["status"] == "interrupted"
        assert time.monotonic() - back_at < 10
        assert (await tabs[0].ended(waiting))["status"] == "complete"

        for tab, turns in zip(tabs, started, strict=True):
            for turn in turns:
                kept = stored.turn(either, turn["turn_id"])
                assert stored.copies(either, turn["id"]) == 1
                # What was stored last need not have reached the tab; what it showed may be newer.
                shorter, longer = sorted((shown[turn["turn_id"]], kept.text), key=len)
                assert longer.startswith(shorter)
                assert len(shown[turn["turn_id"]].split()) - len(kept.text.split()) <= _tokens_of_a_second()
                assert tab.views[turn["thread_id"]].shown() == stored.path(either, turn["thread_id"])
        assert stored.unfinished(either) == 0
    finally:
        await asyncio.gather(*(tab.__aexit__() for tab in tabs))


def _tokens_of_a_second() -> int:
    return 20 + 12  # at 20 tokens a second; the checkpoint itself and a busy machine take their time


@contextmanager
def _paused(webs: list[Web]) -> Iterator[None]:
    for web in webs:
        web.send(signal.SIGSTOP)
    try:
        yield
    finally:
        for web in webs:
            web.send(signal.SIGCONT)


async def test_sigterm_lets_replies_end_refuses_new_ones_and_exits_in_time(either: Deployment) -> None:
    web, *others = either.webs
    tabs = [Tab(web.base, cookie) for cookie in either.cookies(5)]
    try:
        await asyncio.gather(*(tab.__aenter__() for tab in tabs))
        with _paused(others):  # so that every reply is written by the one that is told to end
            short = await asyncio.gather(*(_talking(tab, DRAINED_STREAMS // 5 - 1, "[[fake 80t 20r]]") for tab in tabs))
            long = await asyncio.gather(*(_talking(tab, 1, "[[fake 1200t 20r]]") for tab in tabs))
            left_for_others = await tabs[0].send("[[fake 10t]]", long[0][0]["thread_id"])

        web.send(signal.SIGTERM)
        asked_at = time.monotonic()
        await asyncio.sleep(1)
        refused = [str(uuid.uuid4()) for _ in tabs]
        for tab, id_ in zip(tabs, refused, strict=True):
            await tab.say(type="message.send", id=id_, thread_id=str(uuid.uuid4()), text="too late")
        await asyncio.gather(*(tab.until(lambda tab=tab: tab.errors) for tab in tabs))  # type: ignore[misc]
        code = await asyncio.to_thread(web.ended)
        took = time.monotonic() - asked_at

        assert (code, took < float(either.variables["CHAT_DRAIN_SECONDS"]) + 5) == (0, True)
        assert [tab.errors[0]["code"] for tab in tabs] == ["restarting"] * len(tabs)
        await asyncio.gather(*(tab.until(lambda tab=tab: tab.closes) for tab in tabs))  # type: ignore[misc]
        assert [tab.closes[0] for tab in tabs] == [RESTARTING] * len(tabs)
        for tab, turns in zip(tabs, short, strict=True):
            assert {(await tab.ended(turn))["status"] for turn in turns} == {"complete"}
        for tab, (turn,) in zip(tabs, long, strict=True):
            view = tab.views[turn["thread_id"]]
            assert (await tab.ended(turn))["status"] == "interrupted"
            assert view.built[turn["turn_id"]] == stored.turn(either, turn["turn_id"]).text

        await asyncio.to_thread(web.start)
        assert (await tabs[0].ended(left_for_others))["status"] == "complete"
        assert [stored.copies(either, id_) for id_ in refused] == [0] * len(refused)
        assert stored.unfinished(either) == 0
    finally:
        await asyncio.gather(*(tab.__aexit__() for tab in tabs))


async def test_what_is_accepted_at_the_moment_of_sigterm_is_answered(laptop: Deployment) -> None:
    web = laptop.webs[0]
    (cookie,) = laptop.cookies(1)
    async with Tab(web.base, cookie) as tab:
        sends = [asyncio.create_task(tab.send("[[fake 40t 40r]]")) for _ in range(30)]
        await asyncio.sleep(0.05)
        web.send(signal.SIGTERM)
        await asyncio.to_thread(web.ended)
        await asyncio.to_thread(web.start)

        accepted = await asyncio.gather(*sends)
        ends = await asyncio.gather(*(tab.ended(one) for one in accepted))

    assert {end["status"] for end in ends} == {"complete"}
