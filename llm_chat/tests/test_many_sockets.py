"""When Redis was away every socket of a process looks at what it may watch. They do so together."""

import asyncio
import logging
import time

import pytest
from pytest import LogCaptureFixture

from accounts.models import User
from llm_chat import rechecks
from llm_chat.models import ChatThread
from llm_chat.tests.conftest import Opener, Tab
from llm_chat.tests.test_history import thread_of
from realtime import hub
from realtime.bridge import in_db
from teams.models import Membership

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, TABS_EACH = 20, 3


def people_with_threads() -> list[ChatThread]:
    return [thread_of(User.objects.create_user(f"person{number}@example.com")) for number in range(PEOPLE)]


@pytest.fixture
async def tabs(open_tab: Opener) -> dict[Tab, ChatThread]:
    """Three tabs of each person, all in the person's own thread."""
    threads = await in_db(people_with_threads)
    opened = {
        await open_tab(thread.user, f"/ws/chat/{thread.pk}/"): thread for thread in threads for _ in range(TABS_EACH)
    }
    for tab in opened:
        await tab.until("thread.snapshot")
    return opened


def looks(caplog: LogCaptureFixture) -> list[str]:
    """Return the queries that asked whose threads are whose."""
    asked = (str(getattr(record, "sql", "")) for record in caplog.records)
    return [sql for sql in asked if sql.startswith('SELECT "llm_chat_chatthread"."id"') and '"user_id"' in sql]


async def test_all_sockets_of_a_process_ask_for_their_threads_in_one_query(
    tabs: dict[Tab, ChatThread], caplog: LogCaptureFixture, settings: object
) -> None:
    settings.DEBUG = True  # type: ignore[attr-defined]  # queries of other threads are logged then
    async with asyncio.timeout(10):
        while rechecks._tasks:  # each new tab was looked at, too
            await asyncio.sleep(0.05)
    with caplog.at_level(logging.DEBUG, "django.db.backends"):
        for thread in set(tabs.values()):
            hub.current().recheck(thread.user_id)
        deadline = time.monotonic() + 5
        while not looks(caplog) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)  # more of them would come by now

    assert len(tabs) == PEOPLE * TABS_EACH
    assert len([sql for sql in looks(caplog) if " IN (" in sql]) == 1


async def test_each_socket_leaves_what_its_own_person_has_lost_and_nothing_else(tabs: dict[Tab, ChatThread]) -> None:
    lost = next(iter(tabs.values()))
    await in_db(Membership.objects.filter(user=lost.user_id).delete)

    hub.current().resync()

    for tab, thread in tabs.items():
        if thread == lost:
            assert (await tab.until("thread.deleted"))["thread_id"] == str(lost.pk)
        else:
            await tab.answered()
            assert not [frame for frame in tab.frames if frame["type"] == "thread.deleted"]
