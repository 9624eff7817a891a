"""Two things at once, from two processes."""

import asyncio
import itertools
import time
import uuid

from tests.chaos import stored
from tests.servers import Deployment
from tests.tabs import Tab


async def test_a_stop_against_the_finish_leaves_one_end_that_all_agree_on(pair: Deployment) -> None:
    (cookie,) = pair.cookies(1)
    async with Tab(pair.webs[0].base, cookie) as tab, Tab(pair.webs[1].base, cookie) as other:
        turns = await asyncio.gather(*(tab.send("[[fake 20t 40r]]") for _ in range(12)))
        await asyncio.gather(*(other.watch(turn["thread_id"]) for turn in turns))

        for turn in turns:
            await other.stop(turn["turn_id"])
            await tab.stop(turn["turn_id"])
            await asyncio.sleep(0.03)

        for turn in turns:
            ends = [await one.ended(turn) for one in (tab, other)]
            kept = stored.turn(pair, turn["turn_id"])
            assert {(end["status"], end["message"]["content"]) for end in ends} == {(kept.status, kept.text)}
            assert kept.status in ("complete", "stopped")
            if kept.text:  # else the stop may have come before the call
                await tab.until(lambda turn=turn: stored.chat_calls(pair, turn["turn_id"]))  # type: ignore[misc]
        assert all(len(stored.chat_calls(pair, turn["turn_id"])) <= 1 for turn in turns)


async def test_two_starts_on_one_thread_from_two_processes_run_one_after_the_other(pair: Deployment) -> None:
    (cookie,) = pair.cookies(1)
    async with Tab(pair.webs[0].base, cookie) as tab, Tab(pair.webs[1].base, cookie) as other:
        thread_id = str(uuid.uuid4())
        turns = await asyncio.gather(
            *(one.send("[[fake 15t 30r]]", thread_id) for _ in range(4) for one in (tab, other))
        )
        for one in (tab, other):
            await asyncio.gather(*(one.ended(turn) for turn in turns))
        kept = stored.path(pair, thread_id)

        assert tab.views[thread_id].shown() == other.views[thread_id].shown() == kept
        assert [role for _, role, _, _ in kept] == ["user", "assistant"] * len(turns)
        assert {status for _, _, status, _ in kept} == {"complete"}
        spans = pair.rows(
            "SELECT started_at, ended_at FROM llm_chat_turn WHERE thread_id = ? ORDER BY 1", uuid.UUID(thread_id)
        )
        assert all(ended <= started for (_, ended), (started, _) in itertools.pairwise(spans))


async def test_a_turn_queued_through_one_process_runs_when_the_one_before_it_ends_in_another(pair: Deployment) -> None:
    (cookie,) = pair.cookies(1)
    async with Tab(pair.webs[0].base, cookie) as tab, Tab(pair.webs[1].base, cookie) as other:
        first = await tab.send("[[fake 30t 30r]]")
        await other.watch(first["thread_id"])
        for _ in range(6):
            # Lands around the end of the one before it, which is where a wake-up could get lost.
            await asyncio.sleep(0.95)
            following = await other.send("[[fake 30t 30r]]", first["thread_id"])
        began = time.monotonic()
        end = await other.ended(following, 30)
        await tab.ended(following, 30)

        assert end["status"] == "complete"
        assert stored.unfinished(pair) == 0
        assert time.monotonic() - began < 15
        assert tab.views[first["thread_id"]].shown() == other.views[first["thread_id"]].shown()


async def test_the_same_message_sent_again_is_stored_once_and_refused_in_another_thread(either: Deployment) -> None:
    (cookie,) = either.cookies(1)
    async with Tab(either.webs[0].base, cookie) as tab, Tab(either.webs[-1].base, cookie) as other:
        id_, thread_id = str(uuid.uuid4()), str(uuid.uuid4())
        answers = await asyncio.gather(*(one.send("once", thread_id, id_) for one in (tab, other)))
        again = [await one.send("once", thread_id, id_) for one in (tab, other, tab)]
        elsewhere = await other.send("once", str(uuid.uuid4()), id_)

        assert len({answer["turn_id"] for answer in [*answers, *again]}) == 1
        assert elsewhere["code"] == "id_taken"
        assert stored.copies(either, id_) == 1


async def test_a_turn_of_another_process_stops_within_a_second_even_before_its_first_token(pair: Deployment) -> None:
    (cookie,) = pair.cookies(1)
    async with Tab(pair.webs[0].base, cookie) as tab, Tab(pair.webs[1].base, cookie) as other:
        for text in ("[[fake hang]]", "[[fake 900t 20r]]"):
            turns = await asyncio.gather(*(tab.send(text) for _ in range(4)))
            await asyncio.gather(*(other.watch(turn["thread_id"]) for turn in turns))
            await asyncio.gather(*(tab.until(lambda turn=turn: tab.views[turn["thread_id"]].live) for turn in turns))  # type: ignore[misc]
            await asyncio.sleep(0.5)
            began = time.monotonic()
            for turn in turns:
                await other.stop(turn["turn_id"])
            ends = [await one.ended(turn) for turn in turns for one in (tab, other)]

            assert time.monotonic() - began < 1.0
            assert {end["status"] for end in ends} == {"stopped"}
