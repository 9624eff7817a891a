"""Mails as a phone shows them: nothing is wider than the narrowest screen, in either colour scheme."""

from typing import Literal

import pytest
from playwright.sync_api import Browser

from accounts import notices
from tests.mails import samples


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_mail_is_wider_than_a_small_phone(browser: Browser, scheme: Literal["light", "dark"]) -> None:
    mails = [*samples.SAMPLES.values(), samples.longest()]
    htmls = [str(sample.render().alternatives[0][0]) for sample in mails]
    htmls += [str(samples.notice(name).alternatives[0][0]) for name in notices.NOTICES]

    with browser.new_context(viewport={"width": 320, "height": 640}, color_scheme=scheme) as context:
        page = context.new_page()
        widths = []
        for html in htmls:
            page.set_content(html)
            widths.append(page.evaluate("document.documentElement.scrollWidth"))

    assert max(widths) == 320
