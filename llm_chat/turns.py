"""The runner of a process: keeps its lease, claims queued turns, saves their text, ends what others lost."""

import asyncio
import contextlib
import contextvars
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import Error as DatabaseError

from llm_chat import actions, summaries, titles
from llm_chat.actions.running import LEASE_SECONDS, Claim
from llm_chat.models import Status
from llm_chat.run import Run
from realtime import hub
from realtime.bridge import in_db

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 2.0
CHECKPOINT_SECONDS = 1.0
RETRY_SECONDS = 1.0
# A lease renewed later than this was held up: by a database that was away, or by a process that did not get to run.
LATE_SECONDS = SWEEP_SECONDS + 1.0
# After the database was away: pools find it again some seconds apart, and those who wait stand in a queue.
PATIENCE_SECONDS = 2.0 * LEASE_SECONDS
LAST_WRITES_SECONDS = 3.0


@dataclass(slots=True)
class Counters:
    claimed: int = 0
    lost: int = 0


class Runner:
    """All turns of this process. Lives on the server's loop."""

    def __init__(self) -> None:
        self.process_id = uuid.uuid4()
        self.counters = Counters()
        self.draining = False
        self._hub = hub.current()
        self._runs: dict[UUID, Run] = {}
        self._by_thread: dict[UUID, Run] = {}
        self._wakeup = asyncio.Event()
        self._patient_until = 0.0
        self._renewed_at: float | None = None
        self._claiming = asyncio.Lock()
        self._services: list[asyncio.Task[None]] = []
        self._early_stops: set[UUID] = set()
        self._beside: set[asyncio.Task[None]] = set()  # titles and summaries
        self._summarising: set[UUID] = set()

    def start(self) -> None:
        self._services = [asyncio.create_task(self._sweep()), asyncio.create_task(self._checkpoint())]

    def wake(self) -> None:
        self._wakeup.set()

    def stop_turn(self, turn_id: str) -> None:
        run = self._runs.get(UUID(turn_id))
        if run:
            run.stop()
        else:
            self._early_stops.add(UUID(turn_id))  # its claim may be on the way to us

    def run_in(self, thread_id: UUID) -> Run | None:
        return self._by_thread.get(thread_id)

    async def drain(self, seconds: float) -> None:
        """Take no more turns; give those in progress `seconds` to end, then end them as interrupted."""
        self.draining = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WRITES_SECONDS), self._claiming:
                pass  # a claim that was on its way has begun: it is a turn of ours
        await self._ended_within(seconds)
        for run in list(self._runs.values()):
            run.stop(Status.INTERRUPTED)
        await self._ended_within(LAST_WRITES_SECONDS)

    async def _ended_within(self, seconds: float) -> None:
        tasks = [run.task for run in self._runs.values() if run.task]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)

    async def close(self) -> None:
        for task in (*self._services, *self._beside):
            task.cancel()
        await asyncio.gather(*self._services, *self._beside, return_exceptions=True)
        try:
            if not self._runs:
                await in_db(actions.leave, process_id=self.process_id)
        except DatabaseError as error:
            logger.warning("The lease could not be given up: %s", error)

    # --- Services

    async def _sweep(self) -> None:
        next_round = 0.0
        while True:
            if time.monotonic() >= next_round:
                next_round = time.monotonic() + SWEEP_SECONDS
                await self._guarded(self._look_after)
            await self._guarded(self._claim_all)
            try:
                async with asyncio.timeout(max(0.0, next_round - time.monotonic())):
                    await self._wakeup.wait()
            except TimeoutError:
                pass
            self._wakeup.clear()

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except DatabaseError as error:
            self._be_patient()
            logger.warning("The database did not answer the runner: %s", error)
            await asyncio.sleep(RETRY_SECONDS)
        except Exception:
            logger.exception("The runner stumbled.")
            await asyncio.sleep(RETRY_SECONDS)

    def _be_patient(self) -> None:
        """Take nobody's turns for a while: others may have been as cut off as we were."""
        self._patient_until = time.monotonic() + PATIENCE_SECONDS

    async def _renew_lease(self) -> None:
        await in_db(actions.heartbeat, process_id=self.process_id)
        before, self._renewed_at = self._renewed_at, time.monotonic()
        if before is not None and self._renewed_at - before > LATE_SECONDS:
            self._be_patient()  # a pool that waits for its database ends in a late answer, not in an error

    async def _look_after(self) -> None:
        await self._renew_lease()
        for turn_id in await in_db(actions.stops_requested, process_id=self.process_id):
            self.stop_turn(str(turn_id))
        await in_db(actions.end_left_behind)
        await in_db(actions.end_strays, process_id=self.process_id, running=list(self._runs))
        if time.monotonic() >= self._patient_until:
            await in_db(actions.end_lost_turns)

    async def _claim_all(self) -> None:
        while len(self._runs) < settings.LLM_MAX_TURNS_PER_PROCESS:
            async with self._claiming:
                if self.draining:
                    return
                claim = await asyncio.shield(asyncio.ensure_future(in_db(actions.claim, process_id=self.process_id)))
                if claim is None:
                    break
                self._begin(claim)
                if claim.is_last:
                    break
        self._early_stops.clear()

    def _begin(self, claim: Claim) -> None:
        self.counters.claimed += 1
        run = Run(claim, self._hub)
        if claim.turn_id in self._early_stops:
            run.stop()
        self._runs[claim.turn_id] = run
        self._by_thread[claim.thread_id] = run
        run.task = asyncio.create_task(run.run(), context=contextvars.Context())
        run.task.add_done_callback(lambda _: self._forget(run))
        if claim.untitled_text is not None:
            self._do_beside(titles.give_title(claim, once=run.under_way))

    def _do_beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, context=contextvars.Context())
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _summarise(self, claim: Claim) -> None:
        self._summarising.add(claim.thread_id)
        try:
            await summaries.summarise(claim)
        except DatabaseError as error:
            logger.warning("A summary could not be kept: %s", error)
        finally:
            self._summarising.discard(claim.thread_id)

    def _forget(self, run: Run) -> None:
        if run.task and not run.task.cancelled() and (error := run.task.exception()):
            logger.error("A turn could not be ended; the next sweep does it.", exc_info=error)
        if len(self._runs) >= settings.LLM_MAX_TURNS_PER_PROCESS:
            self._wakeup.set()  # there is room again
        run.under_way.set()
        self._runs.pop(run.claim.turn_id, None)
        if self._by_thread.get(run.claim.thread_id) is run:
            del self._by_thread[run.claim.thread_id]
        may_summarise = run.is_complete and not self.draining and run.claim.thread_id not in self._summarising
        if may_summarise and summaries.is_due(run.claim, run.draft.text):
            self._do_beside(self._summarise(run.claim))

    async def _checkpoint(self) -> None:
        while True:
            await asyncio.sleep(CHECKPOINT_SECONDS)
            await self._guarded(self._save_progress)

    async def _save_progress(self) -> None:
        changed = [run for run in self._runs.values() if run.draft.seq > run.saved_seq]
        if not changed:
            return
        progress = [run.progress() for run in changed]
        lost = await asyncio.shield(asyncio.ensure_future(in_db(actions.checkpoint, progress=progress)))
        for run, saved in zip(changed, progress, strict=True):
            run.saved_seq = saved.seq
            if run.claim.turn_id in lost and run.claim.turn_id in self._runs:
                self.counters.lost += 1
                run.lose()


_runner: Runner | None = None


def of_this_process() -> Runner | None:
    return _runner


async def start() -> None:
    """Begin to run turns on the current loop."""
    global _runner
    _runner = Runner()
    _runner.start()


async def drain() -> None:
    if _runner:
        await _runner.drain(settings.CHAT_DRAIN_SECONDS)


async def stop() -> None:
    global _runner
    if _runner:
        await _runner.close()
        _runner = None
