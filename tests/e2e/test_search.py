"""Searching conversations as one types, and landing on the message, wherever in its thread it stands."""

import json
import re

from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Complaints, manage, new_device, sign_up, watched_tab
from tests.e2e.test_accessibility import AXE, EVERYTHING
from tests.e2e.test_chat_page import is_at_end

STORY = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from llm_chat.actions import index_due
from llm_chat.models import ChatMessage, ChatThread
from teams.actions import personal_team

user = User.objects.get(email="{email}")
made = 0

def thread(title, **more):
    return ChatThread.objects.create(user=user, team=personal_team(user), title=title, **more)

def say(thread, parent, *texts, moves=True):
    global made
    for number, text in enumerate(texts):
        role = "assistant" if number % 2 else "user"
        made += 1
        at = timezone.now() - timedelta(days=3) + timedelta(seconds=made)
        parent = ChatMessage.objects.create(thread=thread, parent=parent, role=role, content=text, created_at=at)
    if moves:
        ChatThread.objects.filter(pk=thread.pk).update(leaf=parent)
    return parent

trip = thread("A trip to Lisbon")
first = say(trip, None, "Where do otters live?", "A **purple otter** lives in the café by the river, and sleeps.")
say(trip, first, "The other version", "Only here stands a hidden lighthouse.", moves=False)
say(trip, first, *(f"Line {{number}} of a long talk." for number in range(240)))
away = thread("Otters put away", archived_at=timezone.now())
say(away, None, "More about otters", *(f"Otter number {{number}}" for number in range(6)))
for number in range(5):
    thread(f"Talk {{number}}", last_message_at=timezone.now() + timedelta(seconds=9 - number))
while index_due():
    pass
print(trip.id)
"""


def story(page: Page, environment: dict[str, str]) -> str:
    """Sign up somebody who has talked before; return the long thread."""
    email = sign_up(page)
    return manage(environment, "shell", "-v0", "-c", STORY.format(email=email)).strip()


def search_for(page: Page, text: str) -> Locator:
    """Type into the search; return what is listed."""
    field = page.get_by_role("combobox", name="Search conversations")
    if not field.is_visible():
        page.get_by_role("button", name="Search", exact=True).click()
        expect(field).to_be_focused()
    field.fill(text)
    return page.get_by_role("option")


def is_in_sight(message: Locator) -> bool:
    return bool(
        message.evaluate(
            """it => { const box = document.getElementById("chat-scroll").getBoundingClientRect()
            const at = it.getBoundingClientRect(); return at.top >= box.top - 1 && at.bottom <= box.bottom + 1 }"""
        )
    )


def test_a_search_lands_on_the_message_and_the_thread_stays_as_it_is_elsewhere(
    browser: Browser, site: str, environment: dict[str, str]
) -> None:
    with new_device(browser, site) as context, watched_tab(context) as page, watched_tab(context) as other:
        trip = story(page, environment)
        for tab in (page, other):
            tab.goto(f"/chat/{trip}/")
            expect(tab.get_by_text("Line 239 of")).to_be_visible()

        found = search_for(page, "cafe PURPLE ott")
        expect(found).to_have_count(2)
        expect(found.nth(1).locator("mark")).to_have_text(["purple", "otter", "café"])
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        message = page.get_by_role("article").filter(has_text="purple otter")
        expect(message).to_have_attribute("data-found", "")
        expect(page).to_have_url(re.compile(r"\?message="))
        assert is_in_sight(message)
        expect(page.get_by_text("Line 239 of")).to_have_count(0)

        page.reload()
        expect(message).to_have_attribute("data-found", "")
        assert is_in_sight(message)
        for _ in range(40):  # down to the end, a page of messages at a time
            page.locator("#chat-scroll").evaluate("box => { box.scrollTop = box.scrollHeight }")
            page.wait_for_timeout(50)
            if page.get_by_text("Line 239 of").count():
                break
        expect(page.get_by_text("Line 239 of")).to_have_count(1)
        expect(message).to_have_count(1)

        expect(search_for(page, "hidden lighthouse")).to_have_count(2)
        page.get_by_role("option").filter(has_text="lighthouse").click()
        expect(page.get_by_text("a version of the conversation that is not shown")).to_be_visible()
        assert is_in_sight(page.get_by_role("article").filter(has_text="hidden lighthouse"))
        assert is_at_end(other)
        expect(other.get_by_text("Line 239 of")).to_be_visible()
        page.get_by_role("button", name="Go to the shown one").click()
        expect(page.get_by_text("Line 239 of")).to_be_visible()
        expect(page).not_to_have_url(re.compile("message="))
        assert is_at_end(page)
        other.reload()
        expect(other.get_by_text("Line 239 of")).to_be_visible()


def test_the_search_says_where_it_stands_and_is_usable_with_keys_alone(
    browser: Browser, site: str, environment: dict[str, str], complaints: Complaints
) -> None:
    complaints.expected = ("503", "Service Worker registration blocked")
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "color_scheme": "dark"}
    with new_device(browser, site, reduced_motion="reduce", **phone) as context:
        complaints.watch(context)
        page = context.new_page()
        story(page, environment)
        page.get_by_role("button", name="Conversations").click()
        found = search_for(page, "")
        expect(page.get_by_text("All words must be in a message.")).to_be_visible()

        found = search_for(page, "otter")
        expect(page.get_by_text("4 more in this conversation")).to_be_visible()
        expect(found.first).to_contain_text("Archived")
        axe(page)
        page.get_by_text("4 more in this conversation").click()
        expect(found).to_have_count(8)
        page.get_by_role("button", name="Search all conversations").click()
        expect(found).to_have_count(5 + 3)

        search_for(page, "nowhere to be found")
        expect(page.get_by_text("Nothing found for “nowhere to be found”.")).to_be_visible()
        axe(page)
        page.route("**/api/search/**", lambda route: route.fulfill(status=503, body="{}"))
        search_for(page, "river")
        expect(page.get_by_text("The search could not be done.")).to_be_visible()
        axe(page)
        page.unroute("**/api/search/**")
        page.get_by_role("button", name="Try again").click()
        expect(found).to_have_count(2)

        page.keyboard.press("Escape")
        expect(page.get_by_role("combobox", name="Search conversations")).to_have_count(0)


def row(page: Page, title: str) -> Locator:
    return page.locator(".thread-item").filter(has_text=title)


def do(page: Page, title: str, action: str) -> None:
    row(page, title).hover()
    row(page, title).get_by_role("button", name=f"Options for {title}").click()
    page.get_by_role("menuitem", name=action, exact=True).click()


def tagged(page: Page, name: str) -> Locator:
    return page.get_by_role("img", name=f"Tags: {name}")


def test_several_conversations_are_tagged_archived_and_brought_back_in_both_tabs(
    browser: Browser, site: str, environment: dict[str, str]
) -> None:
    device = new_device(browser, site, reduced_motion="reduce")
    with device as context, watched_tab(context) as page, watched_tab(context) as other:
        story(page, environment)
        for tab in (page, other):
            tab.goto("/chat/")
            expect(tab.get_by_text("Connected", exact=True)).to_be_attached()
        do(page, "Talk 1", "Select")
        expect(page.get_by_text("1 selected")).to_be_visible()
        row(page, "Talk 4").click(modifiers=["Shift"])
        expect(page.get_by_text("4 selected")).to_be_visible()
        axe(page)
        page.get_by_role("button", name="Tags", exact=True).first.click()
        page.get_by_label("Name of a new tag").fill("Work")
        page.keyboard.press("Enter")
        expect(page.get_by_role("checkbox", name="Work", exact=True)).to_be_checked()
        expect(tagged(other, "Work")).to_have_count(4)
        page.get_by_role("button", name="Close", exact=True).click()

        page.get_by_role("toolbar").get_by_role("button", name="Archive").click()
        for tab in (page, other):
            expect(tab.locator(".thread-item")).to_have_count(2)
        notice = page.locator("[data-toast]").filter(has_text="4 conversations are archived.")
        assert is_beside(notice, page.locator("#chat-composer"))
        assert is_beside(notice, page.locator("#chat-scroll"))
        notice.get_by_role("button", name="Undo").click()
        for tab in (page, other):
            expect(tab.locator(".thread-item")).to_have_count(6)

        other.get_by_role("button", name="Tags", exact=True).click()
        other.get_by_role("dialog").get_by_role("button", name="Work", exact=True).click()
        expect(other.locator(".thread-item")).to_have_count(4)
        do(page, "Talk 2", "Tags")
        page.get_by_role("checkbox", name="Work", exact=True).click()
        expect(other.locator(".thread-item")).to_have_count(3)
        page.get_by_role("button", name="Change “Work”").click()
        page.get_by_label("Name", exact=True).fill("Play")
        page.get_by_role("button", name="Save").click()
        expect(tagged(other, "Play")).to_have_count(3)
        page.get_by_role("button", name="Change “Play”").click()
        panel = page.get_by_role("dialog")
        panel.get_by_role("button", name="Delete").click()
        axe(page)
        expect(panel.get_by_role("button", name="Keep it")).to_be_focused()
        page.keyboard.press("Enter")
        expect(panel.get_by_label("Name", exact=True)).to_be_focused()
        panel.get_by_role("button", name="Delete").click()
        panel.get_by_role("button", name="Delete the tag").click()
        expect(other.locator(".thread-item")).to_have_count(6)
        expect(other.locator(".thread-tags")).to_have_count(0)


def is_beside(one: Locator, other: Locator) -> bool:
    """Tell whether neither lies over the other."""
    first, second = one.bounding_box(), other.bounding_box()
    assert first and second
    return first["y"] + first["height"] <= second["y"] + 1 or second["y"] + second["height"] <= first["y"] + 1


def axe(page: Page) -> None:
    page.evaluate(AXE)
    seen = page.evaluate("options => axe.run(options)", EVERYTHING)
    assert [(one["id"], json.dumps(one["nodes"][0]["html"])) for one in seen["violations"]] == []
