"""What is taken from somebody in one process is taken from their sockets in another, within five seconds."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.chaos import stored
from tests.servers import Deployment
from tests.tabs import Tab

GATE = 5.0
SIGNED_OUT = 4401
PONG = '{"type":"pong"}'
PASSWORD = "some-password-of-ours-1"

_PEOPLE = """
import json, sys, django
django.setup()
from django.contrib.auth.hashers import make_password
from accounts.models import User
from teams.models import Membership, Team
hashed = make_password(sys.argv[1])
people = [User.objects.create(email=f"{name}@two.example.com", password=hashed) for name in sys.argv[2:]]
team = Team.objects.create(name="Otters")
for person in people:
    Membership.objects.create(team=team, user=person, role="owner" if person is people[0] else "editor")
print(json.dumps([str(team.pk), {person.email.partition("@")[0]: person.pk for person in people}]))
"""


@dataclass
class Installation:
    """Two processes: browsers speak to the one, their sockets are held by the other."""

    here: str
    there: str
    team: str
    people: dict[str, int]


@pytest.fixture(scope="module")
def made(_services: Deployment) -> tuple[str, dict[str, int]]:
    names = ("boss", "anna", "ben", "cleo", "dora", "emil")
    team, people = json.loads(_services.run("-c", _PEOPLE, PASSWORD, *names).splitlines()[-1])
    return team, people


@pytest.fixture
def installation(pair: Deployment, made: tuple[str, dict[str, int]]) -> Installation:
    return Installation(pair.webs[0].base, pair.webs[1].base, *made)


class Browser:
    """Signed in, at one process."""

    def __init__(self, base: str, name: str) -> None:
        self._client = httpx.Client(base_url=base, timeout=20)
        self._client.get("/accounts/login/")
        self.post("/accounts/login/", login=f"{name}@two.example.com", password=PASSWORD)

    def post(self, address: str, **fields: str) -> None:
        answer = self._client.post(address, data=fields, headers={"X-CSRFToken": self._client.cookies["csrftoken"]})
        assert answer.status_code == 302, (address, answer.status_code, answer.text[:2000])

    def device(self) -> str:
        """Return the address that signs out the other device."""
        page = self._client.get("/accounts/settings/devices/").text
        start = "/accounts/settings/devices/"
        return next(f"{start}{part.partition('"')[0]}" for part in page.split(f'"{start}') if "/sign-out/" in part[:60])

    @property
    def cookie(self) -> str:
        return f"sessionid={self._client.cookies['sessionid']}"

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()


async def doing(work: Callable[..., Any], *arguments: Any, **more: Any) -> float:
    """Do this beside the loop, so that the tabs go on; return when the server said that it is done.

    Not when it began: most of a change of passwords is the hashing of two, and takes nothing from anybody.
    """
    await asyncio.to_thread(work, *arguments, **more)
    return time.monotonic()


async def closed_in_time(tab: Tab, since: float) -> None:
    await tab.until(lambda: tab.closes, GATE)
    assert tab.closes[0] == SIGNED_OUT
    assert time.monotonic() - since < GATE


async def test_signing_out_closes_the_tabs_of_this_browser_and_no_others(installation: Installation) -> None:
    with Browser(installation.here, "anna") as browser, Browser(installation.here, "anna") as phone:
        async with Tab(installation.there, browser.cookie) as tab, Tab(installation.there, phone.cookie) as other:
            since = await doing(browser.post, "/accounts/logout/")

            await closed_in_time(tab, since)
            await other.ping()
            assert other.closes == []


async def test_a_device_signed_out_elsewhere_is_closed(installation: Installation) -> None:
    with Browser(installation.here, "ben") as browser, Browser(installation.here, "ben") as phone:
        address = browser.device()
        async with Tab(installation.there, browser.cookie) as tab, Tab(installation.there, phone.cookie) as other:
            since = await doing(browser.post, address)

            await closed_in_time(other, since)
            await tab.ping()
            assert tab.closes == []


async def test_a_new_password_closes_every_tab_but_those_of_the_browser_it_was_changed_in(
    installation: Installation,
) -> None:
    with Browser(installation.here, "cleo") as browser, Browser(installation.here, "cleo") as phone:
        async with Tab(installation.there, browser.cookie) as tab, Tab(installation.there, phone.cookie) as other:
            fields = {"oldpassword": PASSWORD, "password1": "another-one-of-ours-2"}
            since = await doing(browser.post, "/accounts/password_change/", **fields)

            await closed_in_time(other, since)
            await tab.ping()
            assert tab.closes == []


async def test_a_deleted_person_is_out(installation: Installation) -> None:
    with Browser(installation.here, "dora") as browser:
        async with Tab(installation.there, browser.cookie) as tab:
            since = await doing(browser.post, "/accounts/delete/", password=PASSWORD)

            await closed_in_time(tab, since)


async def test_a_removed_member_loses_the_teams_threads_and_sees_no_more_of_a_running_reply(
    pair: Deployment,
    installation: Installation,
) -> None:
    team, people = installation.team, installation.people
    with Browser(installation.here, "boss") as boss, Browser(installation.here, "emil") as browser:
        browser.post(f"/teams/{team}/switch/")
        async with Tab(installation.there, browser.cookie) as tab, Tab(installation.here, browser.cookie) as writer:
            accepted = await writer.send("[[fake 400t 40r]]")
            await tab.watch(accepted["thread_id"])
            await tab.began(accepted)

            since = await doing(boss.post, f"/teams/{team}/members/{people['emil']}/remove/")
            for one in (tab, writer):
                await one.until(lambda one=one: accepted["thread_id"] in one.gone, GATE)  # type: ignore[misc]
            assert time.monotonic() - since < GATE
            for one in (tab, writer):
                await one.ping()
            seen = [one.received for one in (tab, writer)]
            await tab.until(lambda: stored.turn(pair, accepted["turn_id"]).status == "stopped", GATE)
            for one in (tab, writer):
                await one.ping()
            assert [one.received for one in (tab, writer)] == [before + len(PONG) for before in seen]

            await tab.say(type="thread.subscribe", thread_id=accepted["thread_id"])
            await tab.until(lambda: tab.errors)
            assert tab.errors[-1]["code"] == "not_found"
            assert tab.closes == []
