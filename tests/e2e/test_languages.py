"""The page in another language, and read from the right, in a real browser."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.conftest import Open, new_device, watched_tab
from tests.e2e.test_accessibility import faults
from tests.e2e.test_chat_page import finished, say

TURNED = """new MutationObserver((_, seen) => {
  if (!document.documentElement) return;
  document.documentElement.dir = "rtl";
  seen.disconnect();
}).observe(document, { childList: true });"""
"""No language of the product is read from the right yet: what the page is told of its direction is said for it."""
CODE = "[[fake 80t page]] مرحبا"
Theme = Literal["light", "dark"]


def test_a_person_chooses_german_and_every_part_speaks_it(context: BrowserContext, page: Page, person: str) -> None:
    with watched_tab(context) as other:
        other.goto("/chat/")
        expect(other.get_by_placeholder("Write a message")).to_be_visible()
        page.goto("/accounts/settings/")
        page.get_by_label("Language").select_option("de")
        page.locator("form").filter(has=page.get_by_label("Language")).get_by_role("button").last.click()
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page.locator("html")).to_have_attribute("dir", "ltr")

        page.goto("/chat/")
        field = page.get_by_placeholder("Nachricht schreiben")
        field.fill("[[fake 5t]] Otter")
        field.press("Enter")
        reply = page.get_by_role("article", name="Antwort")
        expect(reply.get_by_role("button", name="Einzelheiten")).to_be_visible()
        expect(page.locator(".thread-group")).to_have_text("Heute")
        assert faults(page) == []
        page.set_viewport_size({"width": 1440, "height": 900})
        reply.get_by_role("button", name="Einzelheiten").click()
        expect(reply).to_contain_text("Gelesen")
        field.fill("[[fake badkey]]")
        field.press("Enter")
        expect(page.get_by_role("log")).to_contain_text("hat unseren API-Schlüssel nicht angenommen")

        page.keyboard.press("Control+/")
        expect(page.get_by_role("dialog", name="Befehle").get_by_role("option", name="Neuer Chat")).to_be_visible()
        page.keyboard.press("Escape")
        page.locator(".thread-item").hover()
        page.get_by_role("button", name="Optionen für").click()
        page.get_by_role("menuitem", name="Archivieren", exact=True).click()
        expect(page.locator("[data-toast]").last).to_contain_text(re.compile("„.+“ ist archiviert."))

        for address, says in (
            ("/spending/", "Diesen Monat"),
            ("/operations/", "Übersicht"),
            ("/teams/", "Team anlegen"),
        ):
            page.goto(address)
            expect(page.get_by_text(says).first).to_be_visible()
        expect(other.get_by_placeholder("Write a message")).to_be_visible()
        other.reload()
        expect(other.get_by_role("heading", name="Was beschäftigt dich?")).to_be_visible()


def test_a_stranger_chooses_german_at_the_foot(browser: Browser, site: str) -> None:
    with (
        new_device(browser, site, viewport={"width": 390, "height": 844}, locale="en-US") as context,
        watched_tab(context) as page,
    ):
        page.goto("/")
        page.get_by_role("button", name="Deutsch").click()
        expect(page.locator("html")).to_have_attribute("lang", "de")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.goto("/accounts/login/")
        expect(page.get_by_role("button", name="Anmelden", exact=True)).to_be_visible()
        assert faults(page) == []


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_a_page_read_from_the_right_is_turned_round(tab: Open, width: int, theme: Theme) -> None:
    page = tab(viewport={"width": width, "height": 844}, color_scheme=theme, reduced_motion="reduce")
    page.add_init_script(TURNED)
    page.reload()
    say(page, CODE)
    finished(page)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert middle(page.locator(".composer-send")) < width / 2
    assert middle(page.get_by_role("button", name="Attach files")) > width / 2
    assert middle(page.locator(".message-user").first) < width / 2
    code = page.locator(".message-reply pre").first
    assert code.evaluate("block => getComputedStyle(block).direction") == "ltr"
    if width < 768:
        page.locator(".chat-toggle").click()
        expect(page.locator("#sidebar")).to_be_in_viewport(ratio=0.99)
    assert middle(page.locator("#sidebar")) > width / 2
    page.locator(".thread-item").first.hover()
    page.locator(".thread-options").first.click()
    menu = page.get_by_role("menu")
    expect(menu).to_be_in_viewport(ratio=0.99)
    page.keyboard.press("Escape")
    if width < 768:
        page.keyboard.press("Escape")
    page.locator(".chat-settings").click()
    panel = page.get_by_role("dialog")
    expect(panel).to_be_in_viewport(ratio=0.9)
    assert faults(page) == []


def middle(shown: Locator) -> float:
    box = shown.bounding_box()
    assert box
    return box["x"] + box["width"] / 2
