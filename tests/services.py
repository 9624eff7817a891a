"""Throwaway Postgres and Redis servers on free loopback ports, in a directory that goes away with them."""

import contextlib
import os
import pwd
import random
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

POSTGRES_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/latest/bin",
)


HEADLESS_CHROMIUM = "chromium-headless-shell"


class NotInstalled(Exception):
    """A server program is not on this machine."""


def free_port() -> int:
    """Return a port nobody has, and nobody is given either: systems hand out those from 32768 on (Linux), or higher.

    Who waits for a server on its port must not knock at what another test was given meanwhile.
    """
    for port in random.SystemRandom().sample(range(20_000, 32_768), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("A hundred ports were tried, and all are taken.")


@contextlib.contextmanager
def postgres(*, max_connections: int = 100) -> Iterator[str]:
    """Run a Postgres server for the block; give its address for `DATABASE_URL`."""
    programs = postgres_programs()
    with _directory() as directory:
        port = free_port()
        data = directory / "data"
        as_owner: list[str | Path] = [*_become_unprivileged(directory)]
        _run([*as_owner, programs / "initdb", "-D", data, "-U", "parley", "-A", "trust", "-E", "UTF8", "--no-locale"])
        # Crash safety is what a throwaway server can do without.
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='{directory}' "
            f"-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections={max_connections}"
        )
        control = [*as_owner, programs / "pg_ctl", "-D", data]
        _run([*control, "-l", directory / "log", "-w", "-t", "60", "-o", options, "start"])
        try:
            yield f"postgres://parley@127.0.0.1:{port}/postgres"
        finally:
            _run([*control, "-m", "immediate", "-w", "-t", "30", "stop"])


@contextlib.contextmanager
def redis(*options: str) -> Iterator[str]:
    """Run a Redis server for the block; give its address for `REDIS_URL`."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if not program:
        raise NotInstalled("redis-server")
    with _directory() as directory:
        port = free_port()
        command = [program, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(directory), "--save", "", *options]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        try:
            wait_for(port, server)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(timeout=10)


def postgres_programs() -> Path:
    on_path = shutil.which("pg_ctl")
    if on_path and shutil.which("initdb"):
        return Path(on_path).resolve().parent
    for place in POSTGRES_PLACES:
        if found := [path for path in Path("/").glob(place[1:]) if (path / "initdb").exists()]:
            return max(found, key=lambda path: [int(number) for number in re.findall(r"\d+", str(path))])
    raise NotInstalled("postgres")


@contextlib.contextmanager
def _directory() -> Iterator[Path]:
    # Short and outside the home directory: socket paths are limited to about 100 characters, and another user needs in.
    directory = Path(tempfile.mkdtemp(prefix="parley-", dir="/tmp"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _become_unprivileged(directory: Path) -> list[str]:
    """Postgres refuses to run as root: hand it the directory and give the prefix that becomes its owner."""
    if os.geteuid() != 0:
        return []
    names = {entry.pw_name for entry in pwd.getpwall()}
    owner = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(directory, owner.pw_uid, owner.pw_gid)
    if setpriv := shutil.which("setpriv"):
        return [setpriv, f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups", "--"]
    if runuser := shutil.which("runuser"):
        return [runuser, "-u", owner.pw_name, "--"]
    raise NotInstalled("setpriv or runuser, to start Postgres without root")


def _run(command: list[str | Path]) -> None:
    # From "/", because the other user may not be allowed to enter the checkout.
    done = subprocess.run(
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=90,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stdout.decode()}")


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"{server.args!r} ended with {server.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{server.args!r} did not open port {port}")


def headless_chromium() -> str:
    """Find a Chromium for tests: the one without windows, if it is there, does the same for a third less."""
    return shutil.which(HEADLESS_CHROMIUM) or chromium()


def chromium() -> str:
    """Find the Chromium that people use."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    application = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    if Path(application).exists():
        return application
    raise NotInstalled("chromium")
