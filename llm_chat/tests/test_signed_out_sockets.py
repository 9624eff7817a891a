"""A socket lasts no longer than what let it in, and watches no longer than its person may."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts import actions, devices
from accounts.models import User
from llm_chat import rechecks
from llm_chat.models import ChatThread
from llm_chat.tests.conftest import Closed, Opener, Tab
from realtime import publish
from realtime.bridge import in_db

pytestmark = pytest.mark.django_db(transaction=True)

GATE = 5.0

Browser = tuple[Client, Tab]


@pytest.fixture
async def browser(server: None) -> AsyncIterator[Callable[[User], Awaitable[Browser]]]:
    """Sign in with a browser of its own and open a tab in it."""
    tabs: list[Tab] = []

    async def opened(user: User) -> Browser:
        client = Client(headers={"user-agent": "Firefox"})
        await in_db(client.force_login, user)
        await in_db(client.get, "/accounts/settings/")
        return client, await tab_of(client)

    async def tab_of(client: Client) -> Tab:
        tab = Tab(None, cookie=f"sessionid={client.cookies['sessionid'].value}")
        assert await tab.open()
        await tab.answered()
        tabs.append(tab)
        return tab

    yield opened
    for tab in tabs:
        await tab.close()


async def closed_in_time(tab: Tab) -> Closed:
    since = time.monotonic()
    with pytest.raises(Closed) as closed:
        while True:
            await tab.next()
    assert time.monotonic() - since < GATE
    return closed.value


async def test_signing_out_closes_the_tabs_of_this_browser_alone(browser: Any, alice: User) -> None:
    (here, tab), (_, elsewhere) = await browser(alice), await browser(alice)

    await in_db(here.post, "/accounts/logout/")

    closed = await closed_in_time(tab)
    assert (closed.code, closed.reason) == (4401, "You have been signed out.")
    await elsewhere.answered()


async def test_a_session_that_no_device_was_made_for_ends_with_its_sign_out(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    client = Client()
    client.cookies["sessionid"] = str(tab.cookie).partition("=")[2]

    await in_db(client.post, "/accounts/logout/")

    assert (await closed_in_time(tab)).code == 4401


async def test_a_new_password_closes_every_tab_but_those_of_the_browser_it_was_changed_in(
    browser: Any, alice: User
) -> None:
    (here, tab), (_, elsewhere) = await browser(alice), await browser(alice)

    await in_db(
        here.post, "/accounts/password_change/", {"oldpassword": "alice-password-1", "password1": "a-new-one-2026"}
    )

    assert (await closed_in_time(elsewhere)).code == 4401
    await tab.answered()
    publish.recheck(alice.pk)  # the session's key is another one now; its device is the same
    assert await tab.silent(rechecks.SECOND_LOOK_AFTER + 0.5)
    await tab.answered()


async def test_a_device_signed_out_from_another_one_is_closed(browser: Any, alice: User) -> None:
    (here, tab), (_, elsewhere) = await browser(alice), await browser(alice)
    own = await in_db(lambda: here.session[devices.DEVICE_SESSION_KEY])

    await in_db(devices.sign_out_everywhere, by=alice, except_for=own)

    assert (await closed_in_time(elsewhere)).code == 4401
    await tab.answered()


async def test_a_deactivated_person_is_out(browser: Any, alice: User, bob: User) -> None:
    (_, tab), (_, bobs) = await browser(alice), await browser(bob)

    await in_db(actions.deactivate, person=alice, by=bob)

    assert (await closed_in_time(tab)).code == 4401
    await bobs.answered()


async def test_a_deleted_person_is_out(browser: Any, alice: User) -> None:
    _, tab = await browser(alice)

    await in_db(actions.delete_account, by=alice)

    assert (await closed_in_time(tab)).code == 4401


@pytest.fixture
def quick_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rechecks, "SWEEP_SECONDS", 0.1)


async def test_what_nobody_told_is_found_by_the_next_sweep(quick_sweep: None, open_tab: Opener, alice: User) -> None:
    tab, other = await open_tab(alice), await open_tab(alice)

    await in_db(lambda: Session.objects.filter(session_key=str(tab.cookie).partition("=")[2]).delete())

    assert (await closed_in_time(tab)).code == 4401
    await other.answered()


async def test_a_thread_that_is_no_longer_theirs_is_gone_and_the_others_stay(
    open_tab: Opener, alice: User, bob: User
) -> None:
    tab = await open_tab(alice)
    lost, kept = (await tab.ask("one"))["thread_id"], (await tab.ask("two"))["thread_id"]

    await in_db(lambda: ChatThread.objects.filter(id=lost).update(user=bob))
    publish.recheck(alice.pk)

    gone = await tab.until("thread.deleted")
    assert gone["thread_id"] == lost
    assert (await tab.refusal(type="thread.subscribe", thread_id=lost))["code"] == "not_found"
    assert (await tab.ask("still there", kept))["status"] == "complete"
    assert not [frame for frame in tab.frames if frame.get("thread_id") == lost and frame["type"] == "final"][1:]


async def test_a_new_thread_whose_first_message_is_on_its_way_is_not_taken_for_a_lost_one(
    open_tab: Opener, alice: User
) -> None:
    tab = await open_tab(alice)

    publish.recheck(alice.pk)
    end = await tab.ask("hello")
    publish.recheck(alice.pk)

    assert end["status"] == "complete"
    await tab.answered()
    assert not [frame for frame in tab.frames if frame["type"] == "thread.deleted"]
