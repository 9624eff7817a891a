"""The playground in a real browser: models side by side, what is kept, and a logged call asked again."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import watched_tab
from tests.e2e.test_accessibility import faults

PAGE = "/operations/playground/"


def test_models_answer_side_by_side_and_nothing_is_lost(page: Page, person: str, context: BrowserContext) -> None:
    page.goto(PAGE)
    page.get_by_label("Instructions", exact=True).fill("Be brief.")
    page.get_by_label("Text of message 1").fill("Count. [[fake 400t 25r]]")
    page.get_by_role("button", name="Add a model").click()
    columns = page.locator(".play-column")
    expect(columns.nth(1).get_by_role("combobox")).to_have_value("demo/parley")
    columns.nth(1).get_by_role("combobox").select_option("openai/fake-20t")
    page.get_by_role("button", name="Run 2 models").click()
    for column in (columns.nth(0), columns.nth(1)):  # both at once
        expect(column.locator(".play-text")).to_contain_text("amber0 birch1")
        expect(column.get_by_role("status")).to_have_text("Answering")
    columns.nth(0).get_by_role("button", name="Stop this answer").click()
    expect(columns.nth(0).get_by_role("status")).to_have_text("Stopped")
    expect(columns.nth(1).get_by_role("status")).to_have_text("Answering")
    # The server heard that somebody hung up: only then the call is written, and says what it took.
    expect(columns.nth(0).locator(".play-figures")).to_contain_text("≈")

    page.reload()  # in the middle of the second answer
    expect(page.get_by_label("Text of message 1")).to_have_value("Count. [[fake 400t 25r]]")
    expect(columns.nth(0).locator(".play-text")).to_contain_text("amber0")
    expect(columns.nth(1)).to_contain_text("The connection broke off.")

    page.get_by_label("Text of message 1").fill("[[fake 3t]]")
    page.keyboard.press("Control+Enter")
    for column in (columns.nth(0), columns.nth(1)):
        expect(column.get_by_role("status")).to_have_text("Done")
        expect(column.locator(".play-text")).to_have_text("amber0 birch1 cedar2")
    page.get_by_label("Mark what differs from the first answer").check()
    expect(page.locator("ins, del")).to_have_count(0)

    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_label("Name").fill("Counting")
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Counting")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"{PAGE}[0-9a-f-]{{36}}/"))
    kept = page.url
    page.get_by_role("button", name="Saved").click()
    page.get_by_role("button", name="Rename Counting").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Counting to three")
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("link", name="Counting to three")).to_be_visible()
    page.keyboard.press("Escape")
    with watched_tab(context) as other:
        other.goto(kept)
        expect(other.get_by_role("heading", name="Counting to three")).to_be_visible()
        expect(other.get_by_label("Instructions", exact=True)).to_have_value("Be brief.")
        expect(other.locator(".play-column")).to_have_count(2)
        other.get_by_role("button", name="Save as a preset").click()
        other.get_by_label("Name").fill("Brief")
        other.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
        expect(other.get_by_text("The preset “Brief” is there for new conversations.")).to_be_visible()
        other.close()


def test_a_logged_call_is_asked_again_beside_its_answer(page: Page, person: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(PAGE)
    page.get_by_label("Text of message 1").fill("[[fake 2t tools]]")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Done")).to_be_visible()
    expect(page.locator(".play-call")).to_have_count(2)
    page.get_by_role("button", name="Go on with it").click()
    expect(page.get_by_label("Text of message 3")).to_have_value(re.compile(r"\d\d:\d\d"))  # our clock answered
    expect(page.get_by_label("Text of message 4")).to_have_value("")

    page.get_by_role("link", name="In the log").click()  # stands there once the log has it
    page.get_by_role("link", name="Open in playground").click()
    expect(page.get_by_role("region", name="The original")).to_contain_text("amber0 birch1")
    page.get_by_label("Text of message 1").fill("[[fake 4t]]")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Done")).to_be_visible()
    page.get_by_label("Mark what differs from the original").check()
    expect(page.locator(".play-text ins")).to_have_text(["cedar2 delta3 "])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(
        page.get_by_role("link", name="In the log", exact=True)
    ).to_be_visible()  # logs are written behind the answers
    page.get_by_role("link", name="The call in the log").click()
    expect(page.get_by_role("heading", name="Asked again")).to_be_visible()


HOSTILE = """## Spring

Some **bold** words. <img src=x onerror=alert(1)> <script>alert(2)</script> [a link](javascript:alert(3))

| store | reads |
|---|---|
| memory | quick |

```python
print("hello")
```
"""


def test_answers_are_set_as_in_the_chat_and_as_safely(page: Page, person: str) -> None:
    page.goto(PAGE)
    page.get_by_label("Text of message 1").fill("[[fake page 60t 20r]]")
    page.get_by_role("button", name="Run", exact=True).click()
    answer = page.locator(".play-column").get_by_role("group", name="Answer")
    expect(answer.get_by_role("heading", name="What a cache is for")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Answering")).to_be_visible()  # set while it is written
    expect(page.get_by_role("status").filter(has_text="Done")).to_be_visible()

    page.get_by_label("Text of message 1").fill(f"[[fake echo]]\n\n{HOSTILE}")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Done")).to_be_visible()
    expect(answer.get_by_role("heading", name="Spring")).to_be_visible()
    expect(answer.locator("strong")).to_have_text("bold")
    expect(answer.get_by_role("cell", name="memory")).to_be_visible()
    expect(answer.locator(".code-language")).to_have_text("python")
    expect(answer.locator("img, script, a[href^=javascript]")).to_have_count(0)
    assert faults(page) == []

    page.get_by_label("Show answers as plain text").check()
    expect(answer).to_contain_text("Some **bold** words. <img src=x onerror=alert(1)>")
    page.reload()
    expect(answer).to_contain_text("## Spring")
    page.get_by_label("Show answers as plain text").uncheck()
    expect(answer.get_by_role("heading", name="Spring")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
