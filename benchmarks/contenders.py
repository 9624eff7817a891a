"""What is measured side by side: Parley's server process, and the yardsticks."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import psutil

from benchmarks.chat_load import Browser
from benchmarks.streams import Stream
from lib.collector import GC_THRESHOLD
from tests.servers import Deployment

ROOT = Path(__file__).resolve().parent.parent
SETTLE_SECONDS = 1.5
"""Long enough for the last checkpoint, call log and commit to be part of the bill."""


def pin(pid: int, core: int) -> None:
    """Keep a process and its threads on one core, so that the measured one has a core of its own."""
    process = psutil.Process(pid)
    cores = os.cpu_count() or 1
    if cores > 1 and hasattr(process, "cpu_affinity"):
        for one in (process, *process.children(recursive=True)):
            one.cpu_affinity([core % cores])


def cpu_seconds(pids: list[int]) -> float:
    total = 0.0
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            for one in (process, *process.children(recursive=True)):
                times = one.cpu_times()
                total += times.user + times.system
    return total


class Contender(Protocol):
    name: str

    async def run(self, *, streams: int, prompt: str, within: float, wait: float) -> "Run": ...


class Run:
    def __init__(self, streams: list[Stream], cpu: float, others_cpu: float = 0.0) -> None:
        self.streams, self.cpu, self.others_cpu = streams, cpu, others_cpu


class Yardstick:
    """A program of `benchmarks.yardsticks` that does the work on order."""

    def __init__(
        self, name: str, model_url: str, model: str, *, kind: str = "", variables: Mapping[str, str] | None = None
    ) -> None:
        self.name, self.model = name, model
        environment = {**os.environ, **(variables or {})} | {
            "OPENAI_API_BASE": model_url,
            "BENCH_MODEL": model,
            "BENCH_GC": json.dumps(GC_THRESHOLD),
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.yardsticks", kind or name],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._answer()
        pin(self.process.pid, 0)

    def _answer(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"The yardstick {self.name} ended.")
        return json.loads(line)

    async def run(self, *, streams: int, prompt: str, within: float, wait: float) -> Run:
        assert self.process.stdin
        order = {"streams": streams, "within": within, "prompt": prompt, "model": self.model}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = await asyncio.wait_for(asyncio.to_thread(self._answer), wait + within)
        return Run([Stream(**one) for one in answer["streams"]], answer["cpu"])

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)


class Parley:
    """One web process with open tabs, each in a thread that already has a title and a first turn."""

    def __init__(self, name: str, deployment: Deployment, browser: Browser) -> None:
        self.name, self.deployment, self.browser = name, deployment, browser

    async def run(self, *, streams: int, prompt: str, within: float, wait: float) -> Run:
        web = self.deployment.webs[0]
        others = [server.pid for server in (self.deployment.postgres, self.deployment.redis) if server]
        before, others_before = cpu_seconds([web.pid]), cpu_seconds(others)
        done = await self.browser.turns(prompt, within=within, wait=wait, tabs=streams)
        await asyncio.sleep(SETTLE_SECONDS)
        return Run(done, cpu_seconds([web.pid]) - before, cpu_seconds(others) - others_before)

    @property
    def memory_mb(self) -> float:
        return float(self.deployment.webs[0].rss() / 1e6)


@contextlib.asynccontextmanager
async def parley(name: str, deployment: Deployment, tabs: int) -> AsyncIterator[Parley]:
    """Open the tabs and have one short turn in each, so that what is measured is a conversation under way."""
    pin(deployment.webs[0].pid, 0)
    pin(deployment.model.pid, 1)
    for server in (deployment.postgres, deployment.redis):
        if server:
            pin(server.pid, 1)
    async with Browser(deployment.webs[0].base) as browser:
        await browser.open(deployment.cookies(tabs))
        first = await browser.turns("[[fake 5t]] A first word.", within=tabs / 20, wait=60)
        failed = [stream.error for stream in first if stream.error]
        if failed:
            raise RuntimeError(f"{len(failed)} warm-up turns failed, the first with {failed[0]}")
        await asyncio.sleep(SETTLE_SECONDS)
        yield Parley(name, deployment, browser)
