"""`make test`: every part in turn, then one line with the sum. Where `CI` is set, leaving anything out is a failure."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests import services

ROOT = Path(__file__).resolve().parent.parent
STRICT = os.environ.get("CI", "").lower() not in {"", "0", "false"}
# Tests speak to nobody's database and use nobody's key, whatever the shell or `.env` says.
CLEAN = {"PYTHON_DOTENV_DISABLED": "1", "DATABASE_URL": "", "REDIS_URL": "", "PYTHONUNBUFFERED": "1"}
# Parts of their own: they start servers, and kill them.
NOT_HERE = ("--ignore=tests/e2e", "--ignore=tests/chaos", "--ignore=tests/deploy")
# Half of the time tests wait, so each core has work for two of them. The tests of a file share what they made; files
# of many tests do not come first, because those that take longest have few.
IN_TWO = ("-p", "tests.workers", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
END_SECONDS = 30
DEBIAN_PACKAGES = {"postgres": "postgresql", "redis-server": "redis-server", "chromium": "chromium"}


@dataclass
class Outcome:
    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    missing: str = ""
    seconds: float = 0

    def is_good(self) -> bool:
        return not self.failed and not (STRICT and (self.missing or self.skipped))

    def __str__(self) -> str:
        if self.missing:
            return f"{self.name:28} NOT RUN: {self.missing}"
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.name:28} {self.passed} passed, {self.failed} failed{skipped} in {self.seconds:.0f} s"


def python_on_sqlite(report: Path) -> None:
    _pytest(report, *NOT_HERE, *IN_TWO)


def python_on_postgres_and_redis(report: Path) -> None:
    with services.postgres() as database, services.redis() as redis:
        own_servers = "--ignore=tests/trust/test_canaries.py"
        # The rest said all it has to say on SQLite.
        kept = ("--only-with-services", "--ignore=tests/architecture", own_servers)
        # The database goes with its server: dropped at the end, a session that still ends would fail a good run.
        keeps_database = "--reuse-db"
        _pytest(
            report,
            *(*NOT_HERE, *IN_TWO, *kept, keeps_database),
            DATABASE_URL=database,
            REDIS_URL=redis,
        )


def page(report: Path) -> None:
    reporters = ["--reporter=default", "--reporter=junit", f"--outputFile={report}"]
    _run(["npm", "run", "--silent", "test", "--", *reporters], {}, report)


def browser(report: Path) -> None:
    # A process of its own: Playwright's synchronous interface leaves an event loop running.
    if not shutil.which(services.HEADLESS_CHROMIUM) and _may_install():
        _install(services.HEADLESS_CHROMIUM)  # a third less of the machine's time; without it the other one serves
    services.headless_chromium()
    # Each worker has a server and a browser of its own, and the tests of a file share them.
    _pytest(report, "tests/e2e", "-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile", yielding=True)


def chaos(report: Path) -> None:
    # One at a time, and before others: what is killed here must be back within seconds that are counted. Most of it
    # is waiting, and the browser's tests use that time.
    _pytest(report, "tests/chaos")


def deploy(report: Path) -> None:
    with services.postgres() as database, services.redis() as redis:
        _pytest(report, "tests/deploy", DEPLOY_DATABASE_URL=database, DEPLOY_REDIS_URL=redis)


PARTS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "test-python": ("Python on SQLite", python_on_sqlite),
    "test-services": ("Python on Postgres and Redis", python_on_postgres_and_redis),
    "test-page": ("Page", page),
    "test-browser": ("Browser", browser),
    "test-chaos": ("Chaos", chaos),
    "test-deploy": ("Deploy", deploy),
}
# One stage after the other; the lanes of a stage run at the same time, each waiting for servers of its own.
STAGES = (
    (("test-python", "test-deploy"), ("test-services",), ("test-page",)),
    (("test-browser",), ("test-chaos",)),
)

_running: set[subprocess.Popen[bytes]] = set()
_ending = threading.Event()


def main(names: list[str]) -> int:
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, _end)
    wanted = names or list(PARTS)
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor() as threads:
        for stage in STAGES:
            lanes = [[name for name in lane if name in wanted] for lane in stage]
            beside = [threads.submit(_outcomes_of, lane, told_later=len(wanted) > 1) for lane in lanes]
            outcomes += [outcome for one in beside for outcome in one.result()]
    print()
    for outcome in outcomes:
        print(outcome)
    print(f"{sum(o.passed for o in outcomes)} passed, {sum(o.failed for o in outcomes)} failed")
    return 0 if all(outcome.is_good() for outcome in outcomes) else 1


def _end(*_: object) -> None:
    """Leave through the context managers, so that no server outlives the tests."""
    _ending.set()
    for process in _running:
        _signal_all(process, signal.SIGINT)
    sys.exit(143)


def _signal_all(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Tell a part and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _outcomes_of(names: list[str], told_later: bool = False) -> list[Outcome]:
    return [_outcome_of(*PARTS[name], told_later) for name in names if not _ending.is_set()]


def _outcome_of(name: str, part: Callable[[Path], None], told_later: bool) -> Outcome:
    print(f"\n=== {name}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="parley-") as directory:
        report = Path(directory) / "report.xml"
        if told_later:
            _told(report).touch()
        try:
            _with_what_is_missing_installed(part, report)
        except services.NotInstalled as missing:
            return Outcome(name, missing=f"{missing} is not installed")
        except subprocess.CalledProcessError as error:
            outcome = _read(name, report)
            # A crash before or after the tests shows in no report.
            outcome.failed = outcome.failed or 1
            print(f"{name}: ended with {error.returncode}", file=sys.stderr)
        else:
            outcome = _read(name, report)
        if told_later:
            print(f"\n--- {name}\n{_told(report).read_text(errors='replace')}", flush=True)
    outcome.seconds = time.monotonic() - began
    return outcome


def _with_what_is_missing_installed(part: Callable[[Path], None], report: Path) -> None:
    """Run a part; on a Debian machine where we are root, install the servers it lacks and run it again."""
    for _ in DEBIAN_PACKAGES:
        try:
            part(report)
        except services.NotInstalled as missing:
            package = DEBIAN_PACKAGES.get(str(missing))
            if not package or not _may_install():
                raise
            _install(package)
        else:
            return
    part(report)


def _may_install() -> bool:
    return os.geteuid() == 0 and bool(shutil.which("apt-get"))


def _install(package: str) -> None:
    print(f"Installing {package}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package],
    ):
        with contextlib.suppress(subprocess.CalledProcessError):  # the part itself says what is still missing
            subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)


def _pytest(report: Path, *arguments: str, yielding: bool = False, **environment: str) -> None:
    """Run tests; `yielding` ones take the machine's time that the others leave."""
    first = ["nice", "-n", "10"] if yielding else []
    _run([*first, sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *arguments], environment, report)


def _told(report: Path) -> Path:
    """Where a part says what it has to say while others talk at the same time."""
    return report.with_suffix(".txt")


def _run(command: list[str], environment: dict[str, str], report: Path) -> None:
    with contextlib.ExitStack() as stack:
        told = stack.enter_context(_told(report).open("ab")) if _told(report).exists() else None
        _run_until_done(command, environment, told)


def _run_until_done(command: list[str], environment: dict[str, str], output: IO[bytes] | None) -> None:
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | CLEAN | environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        start_new_session=True,
    )
    _running.add(process)
    try:
        code = process.wait()
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
        _signal_all(process, signal.SIGKILL)
        _running.discard(process)
    if code:
        raise subprocess.CalledProcessError(code, command)


def _read(name: str, report: Path) -> Outcome:
    outcome = Outcome(name)
    if not report.exists():
        return outcome
    for suite in ElementTree.parse(report).iter("testsuite"):  # noqa: S314  written by our own run a moment ago
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        outcome.failed += failed
        outcome.skipped += skipped
        outcome.passed += int(suite.get("tests", 0)) - failed - skipped
    return outcome


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
