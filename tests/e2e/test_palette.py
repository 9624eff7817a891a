"""The palette and the keys of the whole page."""

from playwright.sync_api import Page, expect

from tests.e2e.test_accessibility import AXE
from tests.e2e.test_chat_page import finished, say


def test_everything_is_found_by_typing_a_few_letters(page: Page, person: str) -> None:
    page.keyboard.press("Control+/")
    palette = page.get_by_role("dialog", name="Commands")
    field = palette.get_by_role("combobox")
    expect(field).to_be_focused()
    page.evaluate(AXE)
    assert page.evaluate("axe.run().then(({violations}) => violations.map(({id}) => id))") == []

    field.fill("demo")
    expect(palette.get_by_role("option", selected=True)).to_contain_text("Use Parley demo")
    field.press("Enter")
    expect(palette).not_to_be_visible()
    expect(page.get_by_role("button", name="Model")).to_contain_text("Parley demo")

    page.keyboard.press("Control+/")
    field.fill("no such thing")
    expect(palette.get_by_text("Nothing here is called that.")).to_be_visible()
    field.fill("settings")
    palette.get_by_role("option", name="Settings", exact=True).click()
    page.wait_for_url("**/accounts/settings/")


def test_single_keys_work_where_nobody_types_and_can_be_switched_off(page: Page, person: str) -> None:
    field = page.get_by_role("textbox", name="Message")
    field.press("n")
    expect(field).to_have_value("n")  # a letter, and no new chat
    page.locator("#chat-header").click()
    field.evaluate("field => field.blur()")

    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys.get_by_text("Search conversations")).to_be_visible()
    page.keyboard.press("s")
    expect(keys).to_be_visible()  # nothing happens behind a dialog
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(page.get_by_role("dialog", name="Search conversations")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(field).to_be_focused()

    field.evaluate("field => field.blur()")
    page.keyboard.press("?")
    keys.get_by_label("Single keys work on this device").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    expect(page.get_by_text("Connected", exact=True)).to_be_attached()
    field.evaluate("field => field.blur()")
    page.keyboard.press("s")
    page.keyboard.press("Control+/")
    expect(page.get_by_role("dialog", name="Commands")).to_be_visible()
    expect(page.get_by_role("dialog", name="Search conversations")).not_to_be_visible()


def test_keys_go_from_conversation_to_conversation(page: Page, person: str) -> None:
    for number, name in enumerate(("Badger", "Crane", "Otter")):
        if number:
            page.keyboard.press("Escape")
            page.get_by_role("link", name="New chat").first.click()
        say(page, f"{name} [[fake 5t]]")
        finished(page)
    page.get_by_role("textbox", name="Message").evaluate("field => field.blur()")
    shown = page.locator(".message-user").first

    for key, name in (("j", "Crane"), ("j", "Badger"), ("j", "Badger"), ("k", "Crane"), ("[", "Otter"), ("k", "Otter")):
        page.keyboard.press(key)
        expect(shown).to_contain_text(name)
        expect(page.locator(".thread-list [aria-current]")).to_have_count(1)
        page.get_by_role("textbox", name="Message").evaluate("field => field.blur()")
    page.get_by_role("textbox", name="Message").press("j")
    expect(shown).to_contain_text("Otter")  # a letter of a message goes nowhere
