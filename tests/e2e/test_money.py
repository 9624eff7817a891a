"""What models cost, what may be spent, and what a person sees when nothing is left, in a real browser."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import manage, watched_tab
from tests.e2e.test_accessibility import faults
from tests.e2e.test_chat_page import finished, questions, replies, say

LOOK = "from llm_service import alerting; alerting.look()"
PROMOTE = "from accounts.models import User; User.objects.filter(email='{}').update(is_staff=True, is_superuser=True)"


def next_month() -> str:
    first = (datetime.now(UTC).replace(day=1) + timedelta(days=32)).replace(day=1)
    return f"{first.day} {first:%B}"


def open_tab_of_team(page: Page, name: str) -> None:
    page.goto("/teams/")
    page.get_by_role("link", name="person").first.click()
    page.get_by_label("Team").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def test_a_budget_stops_kindly_tells_its_admins_and_makes_room_again(
    context: BrowserContext, page: Page, person: str, environment: dict[str, str], mails: Path
) -> None:
    open_tab_of_team(page, "Budgets and limits")
    expect(page.get_by_label("Which person")).to_be_hidden()
    page.get_by_label("For", exact=True).select_option(label="One person")
    page.get_by_label("At most").fill("25")
    page.get_by_role("button", name="Set it").click()
    expect(page.get_by_text("Say which one.")).to_be_visible()
    assert faults(page) == []
    page.get_by_label("For", exact=True).select_option(label="Everything together")
    page.get_by_label("Of what").select_option(label="tokens")
    page.get_by_role("button", name="Set it").click()
    expect(page.get_by_text("0 of 25 tokens")).to_be_visible()

    with watched_tab(context) as chat, watched_tab(context) as other:
        chat.goto("/chat/")
        say(chat, "Hello")
        finished(chat)
        other.goto(chat.url)
        say(chat, "And now?")
        for tab in (chat, other):
            expect(questions(tab)).to_have_count(2)
            expect(tab.locator("#chat-scroll")).to_contain_text(
                f"This month's budget is used up. It starts anew on {next_month()}."
            )
        assert faults(chat) == []

        page.reload()
        expect(page.get_by_text("Used up")).to_be_visible()
        watch(page, environment, mails, person)
        chat.goto("/spending/")
        expect(chat.get_by_text("Used up")).to_be_visible()
        expect(chat.get_by_text(f"Starts anew on {next_month()}")).to_be_visible()

        open_tab_of_team(page, "Budgets and limits")
        page.get_by_role("link", name="Change").click()
        expect(page.get_by_label("At most")).to_have_value("25")
        page.get_by_label("At most").fill("5000")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("of 5,000 tokens")).to_be_visible()
        expect(page.get_by_text("Used up")).to_have_count(0)
        replies(other).last.hover()
        replies(other).last.get_by_role("button", name="Regenerate", exact=True).click()
        expect(replies(other).last).to_contain_text("birch1")

    page.get_by_role("link", name=re.compile("^Remove")).click()
    expect(page.get_by_text("What it counted goes for good")).to_be_visible()
    page.get_by_role("button", name="Remove the budget").click()
    expect(page.get_by_text("None yet: what people here may spend")).to_be_visible()


def watch(page: Page, environment: dict[str, str], mails: Path, person: str) -> None:
    """Set an alert on the budget that is used up already, and see it go off."""
    page.get_by_label("Team").get_by_role("link", name="Alerts").click()
    expect(page.get_by_label("Which budget")).to_be_hidden()
    page.get_by_label("Watch").select_option(label="Budget used, in percent")
    expect(page.get_by_label("In the last minutes")).to_be_hidden()
    page.get_by_label("Which budget").select_option(label="25 tokens a month")
    page.get_by_label("Tell above").fill("50")
    page.get_by_label("Webhook").fill("http://192.168.1.1/hook")
    page.get_by_role("button", name="Set it").click()
    expect(page.get_by_text("This address leads into a private network.")).to_be_visible()
    page.get_by_label("Webhook").fill("")
    page.get_by_role("button", name="Set it").click()
    expect(page.get_by_text("More than 50 % of the budget 25 tokens a month is used.")).to_be_visible()

    manage(environment, "shell", "-c", LOOK)
    page.reload()
    expect(page.get_by_text("Now", exact=True)).to_be_visible()
    said = page.get_by_role("region", name="What was said of late")
    expect(said).to_contain_text("of the budget 25 tokens a month is used, more than 50 %.")
    assert faults(page) == []
    told = [mail.read_text() for mail in mails.iterdir()]
    assert any(f"To: {person}" in mail and "of the budget 25 tokens a month is used" in mail for mail in told)
    page.goto("/operations/")
    expect(page.get_by_role("list", name="Alerts")).to_contain_text("of the budget 25 tokens a month is used")


def test_staff_name_a_price_and_calls_cost_it(page: Page, person: str, environment: dict[str, str]) -> None:
    manage(environment, "shell", "-c", PROMOTE.format(person))
    page.goto("/admin/llm_service/modelprice/add/")
    page.get_by_label("Model:").fill("openai/fake-20t")
    page.get_by_label("Input:", exact=True).fill("100")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Give the prices of input and output; 0 means free.")).to_be_visible()
    page.get_by_label("Output:", exact=True).fill("1000")
    page.get_by_role("button", name="Save", exact=True).click()
    try:
        page.goto("/admin/llm_service/modelprice/add/")
        page.get_by_label("Model:").fill("openai/fake-20t")
        page.get_by_label("Input:", exact=True).fill("1")
        page.get_by_label("Output:", exact=True).fill("1")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Another price of openai/fake-20t is valid from")).to_be_visible()

        page.goto("/chat/")
        say(page, "What does this cost?")
        finished(page).get_by_role("button", name="Details").click()
        expect(replies(page)).to_contain_text("from your price table")
        page.goto("/operations/calls/?feature=chat")
        page.get_by_role("button", name="Follow live").click()  # a call is stored a moment after its reply
        page.locator("a.calls-link").first.click()
        row = page.get_by_role("row", name="Answer")
        expect(row).to_contain_text("$1,000")
        expect(row).to_contain_text("$0.020")
        assert faults(page) == []
    finally:  # other tests know nothing of it
        page.goto("/admin/llm_service/modelprice/?q=fake-20t")
        page.get_by_role("link", name="openai/fake-20t").click()
        page.get_by_role("button", name="Delete", exact=True).click()
        page.get_by_role("button", name="Yes").click()
        expect(page.get_by_text("was deleted successfully")).to_be_visible()
