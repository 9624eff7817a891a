"""Versions of messages and branches of a conversation, in two tabs at once."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Complaints, Open
from tests.e2e.test_accessibility import AXE
from tests.e2e.test_chat_page import OFFLINE, finished, questions, replies, say, stop_button, thread_address

HALF = "'\\ud83e'"
"""The first half of an otter: in a browser a text, in UTF-8 nothing."""


def do(message: Locator, name: str) -> None:
    message.hover()
    message.get_by_role("button", name=name, exact=True).click()


def field(page: Page) -> Locator:
    return page.get_by_label("Edit your message")


def edit(page: Page, number: int, text: str) -> None:
    do(questions(page).nth(number), "Edit")
    field(page).fill(text)
    field(page).press("Enter")
    expect(field(page)).to_have_count(0)


def version(message: Locator, name: str) -> None:
    expect(message.locator(".versions")).to_contain_text(name)


def faults(page: Page) -> list[str]:
    page.evaluate(AXE)
    seen: Any = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in seen["violations"]]


def two_tabs(tab: Open) -> tuple[Page, Page]:
    page = tab()
    say(page, "One [[fake 5t]]")
    finished(page)
    say(page, "Two [[fake 6t]]")
    finished(page, 2)
    other = tab(thread_address(page))
    finished(other, 2)
    return page, other


def test_an_edit_is_another_version_and_every_tab_shows_the_one_that_was_chosen(tab: Open) -> None:
    page, other = two_tabs(tab)
    do(questions(page).nth(1), "Edit")
    expect(field(page)).to_be_focused()
    expect(field(page)).to_have_value("Two [[fake 6t]]")
    field(page).press("Shift+Enter")
    field(page).type("and more")
    expect(field(page)).to_have_value("Two [[fake 6t]]\nand more")
    assert faults(page) == []
    field(page).press("Escape")
    expect(field(page)).to_have_count(0)
    expect(questions(page).nth(1).get_by_role("button", name="Edit")).to_be_focused()

    edit(page, 1, "Two, said better [[fake 7t]]")
    for one in (page, other):
        expect(questions(one).nth(1)).to_contain_text("Two, said better")
        finished(one, 2)
        version(questions(one).nth(1), "2 of 2")

    edit(other, 0, "One, said better [[fake 4t]]")
    for one in (page, other):
        finished(one, 1)
        version(questions(one).first, "2 of 2")
    do(questions(page).first, "Previous version")
    for one in (page, other):
        finished(one, 2)
        version(questions(one).first, "1 of 2")
        expect(questions(one).nth(1)).to_contain_text("Two, said better")

    other.get_by_role("button", name="Previous version").nth(1).focus()
    other.keyboard.press("ArrowLeft")
    for one in (page, other):
        version(questions(one).nth(1), "1 of 2")
        expect(questions(one).nth(1)).not_to_contain_text("said better")
    expect(questions(other).nth(1).get_by_role("button", name="Next version")).to_be_focused()
    assert faults(other) == []
    page.reload()
    finished(page, 2)
    version(questions(page).nth(1), "1 of 2")


def test_any_reply_can_be_answered_anew_by_another_model_and_any_message_begins_a_new_thread(tab: Open) -> None:
    page, other = two_tabs(tab)
    first = replies(page).first
    first.hover()
    first.get_by_role("button", name="Regenerate with another model").click()
    expect(page.get_by_role("menuitem").nth(0)).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(first.get_by_role("button", name="Regenerate with another model")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Parley demo").press("Enter")
    for one in (page, other):
        finished(one, 1)
        version(replies(one).first, "2 of 2")
        expect(replies(one).first.locator(".message-model")).to_contain_text("Parley demo")
    do(replies(other).first, "Previous version")
    for one in (page, other):
        finished(one, 2)
        version(replies(one).first, "1 of 2")

    address = page.url
    do(replies(page).first, "New conversation from here")
    expect(page).not_to_have_url(address)
    finished(page, 1)
    expect(questions(page)).to_have_count(1)
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    expect(page).to_have_title(re.compile("^Branch of "))
    expect(other.locator(".thread-item").first).to_contain_text("Branch of")
    say(page, "On its own [[fake 3t]]")
    finished(page, 2)
    expect(questions(other)).to_have_count(2)
    expect(other.get_by_text("On its own")).to_have_count(0)


def test_what_is_typed_in_an_edit_stays_and_a_reply_is_written_on_while_another_branch_is_read(tab: Open) -> None:
    page, other = two_tabs(tab)
    do(questions(page).first, "Edit")
    field(page).fill("Half a thou")
    say(other, "Three [[fake 5t]]")
    finished(page, 3)
    expect(field(page)).to_have_value("Half a thou")
    page.reload()
    expect(field(page)).to_have_value("Half a thou")
    field(page).focus()
    page.keyboard.press("Escape")

    edit(page, 2, "Three, slowly [[fake 400t 20r]]")
    version(questions(other).nth(2), "2 of 2")
    do(questions(page).nth(2), "Previous version")
    for one in (page, other):
        version(questions(one).nth(2), "1 of 2")
        expect(one.get_by_text("A reply is being written in another version.")).to_be_visible()
    other.get_by_role("button", name="Show it").click()
    for one in (page, other):
        version(questions(one).nth(2), "2 of 2")
        expect(replies(one).last).to_contain_text("fjord5")
    stop_button(page).click()
    expect(finished(page, 3)).to_contain_text("You stopped this reply.")

    page.get_by_role("button", name="Continue").click()
    for one in (page, other):
        expect(one.get_by_text("You stopped this reply.")).to_have_count(0)
        expect(finished(one, 3)).to_contain_text("fjord5")
        expect(replies(one).last.locator(".versions")).to_have_count(0)


def test_an_edit_that_waited_takes_every_tab_to_its_branch(tab: Open) -> None:
    page, other = two_tabs(tab)
    edit(page, 0, "One, said better [[fake 4t]]")
    finished(other, 1)
    do(questions(page).first, "Previous version")
    finished(other, 2)
    say(page, "Three [[fake 100t 20r]]")
    expect(replies(other)).to_have_count(3)
    edit(page, 1, "Two, in another way [[fake 5t]]")
    do(questions(other).first, "Next version")
    for one in (page, other):
        expect(questions(one).first).to_contain_text("said better")

    for one in (page, other):
        version(questions(one).first, "1 of 2")
        expect(questions(one).nth(1)).to_contain_text("in another way")
        version(questions(one).nth(1), "2 of 2")
        finished(one, 2)


def test_an_edit_the_server_refuses_is_told_why_and_loses_no_word(tab: Open) -> None:
    page, other = two_tabs(tab)
    do(questions(page).first, "Edit")
    field(page).fill("One, and half of an otter: ")
    field(page).evaluate(f"field => {{ field.value += {HALF}; field.dispatchEvent(new Event('input')) }}")
    field(page).press("Enter")

    note = page.get_by_role("alert")
    expect(note).to_contain_text("A message cannot contain half of a character.")
    expect(questions(page).last).to_contain_text("One, and half of an otter")
    assert faults(page) == []
    page.reload()
    expect(note).to_contain_text("A message cannot contain half of a character.")
    note.get_by_role("button", name="Edit").click()

    expect(note).to_have_count(0)
    expect(questions(page)).to_have_count(2)
    expect(field(page)).to_be_focused()
    assert field(page).input_value().startswith("One, and half of an otter")
    field(page).fill("One, and a whole otter [[fake 5t]]")
    field(page).press("Enter")
    for one in (page, other):
        version(questions(one).first, "2 of 2")
        expect(questions(one)).to_have_count(1)
        expect(questions(one).first).to_contain_text("a whole otter")


def test_a_tab_that_was_away_appends_and_says_that_there_is_something_newer(tab: Open, complaints: Complaints) -> None:
    complaints.expected = OFFLINE
    page, other = two_tabs(tab)
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("Reconnecting")).to_be_visible()
    say(page, "From away [[fake 3t]]")
    say(other, "Meanwhile [[fake 4t]]")
    finished(other, 3)
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")

    for one in (page, other):
        finished(one, 4)
        expect(questions(one).nth(2)).to_contain_text("Meanwhile")
        expect(questions(one).nth(3)).to_contain_text("From away")
    expect(questions(page).nth(3)).to_contain_text("Newer messages were added before this one")
    expect(other.get_by_text("Newer messages")).to_have_count(0)
