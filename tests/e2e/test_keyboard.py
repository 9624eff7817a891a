"""The main ways through the product without a pointer. Nothing here clicks, fills or focuses: keys alone do it."""

import time

from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD

MOST_STEPS = 60


def go_to(page: Page, name: str) -> None:
    """Press Tab until the element of this name has the focus, and see that the focus is visible there."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() and name in (focused.evaluate(NAME) or ""):
            assert focused.evaluate(IS_MARKED), f"{name} has the focus, and nothing shows it."
            return
    raise AssertionError(f"{name} cannot be reached with the Tab key.")


NAME = "e => e.ariaLabel || (e.labels && e.labels[0] ? e.labels[0].innerText : '') || e.innerText || e.placeholder"
IS_MARKED = """e => {
  const marks = (element) => {
    const style = getComputedStyle(element);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  };
  return marks(e) || marks(e.parentElement) || Boolean(e.closest(".composer"));
}"""


def sign_up_by_keys(page: Page) -> None:
    page.goto("/accounts/signup/")
    page.keyboard.type(f"keys-{time.monotonic_ns()}@example.com")  # the first field has the focus already
    go_to(page, "Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/chat/")


def test_somebody_signs_up_and_chats(page: Page, site: str) -> None:
    sign_up_by_keys(page)
    expect(page.get_by_text("Connected", exact=True)).to_be_attached()

    go_to(page, "Message")
    page.keyboard.type("Hello there")
    page.keyboard.press("Enter")

    expect(page.locator(".message-reply").last).not_to_be_empty()
    page.wait_for_url("**/chat/*-*/")


def test_the_account_menu_opens_moves_and_closes(page: Page, person: str) -> None:
    page.goto("/accounts/settings/")
    go_to(page, "Your account")
    page.keyboard.press("Enter")
    expect(page.locator("[role^=menuitem]").first).to_be_focused()

    for _ in range(page.locator("[role^=menuitem]:visible").count()):
        if page.locator(":focus").inner_text() == "Help":
            break
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Help")).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.get_by_role("menuitem", name="Help")).to_be_hidden()
    expect(page.get_by_role("button", name="Your account")).to_be_focused()


def test_the_first_press_of_tab_offers_to_skip_what_is_around_the_page(page: Page, person: str) -> None:
    page.goto("/accounts/settings/")
    go_to(page, "Skip to content")
    page.keyboard.press("Enter")

    expect(page.locator("#main")).to_be_focused()


def test_help_is_searched_and_left_again(page: Page, person: str) -> None:
    page.goto("/help/")
    go_to(page, "Search this page")
    page.keyboard.type("passkey")

    expect(page.locator("[data-help-found]")).to_contain_text("found")
    expect(page.get_by_role("heading", name="Signing in")).to_be_visible()
    expect(page.get_by_role("heading", name="Your first conversation")).to_be_hidden()
