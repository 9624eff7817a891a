"""`make bench`: the chat beside a bare LiteLLM loop and the raw upstream, and pages of a crowd, as ratios of one run.

`python -m benchmarks chat`, `people`, `threads`, `reading`, `reconnecting`, `lighthouse`, `operations` or `gateway`
runs one; all but the first tell about themselves in their modules.
CPU is that of the server process from the first request until everything is written. The yardsticks run with the same
garbage-collector settings. Every text is compared byte by byte with what the model server sent.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import gateway, lighthouse, operations, people, reading, reconnecting, threads
from benchmarks.contenders import ROOT, Contender, Parley, Yardstick, parley, pin
from benchmarks.streams import Figures, figures
from llm_service.fakes.script import WORDS
from tests import services
from tests.servers import MODEL, Deployment, Kind, deployment

RATE = 20
ENTRIES = ("chat", "people", "threads", "reading", "reconnecting", "lighthouse", "operations", "gateway")
KINDS: tuple[Kind, ...] = ("sqlite", "services")


def text_of(tokens: int) -> str:
    return "".join(f"{WORDS[number % len(WORDS)]}{number} " for number in range(tokens))


async def one(contender: Contender, *, streams: int, tokens: int, rate: int, within: float) -> Figures:
    wait = 60 + (tokens / rate if rate else 0)
    prompt = f"[[fake {tokens}t {rate}r]] Go on."
    run = await contender.run(streams=streams, prompt=prompt, within=within, wait=wait)
    made = figures(run.streams, text_of(tokens), rate, run.cpu)
    made.others_cpu_per_1k_tokens = run.others_cpu / max(1, made.tokens) * 1000
    if isinstance(contender, Parley):
        made.memory_mb = contender.memory_mb
    return made


async def side_by_side(contenders: list[Contender], repetitions: int, **load: Any) -> dict[str, list[Figures]]:
    results: dict[str, list[Figures]] = {contender.name: [] for contender in contenders}
    for repetition in range(repetitions):
        for contender in contenders:
            made = await one(contender, **load)
            results[contender.name].append(made)
            print(f"  {repetition + 1} {contender.name:16} {_short(made)}", file=sys.stderr, flush=True)
    return results


def _short(made: Figures) -> str:
    return (
        f"CPU {made.cpu_per_1k_tokens:.3f} s/1k  first {made.first_token_p50_ms:.1f} ms  "
        f"token p50 {made.token_p50_ms:.1f} p99 {made.token_p99_ms:.1f} ms  wrong {made.wrong}"
    )


async def bench(options: argparse.Namespace) -> dict[str, Any]:
    report: dict[str, Any] = {"machine": machine()}
    kinds: list[Kind] = [kind for kind in KINDS if options.only in ("", kind)]
    pin(os.getpid(), 1)
    everything_on = {"LLM_WARM_UP": "1", "TASK_WORKERS": "2", "LOG_FORMAT": "json", "LLM_TITLE_MODEL": ""}
    async with contextlib.AsyncExitStack() as stack:
        servers: dict[Kind, Deployment] = {}
        contenders: list[Contender] = []
        for kind in kinds:
            servers[kind] = stack.enter_context(deployment(kind, 1, **everything_on))
            wait_until_warm(servers[kind])
        url = next(iter(servers.values())).model.url
        for name in ("raw", "litellm"):
            yardstick = Yardstick(name, url, MODEL)
            stack.callback(yardstick.close)
            contenders.append(yardstick)
        for kind, server in servers.items():
            contenders.append(await stack.enter_async_context(parley(f"parley-{kind}", server, options.streams)))
        print("One stream:", file=sys.stderr)
        report["one stream"] = await side_by_side(
            contenders, options.repetitions * 3, streams=1, tokens=40, rate=RATE, within=0.0
        )
        print(f"{options.streams} streams:", file=sys.stderr)
        report["many streams"] = await side_by_side(
            contenders, options.repetitions, streams=options.streams, tokens=options.tokens, rate=RATE, within=5.0
        )
    report["200 starts in 5 s"] = [await many_starts(kind) for kind in kinds]
    report["memory"] = await memory()
    report["manage.py check"] = manage_check()
    return report


def wait_until_warm(server: Deployment) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{server.webs[0].base}/readyz", timeout=5).close()  # noqa: S310  loopback
            return
        time.sleep(0.2)
    raise RuntimeError("The server did not get ready.")


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def machine_with_browser() -> str:
    version = subprocess.run([services.chromium(), "--version"], check=True, capture_output=True, text=True, timeout=30)
    return f"{machine()}, {version.stdout.strip()}"


async def many_starts(kind: Kind) -> dict[str, Any]:
    with deployment(kind, 1, LLM_WARM_UP="1") as server:
        wait_until_warm(server)
        async with parley(kind, server, 200) as contender:
            made = await one(contender, streams=200, tokens=60, rate=RATE, within=5.0)
    return {"on": kind, **made.as_dict()}


async def memory() -> dict[str, float]:
    found: dict[str, float] = {}
    with deployment("sqlite", LLM_WARM_UP="0") as server:
        await asyncio.sleep(3)
        found["idle, no warm-up, MB"] = server.webs[0].rss() / 1e6
    with deployment("sqlite", LLM_WARM_UP="1") as server:
        wait_until_warm(server)
        async with parley("memory", server, 1):
            found["warm, after a call, MB"] = server.webs[0].rss() / 1e6
        before = server.webs[0].rss()
        async with parley("sockets", server, 0) as contender:
            await contender.browser.open(server.cookies(1) * 500)
            await asyncio.sleep(2)
            found["one idle socket, kB"] = (server.webs[0].rss() - before) / 500 / 1e3
            found["sockets still open of 500"] = sum(not tab.socket.closed for tab in contender.browser.tabs)
    return found


def manage_check() -> dict[str, float]:
    times = []
    for _ in range(5):
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "manage.py", "check"],
            cwd=ROOT,
            env=os.environ | {"DJANGO_DEBUG": "1"},
            check=True,
            capture_output=True,
        )
        times.append(time.monotonic() - began)
    return {"median s": median(times)}


def table(report: dict[str, Any]) -> str:
    lines = [f"Machine: {report['machine']}.", ""]
    for title in ("one stream", "many streams"):
        results: dict[str, list[Figures]] = report[title]
        loop = median(made.cpu_per_1k_tokens for made in results["litellm"])
        streams = next(iter(results.values()))[0].streams
        lines += [
            f"**{title.capitalize()}** ({streams} at {RATE} tokens/s)",
            "",
            "| | CPU s per 1,000 tokens | against the LiteLLM loop | database and Redis beside it | first token p50 | "
            "token p50 | token p99 (best run) | wrong texts |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for name, runs in results.items():
            cpu = median(made.cpu_per_1k_tokens for made in runs)
            lines.append(
                f"| {name} | {cpu:.3f} | {cpu / loop:.2f}x | "
                f"{median(made.others_cpu_per_1k_tokens for made in runs):.3f} | "
                f"{median(made.first_token_p50_ms for made in runs):.1f} ms | "
                f"{median(made.token_p50_ms for made in runs):.1f} ms | "
                f"{min(made.token_p99_ms for made in runs):.1f} ms | {sum(made.wrong for made in runs)} |"
            )
        lines.append("")
    for start in report["200 starts in 5 s"]:
        lines.append(
            f"200 turns started within 5 s on {start['on']}: {start['wrong']} wrong, "
            f"first token p50 {start['first_token_p50_ms']:.0f} ms, p99 {start['first_token_p99_ms']:.0f} ms."
        )
    lines.append("Memory: " + ", ".join(f"{name} {value:.0f}" for name, value in report["memory"].items()) + ".")
    lines.append(f"`manage.py check`: {report['manage.py check']['median s']:.2f} s.")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("entries", nargs="*", choices=ENTRIES, metavar="entry", help=f"{', '.join(ENTRIES)}; or all")
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--tokens", type=int, default=300)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--most-calls", type=int, default=10**9, help="leave larger databases of `operations` out")
    parser.add_argument("--kept-in", type=Path, help="keep the databases of `operations` here and use them again")
    parser.add_argument("--parts", default="", help="of `operations`: pages, files, sums, with commas; or all")
    parser.add_argument("--only", choices=["sqlite", "services"], default="")
    options = parser.parse_args()
    over: list[str] = []
    if "chat" in options.entries or not options.entries:
        report = asyncio.run(bench(options))
        _keep("bench.json", report)
        print(table(report))
    if "people" in options.entries or not options.entries:
        pin(os.getpid(), 1)
        pages = people.bench([kind for kind in KINDS if options.only in ("", kind)])
        _keep("bench-people.json", people.as_json(pages))
        print(people.table(pages))
        over = [f"over {people.BAR}x: {page}" for page in people.over_the_bar(pages)]
    if "threads" in options.entries or not options.entries:
        pin(os.getpid(), 1)
        lists = threads.bench([kind for kind in KINDS if options.only in ("", kind)])
        _keep("bench-threads.json", people.as_json(lists))
        print(threads.table(lists))
        over += [f"over {people.BAR}x: {page}" for page in people.over_the_bar(lists)]
    if "reading" in options.entries or not options.entries:
        read = reading.bench()
        _keep("bench-reading.json", read)
        print(f"Machine: {machine_with_browser()}.\n\n{reading.table(read)}")
        over += reading.over_the_bar(read)
    if "reconnecting" in options.entries or not options.entries:
        over += _reconnecting([kind for kind in KINDS if options.only in ("", kind)])
    if "operations" in options.entries or not options.entries:
        runs = operations.bench(
            [kind for kind in KINDS if options.only in ("", kind)],
            options.most_calls,
            options.kept_in,
            tuple(filter(None, options.parts.split(","))),
        )
        _keep("bench-operations.json", {"runs": operations.as_json(runs)})
        print(operations.table(runs))
        over += operations.over_the_bar(runs)
    if "gateway" in options.entries or not options.entries:
        beside = asyncio.run(gateway.bench())
        _keep("bench-gateway.json", gateway.as_json(beside))
        print(f"Machine: {machine()}.\n\n{gateway.table(beside)}")
    if "lighthouse" in options.entries or not options.entries:
        scored = lighthouse.bench()
        _keep("bench-lighthouse.json", scored)
        print(f"Machine: {machine_with_browser()}.\n\n{lighthouse.table(scored)}")
        over += lighthouse.over_the_bar(scored)
    if over:
        sys.exit("; ".join(over))


def _reconnecting(kinds: list[Kind]) -> list[str]:
    back = reconnecting.bench(kinds)
    _keep("bench-reconnecting.json", reconnecting.as_json(back))
    print(f"Machine: {machine()}.\n\n{reconnecting.table(back)}")
    return reconnecting.over_the_bar(back)


def _keep(name: str, report: dict[str, Any]) -> None:
    file = Path(ROOT, "var", name)
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(report, default=lambda made: made.as_dict(), indent=1))


if __name__ == "__main__":
    main()
