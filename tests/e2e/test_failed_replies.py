"""What a reply that failed offers, in two tabs and after a reload."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Open
from tests.e2e.test_branches import faults, field, version
from tests.e2e.test_chat_page import finished, questions, replies, say, thread_address


def ways(page: Page) -> Locator:
    return page.locator(".reply-ways").get_by_role("button")


def test_what_another_try_cannot_mend_offers_what_can(tab: Open) -> None:
    page = tab()
    say(page, "[[fake status400]]")
    expect(replies(page).last).to_contain_text("did not accept the request.")
    other = tab(thread_address(page))
    for one in (page, other):
        expect(ways(one)).to_have_text(["Edit the message", "Another model"])
        expect(replies(one).last.get_by_role("button", name="Regenerate")).to_have_count(0)
    assert faults(page) == []
    page.keyboard.press("Control+/")
    page.get_by_role("dialog", name="Commands").get_by_role("combobox").fill("Regenerate")
    expect(page.get_by_role("option", name="Regenerate the last reply")).to_have_count(0)
    page.keyboard.press("Escape")

    ways(page).first.click()
    expect(field(page)).to_be_focused()
    field(page).fill("[[fake status404]]")
    field(page).press("Enter")
    for one in (page, other):
        version(questions(one).last, "2 of 2")
        expect(ways(one)).to_have_text(["Another model"])
    ways(other).click()
    expect(other.get_by_role("menuitem")).to_have_count(1)  # not the one that cannot
    other.get_by_role("menuitem").click()
    for one in (page, other):
        expect(finished(one)).not_to_contain_text("The provider does not know this model")
        expect(ways(one)).to_have_count(0)


def test_the_time_until_another_try_is_the_same_in_each_tab_and_after_a_reload(tab: Open) -> None:
    page = tab()
    say(page, "[[fake status429 after90]]")
    expect(ways(page).first).to_have_text(re.compile("Try again in 1 min"))
    page.wait_for_timeout(1500)
    other = tab(thread_address(page), viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.reload()
    left = [_left(one) for one in (page, other)]
    assert max(left) <= 89 and abs(left[0] - left[1]) <= 2
    assert faults(other) == []

    ways(page).first.click()
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_visible()
    page.reload()
    expect(ways(page).first).to_have_text(re.compile("Try again in"))
    assert _left(page) <= left[0]


def _left(page: Page) -> int:
    expect(ways(page).first).to_have_text(re.compile("Try again in"))
    found = re.search(r"(?:(\d+) min )?(\d+) s", ways(page).first.inner_text())
    assert found
    return int(found[1] or 0) * 60 + int(found[2])
