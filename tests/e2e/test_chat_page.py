"""The chat as a person uses it, in a real browser against a whole server."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.conftest import Complaints, Open, manage

SLOW = "[[fake 400t 20r]]"
HEBREW = "שלום עולם"
OFFLINE = ("ERR_INTERNET_DISCONNECTED", "WebSocket connection to")


def say(page: Page, text: str) -> None:
    field = page.get_by_label("Message", exact=True)
    field.fill(text)
    field.press("Enter")


def replies(page: Page) -> Locator:
    return page.get_by_role("article", name="Reply")


def questions(page: Page) -> Locator:
    return page.get_by_role("article", name="You")


def stop_button(page: Page) -> Locator:
    return page.get_by_role("button", name="Stop", exact=True)


def finished(page: Page, count: int = 1) -> Locator:
    """Wait for as many replies, all of them settled; give the last one."""
    expect(replies(page)).to_have_count(count)
    expect(page.get_by_role("article", name="Reply").last.get_by_role("button", name="Details")).to_be_visible()
    expect(stop_button(page)).to_have_count(0)
    return replies(page).last


def words(page: Page) -> str:
    return replies(page).last.locator(".message-reply").inner_text()


def wait_for_word(page: Page, word: str) -> None:
    expect(replies(page).last).to_contain_text(word)


def thread_address(page: Page) -> str:
    expect(page).to_have_url(re.compile(r"/chat/[0-9a-f-]{36}/$"))
    return page.url


def is_at_end(page: Page) -> bool:
    return bool(
        page.locator("#chat-scroll").evaluate("box => box.scrollHeight - box.scrollTop - box.clientHeight <= 32")
    )


def test_a_stranger_signs_up_and_reads_a_streamed_reply(page: Page, person: str):
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    say(page, "Hello [[fake 30t 30r]]")
    wait_for_word(page, "birch1")
    assert "juniper29" not in words(page)
    thread_address(page)
    reply = finished(page)

    expect(reply).to_contain_text("juniper29")
    expect(page.get_by_role("navigation", name="Conversations").get_by_role("link")).to_have_count(1)


def test_reload_in_the_middle_of_a_word_goes_on_where_it_was(tab: Open):
    page = tab()
    say(page, "[[fake 80t 20r]]")
    wait_for_word(page, "fjord5")
    thread_address(page)
    page.reload()
    wait_for_word(page, "fjord5")
    finished(page)

    assert words(page).split() == _fake_words(80)


def test_two_tabs_show_the_same_question_words_and_title(tab: Open):
    one = tab()
    say(one, "First [[fake 5t]]")
    address = thread_address(one)
    finished(one)
    other = tab(address)
    say(one, "Second [[fake 60t 20r]]")
    expect(questions(other)).to_have_count(2)
    wait_for_word(other, "fjord5")
    finished(one, 2)
    finished(other, 2)

    assert words(one) == words(other)
    assert words(other).split() == _fake_words(60)
    expect(other).to_have_title(one.title())


def test_stop_works_before_the_first_word(tab: Open):
    page = tab()
    say(page, "[[fake hang]]")
    stop_button(page).click()

    expect(finished(page)).to_contain_text("You stopped this reply.")


def test_stop_in_the_middle_keeps_the_words_shown(tab: Open):
    page = tab()
    say(page, SLOW)
    wait_for_word(page, "fjord5")
    stop_button(page).click()
    finished(page)
    kept = words(page).removesuffix("You stopped this reply.")
    page.reload()

    expect(finished(page)).to_contain_text("You stopped this reply.")
    assert words(page) == kept
    assert "fjord5" in kept


def test_any_tab_can_stop(tab: Open):
    one = tab()
    say(one, SLOW)
    wait_for_word(one, "birch1")
    other = tab(thread_address(one))
    wait_for_word(other, "birch1")
    stop_button(other).click()

    expect(finished(one)).to_contain_text("You stopped this reply.")
    expect(finished(other)).to_contain_text("You stopped this reply.")


def test_regenerate_replaces_the_reply(tab: Open):
    page = tab()
    say(page, "[[fake 6t]]")
    first = finished(page).get_attribute("data-message")
    replies(page).last.get_by_role("button", name="Regenerate", exact=True).click()
    expect(page.locator(f'[data-message="{first}"]')).to_have_count(0)
    finished(page)

    assert words(page).split() == _fake_words(6)
    expect(questions(page)).to_have_count(1)


def test_continue_goes_on_after_the_words_that_are_there(tab: Open):
    page = tab()
    say(page, SLOW)
    wait_for_word(page, "fjord5")
    stop_button(page).click()
    kept = words(page).strip() if finished(page) else ""
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Continue")).to_have_count(0)
    finished(page)

    assert words(page).startswith(kept)
    assert len(words(page)) > len(kept)


def test_an_error_is_told_and_can_be_tried_again(tab: Open):
    page = tab()
    say(page, "[[fake status500]]")
    expect(page.get_by_role("group", name="Error")).to_be_visible()
    first = replies(page).last.get_attribute("data-message")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(f'[data-message="{first}"]')).to_have_count(0)

    expect(page.get_by_role("group", name="Error")).to_be_visible()


def test_a_message_sent_meanwhile_waits_and_can_be_taken_back(tab: Open):
    page = tab()
    say(page, SLOW)
    wait_for_word(page, "birch1")
    say(page, "The next one [[fake 5t]]")
    expect(questions(page).last).to_contain_text("Answered next")
    questions(page).last.get_by_role("button", name="Take back").click()

    expect(questions(page)).to_have_count(1)
    expect(page.get_by_label("Message", exact=True)).to_have_value("The next one [[fake 5t]]")
    stop_button(page).click()
    finished(page)


def test_a_message_sent_meanwhile_is_answered_in_turn(tab: Open):
    page = tab()
    say(page, "[[fake 30t 15r]]")
    wait_for_word(page, "birch1")
    say(page, "[[fake 4t]]")
    finished(page, 2)

    assert [reply.split() for reply in page.locator(".message-reply").all_inner_texts()] == [
        _fake_words(30),
        _fake_words(4),
    ]


def test_a_tab_that_was_offline_catches_up_without_a_reload(tab: Open, complaints: Complaints):
    complaints.expected = OFFLINE
    one = tab()
    say(one, "[[fake 5t]]")
    address = thread_address(one)
    finished(one)
    sleeping = tab(address)
    sleeping.evaluate("window.neverReloaded = true")
    sleeping.context.set_offline(True)
    say(one, "While you were away [[fake 12t]]")
    finished(one, 2)
    sleeping.context.set_offline(False)
    sleeping.evaluate("dispatchEvent(new Event('online'))")
    finished(sleeping, 2)

    assert words(sleeping) == words(one)
    assert sleeping.evaluate("window.neverReloaded")


def test_what_is_typed_offline_is_sent_exactly_once(tab: Open, complaints: Complaints):
    complaints.expected = OFFLINE
    page = tab()
    say(page, "[[fake 5t]]")
    thread_address(page)
    finished(page)
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("Reconnecting")).to_be_visible()
    say(page, "Typed in a tunnel [[fake 4t]]")
    expect(page.get_by_text("Sent when the connection is back")).to_be_visible()
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    finished(page, 2)
    page.reload()
    finished(page, 2)

    expect(page.get_by_text("Typed in a tunnel")).to_have_count(1)


def test_a_draft_is_kept_per_thread(tab: Open):
    page = tab()
    say(page, "[[fake 3t]]")
    thread_address(page)
    finished(page)
    field = page.get_by_label("Message", exact=True)
    field.fill("half a thought")
    page.get_by_role("link", name="New chat").first.click()
    expect(field).to_have_value("")
    page.go_back()
    expect(field).to_have_value("half a thought")
    page.reload()

    expect(field).to_have_value("half a thought")


def test_nothing_typed_stays_behind_at_sign_out(page: Page, person: str):
    page.get_by_label("Message", exact=True).fill("a secret")
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")

    assert "a secret" not in page.evaluate("JSON.stringify(localStorage)")


def test_enter_that_accepts_a_composed_word_does_not_send(tab: Open):
    page = tab()
    field = page.get_by_label("Message", exact=True)
    field.focus()
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
    field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True, "cancelable": True})
    field.dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "bubbles": True, "cancelable": True})
    session.send("Input.insertText", {"text": "日本"})
    expect(questions(page)).to_have_count(0)
    expect(field).to_have_value("日本")
    field.press("Enter")

    expect(questions(page)).to_have_count(1)
    finished(page)


def test_shift_enter_starts_a_new_line(tab: Open):
    page = tab()
    field = page.get_by_label("Message", exact=True)
    field.fill("one")
    before = field.bounding_box()
    field.press("Shift+Enter")
    field.type("two")
    after = field.bounding_box()

    expect(field).to_have_value("one\ntwo")
    assert before and after and after["height"] > before["height"]


def test_the_reader_who_scrolls_up_is_left_in_peace(tab: Open):
    page = tab(viewport={"width": 800, "height": 500})
    say(page, "[[fake 900t 120r]]")
    wait_for_word(page, "ember254")
    assert is_at_end(page)
    page.mouse.move(400, 200)
    page.mouse.wheel(0, -300)
    expect(page.get_by_role("button", name="Go to the latest message")).to_be_visible()
    place = page.locator("#chat-scroll").evaluate("box => box.scrollTop")
    written = len(words(page))
    _until(lambda: len(words(page)) > written + 400)
    assert page.locator("#chat-scroll").evaluate("box => box.scrollTop") == place
    page.get_by_role("button", name="Go to the latest message").click()
    stop_button(page).click()
    finished(page)

    assert is_at_end(page)


LONG_THREAD = """
from accounts.models import User
from llm_chat.models import ChatMessage, ChatThread
from teams.actions import personal_team
person = User.objects.get(email="{email}")
team = personal_team(person)
ChatThread.objects.bulk_create(ChatThread(team=team, user=person, title=f"Thread {{n}}") for n in range(90))
thread = ChatThread.objects.create(team=team, user=person, title="A long one")
message = None
for n in range(160):
    role = "assistant" if n % 2 else "user"
    message = ChatMessage.objects.create(thread=thread, parent=message, role=role, content=f"Line {{n}}\\n\\n" * 6)
thread.leaf = message
thread.save()
print(thread.id)
"""


LOADED = 50
"""Messages that come with the page."""
MOVED = """
window.moved = 0
new PerformanceObserver(list => list.getEntries().forEach(({ value }) => { moved += value }))
  .observe({ type: "layout-shift", buffered: true })
"""


def test_older_messages_and_threads_load_before_the_edge_and_keep_the_place(
    page: Page, person: str, environment: dict[str, str]
):
    def slowly(route: Route) -> None:
        page.wait_for_timeout(500)
        route.continue_()

    thread_id = manage(environment, "shell", "-v0", "-c", LONG_THREAD.format(email=person)).strip()
    # What is typed before the scripts are there is kept, and the page opens at the end without anything moving.
    held: list[Route] = []
    page.route("**/assets/chat-*.js", lambda route: held.append(route))
    page.add_init_script(MOVED)
    page.goto(f"/chat/{thread_id}/", wait_until="commit")
    field = page.get_by_label("Message", exact=True)
    field.press_sequentially("Before")
    held[0].continue_()
    expect(page.get_by_text("Line 159").first).to_be_visible()
    expect(page.locator("[data-message]")).to_have_count(LOADED)
    assert is_at_end(page)
    assert page.evaluate("moved") < 0.01
    expect(field).to_have_value("Before")
    loaded = LOADED
    box = page.locator("#chat-scroll")
    box.evaluate("box => { box.scrollTop = 500 }")
    _until(lambda: page.locator("[data-message]").count() > loaded)
    page.route("**/messages/?before=*", slowly)
    shift = box.evaluate(
        """async box => {
            const frame = () => new Promise(requestAnimationFrame)
            const shown = () => [...box.querySelectorAll("[data-message]")]
            const top = it => it.getBoundingClientRect().top
            const count = shown().length
            box.scrollTop = 600
            for (let tries = 0; tries < 10; tries++) await frame()
            const read = shown().find(it => top(it) > top(box))
            let before = 0
            for (let tries = 0; tries < 600 && shown().length === count; tries++) {
                before = top(read)
                await frame()
            }
            for (let tries = 0; tries < 10; tries++) await frame()
            return shown().length > count ? Math.abs(top(read) - before) : NaN
        }"""
    )
    assert shift <= 2
    threads = page.get_by_role("navigation", name="Conversations")
    threads.evaluate("list => { list.scrollTop = list.scrollHeight }")
    _until(lambda: threads.get_by_role("link").count() == 91)
    page.get_by_role("button", name="Go to the latest message").click()

    assert is_at_end(page)


def test_a_chosen_theme_is_there_at_the_first_paint(page: Page, person: str):
    page.get_by_role("button", name="Your account").click()
    with page.expect_response("**/settings/theme/"):
        page.get_by_role("menuitem", name="Dark theme").click()
    page.add_init_script(
        "window.painted = [];"
        "new PerformanceObserver(list => list.getEntries().forEach(() => painted.push(getComputedStyle("
        "document.documentElement).colorScheme))).observe({type: 'paint', buffered: true})"
    )
    page.reload()
    expect(page.get_by_text("Connected", exact=True)).to_be_attached()

    assert set(page.evaluate("painted")) == {"dark"}


def test_markdown_code_and_maths_are_set_without_breaking_the_policy(tab: Open):
    page = tab()
    say(
        page,
        "[[fake echo]] **bold** `code` $a^2$\n\n```python\nprint('hi')\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        "<img src=x onerror=alert(1)> ![cat](https://example.com/cat.png) <script>alert(2)</script>",
    )
    reply = finished(page)

    expect(reply.locator(".katex").first).to_be_visible()
    expect(reply.locator(".hljs-string")).to_have_text("'hi'")
    expect(reply.locator(".table-box td")).to_have_text(["1", "2"])
    expect(reply.locator("img, script")).to_have_count(0)
    expect(reply).to_contain_text("<script>alert(2)</script>")


def test_code_can_be_copied(tab: Open):
    page = tab(permissions=["clipboard-write"])
    say(page, "[[fake echo]]\n\n```js\nlet a = 1;\nlet b = 2;\n```")
    finished(page).locator(".code-block").get_by_role("button", name="Copy").click()

    # Pasted as a person does it: no script of ours may read the clipboard.
    field = page.get_by_label("Message", exact=True)
    field.press("ControlOrMeta+v")
    expect(field).to_have_value("let a = 1;\nlet b = 2;")


def test_a_chosen_model_answers_and_is_remembered(page: Page, person: str):
    page.get_by_role("button", name=re.compile("^Model:")).click()
    page.get_by_role("option", name=re.compile("demo", re.IGNORECASE)).click()
    say(page, "Hello")

    expect(finished(page)).to_contain_text("demo model")
    page.goto("/chat/")
    expect(page.get_by_role("button", name=re.compile("^Model: .*demo"))).to_be_visible()


def test_details_tell_model_tokens_cost_and_time(tab: Open):
    page = tab()
    say(page, "[[fake 5t]]")
    finished(page).get_by_role("button", name="Details").click()

    details = replies(page).last.locator("dl")
    for label in ("Model", "Read", "Wrote", "Cost", "First word after", "Took"):
        expect(details.get_by_text(label, exact=True)).to_be_visible()


def test_on_a_phone_the_sidebar_is_a_drawer(tab: Open):
    page = tab(viewport={"width": 390, "height": 844}, has_touch=True)
    say(page, "[[fake 3t]]")
    thread_address(page)
    finished(page)
    threads = page.get_by_role("navigation", name="Conversations")
    expect(threads).to_be_hidden()
    page.get_by_role("button", name="Conversations").click()
    expect(threads).to_be_visible()
    page.keyboard.press("Escape")
    expect(threads).to_be_hidden()
    page.get_by_role("button", name="Conversations").click()
    page.get_by_role("link", name="New chat").first.click()

    expect(threads).to_be_hidden()
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()


def test_nothing_is_wider_than_a_small_phone(tab: Open):
    page = tab(viewport={"width": 320, "height": 640})
    say(page, f"[[fake echo]] {'W' * 300} https://example.com/{'a' * 200}\n\n```\n{'x' * 400}\n```")
    finished(page)

    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert page.locator("#chat-scroll").evaluate("box => box.scrollWidth <= box.clientWidth")


def test_each_block_reads_in_the_direction_of_its_own_words(tab: Open):
    page = tab()
    say(page, f"[[fake echo]]\n\n{HEBREW}\n\nHello world\n\n- مرحبا\n\n```\nx = 1\n```")
    finished(page)

    blocks = replies(page).last.locator(".prose-reply").locator(f"p:has-text('{HEBREW}'), p:has-text('Hello'), ul, pre")
    directions = blocks.evaluate_all("blocks => blocks.map((block) => getComputedStyle(block).direction)")
    assert directions == ["rtl", "ltr", "rtl", "ltr"]
    page.get_by_role("textbox", name="Message").fill(HEBREW)
    assert page.get_by_role("textbox", name="Message").evaluate("f => getComputedStyle(f).direction") == "rtl"


def test_a_settled_reply_is_announced_once(tab: Open):
    page = tab()
    say(page, "[[fake 12t 20r]]")
    expect(page.locator("#chat-announcer")).to_have_text("Replying.")
    finished(page)

    expect(page.locator("#chat-announcer")).to_contain_text("amber0 birch1")


def test_a_thread_that_is_not_there_says_so(tab: Open, complaints: Complaints):
    complaints.expected = ("404",)
    page = tab()
    page.evaluate("history.pushState(null, '', '/chat/00000000-0000-4000-8000-000000000000/')")
    page.evaluate("history.pushState(null, '', '/chat/')")
    page.route("**/messages/", lambda route: route.fulfill(status=404, json={}))
    page.go_back()

    expect(page.get_by_role("heading", name="This conversation is not here")).to_be_visible()
    page.get_by_role("button", name="Start a new chat").click()
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()


def _fake_words(count: int) -> list[str]:
    names = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "island", "juniper")
    return [f"{names[number % 10]}{number}" for number in range(count)]


def _until(happened: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.05)
