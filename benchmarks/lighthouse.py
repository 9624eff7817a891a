"""`python -m benchmarks lighthouse`: the landing page and a conversation in Lighthouse's scores.

Lighthouse itself is fetched into `var/lighthouse` the first time; the product does not need it. Chromium is signed in
before by a cookie, and each run starts with an empty cache. The server is a production one: no debugging, static files
collected and compressed. A score is the median of the runs.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.contenders import ROOT, pin
from tests import services
from tests.servers import Deployment, Web, deployment, is_listening, wait_until

VERSION = "12.8.2"  # of the last line that runs on every Node the product is built with
HOME = ROOT / "var" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices")
MEASURES = {"first-contentful-paint": "FCP", "largest-contentful-paint": "LCP", "total-blocking-time": "TBT"}
DEVICES: dict[str, list[str]] = {"phone": [], "desktop": ["--preset=desktop"]}
BAR = 95

_TALK = """
import json, sys, django
django.setup()
from django.contrib.sessions.backends.db import SessionStore
from accounts.models import User
from benchmarks import crowd
person = User.objects.get(pk=SessionStore(sys.argv[1].partition("=")[2])["_auth_user_id"])
print(json.dumps(str(crowd.a_talk(email=person.email, messages=20).pk)))
"""


def bench(repetitions: int = 5) -> dict[str, Any]:
    lighthouse = _fetched()
    found: dict[str, Any] = {}
    with deployment("sqlite", 0, DJANGO_SETTINGS_MODULE="benchmarks.collected") as server, _web(server) as web:
        cookie = server.cookies(1)[0]
        thread = json.loads(server.run("-c", _TALK, cookie).splitlines()[-1])
        pages = {"landing page": ("/", None), "conversation": (f"/chat/{thread}/", cookie)}
        for page, (path, signed_in) in pages.items():
            for device, options in DEVICES.items():
                runs = [
                    _run(lighthouse, web.base + path, signed_in, options, server.directory) for _ in range(repetitions)
                ]
                found[f"{page}, {device}"] = _summed_up(runs)
                print(f"  {page}, {device}: {found[f'{page}, {device}']}", file=sys.stderr, flush=True)
    return found


def _fetched() -> Path:
    program = HOME / "node_modules" / ".bin" / "lighthouse"
    package = HOME / "node_modules" / "lighthouse" / "package.json"
    if not package.exists() or json.loads(package.read_text())["version"] != VERSION:
        HOME.mkdir(parents=True, exist_ok=True)
        quiet = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts"]
        command = ["npm", "install", "--prefix", str(HOME), *quiet, f"lighthouse@{VERSION}"]
        subprocess.run(command, check=True, timeout=600, stdout=subprocess.DEVNULL)
    return program


@contextmanager
def _web(server: Deployment) -> Iterator[Web]:
    server.run("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    web = Web(server.directory, server.variables)
    web.start()
    pin(web.pid, 0)
    try:
        yield web
    finally:
        web.stop()


def _run(program: Path, url: str, cookie: str | None, options: list[str], directory: Path) -> dict[str, Any]:
    report = directory / "lighthouse.json"
    with _chromium(directory, url, cookie) as port:
        command = [str(program), url, f"--port={port}", f"--only-categories={','.join(CATEGORIES)}", "--quiet"]
        output = ["--output=json", f"--output-path={report}"]
        # Kept is only the sign-in: Lighthouse empties the cache by itself.
        subprocess.run([*command, *output, *options], check=True, timeout=120, env=os.environ | {"CI": "1"})
    return dict(json.loads(report.read_text()))


@contextmanager
def _chromium(directory: Path, url: str, cookie: str | None) -> Iterator[int]:
    """Start a Chromium of its own, signed in if there is a cookie, and give the port it is led by."""
    port = services.free_port()
    profile = directory / "profile"
    flags = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--no-first-run"]
    led = [f"--remote-debugging-port={port}", f"--user-data-dir={profile}"]
    browser = subprocess.Popen(
        [services.chromium(), *flags, *led, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: is_listening(port), 30, "The start of Chromium")
        if cookie:
            name, _, value = cookie.partition("=")
            with sync_playwright() as playwright:
                led_browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
                led_browser.contexts[0].add_cookies([{"name": name, "value": value, "url": url}])
        yield port
    finally:
        browser.terminate()
        browser.wait(30)
        shutil.rmtree(profile, ignore_errors=True)


def _summed_up(runs: list[dict[str, Any]]) -> dict[str, Any]:
    scores = {name: median(round(run["categories"][name]["score"] * 100) for run in runs) for name in CATEGORIES}
    times = {short: median(run["audits"][name]["numericValue"] for run in runs) for name, short in MEASURES.items()}
    shift = median(run["audits"]["cumulative-layout-shift"]["numericValue"] for run in runs)
    last = runs[-1]
    failed = sorted(
        reference["id"]
        for category in CATEGORIES
        for reference in last["categories"][category]["auditRefs"]
        if (last["audits"][reference["id"]]["score"] or 0) < 1
        and last["audits"][reference["id"]]["scoreDisplayMode"] in ("binary", "metricSavings")
    )
    return {"scores": scores, "ms": times, "CLS": shift, "remarks": failed}


def over_the_bar(report: dict[str, Any]) -> list[str]:
    return [
        f"{page}: {name} {score:.0f} of {BAR}"
        for page, found in report.items()
        for name, score in found["scores"].items()
        if score < BAR
    ]


def table(report: dict[str, Any]) -> str:
    lines = ["| page | performance | accessibility | best practices | FCP | LCP | TBT | CLS |", "|---" * 8 + "|"]
    for page, found in report.items():
        scores = " | ".join(f"{found['scores'][name]:.0f}" for name in CATEGORIES)
        times = " | ".join(f"{found['ms'][short]:,.0f} ms" for short in MEASURES.values())
        lines.append(f"| {page} | {scores} | {times} | {found['CLS']:.3f} |")
    return "\n".join(lines)
