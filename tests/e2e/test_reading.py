"""Reading a reply: diagrams, previews, tables, footnotes, code, and a page that stays where the reader is."""

import re
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Open, manage, new_device, sign_up
from tests.e2e.test_chat_page import finished, replies, say, stop_button

DIAGRAM = "```mermaid\nflowchart LR\n  A[Ask] --> B[Answer]\n```"
LONG_CODE = "```python\n" + "\n".join(f"value_{line} = {line}" for line in range(60)) + "\n```"
PAGE = (
    "```html\n<!doctype html><title>Counter</title><p id=n>0</p>"
    "<button onclick='n.textContent=+n.textContent+1'>More</button>\n```"
)
NO_HEADERS: dict[str, Any] = {"extra_http_headers": {}}
# Frames in which the text under the reader's eyes may have moved, and how far it did.
WATCH_WIDTH = """() => {
  window.widest = 0;
  const look = () => {
    window.widest = Math.max(window.widest, document.documentElement.scrollWidth);
    requestAnimationFrame(look);
  };
  look();
}"""
WATCH = """(element) => {
  cancelAnimationFrame(window.watching);
  const began = element.getBoundingClientRect().top;
  window.furthest = 0;
  const look = () => {
    window.furthest = Math.max(window.furthest, Math.abs(element.getBoundingClientRect().top - began));
    window.watching = requestAnimationFrame(look);
  };
  look();
}"""


def test_diagrams_tables_footnotes_and_code_can_be_read_and_taken_along(tab: Open) -> None:
    page = tab(permissions=["clipboard-write"], **NO_HEADERS)
    table = "| Plan | Price |\n|---|---|\n| Free, always | =0 |"
    notes = "Noted.[^a]\n\n[^a]: The small print."
    say(page, f"[[fake echo]]\n\n{DIAGRAM}\n\n```mermaid\nflowchart LR\n  A --> [[[\n```\n\n{table}\n\n{notes}")
    reply = finished(page)

    # Drawn once its block is complete; its source and files are a press away; a broken one is a source and a sentence.
    drawn = reply.locator(".diagram-shown")
    expect(drawn.locator("iframe")).to_be_visible()
    expect(drawn.frame_locator("iframe").get_by_text("Answer")).to_be_attached()
    box = drawn.locator("iframe").bounding_box()
    assert box and 20 < box["height"] < 300
    drawn.get_by_role("button", name="Source").click()
    expect(reply.get_by_text("A[Ask] --> B[Answer]")).to_be_visible()
    reply.get_by_role("button", name="Source").click()
    for name, file in (("Download as SVG", "diagram.svg"), ("Download as PNG", "diagram.png")):
        with page.expect_download() as download:
            reply.get_by_role("button", name=name).click()
        assert download.value.suggested_filename == file
        assert download.value.path().stat().st_size > 1_000
    expect(reply.get_by_text(re.compile("This diagram has a mistake"))).to_be_visible()

    # The theme reaches the drawing.
    page.evaluate("document.documentElement.classList.add('dark')")
    expect(drawn.frame_locator("iframe").locator("html[style*=dark]")).to_be_attached()

    reply.locator(".table-figure").hover()
    reply.get_by_role("button", name="Copy as CSV").click()
    field = page.get_by_label("Message", exact=True)
    field.press("ControlOrMeta+v")
    expect(field).to_have_value('Plan,Price\n"Free, always",\'=0\n')
    field.fill("")

    reply.get_by_role("link", name="Footnote 1", exact=True).press("Enter")
    expect(reply.get_by_role("listitem").filter(has_text="The small print.")).to_be_focused()
    reply.get_by_role("link", name=re.compile("Back to the text")).press("Enter")
    expect(reply.get_by_role("link", name="Footnote 1", exact=True)).to_be_focused()


def test_a_page_from_a_reply_runs_beside_it_and_long_code_folds_when_it_is_opened_again(tab: Open) -> None:
    page = tab(**NO_HEADERS)
    say(page, f"[[fake echo]]\n\n{PAGE}\n\n{LONG_CODE}")
    reply = finished(page)

    reply.get_by_role("button", name="Preview").click()
    panel = page.get_by_role("dialog", name="Preview")
    inner = panel.frame_locator("iframe").frame_locator("iframe")
    inner.get_by_role("button", name="More").click()
    expect(inner.locator("#n")).to_have_text("1")
    expect(panel.get_by_text("without network")).to_be_visible()
    panel.get_by_role("button", name="Reload").click()
    expect(inner.locator("#n")).to_have_text("0")
    panel.get_by_role("button", name="Source", exact=True).click()
    expect(panel.get_by_text("<title>Counter</title>")).to_be_visible()
    panel.get_by_role("button", name="Close").click()
    expect(panel).to_have_count(0)

    page.reload()
    reply = finished(page)
    reply.get_by_role("button", name="Show all 60 lines").press("Enter")
    expect(reply.get_by_role("button", name="Show fewer lines")).to_be_focused()
    wrap = reply.get_by_role("button", name="Wrap lines").last
    wrap.press("Space")
    expect(wrap).to_have_attribute("aria-pressed", "true")
    with page.expect_download() as download:
        reply.get_by_role("button", name="Download").last.click()
    assert download.value.suggested_filename == "code.py"


def test_the_page_stays_where_the_reader_is(tab: Open) -> None:
    page = tab(**NO_HEADERS)
    lines = "\n\n".join(f"Paragraph {number}." for number in range(40))
    say(page, f"[[fake echo]]\n\n{lines}")
    finished(page)
    say(page, "[[fake reason 3000t 100r]]")
    expect(replies(page)).to_have_count(2)
    expect(replies(page).last).to_contain_text("amber10")

    # Scrolled up while it is written: nothing moves, though the reply below grows.
    read = replies(page).first.get_by_text("Paragraph 30.", exact=True)
    page.locator("#chat-scroll").hover()
    page.mouse.wheel(0, -200)
    read.evaluate("element => element.scrollIntoView({ block: 'center' })")
    expect(read).to_be_in_viewport()
    page.wait_for_timeout(250)
    read.evaluate(WATCH)
    select(page, "Paragraph 31.")
    page.wait_for_timeout(900)
    assert page.evaluate("window.furthest") <= 1
    assert page.evaluate("getSelection().toString()") == "Paragraph 31."
    expect(stop_button(page)).to_have_count(1)  # it was still being written

    # Back at the end, it is followed again; by key it is let go.
    page.get_by_role("button", name="Go to the latest message").click()
    at_end = "box => box.scrollHeight - box.scrollTop - box.clientHeight <= 32"
    page.wait_for_timeout(300)
    assert page.locator("#chat-scroll").evaluate(at_end)
    page.locator("#chat-scroll").focus()
    page.keyboard.press("PageUp")
    for _ in range(20):  # a busy machine scrolls late
        page.wait_for_timeout(500)
        if not page.locator("#chat-scroll").evaluate(at_end):
            break
    assert not page.locator("#chat-scroll").evaluate(at_end)
    stop_button(page).click()

    # What is opened and closed grows and shrinks below the press, at the end of the conversation too.
    say(page, "[[fake reason 3t]]")
    reasoning = finished(page, 3).locator(".reasoning summary")
    expect(reasoning).to_be_in_viewport()
    for shown in (True, False):
        reasoning.evaluate(WATCH)
        reasoning.click()
        expect(replies(page).last.get_by_text("look at the question")).to_be_visible(visible=shown)
        page.wait_for_timeout(200)
        assert page.evaluate("window.furthest") <= 1


def test_a_diagram_that_is_drawn_above_the_reader_moves_nothing_and_makes_no_page_wider(tab: Open) -> None:
    page = tab(viewport={"width": 390, "height": 844}, **NO_HEADERS)
    lines = "\n\n".join(f"Paragraph {number}." for number in range(30))
    tall = "```mermaid\nflowchart TD\n" + "\n".join(f"  A{n} --> A{n + 1}" for n in range(6)) + "\n```"
    say(page, f"[[fake echo]]\n\n{tall}\n\n{lines}")
    finished(page)
    page.reload()
    read = finished(page).get_by_text("Paragraph 8.", exact=True)
    expect(page.locator(".diagram-shown")).to_have_count(0)  # far from the screen nothing is drawn
    read.evaluate("element => element.scrollIntoView()")
    page.wait_for_timeout(150)
    read.evaluate(WATCH)
    page.evaluate(WATCH_WIDTH)
    expect(replies(page).last.locator(".diagram-shown")).to_have_count(1)
    page.wait_for_timeout(200)

    assert page.evaluate("window.furthest") <= 1
    assert page.evaluate("window.widest") == 390


def test_staff_get_from_a_reply_to_its_call(browser: Browser, site: str, environment: dict[str, str]) -> None:
    with new_device(browser, site) as context:
        page = context.new_page()
        sign_up_as_staff(page, environment)
        page.goto("/chat/")
        say(page, "[[fake reason 40t]]")
        finished(page).get_by_role("button", name="Details").click()
        details = replies(page).last.locator(".reply-details")
        for label in ("Model", "Cost", "First word after", "Reasoned for", "Took"):
            expect(details.get_by_text(label, exact=True)).to_be_visible()
        with context.expect_page() as opened:
            details.get_by_role("link", name="Call log").click()
        expect(opened.value.get_by_text("openai/fake-20t").first).to_be_visible()


def sign_up_as_staff(page: Page, environment: dict[str, str]) -> None:
    address = sign_up(page)
    found = f"User.objects.filter(email={address!r})"
    make = f"from accounts.models import User; {found}.update(is_staff=True, is_superuser=True)"
    manage(environment, "shell", "-v0", "-c", make)


def select(page: Page, words: str) -> None:
    page.evaluate(
        """(words) => {
          const paragraph = [...document.querySelectorAll(".prose-reply p")].find((one) => one.textContent === words);
          getSelection().selectAllChildren(paragraph);
        }""",
        words,
    )
