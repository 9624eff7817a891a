"""The product as an app: without a net it says so, keeps what was typed, and comes back by itself."""

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import new_device, sign_up


def test_without_a_net_the_app_says_so_and_comes_back_with_it(browser: Browser, site: str) -> None:
    with new_device(browser, site, service_workers="allow") as context:
        page = context.new_page()
        sign_up(page)
        page.get_by_role("textbox", name="Message").fill("Half a thought")
        page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
        page.wait_for_timeout(400)  # a draft is kept a moment after the last key
        while_offline(page, page.reload, "You are offline")

        expect(page.get_by_role("textbox", name="Message")).to_have_value("Half a thought", timeout=20_000)


def while_offline(page: Page, act: Callable[[], object], heading: str) -> None:
    page.context.set_offline(True)
    act()
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    page.context.set_offline(False)
