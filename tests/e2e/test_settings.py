"""The settings as a person meets them: by keyboard, on a phone, and through the mail's own link."""

import io
import json
import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from llm_service.fakes import FakeServer
from tests.e2e.conftest import PASSWORD

TABS = ("General", "Chat", "Account", "Sign-in", "Devices", "Your data")


def text_of_mail(to: str, mails: Path) -> str:
    """Return the text of the newest mail to somebody; it was put there before the page answered."""
    for file in sorted(mails.glob("*"), key=lambda path: path.stat().st_mtime, reverse=True):
        mail = message_from_bytes(file.read_bytes(), policy=default)
        text = mail.get_body(("plain",))
        if mail["To"] == to and text:
            return str(text.get_content())
    raise AssertionError(f"No mail to {to} came.")


def test_every_tab_is_a_key_press_away(page: Page, person: str) -> None:
    page.goto("/accounts/settings/")
    tabs = page.get_by_role("navigation", name="Settings")

    for name in TABS:
        tabs.get_by_role("link", name=name, exact=True).focus()
        page.keyboard.press("Enter")
        expect(tabs.get_by_role("link", name=name, exact=True)).to_have_attribute("aria-current", "page")
        expect(page.get_by_role("heading", level=1)).to_have_count(1)


def test_a_name_is_typed_and_saved_without_a_mouse(page: Page, person: str) -> None:
    page.goto("/accounts/settings/")
    page.get_by_label("Name").focus()
    page.keyboard.type("Ada Lovelace")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("button", name="Your account")).to_have_text("AL")


def test_what_models_keep_in_mind_reaches_the_vendor(page: Page, person: str, models: FakeServer) -> None:
    page.goto("/chat/settings/")
    page.get_by_label("Custom instructions").fill("Call me Captain.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()

    page.goto("/chat/")
    page.get_by_label("Message", exact=True).fill("[[fake 3t]] good morning")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article", name="Reply").get_by_role("button", name="Details")).to_be_visible()

    systems = [seen.body["messages"][0]["content"] for seen in models.seen if "good morning" in json.dumps(seen.body)]
    assert any(str(text).endswith("Call me Captain.") for text in systems)


def test_a_chosen_default_model_begins_the_next_conversation(page: Page, person: str) -> None:
    page.goto("/chat/settings/")
    page.get_by_label("Default model").select_option("demo/parley")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()

    page.goto("/chat/")

    expect(page.get_by_role("button", name=re.compile("^Model: .*demo"))).to_be_visible()


def test_an_address_is_changed_by_the_link_in_the_mail(page: Page, person: str, mails: Path) -> None:
    new = f"new-{person}"
    page.goto("/accounts/settings/account/")
    page.get_by_role("link", name="Change e-mail").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("New e-mail address").fill(new)
    page.get_by_role("button", name="Send the link").click()
    expect(page.locator("main")).to_contain_text(f"the link we sent to {new}")

    link = re.search(r"\S+/accounts/verify-email/\S+", text_of_mail(new, mails))
    assert link
    page.goto(link[0])
    expect(page.locator("main")).to_contain_text(new)
    page.get_by_role("button", name="Yes, confirm it").click()
    page.wait_for_url("**/chat/")
    page.goto("/accounts/settings/account/")

    expect(page.locator("main")).to_contain_text(new)
    expect(page.locator("main")).not_to_contain_text("the link we sent")
    assert f"From now on you sign in with {new}." in text_of_mail(person, mails)


def test_ones_data_comes_as_one_file(page: Page, person: str) -> None:
    page.goto("/accounts/settings/data/")
    page.get_by_label("Your password").fill("a guess")
    page.get_by_role("button", name="Download").click()
    expect(page.get_by_label("Your password")).to_be_focused()
    expect(page.locator("main")).to_contain_text("That is not your password.")

    page.get_by_label("Your password").fill(PASSWORD)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()

    with open(download.value.path(), "rb") as file:
        archive = ZipFile(io.BytesIO(file.read()))
    assert json.loads(archive.read("profile.json"))["email"] == person
    assert archive.testzip() is None


@pytest.mark.parametrize("tab", ["/accounts/settings/", "/chat/settings/", "/accounts/settings/account/"])
def test_the_settings_fit_the_smallest_phone(page: Page, person: str, tab: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(tab)

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
