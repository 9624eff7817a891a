"""Teams as people use them: in two browsers, from the mail's own link onwards."""

import re
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import PASSWORD, new_device, sign_up

MAILS_WITHIN = 10.0


@pytest.fixture
def other(browser: Browser, site: str) -> Iterator[BrowserContext]:
    """The browser of somebody else."""
    with new_device(browser, site) as context:
        yield context


@pytest.fixture
def team(page: Page, person: str) -> str:
    """A team that the person of `page` has just made; the address of its members page."""
    page.goto("/teams/")
    page.get_by_role("link", name="Create a team").click()
    page.get_by_label("Name").fill("Otters")
    page.get_by_role("button", name="Create team").click()
    page.wait_for_url("**/invitations/")
    return page.url.removesuffix("invitations/")


def invite(page: Page, team: str, address: str, role: str, mails: Path) -> str:
    """Invite somebody through the page; return the path of the link in the mail."""
    page.goto(f"{team}invitations/")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Role").select_option(role)
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text(f"An invitation is on its way to {address}.")).to_be_visible()
    return link_for(address, mails)


def link_for(address: str, mails: Path) -> str:
    deadline = time.monotonic() + MAILS_WITHIN
    while time.monotonic() < deadline:
        for mail in sorted(mails.glob("*"), key=lambda path: path.stat().st_mtime, reverse=True):
            message = message_from_bytes(mail.read_bytes(), policy=default)
            text = message.get_body(("plain",))
            found = text and re.search(r"(/teams/invitations/[\w-]+/)", text.get_content())
            if found and message["To"] == address:
                return str(found[1])
        time.sleep(0.2)
    raise AssertionError(f"No mail to {address} came.")


def join_as_new(context: BrowserContext, link: str) -> Page:
    page = context.new_page()
    page.goto(link)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account and join").click()
    page.wait_for_url("**/chat/")
    return page


def fresh_address() -> str:
    return f"invited-{time.monotonic_ns()}@example.com"


def role_menu(page: Page, address: str) -> None:
    page.get_by_role("listitem").filter(has_text=address).get_by_role("button", name=re.compile("change what")).click()


def test_a_new_person_comes_in_by_the_link_and_works_in_the_team(
    page: Page, team: str, other: BrowserContext, mails: Path
) -> None:
    link = invite(page, team, fresh_address(), "editor", mails)

    newcomer = join_as_new(other, link)

    expect(newcomer.get_by_text("Welcome to Otters.")).to_be_visible()
    expect(newcomer.get_by_role("button", name=re.compile("Your account"))).to_contain_text("Otters")
    newcomer.goto(link)
    expect(newcomer.get_by_role("heading", name="You are in")).to_be_visible()


def test_a_person_with_an_account_signs_in_first_and_the_wrong_one_signs_out(
    page: Page, team: str, other: BrowserContext, browser: Browser, site: str, mails: Path
) -> None:
    with new_device(browser, site) as their_own:
        invited = sign_up(their_own.new_page())
    tab = other.new_page()
    sign_up(tab)
    link = invite(page, team, invited, "viewer", mails)

    tab.goto(link)
    expect(tab.get_by_text("This invitation is for another address")).to_be_visible()
    tab.get_by_role("button", name="Sign out and go on").click()
    tab.get_by_role("link", name="Sign in").click()
    tab.get_by_label("E-mail").fill(invited)
    tab.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    tab.get_by_role("button", name="Join the team").click()

    expect(tab.get_by_text("Welcome to Otters.")).to_be_visible()


def test_a_change_of_role_is_seen_by_the_member(page: Page, team: str, other: BrowserContext, mails: Path) -> None:
    address = fresh_address()
    member = join_as_new(other, invite(page, team, address, "viewer", mails))
    member.goto(team)
    expect(member.get_by_role("link", name="Invite people")).to_have_count(0)

    page.goto(team)
    role_menu(page, address)
    page.get_by_role("menuitemradio", name=re.compile("^Admin")).click()
    expect(page.get_by_text("is now an admin.")).to_be_visible()

    member.reload()
    expect(member.get_by_role("link", name="Invite people")).to_be_visible()


def test_a_removed_member_loses_the_team_in_the_open_window(
    page: Page, team: str, other: BrowserContext, mails: Path
) -> None:
    address = fresh_address()
    member = join_as_new(other, invite(page, team, address, "editor", mails))
    member.get_by_role("textbox").fill("[[fake 20t 40r]]")
    member.keyboard.press("Enter")
    expect(member.locator("[data-message]")).to_have_count(2)

    page.goto(team)
    role_menu(page, address)
    page.get_by_role("menuitem", name="Remove from the team").click()
    page.get_by_role("button", name="Remove from the team").click()
    expect(page.get_by_text("is no longer in Otters.")).to_be_visible()

    expect(member.get_by_role("heading", name="You are no longer in Otters")).to_be_visible(timeout=5_000)
    expect(member.locator(".thread-row")).to_have_count(0)
    member.get_by_role("link", name="Go to your conversations").click()
    expect(member.get_by_role("button", name=re.compile("Your account"))).to_contain_text("Personal")


def test_each_team_shows_its_own_conversations(page: Page, team: str) -> None:
    page.goto("/chat/")
    page.get_by_role("textbox").fill("[[fake 5t 40r]]")
    page.keyboard.press("Enter")
    expect(page.locator(".thread-row")).to_have_count(1)

    page.get_by_role("button", name=re.compile("Your account")).click()
    page.get_by_role("menuitemradio", name="Personal").click()

    expect(page.get_by_role("button", name=re.compile("Your account"))).to_contain_text("Personal")
    expect(page.locator(".thread-row")).to_have_count(0)


def test_a_team_is_handed_over_and_left(page: Page, team: str, other: BrowserContext, mails: Path) -> None:
    address = fresh_address()
    member = join_as_new(other, invite(page, team, address, "viewer", mails))
    page.goto(f"{team}leave/")
    expect(page.get_by_role("heading", name="You are the only owner")).to_be_visible()

    page.get_by_role("link", name="Choose the new owner").click()
    page.get_by_label("E-mail of the new owner").fill(address)
    page.get_by_role("button", name="Hand the team over").click()
    expect(page.get_by_text("You are an admin.")).to_be_visible()
    page.goto(f"{team}leave/")
    page.get_by_role("button", name="Leave the team").click()

    expect(page.get_by_text("You have left Otters.")).to_be_visible()
    member.goto(f"{team}settings/")
    expect(member.get_by_text("You are an owner of Otters.")).to_be_visible()


def test_a_team_is_deleted_by_its_name(page: Page, team: str) -> None:
    page.goto(f"{team}delete/")
    page.get_by_label("The team's name").fill("otters")
    page.get_by_role("button", name="Delete the team").click()
    expect(page.get_by_text("That is not the team's name. Nothing was deleted.")).to_be_visible()

    page.get_by_label("The team's name").fill("Otters")
    page.get_by_role("button", name="Delete the team").click()

    expect(page.get_by_text("Otters and everything in it is deleted.")).to_be_visible()


def test_an_account_that_owns_a_team_of_others_is_asked_to_hand_it_over(
    page: Page, team: str, other: BrowserContext, mails: Path
) -> None:
    join_as_new(other, invite(page, team, fresh_address(), "viewer", mails))

    page.goto("/accounts/delete/")

    expect(page.get_by_text("You are the only owner of Otters, and others work in it.")).to_be_visible()
    expect(page.get_by_role("button", name="Delete my account")).to_have_count(0)
