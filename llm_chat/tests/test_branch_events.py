"""Whatever becomes of branches, a stale page that applies the events, or joins late, shows what a fresh load shows."""

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from accounts.models import User
from llm_chat import actions
from llm_chat.models import UNFINISHED, ChatMessage, ChatThread, Turn
from llm_chat.tests.conftest import WAIT, Opener, Tab
from llm_chat.tests.mirror import Mirror
from llm_chat.tests.test_joining import Person, history, same, settled, subscribe
from realtime.bridge import in_db

pytestmark = pytest.mark.django_db(transaction=True)


async def messages(person: Person, role: str) -> list[ChatMessage]:
    rows = ChatMessage.objects.filter(thread=uuid.UUID(person.thread_id), role=role).order_by("created_at")
    return await in_db(lambda: list(rows))


async def choose(person: Person, row: ChatMessage) -> None:
    await in_db(actions.choose_branch, by=person.user, thread_id=uuid.UUID(person.thread_id), message_id=row.id)


async def again(person: Person, row: ChatMessage, mode: str = "retry") -> str:
    id_ = str(uuid.uuid4())
    await person.tab.say(type="message.regenerate", id=id_, message_id=str(row.id), mode=mode)
    return str((await person.tab.until("message.accepted", id=id_))["turn_id"])


async def edit_the_last(person: Person) -> None:
    _, last = await messages(person, "user")
    await person.tab.end_of(await person.send(parent_id=str(last.parent_id)))


async def edit_the_first(person: Person) -> None:
    await person.tab.end_of(await person.send(parent_id=None))


async def answer_the_first_again(person: Person) -> None:
    first, _ = await messages(person, "assistant")
    await person.tab.end_of(await again(person, first))


async def edit_and_turn_back(person: Person) -> None:
    first, last = await messages(person, "user")
    await edit_the_last(person)
    await edit_the_first(person)
    await choose(person, first)
    await choose(person, last)


async def turn_away_from_what_is_being_written(person: Person) -> None:
    _, last = await messages(person, "assistant")
    turn_id = await again(person, last)
    await person.tab.once("response.created", turn_id=turn_id)
    await choose(person, last)
    await person.send()


async def turn_back_to_what_is_being_written(person: Person) -> None:
    _, last = await messages(person, "user")
    turn_id = await person.send("[[fake 30t 40r]]", parent_id=str(last.parent_id))
    await person.begun(turn_id)
    await choose(person, last)
    *_, edited = await messages(person, "user")
    await choose(person, edited)


async def stop_on_a_branch_and_go_on(person: Person) -> None:
    _, last = await messages(person, "assistant")
    turn_id = await person.send("[[fake 60t 40r]]", parent_id=str(last.parent_id))
    await person.begun(turn_id)
    await person.stop(turn_id)
    *_, stopped = await messages(person, "assistant")
    await person.tab.end_of(await again(person, stopped, "continue"))


async def edit_while_a_reply_runs(person: Person) -> None:
    _, last = await messages(person, "user")
    await person.begun(await person.send("[[fake 20t 40r]]"))
    await person.send(parent_id=str(last.parent_id))


async def take_an_edit_back(person: Person) -> None:
    _, last = await messages(person, "user")
    await person.begun(await person.send("[[fake 20t 40r]]"))
    await person.stop(await person.send(parent_id=str(last.parent_id)))


async def answer_again_on_another_branch(person: Person) -> None:
    *_, last = await messages(person, "assistant")
    await edit_the_first(person)
    await person.tab.end_of(await again(person, last))


async def fork(person: Person) -> None:
    first, _ = await messages(person, "assistant")
    await in_db(
        actions.fork,
        by=person.user,
        thread_id=uuid.UUID(person.thread_id),
        message_id=first.id,
        new_id=uuid.uuid4(),
    )


ACTIONS: list[Callable[[Person], Awaitable[object]]] = [
    edit_the_last,
    edit_the_first,
    answer_the_first_again,
    edit_and_turn_back,
    turn_away_from_what_is_being_written,
    turn_back_to_what_is_being_written,
    stop_on_a_branch_and_go_on,
    edit_while_a_reply_runs,
    take_an_edit_back,
    answer_again_on_another_branch,
    fork,
]


async def talked(tab: Tab) -> str:
    """Have two questions answered; return the thread's id."""
    thread_id = str((await tab.ask("[[fake 4t]]"))["thread_id"])
    await tab.once("thread.title.updated")
    await tab.ask("[[fake 4t]]", thread_id)
    return thread_id


async def follow(tab: Tab, user: User, mirror: Mirror, until_rev: int) -> Mirror:
    """Fold what the tab gets, asking for a snapshot or the history where the page would; return what it shows."""
    thread_id = mirror.thread["thread_id"]
    async with asyncio.timeout(WAIT):
        while mirror.rev < until_rev or mirror.behind or mirror.reset or mirror.turn_id:
            if mirror.behind or mirror.reset:
                mirror = Mirror.of(await history(user, thread_id)) if mirror.reset else mirror
                mirror.behind = False
                await tab.say(type="thread.subscribe", thread_id=thread_id, rev=mirror.rev, turn_id=mirror.turn_id)
            mirror.apply(await tab.next())
        await tab.say(type="ping")
        while (frame := await tab.next())["type"] != "pong":
            mirror.apply(frame)
    return mirror


async def keep_up(tab: Tab, user: User, mirror: Mirror, deeds: asyncio.Task[None]) -> Mirror:
    """Fold what comes while something is being done, as the page does that somebody looks at."""
    while not deeds.done():
        mirror = await follow(tab, user, mirror, until_rev=0)
        await asyncio.sleep(0.05)  # it pings; nobody may say much more
    deeds.result()
    return mirror


async def followed(tab: Tab, user: User, stale: dict[str, Any]) -> Mirror:
    """Return what a page with a stale history shows once it has subscribed and settled."""
    thread_id = stale["thread"]["thread_id"]
    mirror = Mirror.of(stale)
    mirror.apply(await subscribe(tab, thread_id, rev=mirror.rev))
    return await follow(tab, user, mirror, (await settled(user, thread_id))["thread"]["rev"])


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__)
async def test_events_on_a_stale_page_equal_a_fresh_history(
    open_tab: Opener, alice: User, action: Callable[[Person], Awaitable[object]]
) -> None:
    tab, live, late = await open_tab(alice), await open_tab(alice), await open_tab(alice)
    thread_id = await talked(tab)
    stale = await history(alice, thread_id)
    mirror = Mirror.of(stale)
    mirror.apply(await subscribe(live, thread_id, rev=mirror.rev))

    await action(Person(tab, alice, thread_id))
    fresh = await settled(alice, thread_id)

    assert same((await follow(live, alice, mirror, fresh["thread"]["rev"])).as_history(), fresh)
    joined = await followed(late, alice, stale)
    joined.thread["last_message_at"] = fresh["thread"]["last_message_at"]  # the sidebar's, which has its own list
    assert same(joined.as_history(), fresh)


async def test_two_tabs_that_branch_at_random_at_once_agree_with_the_history(open_tab: Opener, alice: User) -> None:
    tabs = [await open_tab(alice), await open_tab(alice)]
    live = await open_tab(alice)
    thread_id = await talked(tabs[0])
    mirror = Mirror.of(await history(alice, thread_id))
    mirror.apply(await subscribe(live, thread_id, rev=mirror.rev))
    dice = random.Random(7)  # noqa: S311  no secret

    async def act(person: Person) -> None:
        for _ in range(8):
            finished = ChatMessage.objects.filter(thread=uuid.UUID(thread_id)).exclude(status__in=UNFINISHED)
            row = dice.choice(await in_db(lambda finished=finished: list(finished)))  # type: ignore[misc]
            if dice.random() < 0.5:
                await choose(person, row)
            elif row.role == "assistant":
                await again(person, row)
            else:
                await person.send("[[fake 3t]]", parent_id=row.parent_id and str(row.parent_id))

    async def act_in_all() -> None:
        await asyncio.gather(*(act(Person(tab, alice, thread_id)) for tab in tabs))

    mirror = await keep_up(live, alice, mirror, asyncio.create_task(act_in_all()))
    fresh = await settled(alice, thread_id)

    mirror = await follow(live, alice, mirror, fresh["thread"]["rev"])
    assert same(mirror.as_history(), fresh)
    leaf = (await in_db(ChatThread.objects.get, id=thread_id)).leaf_id
    assert not await in_db(ChatMessage.objects.filter(parent=leaf).exists)
    assert not await in_db(Turn.objects.filter(status="error").exists)
