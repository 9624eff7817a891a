"""Throw-away servers that may be killed: PostgreSQL, Redis, the scripted model, web processes of this checkout.

Everything runs on loopback and random ports in one temporary folder, is waited for with a limit, and is ended by its
own process id. `deployment("sqlite")` is the laptop, `deployment("services")` two web processes on Postgres and Redis.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import psutil
import psycopg

from tests import services
from tests.services import free_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
END_SECONDS = 30.0
SPARE_PEOPLE = 25
MODEL = "openai/fake-20t"

Kind = Literal["sqlite", "services"]


def wait_until(is_true: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds} s.")
        time.sleep(0.2)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """One process that can be started, killed, frozen and started again on the same port."""

    name = "server"

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self.log = directory / f"{self.name}-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> Sequence[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.directory), "LC_ALL": "C.UTF-8"}

    def is_ready(self) -> bool:
        return is_listening(self.port)

    def account(self) -> dict[str, Any]:
        return {}

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(), cwd=ROOT, env=self.environment(), stdout=log, stderr=subprocess.STDOUT, **self.account()
            )
        try:
            wait_until(self._is_up, START_SECONDS, f"The start of {self.name}")
        except TimeoutError as error:
            raise RuntimeError(f"{error}\n{self.log_text()[-2000:]}") from None

    def _is_up(self) -> bool:
        if not self.is_running:
            raise RuntimeError(f"{self.name} ended at once.\n{self.log_text()[-2000:]}")
        return self.is_ready()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self.send(signal.SIGKILL)
        self.ended()

    def pause(self) -> None:
        self.send(signal.SIGSTOP)

    def resume(self) -> None:
        self.send(signal.SIGCONT)

    def ended(self, seconds: float = END_SECONDS) -> int:
        """Wait for its end and return the exit code."""
        assert self._process is not None
        return self._process.wait(seconds)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        if not self.is_running:
            return
        self.resume()
        self.send(number)
        try:
            self.ended()
        except subprocess.TimeoutExpired:
            self.kill()

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class Postgres(Server):
    """A cluster of its own. PostgreSQL refuses to run as root, so root lends it another account."""

    name = "postgres"

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._data = directory / "postgres"
        if self._data.exists():
            return
        self._data.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self._data, "postgres")
        flags = ["-U", "parley", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"]
        subprocess.run(
            [services.postgres_programs() / "initdb", "-D", self._data, *flags],
            check=True,
            capture_output=True,
            cwd=directory,
            env=self.environment(),
            **self.account(),
        )

    @property
    def url(self) -> str:
        return f"postgres://parley@127.0.0.1:{self.port}/postgres"

    def account(self) -> dict[str, Any]:
        return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}

    def command(self) -> Sequence[str]:
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self._data),
            "fsync": "off",
            "max_connections": "40",
            "autovacuum": "off",
            "log_min_messages": "warning",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(services.postgres_programs() / "postgres"), "-D", str(self._data), "-p", str(self.port), *settings]

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        super().stop(number)  # SIGTERM would wait for its clients

    def kill(self) -> None:
        """Have it drop everything at once; SIGKILL would leave its children and shared memory behind."""
        self.send(signal.SIGQUIT)
        self.ended()


class Redis(Server):
    name = "redis"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> Sequence[str]:
        program = shutil.which("redis-server")
        if program is None:
            raise services.NotInstalled("redis-server")
        keep_nothing = ["--save", "", "--appendonly", "no"]
        return [program, "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.directory), *keep_nothing]


class ScriptedModel(Server):
    """`llm_service.fakes`, obeying `[[fake ...]]` in what is said to it."""

    name = "model"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def command(self) -> Sequence[str]:
        return [sys.executable, "-m", "llm_service.fakes", "--port", str(self.port)]


class Web(Server):
    """One daphne process of this checkout, started as in production."""

    name = "web"

    def __init__(self, directory: Path, variables: dict[str, str]) -> None:
        super().__init__(directory)
        self.variables = variables
        self.base = f"http://127.0.0.1:{self.port}"

    def command(self) -> Sequence[str]:
        where = ["-b", "127.0.0.1", "-p", str(self.port)]
        heartbeat = ["--ping-interval", "10", "--ping-timeout", "15"]
        return [sys.executable, "-m", "daphne", *where, *heartbeat, "config.asgi:application"]

    def environment(self) -> dict[str, str]:
        return super().environment() | self.variables

    def is_ready(self) -> bool:
        return self._answers("/healthz")

    def is_warm(self) -> bool:
        """Whether it has loaded all that the first reply needs."""
        return self._answers("/readyz")

    def _answers(self, path: str) -> bool:
        try:
            urllib.request.urlopen(f"{self.base}{path}", timeout=5).close()  # noqa: S310  loopback
        except OSError:  # refused, or a status that is none of success
            return False
        return True

    def rss(self) -> int:
        """Return its memory in bytes."""
        return int(psutil.Process(self.pid).memory_info().rss)

    def connections(self) -> int:
        """Return how many clients it still holds a connection to."""
        links = psutil.Process(self.pid).net_connections("tcp")
        return sum(link.status == psutil.CONN_ESTABLISHED and link.laddr.port == self.port for link in links)

    def cpu_seconds(self) -> float:
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)


_PEOPLE = """
import json, sys, django
django.setup()
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from accounts.models import User
made = []
first, count = int(sys.argv[1]), int(sys.argv[2])
for number in range(first, first + count):
    user = User.objects.create_user(f"person{number}@example.com")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    made.append(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")
print(json.dumps(made))
"""


@dataclass
class Deployment:
    """A whole installation: its database, perhaps Redis, the model it talks to, and its web processes."""

    kind: Kind
    directory: Path
    variables: dict[str, str]
    model: ScriptedModel
    postgres: Postgres | None = None
    redis: Redis | None = None
    webs: list[Web] = field(default_factory=list)
    _people: int = 0
    _spare: list[str] = field(default_factory=list)

    @property
    def servers(self) -> list[Server]:
        return [server for server in (self.postgres, self.redis, self.model, *self.webs) if server]

    def heal(self) -> None:
        """Have everything running again, whatever a test did to it, and ready for a first reply without a wait."""
        for server in self.servers:
            if server.is_running:
                server.resume()
            elif server not in self.webs:
                server.start()
        _start_together([web for web in self.webs if not web.is_running])
        for web in self.webs:
            wait_until(web.is_warm, START_SECONDS, "The warm-up of a web process")

    def cookies(self, count: int) -> list[str]:
        """Return the session cookies of so many people who have not been asked for before."""
        if missing := max(0, count - len(self._spare)):
            made = max(missing, SPARE_PEOPLE)  # to start Python for each few of them takes seconds
            output = self.run("-c", _PEOPLE, str(self._people), str(made))
            self._people += made
            self._spare += json.loads(output.splitlines()[-1])
        given, self._spare = self._spare[:count], self._spare[count:]
        return given

    def run(self, *arguments: str) -> str:
        """Run Python with the settings of this deployment and return what it printed."""
        environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings", **self.variables}
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
        )
        if done.returncode:
            raise RuntimeError(f"{arguments[:2]} failed.\n{done.stdout}{done.stderr}")
        return done.stdout

    def rows(self, sql: str, *values: UUID | str | int) -> list[tuple[Any, ...]]:
        """Ask the database directly. Placeholders are `?`; ids of SQLite come back as UUIDs too."""
        if self.postgres:
            with psycopg.connect(self.postgres.url, connect_timeout=5) as link:
                return link.execute(sql.replace("?", "%s"), values).fetchall()
        with contextlib.closing(sqlite3.connect(self.directory / "db.sqlite3", timeout=10)) as file:
            plain = [value.hex if isinstance(value, UUID) else value for value in values]
            return [tuple(_as_uuid(value) for value in row) for row in file.execute(sql, plain)]

    def complaints(self) -> list[str]:
        """Return what the web processes logged as errors."""
        lines = (line for web in self.webs for line in web.log_text().splitlines())
        return [line for line in lines if " ERROR " in line or " CRITICAL " in line or "never retrieved" in line]


def _as_uuid(value: Any) -> Any:
    is_hex = isinstance(value, str) and len(value) == 32 and all(letter in "0123456789abcdef" for letter in value)
    return UUID(value) if is_hex else value


@contextlib.contextmanager
def deployment(kind: Kind, webs: int = 1, kept_in: Path | None = None, /, **variables: str) -> Iterator[Deployment]:
    """Start everything, hand it out, end everything.

    `variables` go into the environment of the web processes; `{directory}` in one is the folder of this deployment.
    What is in `kept_in` stays there and is used again by the next deployment of the same kind.
    """
    if kept_in:
        kept_in.mkdir(parents=True, exist_ok=True)
    directory = kept_in or Path(tempfile.mkdtemp(prefix="parley-", dir="/tmp"))
    directory.chmod(0o755)
    with contextlib.ExitStack() as stack:
        if kept_in is None:
            stack.callback(shutil.rmtree, directory, ignore_errors=True)

        def started[S: Server](server: S) -> S:
            stack.callback(server.stop)
            server.start()
            return server

        model = started(ScriptedModel(directory))
        postgres = started(Postgres(directory)) if kind == "services" else None
        redis = started(Redis(directory)) if kind == "services" else None
        whole = {
            "DJANGO_SECRET_KEY": "only-for-tests-and-long-enough-to-sign-with",
            "VAULT_KEYS": "only-for-tests-and-long-enough-to-lock-with",
            "MEDIA_ROOT": f"{directory}/media",
            "DATABASE_URL": postgres.url if postgres else f"sqlite:///{directory}/db.sqlite3",
            "REDIS_URL": redis.url if redis else "",
            "OPENAI_API_BASE": model.url,
            "OPENAI_API_KEY": "x",
            "LLM_ALLOWED_MODELS": MODEL,
            "LLM_DEFAULT_MODEL": MODEL,
            "LLM_TITLE_MODEL": "openai/none",  # not allowed, so titles are the first words
            "CHAT_MESSAGE_INTERVAL": "0",
            "TASK_WORKERS": "0",
            "PYTHON_DOTENV_DISABLED": "1",
            "LOG_FORMAT": "text",
            "PYTHONUNBUFFERED": "1",
            **{name: value.replace("{directory}", str(directory)) for name, value in variables.items()},
        }
        made = Deployment(kind, directory, whole, model, postgres, redis)
        made.run("manage.py", "migrate", "--verbosity", "0")
        for _ in range(webs):
            made.webs.append(Web(directory, whole))
            stack.callback(made.webs[-1].stop)
        _start_together(made.webs)
        yield made


def _start_together(webs: Sequence[Web]) -> None:
    """Each takes seconds to load what it needs."""
    with ThreadPoolExecutor() as threads:
        for _ in threads.map(Web.start, webs):
            pass  # a start that failed is raised here
