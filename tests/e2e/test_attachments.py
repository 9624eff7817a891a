"""Files at a message: attached in every way, refused with a sentence, sent, looked at, taken back, drafted in two."""

import json
import os
import re
from typing import Any

from playwright.sync_api import FilePayload, Locator, Page, expect

from llm_chat.tests import samples
from tests.e2e.conftest import ROOT, Complaints, Open
from tests.e2e.test_chat_page import SLOW, finished, questions, say, stop_button, thread_address

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()

PICTURE: FilePayload = {"name": "cliff.png", "mimeType": "image/png", "buffer": samples.picture(size=(640, 400))}
SECOND: FilePayload = {"name": "shore.jpg", "mimeType": "image/jpeg", "buffer": samples.photograph()}
NOTES: FilePayload = {"name": "notes.md", "mimeType": "text/markdown", "buffer": b"# Notes\nBuy milk."}
MACROS: FilePayload = {
    "name": "budget.docx",
    "mimeType": "application/msword",
    "buffer": samples.docx(word__vbaProject_dot_bin=b"x"),
}


def choose(page: Page, *files: FilePayload) -> None:
    page.locator(".composer input[type=file]").set_input_files(list(files))


def strip(page: Page) -> Locator:
    return page.locator(".composer-files")


def let_fall(page: Page, event: str, file: FilePayload) -> None:
    """Hold a file over the page, or drop it: what a browser does with a real one."""
    page.evaluate(
        """([event, name, bytes]) => {
            const carried = new DataTransfer();
            carried.items.add(new File([new Uint8Array(bytes)], name));
            const [kind, type] = event === "paste" ? [ClipboardEvent, "clipboardData"] : [DragEvent, "dataTransfer"];
            const what = new kind(event, { bubbles: true, cancelable: true, [type]: carried });
            document.querySelector("#chat-messages").dispatchEvent(what);
        }""",
        [event, file["name"], list(file["buffer"])],
    )


def faults(page: Page) -> list[str]:
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [json.dumps([one["id"], [node["target"] for node in one["nodes"]]]) for one in found["violations"]]


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.wait_for_timeout(300)
        page.screenshot(path=f"{folder}/{name}.png")


def test_files_are_attached_refused_sent_and_looked_at_on_every_device(tab: Open, complaints: Complaints) -> None:
    complaints.expected = ("status of 422",)  # of the file that is refused
    page, other = tab(), tab()
    choose(page, PICTURE, NOTES, MACROS)
    expect(strip(page).get_by_role("img", name="cliff.png")).to_be_visible()
    expect(strip(page).get_by_text("There are macros in this file.")).to_be_visible()
    expect(strip(page)).to_contain_text("cannot see pictures")
    assert faults(page) == []
    shot(page, "strip")
    page.get_by_role("button", name="Remove budget.docx").click()
    let_fall(page, "dragenter", SECOND)
    expect(page.locator("body")).to_have_class(re.compile("is-dropping"))
    shot(page, "drop")
    let_fall(page, "drop", SECOND)
    expect(page.locator("body")).not_to_have_class(re.compile("is-dropping"))
    let_fall(page, "paste", {**NOTES, "name": "pasted.txt"})
    expect(strip(page).get_by_text("pasted.txt")).to_be_visible()
    expect(strip(page).get_by_role("img", name="shore.jpg")).to_be_visible()

    page.reload()
    expect(strip(page).get_by_role("img")).to_have_count(2)
    page.get_by_role("button", name="Send").click()
    finished(page)
    other.goto(thread_address(page))
    for one in (page, other):
        expect(questions(one).get_by_role("img")).to_have_count(2)
        expect(questions(one).get_by_role("link", name="notes.md")).to_contain_text("MD · 17 bytes")
        expect(questions(one)).to_contain_text("cannot see pictures. It was told their names.")
    expect(strip(page)).to_be_hidden()
    assert faults(page) == []
    shot(page, "message")

    other.get_by_role("button", name="Open cliff.png").click()
    box = other.get_by_role("dialog", name="cliff.png")
    expect(box.get_by_role("img")).to_be_visible()
    assert faults(other) == []
    shot(other, "lightbox")
    other.keyboard.press("ArrowRight")
    expect(other.get_by_role("dialog", name="shore.jpg")).to_contain_text("2 of 2")
    other.keyboard.press("Escape")
    with other.expect_download() as saved:
        questions(other).get_by_role("link", name="notes.md").click()
    assert saved.value.path().read_bytes() == NOTES["buffer"]


def test_a_draft_and_its_files_follow_in_another_tab_and_come_back_from_the_queue(tab: Open) -> None:
    page = tab()
    say(page, SLOW)
    expect(stop_button(page)).to_be_visible()
    beside = page.context.new_page()
    beside.goto(thread_address(page))
    expect(stop_button(beside)).to_be_visible()
    choose(page, PICTURE)
    field, field_beside = (one.get_by_label("Message", exact=True) for one in (page, beside))
    beside.bring_to_front()
    beside.locator("#chat-scroll").focus()
    page.bring_to_front()
    field.fill("And this?")

    expect(strip(beside).get_by_role("img", name="cliff.png")).to_be_visible()
    expect(field_beside).to_have_value("And this?")
    field.press("Enter")
    expect(field_beside).to_have_value("")
    expect(strip(beside)).to_be_hidden()
    expect(questions(beside).last.get_by_role("img", name="cliff.png")).to_be_visible()
    page.get_by_role("button", name="Take back").click()
    expect(field).to_have_value("And this?")
    expect(strip(page).get_by_role("img", name="cliff.png")).to_be_visible()
    expect(questions(page)).to_have_count(1)


def test_a_slash_offers_commands_and_prompts_and_a_text_with_one_is_sent(tab: Open) -> None:
    page = tab(viewport={"width": 390, "height": 844}, color_scheme="dark")
    field = page.get_by_label("Message", exact=True)
    field.press_sequentially("/")
    expect(page.get_by_role("option").filter(has_text="/new")).to_be_visible()
    assert faults(page) == []
    shot(page, "slash")
    field.press_sequentially("prom")
    field.press("Enter")
    library = page.get_by_role("dialog", name="Prompts")
    library.get_by_role("button", name="New prompt").click()
    library.get_by_label("Title").fill("Greet somebody")
    library.get_by_label("Text").fill("Greet {{who}} in {{language}}.")
    library.get_by_label("For everybody in the team").check()
    shot(page, "prompt-new")
    library.get_by_role("button", name="Save").click()
    expect(library.get_by_role("button", name="Edit Greet somebody")).to_be_visible()
    assert faults(page) == []
    shot(page, "prompts")
    library.get_by_role("button", name="Delete Greet somebody").click()
    expect(library.get_by_text("There are no prompts yet.")).to_be_visible()
    library.get_by_role("button", name="Undo").click()  # over the panel, not behind it
    expect(library.get_by_role("button", name="Edit Greet somebody")).to_be_visible()
    library.get_by_role("button", name="Close").click()

    field.fill("")
    field.press_sequentially("/greet")
    expect(page.get_by_role("option")).to_have_count(1)
    field.press("Enter")
    library.get_by_label("who").fill("Ada")
    library.get_by_label("language").fill("Latin")
    assert faults(page) == []
    shot(page, "prompt-gaps")
    library.get_by_role("button", name="Put into the message").click()
    expect(field).to_have_value("Greet Ada in Latin.")
    choose(page, PICTURE, {**NOTES, "name": "a-very-long-name-of-a-file-that-nobody-would-choose-but-somebody-has.md"})
    expect(strip(page).get_by_role("img")).to_have_count(1)
    expect(strip(page).get_by_text("MD · 17 bytes")).to_be_visible()
    shot(page, "strip-phone")
    field.press("Enter")
    finished(page)
    shot(page, "message-phone")
    say(page, "/usr/bin is a folder")
    expect(questions(page).last).to_contain_text("/usr/bin is a folder")
