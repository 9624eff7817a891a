"""`python -m benchmarks reading`: what the page costs whoever reads, in Chromium's own measure.

The page stands beside itself with one change: with each piece of a reply the whole of it is parsed, sanitised and drawn
anew, as chat pages commonly do. Both show the same reply of the same server. Main-thread time is the sum of the tasks
in Chromium's trace (`RunTask` of `CrRendererMain`), in CPU time where the trace has it.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, Route, sync_playwright

from benchmarks.contenders import ROOT, pin
from tests import services
from tests.servers import Deployment, deployment

TOKENS, RATE = 10_000, 400
LONG_TASK_MS = 50
SHORT_THREAD, LONG_THREAD = 20, 2_000
KEY_EVERY_MS = 350
BARS = {"main thread": 8.0, "opening": 1.5, "key": 16.0}
CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]

_MAKE = """
import json, sys, django
django.setup()
from benchmarks import crowd
print(json.dumps([str(crowd.a_talk(email=sys.argv[1], messages=int(size)).pk) for size in sys.argv[2:]]))
"""
_NOTE_KEYS = """() => {
  window.keyDelays = [];
  let pressed = 0;
  addEventListener("keydown", (event) => { pressed = event.timeStamp; }, true);
  addEventListener("input", () => queueMicrotask(() => keyDelays.push(performance.now() - pressed)));
}"""
# Playwright's own way of finding a button goes through the whole page, on the thread that is measured.
_IS_STREAMING = """() => document.querySelector(".composer-stop") !== null"""
_LAST_SHOWN = """(last) => {
  const shown = () => [...document.querySelectorAll("[data-reply]")].at(-1)?.textContent?.includes(last);
  return new Promise((done) => {
    const look = () => shown() ? requestAnimationFrame(() => done(performance.now())) : requestAnimationFrame(look);
    look();
  });
}"""


@dataclass(frozen=True)
class Streaming:
    """One reply read from its first word to its end. Times in ms."""

    main_thread_ms: float
    longest_task_ms: float
    long_tasks: int
    key_p95_ms: float
    has_cpu_time: bool


@dataclass(frozen=True)
class Opening:
    short_ms: float
    long_ms: float

    @property
    def ratio(self) -> float:
        return self.long_ms / self.short_ms


def bench(repetitions: int = 5, tokens: int = TOKENS) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="parley-") as directory, deployment("sqlite", 1) as server:
        whole = _built_whole(Path(directory))
        pin(server.webs[0].pid, 0)
        if server.model:
            pin(server.model.pid, 0)
        cookie = server.cookies(1)[0]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=services.chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
            streamed: dict[str, list[Streaming]] = {"Parley": [], "whole message": []}
            for number in range(repetitions):
                for name, runs in streamed.items():
                    runs.append(_stream(browser, server, cookie, tokens, whole if name != "Parley" else None))
                    print(f"  {number + 1} {name}: {runs[-1]}", file=sys.stderr, flush=True)
            opened = _openings(browser, server, cookie, repetitions)
            browser.close()
    return {
        "streamed": {name: [asdict(run) for run in runs] for name, runs in streamed.items()},
        "opened": asdict(opened),
    }


def _built_whole(directory: Path) -> Path:
    built = directory / "dist"
    command = ["npx", "vite", "build", "--config", "benchmarks/page/vite.config.ts", "--logLevel", "error"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "OUT_DIR": str(built)}, check=True, timeout=180)
    return built


def _stream(browser: Browser, server: Deployment, cookie: str, tokens: int, instead: Path | None) -> Streaming:
    with _page(browser, server, cookie, instead) as page, tempfile.NamedTemporaryFile(suffix=".json") as trace:
        page.goto("/chat/")
        field = page.get_by_role("textbox", name="Message")
        field.fill(f"[[fake page {tokens}t {RATE}r]] What is a cache for?")
        page.set_default_timeout(600_000)
        page.evaluate(_NOTE_KEYS)
        browser.start_tracing(page=page, path=trace.name, categories=CATEGORIES)
        page.get_by_role("button", name="Send").click()
        page.wait_for_function(_IS_STREAMING, polling=50)
        field.focus()
        while page.evaluate(_IS_STREAMING):
            page.keyboard.press("a")
            page.wait_for_timeout(KEY_EVERY_MS)
        page.wait_for_timeout(500)
        browser.stop_tracing()
        delays = sorted(page.evaluate("keyDelays"))
        tasks, has_cpu_time = _tasks(json.loads(Path(trace.name).read_text())["traceEvents"])
    return Streaming(
        main_thread_ms=sum(tasks),
        longest_task_ms=max(tasks),
        long_tasks=sum(task > LONG_TASK_MS for task in tasks),
        key_p95_ms=delays[int(len(delays) * 0.95)],
        has_cpu_time=has_cpu_time,
    )


def _tasks(events: list[dict[str, Any]]) -> tuple[list[float], bool]:
    """Return how long each task of the page's main thread took, in ms."""
    threads = {(e["pid"], e["tid"]) for e in events if e.get("args", {}).get("name") == "CrRendererMain"}
    tasks = [e for e in events if e["name"] == "RunTask" and (e["pid"], e["tid"]) in threads and e["ph"] == "X"]
    by_process: dict[int, list[dict[str, Any]]] = {}
    for task in tasks:
        by_process.setdefault(task["pid"], []).append(task)
    busiest = max(by_process.values(), key=lambda found: sum(task["dur"] for task in found))
    key = "tdur" if any("tdur" in task for task in busiest) else "dur"
    return [task.get(key, 0) / 1_000 for task in busiest], key == "tdur"


def _openings(browser: Browser, server: Deployment, cookie: str, repetitions: int) -> Opening:
    email = json.loads(server.run("-c", _EMAIL, cookie).splitlines()[-1])
    ids = json.loads(server.run("-c", _MAKE, email, str(SHORT_THREAD), str(LONG_THREAD)).splitlines()[-1])
    took: dict[int, list[float]] = {SHORT_THREAD: [], LONG_THREAD: []}
    for number in range(repetitions + 1):
        for size, id_ in zip(took, ids, strict=True):
            with _page(browser, server, cookie, None) as page:
                page.goto(f"/chat/{id_}/", wait_until="commit")
                ms = page.evaluate(_LAST_SHOWN, f"Word {size - 1}.")
            if number:  # the first opening of each warms the server up
                took[size].append(ms)
    return Opening(*(median(times) for times in took.values()))


_EMAIL = """
import json, sys, django
django.setup()
from django.contrib.sessions.backends.db import SessionStore
from accounts.models import User
session = SessionStore(sys.argv[1].partition("=")[2])
print(json.dumps(User.objects.get(pk=session["_auth_user_id"]).email))
"""


@contextmanager
def _page(browser: Browser, server: Deployment, cookie: str, instead: Path | None) -> Iterator[Page]:
    site = server.webs[0].base
    context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 900}, service_workers="block")
    name, _, value = cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": site}])
    page = context.new_page()
    if instead:
        ours = json.loads((ROOT / "static/dist/manifest.json").read_text())
        theirs = json.loads((instead / "manifest.json").read_text())
        same = {entry["file"]: instead / theirs[key]["file"] for key, entry in ours.items() if key in theirs}

        def serve(route: Route) -> None:
            asked = route.request.url.partition("/static/")[2]
            file = same.get(asked, instead / asked)
            if file.suffix == ".js" and file.exists():
                route.fulfill(path=file, content_type="text/javascript")
            else:
                route.continue_()

        page.route("**/static/**", serve)
    try:
        yield page
    finally:
        context.close()


def over_the_bar(report: dict[str, Any]) -> list[str]:
    ours = report["streamed"]["Parley"]
    found = []
    if ratio(report) < BARS["main thread"]:
        found.append(f"main thread {ratio(report):.1f} times less")
    if any(run["long_tasks"] for run in ours):
        found.append(f"{sum(run['long_tasks'] for run in ours)} tasks over {LONG_TASK_MS} ms")
    if median(run["key_p95_ms"] for run in ours) > BARS["key"]:
        found.append("a key took over 16 ms")
    if Opening(**report["opened"]).ratio > BARS["opening"]:
        found.append(f"a long conversation opens in {Opening(**report['opened']).ratio:.2f} times the time")
    return found


def ratio(report: dict[str, Any]) -> float:
    ours, whole = (
        float(median(run["main_thread_ms"] for run in report["streamed"][name])) for name in ("Parley", "whole message")
    )
    return whole / ours


def table(report: dict[str, Any]) -> str:
    lines = ["| | main thread | longest task | tasks over 50 ms | a key, p95 |", "|---|---|---|---|---|"]
    for name, runs in report["streamed"].items():
        lines.append(
            f"| {name} | {median(run['main_thread_ms'] for run in runs) / 1_000:.2f} s | "
            f"{median(run['longest_task_ms'] for run in runs):.0f} ms | "
            f"{median(run['long_tasks'] for run in runs):.0f} | {median(run['key_p95_ms'] for run in runs):.1f} ms |"
        )
    opened = Opening(**report["opened"])
    lines += [
        "",
        f"Main-thread time {ratio(report):.1f} times less. A conversation of {LONG_THREAD:,} messages shows its end "
        f"after {opened.long_ms:.0f} ms, one of {SHORT_THREAD} after {opened.short_ms:.0f} ms: {opened.ratio:.2f}x.",
    ]
    return "\n".join(lines)
