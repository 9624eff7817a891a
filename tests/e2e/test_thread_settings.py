"""The settings of a conversation, presets, the gauge of its context and the summary of a long one, in two tabs."""

import re

from playwright.sync_api import Locator, Page, Route, expect

from llm_service.fakes import FakeServer
from tests.e2e.conftest import Complaints, Open
from tests.e2e.test_accessibility import AXE
from tests.e2e.test_chat_page import finished, say

LONG = "All about otters. " * 3_900


def settings_of(page: Page) -> Locator:
    """Open the panel and wait until what can be set is there."""
    page.get_by_role("button", name="Conversation settings").click()
    panel = page.get_by_role("dialog", name="Conversation settings")
    expect(panel.get_by_label("The longest reply")).to_be_visible()
    return panel


def close(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def nothing_wrong(page: Page) -> None:
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found["violations"]] == []


def test_settings_go_with_the_first_message_and_follow_into_every_tab(tab: Open, models: FakeServer) -> None:
    page = tab()
    panel = settings_of(page)
    panel.get_by_label("Instructions").fill("Answer like a pirate.")
    panel.get_by_label("Temperature").fill("9")
    panel.get_by_label("Temperature").press("Tab")
    expect(panel.get_by_text("Temperature is a number from 0 to 2.")).to_be_visible()
    expect(panel.get_by_role("status").first).to_have_text("Not saved yet")
    nothing_wrong(page)
    panel.get_by_label("Temperature").fill("0,25")
    panel.get_by_label("Temperature").press("Tab")
    expect(panel.get_by_role("status").first).to_have_text("Kept for your first message")
    panel.get_by_role("button", name="Save as a preset").click()
    panel.get_by_label("Name").fill("Pirate")
    panel.get_by_label("Begin new conversations with it").check()
    panel.get_by_role("button", name="Save", exact=True).click()
    expect(panel.get_by_text("In use")).to_be_visible()
    close(page)

    say(page, "[[fake 5t 40r]]")
    finished(page)

    sent = next(one.body for one in models.seen if one.body.get("temperature") == 0.25)
    assert sent["messages"][0]["content"].endswith("Answer like a pirate.")
    other = tab(page.url)
    theirs = settings_of(other)
    expect(theirs.get_by_label("Instructions")).to_have_value("Answer like a pirate.")
    mine = settings_of(page)
    theirs.get_by_label("Instructions").fill("Answer like a poet.")
    theirs.get_by_label("Temperature").fill("")
    theirs.get_by_label("Temperature").press("Tab")
    expect(theirs.get_by_role("status").first).to_have_text("Saved")
    expect(mine.get_by_label("Instructions")).to_have_value("Answer like a poet.")
    expect(mine.get_by_label("Temperature")).to_have_value("")
    mine.get_by_role("button", name="Use Pirate").click()
    expect(theirs.get_by_label("Instructions")).to_have_value("Answer like a pirate.")
    mine.get_by_label("Model").select_option("demo/parley")
    expect(mine.get_by_text("does not take these, so they are left out")).to_be_visible()
    expect(theirs.get_by_label("Model")).to_have_value("demo/parley")
    nothing_wrong(page)
    close(page)

    fresh, empty, begun = tab(), tab(), tab()
    for panel in map(settings_of, (fresh, empty, begun)):
        expect(panel.get_by_label("Instructions")).to_have_value("Answer like a pirate.")
    painted = begun.get_by_label("Instructions")
    painted.fill("Answer like a painter.")
    painted.press("Tab")
    empty.keyboard.press("Escape")
    panel = fresh.get_by_role("dialog", name="Conversation settings")
    panel.get_by_label("More for Pirate").click()
    panel.get_by_role("button", name="Delete").click()
    expect(panel.get_by_text("Pirate is deleted")).to_be_visible()
    expect(settings_of(empty).get_by_label("Instructions")).to_have_value("")  # a new chat follows its default
    expect(painted).to_have_value("Answer like a painter.")  # until something is chosen in it


def test_an_open_panel_follows_what_is_done_to_presets_in_another_tab(tab: Open) -> None:
    page, other = tab(), tab()
    mine, theirs = settings_of(page), settings_of(other)
    theirs.get_by_role("button", name="Save as a preset").click()
    theirs.get_by_label("Name").fill("Half a na")

    mine.get_by_role("button", name="Save as a preset").click()
    mine.get_by_label("Name").fill("Sailor")
    mine.get_by_role("button", name="Save", exact=True).click()
    expect(theirs.get_by_role("listitem").filter(has_text="Sailor")).to_be_visible()
    expect(theirs.get_by_label("Name")).to_have_value("Half a na")
    theirs.get_by_role("button", name="Cancel").click()

    mine.get_by_label("More for Sailor").click()
    mine.get_by_role("button", name="Rename").click()
    nothing_wrong(page)
    expect(mine.get_by_label("Name")).to_have_value("Sailor")
    mine.get_by_label("Name").fill("Captain")
    mine.get_by_label("Name").press("Enter")
    expect(theirs.get_by_role("listitem").filter(has_text="Captain")).to_be_visible()
    expect(theirs.get_by_role("listitem").filter(has_text="Sailor")).to_have_count(0)

    theirs.get_by_label("More for Captain").click()
    theirs.get_by_role("button", name="Rename").click()
    mine.get_by_label("More for Captain").click()
    mine.get_by_role("button", name="Delete").click()
    expect(theirs.get_by_role("listitem").filter(has_text="Captain")).to_have_count(0)
    expect(theirs.get_by_role("status").first).to_have_text("Captain is deleted")
    expect(theirs.get_by_role("button", name="Save as a preset")).to_be_focused()
    nothing_wrong(other)


def test_a_deleted_preset_comes_back_as_it_was(tab: Open) -> None:
    page, other = tab(), tab()
    mine, theirs = settings_of(page), settings_of(other)
    mine.get_by_label("Instructions").fill("Answer like a diver.")
    mine.get_by_role("button", name="Save as a preset").click()
    mine.get_by_label("Name").fill("Diver")
    mine.get_by_label("Begin new conversations with it").check()
    mine.get_by_role("button", name="Save", exact=True).click()
    line = theirs.get_by_role("listitem").filter(has_text="Diver")
    expect(line).to_contain_text("Default")

    mine.get_by_label("More for Diver").click()
    mine.get_by_role("button", name="Delete").click()
    mine.get_by_text("Diver is deleted").hover()  # it waits for whoever points at it
    nothing_wrong(page)
    expect(line).to_have_count(0)
    mine.get_by_role("button", name="Undo").click()

    expect(line).to_contain_text("Default")
    expect(theirs.get_by_label("Instructions")).to_have_value("Answer like a diver.")

    theirs.get_by_label("More for Diver").click()
    theirs.get_by_role("button", name="Delete").click()
    expect(mine.get_by_role("listitem").filter(has_text="Diver")).to_have_count(0)


def test_a_long_conversation_is_summarised_where_both_tabs_show_it(tab: Open) -> None:
    page = tab()
    say(page, f"{LONG} [[fake 5t 40r]]")
    finished(page)
    other = tab(page.url)
    say(page, f"{LONG} [[fake 5t 40r]]")
    finished(page, 2)

    for one in (page, other):
        line = one.get_by_text("2 earlier messages above are summarised for the model")
        expect(line).to_be_attached()
    expect(page.get_by_role("button", name=re.compile("of the context is used"))).to_be_visible()
    other.get_by_text("2 earlier messages above are summarised").click()
    expect(other.get_by_text("Written by fake-20t.")).to_be_visible()
    nothing_wrong(other)
    page.get_by_role("button", name=re.compile("of the context is used")).click()
    panel = page.get_by_role("dialog", name="Conversation settings")
    expect(panel.get_by_text("2 earlier messages summarised")).to_be_visible()
    expect(panel.get_by_role("meter", name="Context used")).to_be_visible()
    nothing_wrong(page)
    close(page)

    picker = page.get_by_role("button", name=re.compile("^Model:"))
    picker.press("Enter")
    expect(page.get_by_role("option", name=re.compile("Parley demo.*free"))).to_be_visible()
    nothing_wrong(page)
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(picker).to_have_accessible_name("Model: Parley demo (offline)")
    expect(picker).to_be_focused()


def test_a_closed_panel_stays_closed_whatever_comes_of_its_last_change(tab: Open, complaints: Complaints) -> None:
    page = tab()
    complaints.expected = ("ERR_FAILED",)
    say(page, "[[fake 5t 40r]]")
    finished(page)
    held: list[Route] = []
    page.route("**/settings/", lambda route: held.append(route))
    panel = settings_of(page)
    panel.get_by_label("Instructions").fill("Answer like a pirate.")
    with page.expect_request("**/settings/"):
        close(page)

    held.pop().abort()
    refused = page.get_by_role("status").filter(has_text="Conversation settings: This could not be saved.")
    expect(refused).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    with page.expect_request("**/settings/"):
        refused.get_by_role("button", name="Try again").click()
    with page.expect_response("**/settings/"):
        held.pop().continue_()

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(settings_of(page).get_by_label("Instructions")).to_have_value("Answer like a pirate.")
