"""The audit log, API keys and one's own history, in a real browser."""

import re

from playwright.sync_api import Page, expect


def test_a_key_is_made_shown_once_and_revoked_and_the_log_tells_it(page: Page, person: str) -> None:
    page.goto("/teams/")
    page.locator("a.row-title").first.click()
    page.get_by_role("link", name="API keys").click()
    page.get_by_label("Name").fill("Nightly report")
    page.get_by_label("Read conversations").check()
    page.get_by_role("button", name="Make the key").click()
    expect(page.locator("#new-key")).to_have_text(re.compile(r"^parley_[a-z0-9]{8}_[\w-]{43}$"))

    page.get_by_role("link", name="API keys").click()
    expect(page.locator("#new-key")).to_have_count(0)
    page.get_by_role("link", name="Revoke Nightly report").click()
    expect(page.get_by_text("Programs that show it are refused at once.")).to_be_visible()
    page.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_text("Revoked", exact=True)).to_be_visible()

    page.get_by_role("link", name="Audit log").click()
    expect(page.get_by_text("revoked the API key")).to_be_visible()
    page.get_by_text("Find entries").click()
    page.get_by_label("What", exact=True).select_option("api_key.made")
    page.get_by_role("button", name="Find").click()
    expect(page).to_have_url(re.compile("action=api_key.made"))
    expect(page.get_by_text("revoked the API key")).to_have_count(0)
    page.get_by_text("made the API key").click()
    expect(page.get_by_text("threads.read")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert download.value.suggested_filename.startswith("audit-log-")


def test_people_see_their_own_sign_ins(page: Page, person: str) -> None:
    page.goto("/accounts/settings/history/")

    expect(page.get_by_text("made an account")).to_be_visible()
    expect(page.get_by_text("signed in with")).to_be_visible()
