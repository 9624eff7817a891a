"""The overview and the log of calls, in a real browser."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import manage
from tests.e2e.test_accessibility import faults
from tests.e2e.test_chat_page import finished, say


def test_an_admin_goes_from_the_overview_to_one_call_and_back(
    page: Page, person: str, environment: dict[str, str]
) -> None:
    manage(environment, "seed_demo", "--email", person, "--calls", "300")
    page.goto("/operations/")
    page.get_by_label("Team").select_option(label="Lighthouse")
    expect(page).to_have_url(re.compile("team="))
    page.wait_for_load_state()  # the chart listens once its script has run

    plot = page.locator("[data-chart=chart-table-calls]")
    plot.focus()
    page.keyboard.press("End")
    expect(plot.locator(".chart-tip")).to_be_visible()
    shown = plot.locator(".chart-tip-title").inner_text()
    page.keyboard.press("ArrowLeft")
    expect(plot.locator(".chart-tip-title")).not_to_have_text(shown)
    page.keyboard.press("Escape")
    expect(plot.locator(".chart-tip")).to_be_hidden()
    plot.hover(position={"x": 5, "y": 20})
    expect(plot.locator(".chart-tip dd")).not_to_have_count(0)
    split_by_person(page)

    page.get_by_label("Operations").get_by_role("link", name="Calls").click()
    page.get_by_label("Team").select_option(label="Lighthouse")
    page.get_by_label("Status").select_option("success")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(re.compile(r"status=success"))
    assert "provider=" not in page.url  # what was left empty is not said
    expect(page.get_by_label("Remove the filter Status: Success")).to_be_visible()
    page.get_by_role("button", name="Save view").click()
    page.get_by_label("Name").fill("What went well")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="What went well", exact=True)).to_be_visible()

    page.locator("a.calls-link").first.click()
    expect(page.get_by_role("heading", name="Tokens and cost")).to_be_visible()
    page.get_by_role("link", name="Next").click()
    page.get_by_role("link", name="Show what was said").click()
    expect(page.get_by_text("You are a helpful assistant.").first).to_be_visible()
    page.get_by_text("Request", exact=True).first.click()
    expect(page.locator("#raw-request")).to_contain_text('"messages"')
    assert faults(page) == []
    page.locator(".calls-back a").click()
    expect(page).to_have_url(re.compile(r"status=success"))
    page.get_by_role("link", name="What went well", exact=True).click()
    expect(page.get_by_label("Remove the filter Status: Success")).to_be_visible()

    page.goto("/teams/")
    page.get_by_role("link", name="Lighthouse").click()
    page.get_by_label("Team").get_by_role("link", name="Audit log").click()
    expect(page.get_by_text("read what was said in a call to").first).to_be_visible()


def test_a_team_has_no_words_kept(page: Page, person: str) -> None:
    page.goto("/teams/")
    page.get_by_role("link", name="person").first.click()
    page.get_by_label("Team").get_by_role("link", name="Model calls").click()
    page.get_by_label("Days to keep calls").fill("5000")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Choose between 1 and 400 days.")).to_be_visible()
    assert faults(page) == []
    page.get_by_label("Days to keep calls").fill("90")
    page.get_by_label("What was said", exact=True).select_option(label="Keep no words")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-toast]")).to_be_visible()

    page.goto("/chat/")
    say(page, "A secret plan")
    finished(page)
    page.goto("/operations/calls/?feature=chat")
    page.get_by_role("button", name="Follow live").click()
    page.locator("a.calls-link").first.click()
    expect(page.get_by_text("The words of this call are not kept")).to_be_visible()
    assert "A secret plan" not in page.content()


def split_by_person(page: Page) -> None:
    """Look at the overview by person, beside the time before, and at the numbers below a chart."""
    page.get_by_label("Split by").select_option("user")
    expect(page).to_have_url(re.compile("by=user"))
    expect(page.locator(".legend").first).to_contain_text("Ada Lovelace")
    expect(page.locator(".figures-note").first).to_contain_text("against the time before")
    page.get_by_role("region", name="Calls").get_by_text("Numbers").click()
    expect(page.locator("#chart-table-calls")).to_contain_text("Ada Lovelace")
    expect(page.get_by_role("list", name="Alerts")).to_contain_text("of the budget")
    assert faults(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})


def test_the_list_follows_live_and_is_handed_out_as_a_file(
    page: Page, person: str, environment: dict[str, str]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/operations/calls/")
    expect(page.get_by_text("No calls yet")).to_be_visible()
    page.get_by_role("button", name="Follow live").click()
    expect(page.get_by_role("button", name="Live")).to_have_attribute("aria-pressed", "true")
    manage(environment, "shell", "-c", _ONE_CALL.format(email=person))
    expect(page.locator("tr.calls-new")).to_have_count(1)
    expect(page.locator("a.calls-link")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Live").click()
    expect(page.get_by_role("button", name="Follow live")).to_have_attribute("aria-pressed", "false")

    page.reload()
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="As a table (CSV)").click()
    assert re.fullmatch(r"calls-[\d-]+\.csv", download.value.suggested_filename)
    expect(page.get_by_role("status").filter(has_text="rows of about")).to_be_visible()


_ONE_CALL = """
from accounts.models import User
from llm_service.models import LLMCallLog
from teams.actions import personal_team
person = User.objects.get(email="{email}")
LLMCallLog.objects.create(model="openai/late", status="success", user=person, team=personal_team(person))
"""
