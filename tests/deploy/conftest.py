"""Heroku without Heroku: built as its buildpacks do, run by the Procfile's own lines, behind a router's headers."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.services import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "parley-0123456789ab.herokuapp.com"
CONFIG_VARS = {"DYNO": "web.1", "DJANGO_SECRET_KEY": "f3b1c0ffee" * 6, "WEB_CONCURRENCY": "1", "LLM_WARM_UP": "0"}


@dataclass
class App:
    slug: Path
    variables: dict[str, str]

    def run(self, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command as a dyno does: from the slug, with the config vars alone."""
        return subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.slug,
            env=_bare_environment(self.slug) | variables,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def line(self, process: str) -> str:
        lines = (self.slug / "Procfile").read_text().splitlines()
        return dict(line.split(": ", 1) for line in lines)[process]


def _bare_environment(home: Path) -> dict[str, str]:
    node = Path(shutil.which("node") or "/usr/bin/node").parent
    return {"PATH": f"{Path(sys.executable).parent}:{node}:/usr/bin:/bin", "HOME": str(home)}


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> App:
    """A built slug: what git knows, the page built by Node, static files collected by Python, no secret set."""
    slug = tmp_path_factory.mktemp("slug")
    list_sources = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    tracked = subprocess.run(list_sources, cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, tracked.decode().split("\0")):
        if (ROOT / name).is_file():
            (slug / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, slug / name)
    (slug / "node_modules").symlink_to((ROOT / "node_modules").resolve())
    built = App(slug, {})
    for step in ("npm run build", "python manage.py collectstatic --noinput"):
        done = built.run(step)
        assert done.returncode == 0, done.stdout + done.stderr
    (slug / "node_modules").unlink()  # the buildpack prunes what only the build needed
    built.variables = CONFIG_VARS | {
        "DATABASE_URL": os.environ["DEPLOY_DATABASE_URL"],
        "REDIS_URL": os.environ["DEPLOY_REDIS_URL"],
    }
    return built


@dataclass
class Web:
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def client(self, *, proto: str = "https") -> httpx.Client:
        """A browser as the router shows it: over TLS until the router, with the app's random host name."""
        headers = {"Host": HOST, "X-Forwarded-Proto": proto, "Referer": f"https://{HOST}/accounts/signup/"}
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=20)


@pytest.fixture(scope="session")
def web(app: App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The release line, then the web line, as Heroku runs them."""
    released = app.run(app.line("release"), **app.variables)
    assert released.returncode == 0, released.stdout + released.stderr
    port = free_port()
    log = tmp_path_factory.mktemp("log") / "web"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {app.line('web')}"],
            cwd=app.slug,
            env=_bare_environment(app.slug) | app.variables | {"PORT": str(port)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Web(port, process, log)
    try:
        _wait_until_alive(server)
        yield server
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _wait_until_alive(server: Web) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        assert server.process.poll() is None, server.log.read_text()
        try:
            if httpx.get(f"http://127.0.0.1:{server.port}/readyz", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(server.log.read_text())
