"""`python -m benchmarks operations`: what the call log and its overview cost with 10,000 calls and with many more.

A real server is filled by `manage.py make_calls` and asked over one connection, one request at a time. The bars are
absolute: milliseconds at the 95th percentile, and what a download of every call adds to the memory of the server.
"""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil

from benchmarks import people
from benchmarks.contenders import ROOT
from benchmarks.people import World
from tests.servers import Deployment, Kind, deployment

SIZES: dict[Kind, tuple[int, ...]] = {"sqlite": (10_000, 100_000), "services": (10_000, 1_000_000)}
ROUNDS = 40
PEOPLE = "300"
PAGE_MS, FILTER_MS, FILE_MB = 150.0, 300.0, 100.0

_PAGES = """
import json, sys, django
django.setup()
from django.test import Client
from accounts.models import User
from llm_service.models import LLMCallLog
from llm_service.queries.calls import ORDERS
root = User.objects.filter(email="bench@example.com").first() or User.objects.create_superuser("bench@example.com")
client = Client()
client.force_login(root)
calls = LLMCallLog.objects.order_by("-created_at", "id")
total = int(sys.argv[1])
some = calls.filter(status="error").exclude(error_type="").first()
def deep(part):
    return ORDERS["newest"].key(calls[int(total * part)])
base = "/operations/calls/"
pages = {
    "list, first page": base,
    "list, in the middle": f"{base}?after={deep(0.5)}",
    "list, last pages": f"{base}?after={deep(0.98)}",
    "list, most expensive first": f"{base}?sort=cost",
    "filter: status": f"{base}?status=error",
    "filter: model": f"{base}?model=mistral/mistral-small-latest",
    "filter: provider": f"{base}?provider=mistral",
    "filter: person": f"{base}?user=calls-7@example.invalid",
    "filter: team": f"{base}?team={some.team_id}",
    "filter: feature": f"{base}?feature=title",
    "filter: a bot nobody has": f"{base}?bot=00000000-0000-4000-8000-000000000001",
    "filter: error": f"{base}?error=provider_down",
    "filter: cost from 0.10": f"{base}?cost_from=0.1",
    "filter: took 60 s or more": f"{base}?took_from=60",
    "filter: the last week": f"{base}?period=week",
    "filter: text": f"{base}?text=mutex",
    "filter: a text nobody wrote": f"{base}?text=nowhere+at+all",
    "filter: metadata": f"{base}?meta=region%3Deu",
    "filter: metadata nobody has": f"{base}?meta=region%3Dnowhere",
    "filter: id of a turn": f"{base}?id={some.turn_id}",
    "filter: three together": f"{base}?status=error&period=month&user=calls-7@example.invalid",
    "one call": f"{base}{some.pk}/",
    "filter: feedback": f"{base}?rating=down",
    "filter: cost up to 0.00001": f"{base}?cost_to=0.00001",
    "admin, first page": "/admin/llm_service/llmcalllog/",
    "overview, 30 days": "/operations/",
    "overview, 90 days": "/operations/?period=quarter",
    "overview, 90 days by person": "/operations/?period=quarter&by=user",
}
print(json.dumps({"pages": pages, "cookie": "sessionid=" + client.cookies["sessionid"].value}))
"""

_SETTLE = """
import django
django.setup()
from django.db import connection
connection.cursor().execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
"""
"""What the database does by itself sooner or later; a test server does not."""
_COUNT = """
import sys, time, django
django.setup()
from llm_service.models import LLMCallLog, UncountedCall
from llm_service.money import rollups
newest = list(LLMCallLog.objects.order_by("-created_at", "id").values_list("pk", flat=True)[: int(sys.argv[1])])
UncountedCall.objects.bulk_create([UncountedCall(call_id=id_) for id_ in newest], ignore_conflicts=True)
began = time.monotonic()
rollups.count_new()
print(time.monotonic() - began)
"""
"""Adds the newest calls once more, which only makes sums too large that nobody reads any more."""
COUNTED_AT_ONCE = 10_000
PARTS = ("pages", "files", "sums")
MEASURED = "measured.json"
FILLED_WITHIN = 3_600
NO_FILE = {"rows": 0, "seconds": 0.0, "mb": 0.0}
FILES = {
    "all calls as CSV": "/operations/calls/calls.csv",
    "all calls as JSONL": "/operations/calls/calls.jsonl",
}


@dataclass
class Run:
    """One database of one size."""

    kind: Kind
    calls: int
    filled_s: float = 0.0
    p50: dict[str, float] = field(default_factory=dict)
    p95: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    """Of the server and its database, in ms a request."""
    files: dict[str, dict[str, float]] = field(default_factory=dict)
    """Of each: `rows`, `seconds`, and `mb`, what it added to the memory of the server at most."""
    rebuilt_s: float = 0.0
    rebuilt_mb: float = 0.0
    counted_per_s: float = 0.0


def bench(kinds: list[Kind], most: int = 10**9, kept_in: Path | None = None, parts: tuple[str, ...] = ()) -> list[Run]:
    """Measure each size. What is made in `kept_in` stays there, because a million calls take minutes to make.

    So do the measures of the parts that are left out this time.
    """
    return [run(kind, size, kept_in, parts or PARTS) for kind in kinds for size in SIZES[kind] if size <= most]


def run(kind: Kind, calls: int, kept_in: Path | None, parts: tuple[str, ...] = PARTS) -> Run:
    made = Run(kind, calls)
    home = kept_in / f"{kind}-{calls}" if kept_in else None
    with ExitStack() as stack:
        installation = stack.enter_context(
            deployment(kind, 1, home, LLM_WARM_UP="0", LOG_FORMAT="json", TASK_WORKERS="0")
        )
        measured = installation.directory / MEASURED
        if measured.exists():
            made = Run(**json.loads(measured.read_text()))
        else:
            print(f"  {kind}: making {calls:,} calls", file=sys.stderr, flush=True)
            made.filled_s = _fill(installation, calls)
        if "pages" in parts or "files" in parts:
            world = World(installation, _PAGES, (calls,))
        if "pages" in parts:
            _open_pages(world, made)
        if "files" in parts:
            made.files = {name: _download(installation, world, path) for name, path in FILES.items()}
        if "sums" in parts:
            made.rebuilt_s, made.rebuilt_mb, _ = _measured(installation, "manage.py", "rebuild_rollups")
            _took, _mb, said = _measured(installation, "-c", _COUNT, str(COUNTED_AT_ONCE))
            made.counted_per_s = COUNTED_AT_ONCE / float(said.split()[-1])
        measured.write_text(json.dumps(asdict(made)))
    return made


def _open_pages(world: World, made: Run) -> None:
    world.warm_up()
    for _ in range(ROUNDS // people.IN_A_ROW):
        for name in world.pages:
            world.measure(name)
    for name in world.pages:
        seconds = sorted(world.costs[name].seconds)
        made.p50[name] = 1000 * seconds[len(seconds) // 2]
        made.p95[name] = 1000 * seconds[int(len(seconds) * 0.95)]
        made.cpu[name] = 1000 * sum(world.costs[name].cpu) / len(world.costs[name].cpu)


def _fill(installation: Deployment, calls: int) -> float:
    began = time.monotonic()
    command = [
        sys.executable,
        "manage.py",
        "make_calls",
        str(calls),
        "--days",
        "90",
        "--people",
        PEOPLE,
        "--bodies",
        "0.01",
    ]
    subprocess.run(
        command, cwd=ROOT, env=_environment(installation), check=True, stdout=sys.stderr, timeout=FILLED_WITHIN
    )
    seconds = time.monotonic() - began
    subprocess.run([sys.executable, "-c", _SETTLE], cwd=ROOT, env=_environment(installation), check=True, timeout=600)
    return seconds


def _measured(installation: Deployment, *arguments: str) -> tuple[float, float, str]:
    """Run a command; return its seconds, the most memory it had in MB, and what it said."""
    began, most = time.monotonic(), 0
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=_environment(installation), stdout=subprocess.PIPE, text=True
    ) as running:
        seen = psutil.Process(running.pid)
        while running.poll() is None and time.monotonic() - began < FILLED_WITHIN:
            with suppress(psutil.NoSuchProcess):
                most = max(most, seen.memory_info().rss)
            time.sleep(0.02)
        said, _ = running.communicate(timeout=10)
    if running.returncode:
        raise RuntimeError(f"{arguments[:2]} failed.\n{said}")
    return time.monotonic() - began, most / 1e6, said


def _environment(installation: Deployment) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings", **installation.variables}


def _download(installation: Deployment, world: World, path: str) -> dict[str, float]:
    web, ends = installation.webs[0], Event()
    before = web.rss()
    most = [before]

    def watch() -> None:
        while not ends.wait(0.02):
            most.append(max(most.pop(), web.rss()))

    watching = Thread(target=watch)
    watching.start()
    began, rows = time.monotonic(), 0
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
    connection.request("GET", path, headers={"Cookie": world.cookie, "Host": "localhost"})
    for piece in _pieces(connection.getresponse()):
        rows += piece.count(b"\n")
    connection.close()
    ends.set()
    watching.join()
    return {"rows": rows, "seconds": time.monotonic() - began, "mb": (most[0] - before) / 1e6}


def _pieces(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    while piece := answer.read1(1_000_000):
        yield piece


def over_the_bar(runs: list[Run]) -> list[str]:
    over = [
        f"{name} on {made.kind} with {made.calls:,} calls: {ms:.0f} ms"
        for made in runs
        for name, ms in made.p95.items()
        if ms > (PAGE_MS if name.startswith("list") else FILTER_MS)
    ]
    return over + [
        f"{name} of {file['rows']:,} rows on {made.kind}: {file['mb']:.0f} MB"
        for made in runs
        for name, file in made.files.items()
        if file["mb"] > FILE_MB
    ]


def as_json(runs: list[Run]) -> list[dict[str, Any]]:
    return [asdict(made) for made in runs]


def table(runs: list[Run]) -> str:
    heads = [f"{made.kind}, {made.calls:,}" for made in runs]
    lines = [
        "| p50 / p95 / CPU in ms | " + " | ".join(heads) + " |",
        "|---" * (len(runs) + 1) + "|",
        *(
            f"| {name} | "
            + " | ".join(f"{made.p50[name]:.0f} / {made.p95[name]:.0f} / {made.cpu[name]:.0f}" for made in runs)
            + " |"
            for name in runs[0].p50
        ),
        *(
            f"| {name} | "
            + " | ".join(
                f"{file['rows']:,.0f} rows, {file['seconds']:.0f} s, {file['mb']:.0f} MB"
                for file in (made.files.get(name, NO_FILE) for made in runs)
            )
            + " |"
            for name in FILES
        ),
        "| `rebuild_rollups` | "
        + " | ".join(f"{made.rebuilt_s:.0f} s, {made.rebuilt_mb:.0f} MB in all" for made in runs)
        + " |",
        "| new calls added to the sums | " + " | ".join(f"{made.counted_per_s:,.0f} a second" for made in runs) + " |",
    ]
    return "\n".join(lines)
