"""One way to join a thread: reload, second tab, reconnect and wake-up all end up with what the database holds."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from llm_chat import actions, consumers
from llm_chat.models import UNFINISHED, ChatMessage, ChatThread, Turn
from llm_chat.tests.conftest import WAIT, Opener, Tab, until
from llm_chat.tests.mirror import Mirror, fields_of
from llm_service.fakes import FakeServer
from realtime import hub
from realtime.bridge import in_db
from realtime.hub import thread_topic

pytestmark = pytest.mark.django_db(transaction=True)

HELD = "[[fake 60t held]]"


async def history(user: User, thread_id: str) -> dict[str, Any]:
    def fetch() -> dict[str, Any]:
        client = Client()
        client.force_login(user)
        page: dict[str, Any] = client.get(reverse("llm_chat:messages", args=[thread_id])).json()
        return page

    return await in_db(fetch)


async def subscribe(tab: Tab, thread_id: str, **more: Any) -> dict[str, Any]:
    await tab.say(type="thread.subscribe", thread_id=thread_id, **more)
    return await tab.until("thread.snapshot", thread_id=thread_id)


async def running(tab: Tab, text: str = HELD, thread_id: str | None = None) -> dict[str, Any]:
    accepted = await tab.send(text, thread_id)
    await tab.until("response.output_text.delta", turn_id=accepted["turn_id"])
    return accepted


async def ended(turn_id: str) -> None:
    async with asyncio.timeout(WAIT):
        while await in_db(Turn.objects.filter(id=turn_id, status__in=UNFINISHED).exists):
            await asyncio.sleep(0.05)


async def stored_text(id_: str) -> str:
    return (await in_db(ChatMessage.objects.get, id=id_)).content


def many_messages(user: User, pairs: int) -> ChatThread:
    """A thread of finished turns, each written in its own transaction, as far as `rev` is concerned."""
    thread = ChatThread.objects.create(user=user, team_id=_team_of(user), rev=pairs, title="long")
    rows, parent_id = [], None
    for number in range(pairs):
        for role in ("user", "assistant"):
            row = ChatMessage(thread=thread, parent_id=parent_id, role=role, content=f"{role} {number}", rev=number + 1)
            rows.append(row)
            parent_id = row.id
    ChatMessage.objects.bulk_create(rows)
    thread.leaf_id = parent_id
    thread.save()
    return thread


def _team_of(user: User) -> uuid.UUID:
    from teams.actions import personal_team  # noqa: PLC0415  keeps the module's imports those of its subject

    return personal_team(user).id


# --- Second tab, reload, reconnect


async def test_a_second_tab_in_the_middle_of_a_reply_ends_with_every_byte_of_it(
    open_tab: Opener, alice: User, model_server: FakeServer
) -> None:
    tab, second = await open_tab(alice), await open_tab(alice)
    accepted = await running(tab)

    snapshot = await subscribe(second, accepted["thread_id"])
    model_server.go_on()
    await second.end_of(accepted["turn_id"])

    assert snapshot["turn"]["turn_id"] == accepted["turn_id"]
    assert snapshot["turn"]["text"] != ""
    seqs = [frame["seq"] for frame in second.of(accepted["turn_id"]) if "seq" in frame]
    assert seqs == list(range(snapshot["turn"]["seq"] + 1, seqs[-1] + 1))
    joined = snapshot["turn"]["text"] + second.text_of(accepted["turn_id"])
    assert joined == await stored_text(accepted["assistant_message_id"])


async def test_ten_tabs_that_join_one_after_the_other_all_have_the_whole_text(
    open_tab: Opener, alice: User, model_server: FakeServer
) -> None:
    tab = await open_tab(alice)
    accepted = await running(tab)
    texts = []

    for _ in range(10):
        joining = await open_tab(alice)
        snapshot = await subscribe(joining, accepted["thread_id"])
        texts.append((joining, snapshot["turn"]["text"]))

    model_server.go_on()
    final = await tab.end_of(accepted["turn_id"])
    for joining, begun in texts:
        await joining.end_of(accepted["turn_id"])
        assert begun + joining.text_of(accepted["turn_id"]) == final["message"]["content"]


async def test_a_reload_in_the_middle_of_a_reply_goes_on_where_the_snapshot_ends(
    open_tab: Opener, alice: User, model_server: FakeServer
) -> None:
    tab = await open_tab(alice)
    accepted = await running(tab)
    await tab.close()
    page = await history(alice, accepted["thread_id"])

    fresh = await open_tab(alice)
    snapshot = await subscribe(fresh, accepted["thread_id"], rev=page["thread"]["rev"])
    model_server.go_on()
    await fresh.end_of(accepted["turn_id"])

    assert snapshot["messages"] == [] and snapshot["reset"] is False
    joined = snapshot["turn"]["text"] + fresh.text_of(accepted["turn_id"])
    assert joined == await stored_text(accepted["assistant_message_id"])


async def test_a_gap_noticed_while_a_catch_up_is_under_way_is_followed_by_another(
    open_tab: Opener, alice: User
) -> None:
    tab = await open_tab(alice)
    accepted = await tab.send("[[fake 3t]]")
    await tab.until("final")

    hub.current().resync()
    await asyncio.sleep(0)  # it is reading
    hub.current().resync()

    for _ in range(2):
        await tab.until("thread.snapshot", thread_id=accepted["thread_id"])


async def test_the_end_of_a_turn_during_a_catch_up_is_told_once(
    open_tab: Opener, alice: User, model_server: FakeServer
) -> None:
    tab = await open_tab(alice)
    accepted = await running(tab)
    thread_id = accepted["thread_id"]
    (door,) = consumers.open_sockets
    assert door.socket
    subscription = door.socket._subscriptions[thread_id]

    async with subscription.lock:  # the catch-up waits, as behind a slow database
        hub.current().resync()
        model_server.go_on()
        await ended(accepted["turn_id"])
        await until(lambda: any(packet.terminal for packet, _ in subscription.held))

    await tab.until("thread.snapshot", thread_id=thread_id)
    await tab.until("final", turn_id=accepted["turn_id"])
    await tab.until("thread.updated", thread_id=thread_id)  # for the list of threads, which has no snapshot
    await tab.answered()
    assert len(tab.ends_of(accepted["turn_id"])) == 1


async def test_the_end_of_a_turn_that_got_lost_is_told_by_the_catch_up(
    open_tab: Opener, alice: User, model_server: FakeServer
) -> None:
    tab = await open_tab(alice)
    accepted = await running(tab)
    topic = thread_topic(accepted["thread_id"])
    (door,) = consumers.open_sockets
    assert door.socket

    hub.current().unwatch(topic, door.socket)  # as if the turn's process could not be heard
    model_server.go_on()
    await ended(accepted["turn_id"])
    hub.current().watch(topic, door.socket)
    hub.current().resync()

    await tab.until("final", turn_id=accepted["turn_id"])
    await tab.answered()
    assert len(tab.ends_of(accepted["turn_id"])) == 1


async def test_the_address_of_a_thread_is_subscribed_at_once(
    open_tab: Opener, alice: User, model_server: FakeServer
) -> None:
    tab = await open_tab(alice)
    accepted = await running(tab)

    direct = await open_tab(alice, f"/ws/chat/{accepted['thread_id']}/")
    snapshot = await direct.next()

    assert (snapshot["type"], snapshot["thread_id"]) == ("thread.snapshot", accepted["thread_id"])
    model_server.go_on()
    assert (await direct.end_of(accepted["turn_id"]))["status"] == "complete"


async def test_a_tab_that_missed_a_whole_turn_catches_up_by_rev(open_tab: Opener, alice: User) -> None:
    tab, sleeping = await open_tab(alice), await open_tab(alice)
    first = await tab.ask("one")
    rev = (await history(alice, first["thread_id"]))["thread"]["rev"]
    await sleeping.close()
    second = await tab.ask("two", first["thread_id"])

    awake = await open_tab(alice)
    snapshot = await subscribe(awake, first["thread_id"], rev=rev)

    assert snapshot["reset"] is False and snapshot["turn"] is None
    assert [(one["role"], one["content"]) for one in snapshot["messages"]] == [
        ("user", "two"),
        ("assistant", second["message"]["content"]),
    ]


async def test_a_tab_that_is_up_to_date_gets_an_empty_snapshot(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    final = await tab.ask("one")
    await tab.once("thread.title.updated")  # the last change there is
    rev = (await history(alice, final["thread_id"]))["thread"]["rev"]

    snapshot = await subscribe(tab, final["thread_id"], rev=rev)

    assert (snapshot["rev"], snapshot["messages"], snapshot["reset"]) == (rev, [], False)


async def test_a_tab_that_knows_nothing_gets_the_thread(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    final = await tab.ask("one")

    snapshot = await subscribe(tab, final["thread_id"])

    assert [one["role"] for one in snapshot["messages"]] == ["user", "assistant"]
    assert snapshot["reset"] is False


@pytest.mark.parametrize(("known", "changed", "reset"), [(5, 50, False), (4, 0, True)], ids=["50", "52"])
async def test_more_than_fifty_changes_mean_a_reload(
    open_tab: Opener, alice: User, known: int, changed: int, reset: bool
) -> None:
    thread = await in_db(many_messages, alice, 30)
    tab = await open_tab(alice)

    snapshot = await subscribe(tab, str(thread.id), rev=known)

    assert (len(snapshot["messages"]), snapshot["reset"]) == (changed, reset)


async def test_a_rev_from_the_future_means_a_reload(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    final = await tab.ask("one")

    snapshot = await subscribe(tab, final["thread_id"], rev=final["rev"] + 1_000)

    assert (snapshot["reset"], snapshot["messages"]) == (True, [])
    assert snapshot["rev"] < final["rev"] + 1_000


async def test_the_turn_a_tab_asks_for_is_answered_with_its_end_once(open_tab: Opener, alice: User) -> None:
    tab, joining = await open_tab(alice), await open_tab(alice)
    final = await tab.ask("one")

    await subscribe(joining, final["thread_id"], turn_id=final["turn_id"])
    await joining.answered()

    ends = joining.ends_of(final["turn_id"])
    assert len(ends) == 1
    assert ends[0]["message"] == final["message"]


async def test_an_error_is_told_again_as_an_error(open_tab: Opener, alice: User) -> None:
    tab, joining = await open_tab(alice), await open_tab(alice)
    end = await tab.ask("[[fake 4t 100r oops]]")

    await subscribe(joining, end["thread_id"], turn_id=end["turn_id"])

    assert {**await joining.until("response.error"), "rev": 0} == {**end, "rev": 0}


async def test_the_end_of_a_turn_of_another_thread_is_not_told(open_tab: Opener, alice: User) -> None:
    tab, joining = await open_tab(alice), await open_tab(alice)
    final = await tab.ask("one")
    other = await tab.ask("another thread")

    await subscribe(joining, other["thread_id"], turn_id=final["turn_id"])
    await joining.answered()

    assert joining.ends_of(final["turn_id"]) == []


async def test_a_snapshot_names_what_waits_in_the_queue(open_tab: Opener, alice: User) -> None:
    tab, joining = await open_tab(alice), await open_tab(alice)
    first = await tab.ask("[[fake 3t]]")
    await running(tab, thread_id=first["thread_id"])
    second = await tab.send("second", first["thread_id"])
    again = {"type": "message.regenerate", "id": str(uuid.uuid4()), "message_id": first["message_id"], "mode": "retry"}
    await tab.say(**again)
    await tab.until("message.accepted", id=again["id"])

    snapshot = await subscribe(joining, first["thread_id"])

    assert [one["message_id"] for one in snapshot["queued"]] == [second["assistant_message_id"], again["id"]]
    assert [one["message"] and one["message"]["content"] for one in snapshot["queued"]] == ["second", None]
    assert second["id"] not in [one["id"] for one in snapshot["messages"]]


async def test_after_unsubscribing_nothing_of_the_thread_arrives(
    open_tab: Opener, alice: User, model_server: FakeServer
) -> None:
    tab, leaving = await open_tab(alice), await open_tab(alice)
    accepted = await running(tab)
    await subscribe(leaving, accepted["thread_id"])

    await leaving.say(type="thread.unsubscribe", thread_id=accepted["thread_id"])
    await leaving.answered()
    before = len(leaving.of(accepted["turn_id"]))
    model_server.go_on()
    await tab.end_of(accepted["turn_id"])
    await leaving.answered()

    assert len(leaving.of(accepted["turn_id"])) == before


async def test_a_foreign_or_missing_thread_is_not_found(
    open_tab: Opener, alice: User, charlie: User, model_server: FakeServer
) -> None:
    tab, stranger = await open_tab(alice), await open_tab(charlie)
    accepted = await running(tab)

    foreign = await stranger.refusal(type="thread.subscribe", thread_id=accepted["thread_id"])
    missing = await stranger.refusal(type="thread.subscribe", thread_id=str(uuid.uuid4()))
    model_server.go_on()
    await tab.end_of(accepted["turn_id"])
    await stranger.answered()

    assert foreign == missing and foreign["code"] == "not_found"
    assert {frame["type"] for frame in stranger.frames} == {"error", "pong"}


# --- Events and history agree


class Person:
    """Somebody who acts in one tab and watches in others."""

    def __init__(self, tab: Tab, user: User, thread_id: str) -> None:
        self.tab = tab
        self.user = user
        self.thread_id = thread_id
        self.turn_ids: list[str] = []

    async def send(self, text: str = "[[fake 5t]]", **more: Any) -> str:
        accepted = await self.tab.send(text, self.thread_id, **more)
        self.turn_ids.append(accepted["turn_id"])
        return str(accepted["turn_id"])

    async def regenerate(self, mode: str) -> str:
        message = await in_db(lambda: ChatMessage.objects.filter(role="assistant").latest("created_at"))
        id_ = str(uuid.uuid4())
        await self.tab.say(type="message.regenerate", id=id_, message_id=str(message.id), mode=mode)
        accepted = await self.tab.until("message.accepted", id=id_)
        self.turn_ids.append(accepted["turn_id"])
        return str(accepted["turn_id"])

    async def stop(self, turn_id: str) -> None:
        await self.tab.say(type="turn.stop", turn_id=turn_id)
        await self.tab.end_of(turn_id)

    async def begun(self, turn_id: str) -> None:
        await self.tab.until("response.output_text.delta", turn_id=turn_id)


Action = Callable[[Person], Awaitable[object]]


async def send(person: Person) -> None:
    await person.send()


async def send_three(person: Person) -> None:
    for _ in range(3):
        await person.send("[[fake 8t 40r]]")


async def edit(person: Person) -> None:
    await person.send(parent_id=None)


async def stop(person: Person) -> None:
    turn_id = await person.send(HELD)
    await person.begun(turn_id)
    await person.stop(turn_id)


async def stop_a_queued_one(person: Person) -> None:
    await person.begun(await person.send("[[fake 12t 40r]]"))
    queued = await person.send()
    await person.send()
    await person.stop(queued)


async def stop_a_queued_retry(person: Person) -> None:
    retry = await person.regenerate("retry")
    await person.tab.end_of(retry)
    await person.begun(await person.send("[[fake 12t 40r]]"))
    first = await in_db(lambda: str(ChatMessage.objects.filter(role="assistant").earliest("created_at").id))
    id_ = str(uuid.uuid4())
    await person.tab.say(type="message.regenerate", id=id_, message_id=first, mode="retry")
    await person.stop((await person.tab.until("message.accepted", id=id_))["turn_id"])


async def retry(person: Person) -> None:
    await person.regenerate("retry")


async def go_on(person: Person) -> None:
    await stop(person)
    await person.regenerate("continue")


async def error(person: Person) -> None:
    await person.send("[[fake 10t 100r oops]]")


async def error_at_once(person: Person) -> None:
    await person.send("[[fake status500]]")


async def title(person: Person) -> None:
    await in_db(ChatThread.objects.filter(id=person.thread_id).update, title="")
    await in_db(actions.set_title, thread_id=uuid.UUID(person.thread_id), title="A better name")


async def settled(user: User, thread_id: str) -> dict[str, Any]:
    """Return the history once no turn of the thread is unfinished."""
    async with asyncio.timeout(WAIT):
        while await in_db(Turn.objects.filter(thread_id=uuid.UUID(thread_id), status__in=UNFINISHED).exists):
            await asyncio.sleep(0.02)
    return await history(user, thread_id)


async def follow(tab: Tab, mirror: Mirror, until_rev: int) -> None:
    """Fold what the tab gets, asking for a snapshot where the page would, until the mirror has reached a rev."""
    async with asyncio.timeout(WAIT):
        while mirror.rev < until_rev or mirror.behind or mirror.turn_id:
            if mirror.behind:
                mirror.behind = False
                ask = {"rev": mirror.rev, "turn_id": mirror.turn_id}
                await tab.say(type="thread.subscribe", thread_id=mirror.thread["thread_id"], **ask)
            mirror.apply(await tab.next())
        await tab.say(type="ping")
        while (frame := await tab.next())["type"] != "pong":
            mirror.apply(frame)


ACTIONS = [
    send,
    send_three,
    edit,
    stop,
    stop_a_queued_one,
    stop_a_queued_retry,
    retry,
    go_on,
    error,
    error_at_once,
    title,
]


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__)
async def test_events_on_a_stale_page_equal_a_fresh_history(open_tab: Opener, alice: User, action: Action) -> None:
    tab, live = await open_tab(alice), await open_tab(alice)
    thread_id = (await tab.ask("[[fake 4t]]"))["thread_id"]
    await tab.once("thread.title.updated")
    stale = await history(alice, thread_id)
    mirror, late_mirror = Mirror.of(stale), Mirror.of(stale)
    mirror.apply(await subscribe(live, thread_id, rev=mirror.rev))

    await action(Person(tab, alice, thread_id))
    fresh = await settled(alice, thread_id)

    await follow(live, mirror, fresh["thread"]["rev"])
    assert same(mirror.as_history(), fresh)

    late = await open_tab(alice)
    late_mirror.apply(await subscribe(late, thread_id, rev=late_mirror.rev))
    assert not late_mirror.reset
    late_mirror.thread["last_message_at"] = fresh["thread"]["last_message_at"]  # the sidebar's, which has its own list
    assert same(late_mirror.as_history(), fresh)


async def test_events_on_a_page_that_opens_in_the_middle_equal_the_history(
    open_tab: Opener, alice: User, model_server: FakeServer
) -> None:
    tab, live = await open_tab(alice), await open_tab(alice)
    first = await tab.ask("[[fake 4t]]")
    await tab.once("thread.title.updated")
    await running(tab, thread_id=first["thread_id"])
    await tab.send("[[fake 3t]]", first["thread_id"])
    middle = await history(alice, first["thread_id"])
    mirror = Mirror.of(middle)
    assert same(mirror.as_history(), middle)

    await live.say(type="thread.subscribe", thread_id=first["thread_id"], rev=mirror.rev)
    model_server.go_on()
    fresh = await settled(alice, first["thread_id"])
    await follow(live, mirror, fresh["thread"]["rev"])

    assert same(mirror.as_history(), fresh)


def same(mirrored: dict[str, Any], fresh: dict[str, Any]) -> bool:
    def plain(value: dict[str, Any]) -> dict[str, Any]:
        at = value["thread"]["last_message_at"].replace("+00:00", "Z")
        return fields_of({**value, "thread": {**value["thread"], "last_message_at": at}})

    assert plain(mirrored) == plain(fresh)
    return True
