"""Every page there is, in both themes and on a wide and a narrow screen: axe finds nothing, the browser
complains of nothing (a blocked script or style, say), and nothing is wider than the screen.

The pages are those of the URL resolver, so a new one is looked at without being asked for (`tests/routes.py`).
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests import scene
from tests.e2e.conftest import ROOT, new_device

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
KNOWN = {
    "gallery": "landmark-unique",  # it shows each component twice, once in each theme
    "admin:llm_service_llmcalllog_change": "empty-table-header",  # Django's own table
}
"""What axe finds and nobody can do anything about, by page."""
WIDTHS: dict[str, ViewportSize] = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 390, "height": 844}}
NO_PAGES = {"sandbox_artifact", "sandbox_diagram", "operations:rows"}
"""What is in a frame of a reply, or becomes a part of a page, is looked at there."""
NO_LOOK_WITHOUT_SIGN_IN = "/accounts/login/"
ADDRESSES = (
    "import json, django; django.setup(); from tests import routes, scene; "
    "print(json.dumps(routes.addresses(scene.make())))"
)
EVERYTHING: dict[str, Any] = {
    "resultTypes": ["violations"],
    "rules": {"label-content-name-mismatch": {"enabled": True}},  # axe leaves it out unless it is asked for
}
LOOKS: tuple[tuple[str, Literal["light", "dark"], dict[str, Any]], ...] = (
    ("wide", "light", EVERYTHING),
    ("narrow", "dark", EVERYTHING),
)


@pytest.fixture(scope="module")
def addresses(environment: dict[str, str], site: str) -> dict[str, str]:
    """An address for every route, leading to what was made for it in the site's database."""
    variables = environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", ADDRESSES], cwd=ROOT, env=variables, check=True, timeout=60, capture_output=True
    )
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])  # above it stand the mails the scene sent
    return found


@pytest.fixture(scope="module")
def stranger(browser: Browser, site: str) -> Iterator[BrowserContext]:
    with new_device(browser, site, reduced_motion="reduce") as context:
        yield context


@pytest.fixture(scope="module")
def boss(browser: Browser, site: str, addresses: dict[str, str]) -> Iterator[BrowserContext]:
    context = new_device(browser, site, reduced_motion="reduce")
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(scene.EMAIL)
    page.get_by_label("Password", exact=True).fill(scene.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/chat/")
    page.close()
    yield context
    context.close()


def is_page(context: BrowserContext, address: str) -> bool:
    """Say whether a person sees something at an address: not data, not the way to another address, not a refusal."""
    answer = context.request.get(address, max_redirects=0)
    return answer.status == 200 and "text/html" in answer.headers.get("content-type", "")


def faults(page: Page, known: str = "") -> list[str]:
    """Let axe look at the open page in both themes and widths."""
    page.evaluate(AXE)
    found = []
    for width, theme, rules in LOOKS:
        page.set_viewport_size(WIDTHS[width])
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # half-way colours have no contrast
        if page.evaluate("document.documentElement.scrollWidth") > WIDTHS[width]["width"]:
            found.append(f"{width}: the page is wider than the screen")
        seen = page.evaluate("options => axe.run(options)", rules)
        found += [
            f"{width}, {theme}: {fault['id']}: {node['target']} {' '.join(node['failureSummary'].split())}"
            for fault in seen["violations"]
            if fault["id"] != known
            for node in fault["nodes"][:3]
        ]
    return found


def looked_at(context: BrowserContext, addresses: dict[str, str]) -> dict[str, list[str]]:
    """Look at each page in a tab of its own: what the one before still does is no part of it."""
    seen = {}
    for name, address in addresses.items():
        if is_page(context, address) and name not in NO_PAGES:
            with context.new_page() as page:
                complaints = complaints_of(page)
                page.goto(address)
                seen[name] = faults(page, KNOWN.get(name, "")) + complaints
    return seen


def complaints_of(page: Page) -> list[str]:
    """Return a list that fills with what the browser complains of."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def all_of(seen: dict[str, list[str]]) -> list[str]:
    found = [f"{name}: {fault}" for name, faults in seen.items() for fault in faults]
    print(*found, sep="\n")  # noqa: T201  each one whole, beside the shortened assertion
    return found


@pytest.mark.timeout(400)
def test_no_page_a_stranger_sees_has_a_fault(stranger: BrowserContext, addresses: dict[str, str]) -> None:
    seen = looked_at(stranger, addresses)

    assert {"account_login", "account_signup", "account_reset_password"} <= seen.keys()
    assert all_of(seen) == []


@pytest.fixture(scope="module")
def guarded(stranger: BrowserContext, addresses: dict[str, str]) -> dict[str, str]:
    """What a stranger is sent to sign in for. Other addresses may sign out whoever follows them."""
    return {name: address for name, address in addresses.items() if sends_to_sign_in(stranger, address)}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("part", ["pages", "admin"])
def test_no_page_behind_the_sign_in_has_a_fault(boss: BrowserContext, guarded: dict[str, str], part: str) -> None:
    is_admin = part == "admin"

    seen = looked_at(boss, {name: at for name, at in guarded.items() if name.startswith("admin:") == is_admin})

    expected = {"admin:index", "admin:accounts_user_change"} if is_admin else {"llm_chat:thread", "account_settings"}
    assert expected <= seen.keys()
    assert all_of(seen) == []


def sends_to_sign_in(stranger: BrowserContext, address: str) -> bool:
    answer = stranger.request.get(address, max_redirects=3)
    return NO_LOOK_WITHOUT_SIGN_IN in answer.url


def test_the_admin_wears_the_theme_the_account_chose(boss: BrowserContext) -> None:
    page = boss.new_page()
    page.emulate_media(color_scheme="light")
    page.goto("/admin/")
    page.get_by_role("button", name="Your account").click()
    with page.expect_response("**/settings/theme/"):
        page.get_by_role("menuitem", name="Dark theme").click()

    page.goto("/admin/accounts/user/")

    expect(page.locator("html")).to_have_class("dark")
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
    page.goto("/accounts/settings/")
    with page.expect_response("**/settings/theme/"):
        page.get_by_text("System", exact=True).click()
    page.close()


def test_axe_sees_what_it_is_here_for(stranger: BrowserContext) -> None:
    page = stranger.new_page()
    page.goto("/accounts/login/")
    page.evaluate("document.querySelector('label').remove()")

    assert any("label" in found for found in faults(page))
    page.close()
