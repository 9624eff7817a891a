"""The tables of the call log take nothing for a while: people chat on, and every call has its row in the end."""

import asyncio
import time

import psycopg

from tests.chaos import stored
from tests.servers import Deployment, wait_until
from tests.tabs import Tab

DOWN_SECONDS = 10.0
LOCK = "LOCK TABLE llm_service_llmcalllog, llm_service_callbody, llm_service_callattempt IN ACCESS EXCLUSIVE MODE"


async def test_a_log_store_that_takes_nothing_for_ten_seconds_is_nothing_to_whoever_chats(pair: Deployment) -> None:
    assert pair.postgres
    turns, waits = [], []
    cookies = pair.cookies(2)
    async with Tab(pair.webs[0].base, cookies[0]) as one, Tab(pair.webs[1].base, cookies[1]) as other:
        for tab in (one, other):  # what a first reply loads is no part of it
            turns.append((await tab.ended(await tab.send("[[fake 5t 50r]]")))["turn_id"])
        with psycopg.connect(pair.postgres.url) as link:
            link.execute("SET statement_timeout = 0")
            link.execute(LOCK)
            locked_at = time.monotonic()
            while time.monotonic() < locked_at + DOWN_SECONDS:
                for tab in (one, other):
                    began = time.monotonic()
                    ended = await tab.ended(await tab.send("[[fake 20t 100r]]"))
                    waits.append(time.monotonic() - began)
                    assert ended["status"] == "complete"
                    turns.append(ended["turn_id"])
                await asyncio.sleep(0.2)
            assert not _is_written(pair, turns[-1])

    wait_until(lambda: all(_is_written(pair, turn) for turn in turns), 10, "The rows of all calls")
    assert max(waits) < 3.0, f"A reply of 0.2 s took {max(waits):.1f} s."
    assert len(waits) >= 10
    assert all(stored.turn(pair, turn).status == "complete" for turn in turns)
    assert pair.rows("SELECT count(*) FROM llm_service_lostcalls") == [(0,)]


def _is_written(pair: Deployment, turn: object) -> bool:
    with psycopg.connect(pair.postgres.url, options="-c lock_timeout=200") as link:  # type: ignore[union-attr]
        try:
            found = link.execute("SELECT count(*) FROM llm_service_llmcalllog WHERE turn_id = %s", [turn]).fetchone()
        except psycopg.errors.LockNotAvailable:
            return False
    return found == (1,)
