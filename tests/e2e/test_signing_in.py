"""From the mail's own link into the product: confirming, second steps, passkeys, devices, leaving."""

import base64
import hashlib
import hmac
import re
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import services
from tests.e2e.conftest import PASSWORD, ROOT, manage, new_device, watched_tab

WAIT = 20.0


@pytest.fixture(scope="session")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the mail of the strict site arrives, a file each."""
    return tmp_path_factory.mktemp("letters")


@pytest.fixture(scope="session")
def strict_site(environment: dict[str, str], letters: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server where addresses must be confirmed. It is called localhost: passkeys need a name, not a number."""
    own = {
        **environment,
        "DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('strict') / 'db.sqlite3'}",
        "EMAIL_VERIFICATION_REQUIRED": "True",
        "EMAIL_SENDING_ENABLED": "False",
        "DJANGO_EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(letters),
    }
    manage(own, "migrate", "-v0")
    port = services.free_port()
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "config.asgi:application"]
    with (tmp_path_factory.mktemp("log") / "strict.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=own, stdout=log, stderr=subprocess.STDOUT)
    try:
        services.wait_for(port, server)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture
def device(browser: Browser, strict_site: str) -> Iterator[BrowserContext]:
    with new_device(browser, strict_site) as context:
        yield context


@pytest.fixture
def tab(device: BrowserContext) -> Iterator[Page]:
    with watched_tab(device) as page:
        yield page


def letter(letters: Path, to: str) -> str:
    """Return the text of the newest mail to this address."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        for file in sorted(letters.glob("*"), key=lambda file: file.stat().st_mtime_ns, reverse=True):
            message = message_from_bytes(file.read_bytes(), policy=default)
            body = message.get_body(("plain",))
            if message["To"] == to and body:
                return str(body.get_content())
        time.sleep(0.1)
    raise AssertionError(f"No mail came for {to}.")


def link_in(text: str) -> str:
    found = re.search(r"https?://[^/\s]+(/accounts/\S+)", text)
    assert found
    return found[1]


def sign_up(page: Page) -> str:
    address = f"person-{time.monotonic_ns()}@example.com"
    page.goto("/accounts/signup/")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/verify-email/sent/")
    return address


def enter(page: Page, letters: Path) -> str:
    """Sign up and confirm; the tab is then in the chat."""
    address = sign_up(page)
    page.goto(link_in(letter(letters, address)))
    page.get_by_role("button", name="Yes, confirm it").click()
    page.wait_for_url("**/chat/")
    return address


def forget_who_it_is(tab: Page) -> None:
    """Lose all cookies, and with the page whatever answer is on its way and would bring some back."""
    tab.goto("about:blank")
    tab.context.clear_cookies()


def sign_in(page: Page, address: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def confirm_it_is_me(page: Page) -> None:
    expect(page.get_by_role("heading", name="Confirm it is you")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def code_of(secret: str, ahead: int = 0) -> str:
    """Return what an authenticator app shows, `ahead` half-minutes from now."""
    counter = struct.pack(">Q", int(time.time()) // 30 + ahead)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def test_the_mail_s_link_lets_a_new_person_in(tab: Page, letters: Path) -> None:
    address = sign_up(tab)
    expect(tab.get_by_text(address)).to_be_visible()
    expect(tab.get_by_role("button", name="Send a new link")).to_be_disabled()
    expect(tab.get_by_text(re.compile(r"You can ask for another one in \d+ s\."))).to_be_visible()

    tab.goto(link_in(letter(letters, address)))
    tab.get_by_role("button", name="Yes, confirm it").click()

    tab.wait_for_url("**/chat/")


def test_a_link_opened_elsewhere_confirms_and_the_used_one_says_so(
    tab: Page, browser: Browser, strict_site: str, letters: Path
) -> None:
    address = sign_up(tab)
    path = link_in(letter(letters, address))
    phone = new_device(browser, strict_site).new_page()
    phone.goto(path)
    phone.get_by_role("button", name="Yes, confirm it").click()
    phone.wait_for_url("**/accounts/login/**")

    tab.goto(path)
    expect(tab.get_by_role("heading", name="This address is confirmed")).to_be_visible()
    sign_in(tab, address)

    tab.wait_for_url("**/chat/")
    phone.context.close()


def test_a_forgotten_password_is_replaced_by_the_mail_s_link(tab: Page, letters: Path) -> None:
    address = enter(tab, letters)
    forget_who_it_is(tab)
    tab.goto("/accounts/password_reset/")
    tab.get_by_label("E-mail").fill(address)
    tab.get_by_role("button", name="Send the link").click()
    expect(tab.get_by_role("heading", name="Look into your mail")).to_be_visible()

    path = ""
    until = time.monotonic() + WAIT
    while "/reset/" not in path and time.monotonic() < until:
        path = link_in(letter(letters, address))
    tab.goto(path)
    tab.get_by_label("New password").fill("a-better-one-2026")
    tab.get_by_role("button", name="Save the password").click()

    tab.wait_for_url("**/chat/")
    tab.goto(path)
    expect(tab.get_by_role("heading", name="This link no longer works")).to_be_visible()


def test_an_authenticator_app_is_set_up_and_asked_for(tab: Page, letters: Path) -> None:
    address = enter(tab, letters)
    tab.goto("/accounts/mfa/")
    tab.get_by_role("link", name="Set up the app").click()
    confirm_it_is_me(tab)
    secret = tab.locator("#totp-key").inner_text()
    tab.get_by_label("The code your app shows").fill("000000")
    tab.get_by_role("button", name="Turn it on").click()
    expect(tab.get_by_text("This code is not right")).to_be_visible()
    tab.get_by_label("The code your app shows").fill(code_of(secret))
    tab.get_by_role("button", name="Turn it on").click()
    expect(tab.get_by_role("heading", name="Recovery codes")).to_be_visible()
    recovery = tab.locator("#recovery-codes").inner_text().split()[0]

    for code in (code_of(secret, ahead=1), recovery):
        forget_who_it_is(tab)
        sign_in(tab, address)
        expect(tab.get_by_role("heading", name="One more step")).to_be_visible()
        tab.get_by_label("Code").fill("123123")
        tab.get_by_role("button", name="Sign in", exact=True).click()
        expect(tab.get_by_text("This code is not right")).to_be_visible()
        tab.get_by_label("Code").fill(code)
        tab.get_by_role("button", name="Sign in", exact=True).click()
        tab.wait_for_url("**/chat/")


def authenticator(page: Page) -> tuple[Any, str]:
    """Give the browser a fingerprint reader that always says yes."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return cdp, cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def test_a_passkey_signs_in_without_a_password(tab: Page, letters: Path) -> None:
    enter(tab, letters)
    authenticator(tab)
    tab.goto("/accounts/mfa/")
    tab.get_by_role("link", name="Add a passkey").click()
    confirm_it_is_me(tab)
    tab.get_by_label("Name").fill("My laptop")
    tab.get_by_role("button", name="Add the passkey").click()
    expect(tab.get_by_role("heading", name="Recovery codes")).to_be_visible()

    forget_who_it_is(tab)
    tab.goto("/accounts/login/")
    tab.get_by_role("button", name="Sign in with a passkey").click()

    tab.wait_for_url("**/chat/")
    tab.goto("/accounts/mfa/webauthn/")
    expect(tab.get_by_role("heading", name="My laptop")).to_be_visible()


def test_a_refused_passkey_says_so_and_leaves_the_password(tab: Page, letters: Path) -> None:
    address = enter(tab, letters)
    forget_who_it_is(tab)
    cdp, reader = authenticator(tab)
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": reader, "isUserVerified": False})
    tab.goto("/accounts/login/")
    tab.get_by_role("button", name="Sign in with a passkey").click()
    expect(tab.get_by_text("No passkey was used.")).to_be_visible()

    sign_in(tab, address)

    tab.wait_for_url("**/chat/")


def test_a_device_signed_out_from_another_one_says_so_and_keeps_the_draft(
    tab: Page, browser: Browser, strict_site: str, letters: Path
) -> None:
    address = enter(tab, letters)
    phone = new_device(browser, strict_site).new_page()
    sign_in(phone, address)
    phone.wait_for_url("**/chat/")
    expect(phone.get_by_text("Connected", exact=True)).to_be_attached()
    phone.get_by_role("textbox").fill("half a thought")

    tab.goto("/accounts/settings/devices/")
    tab.get_by_role("button", name="Sign out of all other devices").click()
    expect(tab.get_by_text("Signed out of one other device.")).to_be_visible()

    expect(phone.get_by_text("You have been signed out. Your text is kept in this browser.")).to_be_visible(
        timeout=5_000
    )
    phone.get_by_role("link", name="Sign in").click()
    phone.wait_for_url("**/accounts/login/**")
    sign_in(phone, address)
    phone.wait_for_url("**/chat/")
    expect(phone.get_by_role("textbox")).to_have_value("half a thought")
    phone.context.close()
