"""What a team does not let through: its pages, and what becomes of a conversation, in a real browser."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from llm_service.fakes import FakeServer
from tests.e2e.conftest import watched_tab
from tests.e2e.test_accessibility import faults
from tests.e2e.test_chat_page import finished, questions, replies, say
from tests.e2e.test_money import open_tab_of_team

KIND_WORD = "Code names stay in the house. Ask Ada for the public one."


def test_guardrails_stop_and_mask_what_is_said_until_they_are_removed(
    context: BrowserContext, page: Page, person: str, models: FakeServer
) -> None:
    open_tab_of_team(page, "Guardrails")
    expect(page.get_by_text("None yet.")).to_be_visible()
    _add_what_masks_people(page)
    _add_what_stops_code_names(page)
    _try_them(page)

    with watched_tab(context) as chat, watched_tab(context) as other:
        chat.goto("/chat/")
        say(chat, "[[fake 1t]] I am anna@example.com")
        expect(finished(chat)).to_contain_text("amber0")
        assert "[[fake 1t]] I am [e-mail]" in str([seen.body for seen in models.seen])
        assert "anna@example.com" not in str([seen.body for seen in models.seen])
        other.goto(chat.url)
        say(chat, "How is falconry done?")
        for tab in (chat, other):
            expect(questions(tab)).to_have_count(2)
            expect(tab.locator("#chat-scroll").get_by_text(KIND_WORD)).to_have_count(1)
        assert "falconry" not in str([seen.body for seen in models.seen])
        say(chat, "[[fake 9t 40r]]")  # the reply has a code name in it
        for tab in (chat, other):
            expect(tab.locator("#chat-scroll").get_by_text(KIND_WORD)).to_have_count(2)
            expect(tab.locator("#chat-scroll").get_by_text("birch")).to_have_count(0)
        assert faults(chat) == []

        page.get_by_role("link", name="Code names", exact=True).click()
        page.get_by_label("Where it is found").select_option(label="Put a placeholder in its place")
        expect(page.get_by_label("What people then read")).to_be_hidden()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Masks")).to_have_count(2)
        chat.set_viewport_size({"width": 1440, "height": 900})
        expect(other.get_by_role("button", name="Try again")).to_have_count(0)  # it would end the same way
        other.get_by_role("button", name="Edit the message").click()
        other.get_by_label("Edit your message").press("Enter")
        for tab in (chat, other):
            expect(replies(tab).last).to_contain_text("amber0 [removed] cedar2")

        _told_in_the_log(page)
        open_tab_of_team(page, "Guardrails")
        _remove_what_stops_code_names(page)
        page.get_by_role("link", name="Remove People").click()
        page.get_by_role("button", name="Remove the guardrail").click()
        expect(page.get_by_text("None yet.")).to_be_visible()
        say(chat, "[[fake 2t]]")
        expect(replies(other).last).to_contain_text("amber0 birch1")


def _add_what_masks_people(page: Page) -> None:
    page.get_by_role("link", name="Add a guardrail").click()
    expect(page.get_by_text("E-mail addresses, numbers of phones")).to_be_visible()
    expect(page.get_by_label("Words", exact=True)).to_be_hidden()
    page.get_by_label("Name").fill("People")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This holds from the next message on.")).to_be_visible()


def _add_what_stops_code_names(page: Page) -> None:
    page.get_by_role("link", name="Add a guardrail").click()
    page.get_by_label("Name").fill("People")
    page.get_by_label("Looks for").select_option(label="Words")
    page.get_by_label("Where it is found").select_option(label="Stop the message or the reply")
    page.get_by_label("What people then read").fill(KIND_WORD)
    page.get_by_label("What models reply").uncheck()
    page.get_by_label("What is sent to models").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Name at least one word.")).to_be_visible()
    expect(page.get_by_text("Choose at least one of the two.")).to_be_visible()
    page.get_by_label("Words", exact=True).fill("falcon*\n/(/")
    page.get_by_label("What models reply").check()
    page.get_by_label("What is sent to models").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("/(/: This is not a regular expression")).to_be_visible()
    page.get_by_label("Words", exact=True).fill("falcon*\n/birch\\d/")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("There is a guardrail with this name already.")).to_be_visible()
    assert faults(page) == []
    page.get_by_label("Name").fill("Code names")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("2 words or expressions")).to_be_visible()


def _try_them(page: Page) -> None:
    for text, outcome in (
        ("All is well", "Nothing is found in it"),
        ("About falconry", KIND_WORD),
        ("I am anna@example.com " + "long" * 200, "I am [e-mail] long"),
    ):
        _try(page, text)
        expect(page.get_by_text(outcome)).to_be_visible()
    expect(page.get_by_text("Found by: People")).to_be_visible()
    page.get_by_label("A reply").check(force=True)  # its label is what one sees
    _try(page, "I am anna@example.com. " + "It is a long way to the hills and back. " * 8 + "falconry")
    expect(page.get_by_label("A reply")).to_be_checked()
    expect(page.get_by_text("This reply would be stopped")).to_be_visible()
    expect(page.get_by_text("I am [e-mail]. It is a long way")).to_be_visible()
    expect(page.get_by_text("letters at most wait")).to_be_visible()
    expect(page.get_by_text("Of a reply that comes whole nothing would be shown.")).to_be_visible()
    assert faults(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})


def _try(page: Page, text: str) -> None:
    page.get_by_label("Text").fill(text)
    page.get_by_role("button", name="Try").click()


def _remove_what_stops_code_names(page: Page) -> None:
    """Asked once, with the keyboard: what was begun by mistake changes nothing."""
    page.get_by_role("link", name="Remove Code names").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Remove the guardrail Code names?")).to_be_visible()
    expect(page).to_have_title(re.compile("^Remove the guardrail Code names"))
    expect(page.get_by_text("Its 2 words and expressions go for good.")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("link", name="Keep it").click()
    page.get_by_role("link", name="Remove Code names").click()
    page.get_by_role("button", name="Remove the guardrail").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Code names is removed.")).to_be_visible()
    expect(page.get_by_role("link", name="Remove Code names")).to_have_count(0)


def _told_in_the_log(page: Page) -> None:
    """A call says which of them acted, and nothing of what they found."""
    page.goto("/operations/calls/?status=blocked")
    page.locator("a.calls-link").first.click()
    expect(page.get_by_text("A guardrail of the team stopped this call")).to_be_visible()
    expect(page.get_by_text(re.compile("Code names stopped it"))).to_be_visible()
    assert faults(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.locator("main")).not_to_contain_text("birch1")
