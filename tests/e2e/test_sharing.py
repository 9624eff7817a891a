"""What leaves a conversation and comes into one: links, files, paper; temporary chats; feedback. In two tabs."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Complaints, Open, new_device
from tests.e2e.test_accessibility import AXE
from tests.e2e.test_chat_page import finished, questions, say, thread_address, wait_for_word


def clean(page: Page) -> None:
    """Have axe look at what is on the screen."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found["violations"]] == []


def test_a_link_shows_strangers_what_was_said_until_it_is_revoked(
    tab: Open, browser: Browser, site: str, complaints: Complaints
) -> None:
    complaints.expected = ("404",)
    page = tab(bypass_csp=True)
    say(page, "Tell me **all** [[fake 4t]]")
    finished(page)
    page.get_by_role("button", name="Share and export").click()
    dialog = page.get_by_role("dialog", name="Share and export")
    dialog.get_by_label("It lasts").select_option(label="7 days")
    dialog.get_by_role("button", name="Make a link").click()
    until = dialog.get_by_text(re.compile("^Until .* 20")).first
    expect(until).to_be_visible()
    address = dialog.get_by_role("textbox", name="Link").input_value()
    clean(page)

    with new_device(browser, site) as strange:
        complaints.watch(strange)
        stranger = strange.new_page()
        stranger.goto(address)
        expect(stranger.get_by_role("article", name="Reply").locator("p")).to_contain_text("amber0 birch1")
        dialog.get_by_role("button", name="Close", exact=True).click()
        say(page, "Something later [[fake 3t]]")
        finished(page, 2)
        stranger.reload()
        expect(stranger.get_by_text("Something later")).to_have_count(0)

        page.get_by_role("button", name="Share and export").click()
        expect(dialog.get_by_text("The conversation has changed since.")).to_be_visible()
        dialog.get_by_role("button", name="Update the link").click()
        expect(dialog.get_by_text("It shows the conversation as it is now.")).to_be_visible()
        expect(until).to_be_visible()
        stranger.reload()
        expect(stranger.get_by_text("Something later")).to_be_visible()
        stranger.get_by_role("link", name="Continue").click()
        expect(stranger.get_by_role("button", name="Sign in", exact=True)).to_be_visible()

        reader = tab()
        reader.goto(f"{address}continue/")
        reader.get_by_role("button", name="Continue").click()
        expect(questions(reader)).to_have_count(2)
        assert thread_address(reader) != thread_address(page)

        dialog.get_by_role("button", name="Revoke").click()
        expect(dialog.get_by_role("button", name="Make a link")).to_be_visible()
        stranger.goto(address)
        expect(stranger.get_by_role("heading", name="There is nothing at this link")).to_be_visible()


def test_a_conversation_is_exported_copied_printed_and_imported_again(tab: Open, tmp_path: Path) -> None:
    page = tab(bypass_csp=True)  # what the test looks for is said in scripts of its own
    say(page, "Keep this [[fake 5t]]")
    finished(page)
    page.get_by_role("button", name="Share and export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON, all branches").click()
    value = json.loads(download.value.path().read_text())
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    page.get_by_role("button", name="Copy as Markdown").click()
    page.wait_for_function("window.copied?.includes('amber0 birch1')")
    page.evaluate("window.print = () => { document.title = 'printed'; }")
    page.get_by_role("button", name="Print").click()
    page.wait_for_function("document.title === 'printed'")
    page.evaluate("document.documentElement.className = 'dark'")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "light"  # paper is white
    expect(page.locator(".message-reply")).to_be_visible()
    expect(page.locator("#composer-field, .chat-sidebar, .message-actions").first).to_be_hidden()

    other = tab("/chat/")
    title = f"Imported {value['id'][:8]}"
    file = tmp_path / "conversation.json"
    file.write_text(json.dumps([value | {"id": value["id"][::-1], "title": title}, {"title": "A recipe"}]))
    page.emulate_media(media="screen")
    page.goto("/chat/settings/import/")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("1 conversation imported, 1 could not be read")).to_be_visible()
    other.locator(".thread-item").filter(has_text=title).get_by_role("link").click()
    expect(questions(other)).to_contain_text("Keep this")


def test_a_temporary_chat_is_in_no_list_live_at_its_address_and_gone_once_it_is_left(tab: Open) -> None:
    page, other = tab(bypass_csp=True), tab()
    page.get_by_role("button", name="Temporary chat").click()
    clean(page)
    say(page, "Hush [[fake 6t]]")
    finished(page)
    address = thread_address(page)
    expect(page.get_by_text("Temporary chat: not kept")).to_be_visible()
    expect(page.get_by_role("button", name="Share and export")).to_have_count(0)
    other.goto(address)
    expect(other.get_by_text("Temporary chat: not kept")).to_be_visible()
    say(page, "More [[fake 40t 40r]]")
    wait_for_word(other, "fjord5")
    expect(other.locator(f".thread-item a[href$='{urlsplit(address).path}']")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Temporary chat: not kept")).to_be_visible()
    expect(questions(page)).to_have_count(2)

    page.get_by_role("link", name="New chat").first.click()
    expect(questions(other)).to_have_count(0)
    other.goto(address)
    expect(other.get_by_text("That was a temporary chat. It has been erased.")).to_be_visible()


def test_a_rating_is_in_both_tabs_and_can_be_explained_and_taken_back(tab: Open) -> None:
    page = tab(bypass_csp=True)
    say(page, "Well? [[fake 3t]]")
    finished(page)
    other = tab(thread_address(page))
    bad = page.get_by_role("button", name="Bad reply")
    bad.click()
    page.get_by_text("Not what I asked").click()
    page.get_by_label("In your words").fill("I asked for tea.")
    clean(page)
    page.get_by_role("button", name="Send", exact=True).last.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    for one in (page, other):
        expect(one.get_by_role("button", name="Bad reply")).to_have_attribute("aria-pressed", "true")

    other.get_by_role("button", name="Good reply").click()
    expect(page.get_by_role("button", name="Good reply")).to_have_attribute("aria-pressed", "true")
    expect(bad).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Good reply").click()
    page.get_by_role("button", name="Take back").click()
    expect(other.get_by_role("button", name="Good reply")).to_have_attribute("aria-pressed", "false")
