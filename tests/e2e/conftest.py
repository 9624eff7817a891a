"""The whole product as a stranger meets it: the real server on a fresh database, driven by a real browser."""

import contextlib
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from llm_service.fakes import FakeServer, running
from tests import services
from tests.servers import wait_until

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a-password-of-ours-1"
DEVICES = itertools.count(1)
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def models() -> Iterator[FakeServer]:
    """The scripted vendor behind the server: `[[fake 200t 20r]]` in a message says how it answers."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def mails(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the site's mail arrives, a file each."""
    return tmp_path_factory.mktemp("mails")


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory, models: FakeServer, mails: Path) -> dict[str, str]:
    """What the server, and commands beside it, are started with: a fresh database and the scripted vendor."""
    return {
        **os.environ,
        "PYTHON_DOTENV_DISABLED": "1",
        "DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('site') / 'db.sqlite3'}",
        "REDIS_URL": "",
        "MEDIA_ROOT": str(tmp_path_factory.mktemp("media")),
        "DJANGO_DEBUG": "True",
        "DJANGO_EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(mails),
        "OPENAI_API_BASE": models.url,
        "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.1/32",  # where the scripted vendor is, for providers that teams connect
        "VAULT_KEYS": "only-for-tests-and-long-enough-to-lock-with",
        "OPENAI_API_KEY": "test-key",
        "LLM_ALLOWED_MODELS": "openai/fake-20t,demo/parley",
        "LLM_DEFAULT_MODEL": "openai/fake-20t",
        "DJANGO_TRUSTED_PROXIES": "1",
    }


def manage(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, timeout=120, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


@pytest.fixture(scope="session")
def site(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with nothing in it yet."""
    assert (ROOT / "static/dist/manifest.json").exists(), "The front end is not built. Run `npm run build`."
    manage(environment, "migrate", "-v0")
    port = services.free_port()
    with (tmp_path_factory.mktemp("log") / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "config.asgi:application"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        services.wait_for(port, server)
        base = f"http://127.0.0.1:{port}"
        # A machine that runs all tests at once takes its time to load LiteLLM: no test is about that.
        wait_until(lambda: httpx.get(f"{base}/readyz", timeout=20).is_success, 90, "The warm-up")
        yield base
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=services.headless_chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


def new_device(browser: Browser, site: str, **options: Any) -> BrowserContext:
    """Open a browser with nothing in it yet. Each comes from an address of its own, as sign-in limits count them."""
    number = next(DEVICES)
    seen_from = f"198.18.{number // 250}.{number % 250}"  # addresses kept free for tests, RFC 2544
    context = browser.new_context(
        **{
            "base_url": site,
            "viewport": {"width": 1440, "height": 900},
            "service_workers": "block",  # what they fetch is out of a test's sight
            "extra_http_headers": {"X-Forwarded-For": seen_from},
            **options,
        }
    )
    context.set_default_timeout(15_000)
    return context


@pytest.fixture
def context(browser: Browser, site: str) -> Iterator[BrowserContext]:
    with new_device(browser, site) as context:
        yield context


@contextlib.contextmanager
def watched_tab(context: BrowserContext) -> Iterator[Page]:
    """Open a tab. Anything the browser complains about (a script error, a blocked resource) fails the test."""
    complaints: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    assert complaints == []


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    with watched_tab(context) as page:
        yield page


@pytest.fixture
def person(page: Page) -> str:
    """Someone who has just signed up in this tab; their address."""
    return sign_up(page)


def sign_up(page: Page) -> str:
    address = f"person-{time.monotonic_ns()}@example.com"
    page.goto("/accounts/signup/")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/chat/")
    return address


@pytest.fixture(scope="session")
def cookies(browser: Browser, site: str) -> Any:
    """The session of one person, for tests that do not care who it is."""
    with new_device(browser, site) as context:
        sign_up(context.new_page())
        return context.cookies()


@dataclass
class Complaints:
    """What browsers say in the console. A test that provokes something says what it expects."""

    seen: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.seen.append(str(error.error)))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.seen.append(message.text)

    def unexpected(self) -> list[str]:
        expected = (*self.expected, "Service Worker registration blocked by Playwright")  # as `new_device` asks for
        return [text for text in self.seen if not any(part in text for part in expected)]


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """No error, warning or policy violation in any console of the test."""
    complaints = Complaints()
    yield complaints
    assert complaints.unexpected() == []


Open = Callable[..., Page]


@pytest.fixture
def tab(browser: Browser, site: str, cookies: Any, complaints: Complaints) -> Iterator[Open]:
    """Open a connected chat page on a device of its own, always the same person's; options are Playwright's."""
    with contextlib.ExitStack() as opened:

        def open_tab(path: str = "/chat/", **options: Any) -> Page:
            context = opened.enter_context(new_device(browser, site, **options))
            context.add_cookies(cookies)
            complaints.watch(context)
            page = context.new_page()
            page.goto(path)
            expect(page.get_by_text("Connected", exact=True)).to_be_attached()
            return page

        yield open_tab
