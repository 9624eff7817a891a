"""`python -m benchmarks reconnecting`: how long a tab that lost its connection is behind.

A tab watches a reply that is being written at 20 tokens a second. Its TCP connection is shut down, and the network is
there again at once. The time runs from the cut until the tab has a snapshot with more of the reply than it had, so it
holds the pause before the first try (0.5 s, the middle of the page's 0.375 to 0.625 s), the handshake and the join.
Half of the cuts befall one tab alone, half of them ten people's tabs together.
"""

import asyncio
import sys
import time
from dataclasses import asdict, dataclass

from benchmarks.streams import percentile
from tests.servers import Deployment, Kind, deployment
from tests.tabs import Tab

BAR_SECONDS = 1.0
CUTS = 40
TOGETHER = 10
REPLY = "[[fake 4000t 20r]]"
APART_SECONDS = 0.2


@dataclass(frozen=True)
class Times:
    cuts: int
    together: int
    p50_s: float
    p95_s: float
    longest_s: float
    wrong: int
    """Texts a tab had when it was back that the reply does not begin with."""


def bench(kinds: list[Kind]) -> dict[str, list[Times]]:
    found: dict[str, list[Times]] = {}
    for kind in kinds:
        with deployment(kind) as site:
            site.heal()
            found[kind] = [asyncio.run(_measured(site, together)) for together in (1, TOGETHER)]
        print(f"  {kind}: {found[kind]}", file=sys.stderr, flush=True)
    return found


async def _measured(site: Deployment, together: int) -> Times:
    cookies = site.cookies(together)
    taken: list[float] = []
    wrong = 0
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_tab(site.webs[0].base, cookie, CUTS // together)) for cookie in cookies]
    for task in tasks:
        seconds, mistaken = task.result()
        taken += seconds
        wrong += mistaken
    taken.sort()
    return Times(len(taken), together, percentile(taken, 50), percentile(taken, 95), taken[-1], wrong)


async def _tab(base: str, cookie: str, cuts: int) -> tuple[list[float], int]:
    taken, texts = [], []
    async with Tab(base, cookie) as tab:
        accepted = await tab.send(REPLY)
        await tab.began(accepted)
        view = tab.views[accepted["thread_id"]]
        for _ in range(cuts):
            await asyncio.sleep(APART_SECONDS)
            before, length = view.snapshots, len(view.text_of(accepted["turn_id"]))
            began = time.monotonic()
            tab.drop()
            await tab.reconnect()
            await tab.until(
                lambda before=before, length=length: (  # type: ignore[misc]  # of this cut
                    view.snapshots > before and len(view.text_of(accepted["turn_id"])) > length
                )
            )
            taken.append(time.monotonic() - began)
            texts.append(view.text_of(accepted["turn_id"]))
        await tab.stop(accepted["turn_id"])
        whole = (await tab.ended(accepted))["message"]["content"]
    return taken, sum(not whole.startswith(text) for text in texts)


def as_json(found: dict[str, list[Times]]) -> dict[str, object]:
    return {kind: [asdict(times) for times in runs] for kind, runs in found.items()}


def over_the_bar(found: dict[str, list[Times]]) -> list[str]:
    return [
        f"{times.p95_s:.2f} s until {times.together} tabs were back on {kind}, {times.wrong} wrong texts"
        for kind, runs in found.items()
        for times in runs
        if times.p95_s > BAR_SECONDS or times.wrong
    ]


def table(found: dict[str, list[Times]]) -> str:
    lines = [
        "| database | tabs cut at once | cuts | p50 | p95 | longest | wrong texts |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, runs in found.items():
        lines += [
            f"| {kind} | {times.together} | {times.cuts} | {times.p50_s:.2f} s | {times.p95_s:.2f} s | "
            f"{times.longest_s:.2f} s | {times.wrong} |"
            for times in runs
        ]
    return "\n".join(lines)
