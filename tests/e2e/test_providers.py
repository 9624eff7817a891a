"""Connecting a vendor, what its models may be used for, and what stands in for one, in a real browser."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from llm_service.fakes import FakeServer
from tests.e2e.conftest import watched_tab
from tests.e2e.test_accessibility import faults
from tests.e2e.test_chat_page import finished, replies, say

KEY = "sk-nobody-may-read-this-wxyz"


def open_models(page: Page) -> str:
    """Go to the models of the person's own team; return the address."""
    page.goto("/teams/")
    page.get_by_role("link", name="person", exact=False).first.click()
    page.get_by_label("Team").get_by_role("link", name="Models", exact=True).click()
    expect(page.get_by_role("heading", name="Connected providers")).to_be_visible()
    return page.url


def test_a_server_is_connected_tried_and_disconnected(page: Page, person: str, models: FakeServer) -> None:
    models_page = open_models(page)
    expect(page.get_by_text("None yet. Connect one")).to_be_visible()
    page.get_by_role("link", name="Connect a provider").click()
    page.get_by_label("Vendor").select_option(label="Any OpenAI-compatible server (vLLM, LM Studio, ...)")
    page.get_by_label("Name", exact=True).fill("Cellar")
    page.get_by_label("API key").fill(KEY)
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_text("Say where this server is.")).to_be_visible()
    expect(page.get_by_text("Name the models that this server has.")).to_be_visible()
    expect(page.get_by_label("API key")).to_have_value("")
    assert faults(page) == []

    page.get_by_label("Address").fill("http://10.1.2.3/v1")
    page.get_by_label("API key").fill(KEY)
    page.get_by_label("Models").fill("fake-9t-badkey\nfake-9t")
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_text("This address leads into a private network.")).to_be_visible()
    page.get_by_label("API key").fill(KEY)
    page.get_by_label("Address").fill(models.url)
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page).to_have_url(models_page)
    row = page.locator("li").filter(has=page.get_by_role("link", name="Cellar", exact=True))
    expect(row).to_contain_text("key …wxyz")
    expect(row).to_contain_text("2 models")
    assert KEY not in page.content()

    page.get_by_role("button", name="Try Cellar").click()
    expect(row).to_contain_text("Does not answer")
    expect(row).to_contain_text("The model's provider did not accept our API key.")
    expect(row).to_contain_text("Incorrect API key provided")
    assert faults(page) == []

    row.get_by_role("link", name="Cellar", exact=True).click()
    expect(page.get_by_text("A key ending in …wxyz is stored.")).to_be_visible()
    page.get_by_label("Models").fill("fake-9t\nfake-8t")
    page.get_by_role("button", name="Save").click()
    expect(row).not_to_contain_text("Does not answer")
    page.get_by_role("button", name="Try Cellar").click()
    expect(page.locator("[data-toast]")).to_contain_text("Cellar answers.")
    expect(row.get_by_text("Answers", exact=True)).to_be_visible()
    sent = models.seen[-1]
    assert (sent.model, sent.headers["Authorization"]) == ("fake-9t", f"Bearer {KEY}")

    row.get_by_role("link", name="Cellar", exact=True).click()
    page.get_by_label("Address").fill(models.url.replace("/v1", "/v2"))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Enter the key again: the address is another one")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()

    _disconnect(page)
    expect(row).to_have_count(0)
    page.get_by_label("Team").get_by_role("link", name="Audit log").click()
    expect(page.get_by_text("disconnected the provider Cellar")).to_be_visible()
    assert KEY not in page.content()


def _disconnect(page: Page) -> None:
    page.get_by_role("link", name="Disconnect Cellar").click()
    expect(page.get_by_text("Its key is erased here.")).to_be_visible()
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("Cellar is disconnected and its key erased.")).to_be_visible()


def test_rules_say_what_may_be_used_and_what_stands_in(
    context: BrowserContext, page: Page, person: str, models: FakeServer
) -> None:
    models_page = open_models(page)
    page.goto(f"{models_page}new/")
    page.get_by_label("Vendor").select_option(label="Any OpenAI-compatible server (vLLM, LM Studio, ...)")
    page.get_by_label("Name", exact=True).fill("Attic")
    page.get_by_label("Address").fill(models.url)
    page.get_by_label("Models").fill("fake-9t-status500\nfake-8t-status500\nfake-7t")
    page.get_by_role("button", name="Connect", exact=True).click()

    page.get_by_role("link", name="fake-9t-status500").click()
    expect(page.get_by_label("Then").first).to_be_hidden()
    page.get_by_label("First").select_option(label="fake-8t-status500 (Attic)")
    page.get_by_label("Then").first.select_option(label="fake-7t (Attic)")
    page.get_by_label("Note").fill("Our own, and slow")
    assert faults(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("If it fails:")).to_contain_text(re.compile("fake-8t-status500, .*fake-7t"))
    page.get_by_role("link", name="fake-20t", exact=True).click()
    page.get_by_label("People of this team may use it").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Forbidden")).to_be_visible()
    assert faults(page) == []

    with watched_tab(context) as chat:
        chat.goto("/chat/")
        chat.locator(".model-button").click()
        choices = chat.locator(".model-list")
        expect(choices.get_by_text("Our own, and slow")).to_be_visible()
        expect(choices.get_by_text("fake-20t", exact=True)).to_have_count(0)
        choices.get_by_role("option", name="fake-9t-status500").click()
        say(chat, "Hello")
        finished(chat)
        expect(replies(chat)).to_contain_text("grove6")
        asked = list(dict.fromkeys(seen.model for seen in models.seen))
        assert asked[-3:] == ["fake-9t-status500", "fake-8t-status500", "fake-7t"]

    page.goto("/operations/calls/")
    page.get_by_role("button", name="Follow live").click()  # a call is stored a moment after its reply
    page.get_by_role("row").filter(has_text="fake-7t").filter(has_text="chat").get_by_role("link").click()
    tries = page.get_by_role("region", name="Tries").locator("li")
    expect(tries.last).to_contain_text(re.compile(r"Answered · .*fake-7t"))
    expect(tries.filter(has_text="fake-8t-status500")).not_to_have_count(0)
    assert faults(page) == []
