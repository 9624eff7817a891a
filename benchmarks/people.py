"""`python -m benchmarks people`: what each page costs a person in a small team and in a large one, as ratios.

Two installations with a database each stand side by side and are asked in turn, one request at a time over a connection
that stays open, so that neither a busy machine nor a cold cache favours one of them.
"""

import http.client
import json
import sys
import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from benchmarks.contenders import cpu_seconds, pin
from tests.servers import Deployment, Kind, deployment

SMALL, LARGE = (10, 5), (1_000, 200)
"""Members of one team, and teams of one person."""
BAR = 1.5
WARM_UP, ROUNDS, IN_A_ROW = 3, 6, 8

_MAKE = """
import dataclasses, json, sys, django
django.setup()
from benchmarks import crowd
members, teams = map(int, sys.argv[1:])
print(json.dumps(dataclasses.asdict(crowd.make(members=members, teams=teams))))
"""


@dataclass
class Costs:
    """Of one page in one installation, a value for each request or for each row of requests."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    size: int = 0


class World:
    """An installation with its crowd, seen by the person in the middle of it."""

    def __init__(self, installation: Deployment, make: str, size: tuple[int, ...]) -> None:
        made = json.loads(installation.run("-c", make, *map(str, size)).splitlines()[-1])
        self.pages: dict[str, str] = made["pages"]
        self.costs: dict[str, Costs] = defaultdict(Costs)
        self.cookie: str = made["cookie"]
        self._web = installation.webs[0]
        self._pids = [self._web.pid, *([installation.postgres.pid] if installation.postgres else [])]
        self._connection = http.client.HTTPConnection("127.0.0.1", self._web.port, timeout=30)
        pin(self._web.pid, 0)
        for server in (installation.postgres, installation.redis, installation.model):
            if server:
                pin(server.pid, 1)

    def warm_up(self) -> None:
        for name in self.pages:
            for _ in range(WARM_UP):
                self._open(name)

    def measure(self, name: str) -> None:
        costs = self.costs[name]
        before = cpu_seconds(self._pids)
        for _ in range(IN_A_ROW):
            began = time.perf_counter()
            costs.size = self._open(name)
            costs.seconds.append(time.perf_counter() - began)
        costs.cpu.append((cpu_seconds(self._pids) - before) / IN_A_ROW)

    def _open(self, name: str) -> int:
        self._connection.request("GET", self.pages[name], headers={"Cookie": self.cookie, "Host": "localhost"})
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{name} ({self.pages[name]}) was answered with {answer.status}.\n{body[:500]!r}")
        return len(body)


@dataclass(frozen=True)
class Row:
    """One page: medians in ms, means of CPU in ms with the database's share, and how the large one compares."""

    page: str
    small_ms: float
    large_ms: float
    small_cpu_ms: float
    large_cpu_ms: float
    large_kb: float

    @property
    def ratio(self) -> float:
        return self.large_ms / self.small_ms

    @property
    def cpu_ratio(self) -> float:
        return self.large_cpu_ms / max(self.small_cpu_ms, 0.001)


def bench(kinds: list[Kind]) -> dict[Kind, list[Row]]:
    return {kind: side_by_side(kind, _MAKE, SMALL, LARGE) for kind in kinds}


def side_by_side(kind: Kind, make: str, *sizes: tuple[int, ...]) -> list[Row]:
    """Make a small and a large world by the program `make`, and ask them in turn."""
    with ExitStack() as stack:
        small, large = (
            World(stack.enter_context(deployment(kind, 1, LLM_WARM_UP="0", LOG_FORMAT="json")), make, size)
            for size in sizes
        )
        for world in (small, large):
            world.warm_up()
        for number in range(ROUNDS):
            print(f"  {kind}, round {number + 1} of {ROUNDS}", file=sys.stderr, flush=True)
            for name in small.pages:
                for world in (small, large) if number % 2 else (large, small):
                    world.measure(name)
    return [_row(name, small.costs[name], large.costs[name]) for name in small.pages]


def _row(name: str, small: Costs, large: Costs) -> Row:
    ms = [1_000 * median(costs.seconds) for costs in (small, large)]
    cpu = [1_000 * sum(costs.cpu) / len(costs.cpu) for costs in (small, large)]
    return Row(name, ms[0], ms[1], cpu[0], cpu[1], large.size / 1_000)


def over_the_bar(results: dict[Kind, list[Row]]) -> list[str]:
    return [
        f"{row.page} on {kind}: {row.ratio:.2f}x" for kind, rows in results.items() for row in rows if row.ratio > BAR
    ]


def as_json(results: dict[Kind, list[Row]]) -> dict[str, Any]:
    return {kind: [asdict(row) | {"ratio": row.ratio} for row in rows] for kind, rows in results.items()}


def table(results: dict[Kind, list[Row]]) -> str:
    sizes = f"{SMALL[0]} members, {SMALL[1]} teams against {LARGE[0]:,} members, {LARGE[1]} teams"
    return table_of(results, sizes)


def table_of(results: dict[Kind, list[Row]], sizes: str) -> str:
    lines = []
    for kind, rows in results.items():
        lines += [
            f"**{kind}**: {sizes} (median of {ROUNDS * IN_A_ROW} requests)",
            "",
            "| page | small | large | ratio | CPU small | CPU large | ratio | kB of the large one |",
            "|---|---|---|---|---|---|---|---|",
        ]
        lines += [
            f"| {row.page} | {row.small_ms:.1f} ms | {row.large_ms:.1f} ms | {row.ratio:.2f}x | "
            f"{row.small_cpu_ms:.1f} ms | {row.large_cpu_ms:.1f} ms | {row.cpu_ratio:.2f}x | {row.large_kb:.0f} |"
            for row in rows
        ]
        worst = max(rows, key=lambda row: row.ratio)
        lines += ["", f"The highest: {worst.page}, {worst.ratio:.2f}x.", ""]
    return "\n".join(lines)
