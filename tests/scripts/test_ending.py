"""However `make test` ends, nothing that it started goes on."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.__main__ import ROOT

SLEEPER = "import subprocess, sys; print(subprocess.Popen(['sleep', '60']).pid, flush=True); {then}"
PART = """
import sys
from tests import __main__ as tests
with open(sys.argv[1], "wb") as told:
    command = [sys.executable, "-c", {sleeper!r}]
    tests.PARTS = {{
        "test-python": ("One", lambda report: tests._run_until_done(command, {{}}, told)),
        "test-deploy": ("Next", lambda report: open(sys.argv[1] + ".next", "x").close()),
    }}
    tests.main([])
"""


def part(told: Path, then: str) -> subprocess.Popen[bytes]:
    """Run a part that starts something which would outlive it."""
    code = PART.format(sleeper=SLEEPER.format(then=then))
    return subprocess.Popen([sys.executable, "-c", code, str(told)], cwd=ROOT, stdout=subprocess.DEVNULL)


def left_behind(told: Path) -> int:
    deadline = time.monotonic() + 20
    while not (told.exists() and told.read_text().endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return int(told.read_text())


def is_gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_tests_started_ends_with_them_when_they_are_told_to_end(tmp_path: Path, number: signal.Signals) -> None:
    tests = part(tmp_path / "told", then="import time; time.sleep(60)")
    server = left_behind(tmp_path / "told")

    tests.send_signal(number)

    assert tests.wait(20) == 143
    assert is_gone(server)
    assert not (tmp_path / "told.next").exists()


def test_what_tests_left_behind_ends_with_them(tmp_path: Path) -> None:
    tests = part(tmp_path / "told", then="")
    server = left_behind(tmp_path / "told")

    tests.wait(20)

    assert is_gone(server)
    assert (tmp_path / "told.next").exists()
