import re

from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import new_device

DARK = re.compile(r"\bdark\b")


def test_a_stranger_signs_up_signs_out_and_signs_in_again(page: Page, person: str) -> None:
    page.goto("/accounts/settings/account/")
    expect(page.locator("main")).to_contain_text(person)

    page.get_by_role("button", name="Your account").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")
    page.get_by_label("E-mail").fill(person)
    page.get_by_label("Password", exact=True).fill("a-password-of-ours-1")
    page.get_by_role("button", name="Sign in", exact=True).click()

    page.wait_for_url("**/chat/")


def test_a_refused_sign_up_puts_the_cursor_where_it_is_needed(page: Page, site: str) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("E-mail").fill("someone@example.com")
    page.get_by_label("Password", exact=True).fill("12345678")
    page.get_by_role("button", name="Create account").click()

    field = page.get_by_label("Password", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile("too common"))


def test_a_password_can_be_shown_while_it_is_typed(page: Page, site: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Password", exact=True).fill("visible")
    page.get_by_role("button", name="Show password").click()

    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")


def test_a_theme_chosen_by_a_visitor_is_there_at_the_first_paint(browser: Browser, site: str) -> None:
    context = new_device(browser, site, color_scheme="light")
    context.add_init_script(
        "window.painted = [];"
        "new PerformanceObserver(list => list.getEntries().forEach(() => painted.push(getComputedStyle("
        "document.documentElement).backgroundColor))).observe({type: 'paint', buffered: true})"
    )
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Dark theme").click()
    expect(page.locator("html")).to_have_class(DARK)
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")

    page.reload()
    expect(page.get_by_role("button", name="Light theme")).to_be_visible()

    assert set(page.evaluate("painted")) == {dark}
    context.close()


def test_without_a_choice_the_page_follows_the_system_even_without_scripts(browser: Browser, site: str) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        context = new_device(browser, site, color_scheme=scheme, java_script_enabled=False)
        page = context.new_page()
        page.goto("/accounts/login/")
        grounds.append(page.locator("html").evaluate("html => getComputedStyle(html).backgroundColor"))
        context.close()

    assert grounds[0] != grounds[1]


def test_a_theme_chosen_in_the_settings_belongs_to_the_account(page: Page, browser: Browser, person: str) -> None:
    page.goto("/accounts/settings/")
    with page.expect_response("**/settings/theme/") as answer:
        page.get_by_text("Dark", exact=True).click()
    assert answer.value.json() == {"theme": "dark"}

    signed_in = page.context.storage_state()
    signed_in["origins"] = []  # what this browser keeps is left behind
    elsewhere = new_device(browser, page.url, storage_state=signed_in)
    other = elsewhere.new_page()
    other.goto("/accounts/settings/")

    expect(other.locator("html")).to_have_class(DARK)
    expect(other.get_by_role("radio", name="Dark")).to_be_checked()
    elsewhere.close()


def test_a_dialog_keeps_the_focus_and_gives_it_back(page: Page, site: str) -> None:
    page.goto("/ui/")
    opener = page.get_by_role("region", name="light").get_by_role("button", name="Dialog")
    opener.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()

    page.keyboard.press("Escape")

    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_nothing_is_wider_than_the_smallest_phone(page: Page, person: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    pages = [
        "/ui/",
        "/ui/500/",
        "/accounts/settings/",
        "/accounts/settings/account/",
        "/accounts/password_change/",
        "/accounts/delete/",
    ]

    too_wide = []
    for address in pages:
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            too_wide.append(address)

    assert too_wide == []


def test_a_deleted_account_is_gone(page: Page, person: str) -> None:
    page.goto("/accounts/delete/")
    page.get_by_label("Your password").fill("a-password-of-ours-1")
    page.get_by_role("button", name="Delete my account").click()

    expect(page.get_by_text("Your account and everything in it is deleted.")).to_be_visible()
    page.goto("/chat/")
    page.wait_for_url("**/accounts/login/**")
