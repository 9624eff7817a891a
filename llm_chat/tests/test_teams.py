"""A thread belongs to a team: whoever is no longer in that team has lost it, on every way to it, at once."""

import asyncio
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from llm_chat.models import UNFINISHED, ChatMessage, ChatThread, Turn
from llm_chat.tests.conftest import WAIT, Opener, Tab
from llm_chat.tests.test_history import said, thread_of
from realtime import hub
from realtime.bridge import in_db
from teams import actions
from teams.models import Team
from teams.permissions import Role
from teams.tests.factories import join, team_of

pytestmark = pytest.mark.django_db(transaction=True)

SLOW = "[[fake 400t 40r]]"


@pytest.fixture
def otters(alice: User, bob: User) -> Team:
    """Alice owns it, bob is in it and works in it."""
    team = team_of(alice, "Otters", viewer=bob)
    actions.switch(by=bob, team=team, at=timezone.now())
    return team


def remove_bob(team: Team) -> None:
    alice = User.objects.get(email="alice@example.com")
    actions.remove(by=alice, team=team, user_id=User.objects.get(email="bob@example.com").pk)


# --- Where a thread goes


async def test_a_new_thread_belongs_to_the_current_team(open_tab: Opener, bob: User, otters: Team) -> None:
    tab = await open_tab(bob)

    final = await tab.ask("hello")

    assert (await in_db(ChatThread.objects.get, id=final["thread_id"])).team_id == otters.pk
    assert (await tab.once("thread.created", thread_id=final["thread_id"]))["team_id"] == str(otters.pk)


async def test_a_tab_that_shows_another_team_starts_its_threads_there(
    open_tab: Opener, bob: User, otters: Team
) -> None:
    own = await in_db(actions.personal_team, bob)
    tab = await open_tab(bob)

    final = await tab.ask("hello", team_id=str(own.pk))

    assert (await in_db(ChatThread.objects.get, id=final["thread_id"])).team_id == own.pk


async def test_no_thread_is_started_in_somebody_elses_team_or_a_missing_one(
    open_tab: Opener, charlie: User, otters: Team
) -> None:
    tab = await open_tab(charlie)

    refusals = [
        await tab.refusal(
            type="message.send", id=str(uuid.uuid4()), thread_id=str(uuid.uuid4()), text="hello", team_id=str(team_id)
        )
        for team_id in (otters.pk, uuid.uuid4())
    ]

    assert [one["code"] for one in refusals] == ["not_found", "not_found"]
    assert refusals[0]["message"] == refusals[1]["message"]
    assert not await in_db(ChatThread.objects.exists)


# --- Pages


def test_the_page_and_the_list_show_the_threads_of_the_current_team(client: Client, bob: User, otters: Team) -> None:
    ChatThread.objects.create(user=bob, team=otters, title="About otters")
    thread_of(bob, title="My own")
    client.force_login(bob)

    page = client.get("/chat/").context["page_data"]

    assert page["team"] == {"id": str(otters.pk), "name": "Otters"}
    assert titles(page["threads"]) == titles(client.get("/chat/api/threads/").json()) == ["About otters"]


def titles(page: dict[str, Any]) -> list[str]:
    return [thread["title"] for thread in page["threads"]]


def test_a_thread_of_another_team_of_ones_own_is_shown_among_that_teams(
    client: Client, bob: User, otters: Team
) -> None:
    own = thread_of(bob, title="My own")
    client.force_login(bob)

    page = client.get(f"/chat/{own.id}/").context["page_data"]

    assert page["team"]["id"] == str(own.team_id)
    assert titles(page["threads"]) == ["My own"]
    assert client.get("/chat/").context["page_data"]["team"]["name"] == "Otters"


@pytest.mark.parametrize("team", ["foreign", "missing"])
def test_the_list_of_a_team_one_is_not_in_is_missing(client: Client, charlie: User, otters: Team, team: str) -> None:
    client.force_login(charlie)

    answer = client.get("/chat/api/threads/", {"team": str(otters.pk if team == "foreign" else uuid.uuid4())})

    assert answer.status_code == 404


def test_a_bad_team_in_the_address_is_a_400(client: Client, bob: User) -> None:
    client.force_login(bob)

    assert client.get("/chat/api/threads/", {"team": "x"}).status_code == 400


@pytest.mark.parametrize("name", ["thread", "messages"])
def test_a_removed_members_thread_is_missing(client: Client, bob: User, otters: Team, name: str) -> None:
    thread = ChatThread.objects.create(user=bob, team=otters, title="About otters")
    client.force_login(bob)
    assert client.get(reverse(f"llm_chat:{name}", args=[thread.id])).status_code == 200

    remove_bob(otters)

    assert client.get(reverse(f"llm_chat:{name}", args=[thread.id])).status_code == 404
    assert titles(client.get("/chat/api/threads/").json()) == []


def test_threads_of_a_deleted_team_go_with_it(alice: User, bob: User, otters: Team) -> None:
    said(ChatThread.objects.create(user=bob, team=otters), ("user", "hello"), ("assistant", "hi"))
    kept = thread_of(bob)

    actions.delete(by=alice, team=otters)

    assert list(ChatThread.objects.all()) == [kept]


@pytest.mark.parametrize("page", ["/chat/", "/chat/{thread}/"])
def test_the_chat_page_takes_few_queries_in_any_number_of_teams(
    client: Client, alice: User, bob: User, otters: Team, page: str, django_assert_max_num_queries: Any
) -> None:
    thread = ChatThread.objects.create(user=bob, team=otters)
    for number in range(200):
        join(Team.objects.create(name=f"Team {number}"), bob, Role.EDITOR)
    client.force_login(bob)
    client.get("/chat/")

    with django_assert_max_num_queries(10):
        assert client.get(page.format(thread=thread.id)).status_code == 200


# --- Commands and sockets


@pytest.mark.parametrize("page", ["membership/{place}", "team/{team}"])
async def test_what_staff_take_away_in_the_admin_is_taken_from_open_tabs(
    open_tab: Opener, bob: User, otters: Team, page: str
) -> None:
    tab = await open_tab(bob)
    thread_id = (await tab.ask("hello"))["thread_id"]
    place = await in_db(otters.memberships.get, user=bob)
    boss = Client()
    await in_db(boss.force_login, await in_db(User.objects.create_superuser, "boss@example.com"))

    await in_db(boss.post, f"/admin/teams/{page.format(place=place.pk, team=otters.pk)}/delete/", {"post": "yes"})

    assert (await tab.until("team.left"))["team_id"] == str(otters.pk)
    assert (await tab.once("thread.deleted"))["thread_id"] == thread_id


async def bobs_tab(open_tab: Opener, bob: User) -> tuple[Tab, dict[str, Any]]:
    tab = await open_tab(bob)
    return tab, await tab.ask("hello")


def as_frames(final: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each command about the thread."""
    thread_id = final["thread_id"]
    return [
        {"type": "message.send", "id": str(uuid.uuid4()), "thread_id": thread_id, "text": "more"},
        {
            "type": "message.regenerate",
            "id": str(uuid.uuid4()),
            "message_id": final["message_id"],
            "mode": "retry",
        },
        {"type": "turn.stop", "turn_id": final["turn_id"]},
        {"type": "thread.subscribe", "thread_id": thread_id},
    ]


async def test_no_command_of_a_removed_member_reaches_the_thread(open_tab: Opener, bob: User, otters: Team) -> None:
    tab, final = await bobs_tab(open_tab, bob)
    await in_db(remove_bob, otters)
    await tab.until("team.left")

    refusals = [await tab.refusal(**frame) for frame in as_frames(final)]

    assert {one["code"] for one in refusals} == {"not_found"}
    assert await in_db(ChatMessage.objects.count) == 2


async def test_a_resend_of_a_removed_member_gets_no_answer_from_the_thread(
    open_tab: Opener, bob: User, otters: Team
) -> None:
    tab = await open_tab(bob)
    frame = {"type": "message.send", "id": str(uuid.uuid4()), "thread_id": str(uuid.uuid4()), "text": "hello"}
    await tab.say(**frame)
    await tab.until("final")
    await in_db(remove_bob, otters)

    assert (await tab.refusal(**frame))["code"] == "not_found"


async def test_an_open_tab_of_a_removed_member_is_told_and_sees_no_more_of_the_thread(
    open_tab: Opener, bob: User, otters: Team
) -> None:
    tab = await open_tab(bob)
    accepted = await tab.send(SLOW)
    await tab.until("response.output_text.delta", turn_id=accepted["turn_id"])

    await in_db(remove_bob, otters)
    left = await tab.until("team.left")
    await tab.until("thread.deleted", thread_id=accepted["thread_id"])
    seen = len(tab.frames)
    await tab.answered()
    await tab.silent(0.5)

    assert left["team_id"] == str(otters.pk)
    assert [frame["type"] for frame in tab.frames[seen:]] == ["pong"]
    assert f"thread:{accepted['thread_id']}" not in hub.current()._watchers


async def test_a_running_reply_of_a_removed_member_stops_where_it_was_and_what_waits_is_never_begun(
    open_tab: Opener, bob: User, otters: Team
) -> None:
    tab = await open_tab(bob)
    running = await tab.send(SLOW)
    waiting = await tab.send("and then?", running["thread_id"])
    await tab.until("response.output_text.delta", turn_id=running["turn_id"])

    await in_db(remove_bob, otters)
    await tab.until("thread.deleted", thread_id=running["thread_id"])
    seen = len(tab.frames)
    ends = [await end_in_the_database(turn["turn_id"]) for turn in (running, waiting)]
    await tab.answered()

    assert [turn.status for turn in ends] == ["stopped", "stopped"]
    assert 0 < len(ends[0].assistant_message.content) < 400 * len("amber0 ")
    assert (ends[1].assistant_message.content, ends[1].started_at) == ("", None)
    assert [frame["type"] for frame in tab.frames[seen:]] == ["pong"]


async def end_in_the_database(turn_id: str) -> Turn:
    async with asyncio.timeout(WAIT):
        while True:
            turn = await in_db(Turn.objects.select_related("assistant_message").get, id=turn_id)
            if turn.status not in UNFINISHED:
                return turn
            await asyncio.sleep(0.05)


async def test_a_removed_member_keeps_the_threads_of_other_teams(open_tab: Opener, bob: User, otters: Team) -> None:
    own = await in_db(actions.personal_team, bob)
    tab, _ = await bobs_tab(open_tab, bob)
    mine = await tab.ask("mine", team_id=str(own.pk))

    await in_db(remove_bob, otters)
    await tab.until("team.left")

    assert (await tab.ask("more", mine["thread_id"]))["status"] == "complete"


async def test_everybody_in_a_deleted_team_is_told_and_nobody_else(
    open_tab: Opener, alice: User, bob: User, charlie: User, otters: Team
) -> None:
    tabs = [await open_tab(person) for person in (alice, bob)]
    outsider = await open_tab(charlie)

    await in_db(lambda: actions.delete(by=alice, team=otters))

    for tab in tabs:
        assert (await tab.until("team.left"))["team_id"] == str(otters.pk)
    await outsider.answered()
    assert [frame["type"] for frame in outsider.frames] == ["pong"]


async def test_whoever_comes_back_finds_their_threads_again(open_tab: Opener, bob: User, otters: Team) -> None:
    tab, final = await bobs_tab(open_tab, bob)
    await in_db(remove_bob, otters)
    await tab.until("team.left")

    await in_db(join, otters, bob)

    assert (await tab.ask("back", final["thread_id"]))["status"] == "complete"
    assert await in_db(Turn.objects.count) == 2
