"""The sidebar: threads renamed, pinned, archived, deleted and brought back, in two tabs at once."""

import re
import time

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Complaints, Open
from tests.e2e.test_chat_page import finished, questions, say, thread_address


def fresh_title() -> str:
    return f"Otters {time.monotonic_ns()}"


def row(page: Page, title: str) -> Locator:
    return page.locator(".thread-item").filter(has_text=title)


def do(page: Page, title: str, action: str) -> None:
    row(page, title).hover()
    row(page, title).get_by_role("button", name=f"Options for {title}").click()
    page.get_by_role("menuitem", name=action, exact=True).click()


def talked_about(page: Page) -> str:
    """Start a thread and name it; return its name."""
    say(page, "[[fake 5t 40r]]")
    finished(page)
    title = fresh_title()
    current = page.locator(".thread-item").filter(has=page.locator("[aria-current=page]"))
    current.hover()
    current.get_by_role("button", name=re.compile("^Options for")).click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_label("Name of the conversation").fill(title)
    page.keyboard.press("Enter")
    expect(row(page, title)).to_be_visible()
    return title


def test_a_new_name_is_in_every_tab_and_stays(tab: Open) -> None:
    page, other = tab(), tab()
    title = talked_about(page)

    expect(row(other, title)).to_be_visible()
    expect(page).to_have_title(re.compile(title))
    page.reload()
    expect(row(page, title)).to_be_visible()


def test_a_name_being_typed_can_be_given_up(tab: Open) -> None:
    page = tab()
    title = talked_about(page)
    do(page, title, "Rename")
    page.get_by_label("Name of the conversation").fill("Something else")
    page.keyboard.press("Escape")

    expect(row(page, title)).to_be_visible()
    expect(page.get_by_text("Something else")).to_have_count(0)


def test_a_deleted_thread_leaves_both_tabs_and_undo_brings_it_back(tab: Open) -> None:
    page, other = tab(), tab()
    title = talked_about(page)
    address = thread_address(page)
    other.goto(address)
    expect(questions(other)).to_have_count(1)
    do(page, title, "Delete")

    expect(row(page, title)).to_have_count(0)
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    expect(row(other, title)).to_have_count(0)
    expect(questions(other)).to_have_count(0)

    page.get_by_role("button", name="Undo").click()
    expect(row(page, title)).to_be_visible()
    expect(row(other, title)).to_be_visible()
    expect(questions(other)).to_have_count(1)


def test_a_pinned_thread_stands_above_newer_ones_and_an_archived_one_by_itself(tab: Open) -> None:
    page, other = tab(), tab()
    pinned = talked_about(page)
    page.get_by_role("link", name="New chat").first.click()
    away = talked_about(page)
    do(page, pinned, "Pin")
    for one in (page, other):
        expect(one.locator(".thread-item").first).to_contain_text(pinned)
        expect(one.get_by_role("heading", name="Pinned")).to_be_visible()

    do(page, away, "Archive")
    expect(row(page, away)).to_have_count(0)
    expect(row(other, away)).to_have_count(0)
    other.get_by_role("button", name="Archived").click()
    expect(row(other, away)).to_be_visible()
    do(other, away, "Move back to the list")
    expect(row(other, away)).to_have_count(0)
    expect(row(page, away)).to_be_visible()

    do(page, pinned, "Unpin")
    expect(page.locator(".thread-item").first).to_contain_text(away)


def test_the_menu_of_a_thread_works_with_keys_alone(tab: Open) -> None:
    page = tab()
    title = talked_about(page)
    options = row(page, title).get_by_role("button", name=f"Options for {title}")
    options.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Rename")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Delete")).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.get_by_role("menuitem", name="Delete")).to_be_hidden()
    expect(options).to_be_focused()


def test_what_the_server_refuses_is_told_and_nothing_is_lost(tab: Open, complaints: Complaints) -> None:
    complaints.expected = ("503",)
    page = tab()
    title = talked_about(page)
    page.route("**/api/threads/change/", lambda route: route.fulfill(status=503, body="{}"))
    do(page, title, "Delete")

    expect(page.get_by_text("That could not be done. Try again in a moment.")).to_be_visible()
    expect(row(page, title)).to_be_visible()
