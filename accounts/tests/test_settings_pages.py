from collections.abc import Iterator

import pytest
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from accounts import settings_pages
from accounts.models import User


@pytest.fixture
def registry() -> Iterator[None]:
    """What a test registers is gone after it."""
    before = dict(settings_pages._tabs)
    yield
    settings_pages._tabs.clear()
    settings_pages._tabs.update(before)


def test_every_tab_opens_and_shows_itself_as_the_open_one(client: Client, alice: User) -> None:
    client.force_login(alice)
    request = HttpRequest()
    request.user = alice

    for tab in settings_pages.tabs():
        if tab.is_shown(request):
            address = reverse(tab.url_name)
            page = client.get(address)
            assert (tab.url_name, page.status_code) == (tab.url_name, 200)
            assert f'href="{address}" aria-current="page"' in page.text
            assert page.text.count('aria-current="page"') == 1


def test_every_tab_asks_a_stranger_to_sign_in(client: Client, db: None) -> None:
    for tab in settings_pages.tabs():
        assert client.get(reverse(tab.url_name))["Location"].startswith("/accounts/login/?next=")


def test_tabs_stand_in_their_order(registry: None) -> None:
    settings_pages.register("Last", url_name="llm_chat:home", icon="key", order=99)
    settings_pages.register("First", url_name="account_logout", icon="key", order=1)

    labels = [tab.label for tab in settings_pages.tabs()]

    assert (labels[0], labels[-1]) == ("First", "Last")


def test_a_page_under_a_tab_leaves_it_marked(client: Client, alice: User, registry: None) -> None:
    settings_pages.register("Chats", url_name="llm_chat:home", icon="message", order=99, covers=("account_settings",))
    client.force_login(alice)

    page = client.get("/accounts/settings/").text

    assert 'href="/chat/" aria-current="page"' in page


def test_a_tab_may_be_for_some_alone(client: Client, alice: User, registry: None) -> None:
    settings_pages.register("Secret", url_name="llm_chat:home", icon="key", order=99, is_shown=lambda request: False)
    client.force_login(alice)

    assert "Secret" not in client.get("/accounts/settings/").text


def test_two_rooms_cannot_claim_one_page(registry: None) -> None:
    settings_pages.register("Mine", url_name="llm_chat:home", icon="key", order=1)

    with pytest.raises(ValueError, match="Two settings tabs"):
        settings_pages.register("Yours", url_name="llm_chat:home", icon="key", order=2)
