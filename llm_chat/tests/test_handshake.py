"""Who may open a socket: a signed-in person, from a page of the host it is sent to."""

import uuid
from typing import Any

import pytest

from accounts.models import User
from llm_chat.tests.conftest import Closed, Opener, Tab
from realtime.bridge import in_db

pytestmark = pytest.mark.django_db(transaction=True)


async def is_taken(user: User, origin: str | None, host: str = "localhost") -> bool:
    tab = Tab(user, origin=origin, host=host)
    opened = await tab.open()
    if opened:
        await tab.answered()
    await tab.close()
    return opened


async def end_of(tab: Tab) -> Closed:
    assert await tab.open(), "the code must come after accept, or a browser never sees it"
    with pytest.raises(Closed) as closed:
        while True:
            await tab.next()
    await tab.say(type="ping")
    assert await tab.silent(0.05), "a refused socket obeys nothing"
    await tab.close()
    return closed.value


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://localhost", "localhost"),
        ("https://localhost", "localhost"),
        ("http://localhost:80", "localhost"),
        ("https://localhost", "localhost:443"),
        ("http://localhost:8000", "localhost:8000"),
        ("http://LOCALHOST:8000", "localhost:8000"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("http://[::1]:8000", "[::1]:8000"),
        ("https://parley-1.herokuapp.com", "parley-1.herokuapp.com"),
    ],
)
async def test_a_page_of_the_same_host_is_let_in(server: None, alice: User, origin: str, host: str) -> None:
    assert await is_taken(alice, origin, host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://evil.example", "localhost"),
        ("null", "localhost"),
        ("", "localhost"),
        (None, "localhost"),
        ("file://", "localhost"),
        ("localhost", "localhost"),
        ("http://", "localhost"),
        ("http://[", "localhost"),
        ("http://localhost:port", "localhost"),
        ("chrome-extension://localhost", "localhost"),
        ("http://localhost:8001", "localhost:8000"),
        ("http://localhost", "localhost:8000"),
        ("http://localhost:443", "localhost"),
        ("http://127.0.0.1", "localhost"),
        ("http://localhost.evil.example", "localhost"),
        ("http://localhost@evil.example", "localhost"),
        ("http://evil.example#localhost", "localhost"),
        ("https://other.parley.herokuapp.com", "parley.herokuapp.com"),
        ("https://parley.herokuapp.com", "other.parley.herokuapp.com"),
        ("https://parley-2.herokuapp.com", "parley-1.herokuapp.com"),
        ("http://evil.example", "evil.example"),
    ],
)
async def test_any_other_origin_is_refused_before_accept(
    server: None, alice: User, origin: str | None, host: str
) -> None:
    assert not await is_taken(alice, origin, host)


@pytest.mark.parametrize("cookie", [None, "sessionid=made-up", "sessionid=", "\x01;;;=", "other=1"])
async def test_nobody_signed_in_is_told_so_after_accept(server: None, db: None, cookie: str | None) -> None:
    closed = await end_of(Tab(None, cookie=cookie))

    assert (closed.code, closed.reason) == (4401, "Sign in first.")


async def test_a_person_who_is_no_longer_active_is_not_let_in(server: None, alice: User) -> None:
    alice.is_active = False
    await in_db(alice.save)

    assert (await end_of(Tab(alice))).code == 4401


async def test_a_missing_thread_and_somebody_elses_look_alike(open_tab: Opener, alice: User, charlie: User) -> None:
    final = await (await open_tab(alice)).ask("private")

    foreign = await end_of(Tab(charlie, f"/ws/chat/{final['thread_id']}/"))
    missing = await end_of(Tab(charlie, f"/ws/chat/{uuid.uuid4()}/"))

    assert (foreign.code, foreign.reason) == (missing.code, missing.reason) == (4404, "There is no such thread.")


async def test_two_people_on_one_server_see_their_own_threads_only(open_tab: Opener, alice: User, bob: User) -> None:
    tabs: list[Any] = [await open_tab(alice), await open_tab(bob)]

    ends = [await tab.ask("hello") for tab in tabs]

    for tab, end in zip(tabs, ends, strict=True):
        await tab.answered()
        assert {frame["thread_id"] for frame in tab.frames if "thread_id" in frame} == {end["thread_id"]}
