"""Whole threads: named, pinned, archived, deleted and brought back, in every tab."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from llm_chat import actions, queries
from llm_chat.actions import threads
from llm_chat.models import ChatThread, Status, Turn
from llm_chat.personal_data import conversations, how_much
from llm_chat.tests.conftest import Opener
from llm_chat.tests.test_history import thread_of
from realtime.bridge import in_db
from teams.actions import personal_team

pytestmark = pytest.mark.django_db

NOBODYS = "There is no such conversation any more."


def change(user: User, *which: ChatThread | uuid.UUID | str, **wish: Any) -> tuple[int, dict[str, Any]]:
    client = Client()
    client.force_login(user)
    ids = [str(one.id if isinstance(one, ChatThread) else one) for one in which]
    answer = client.post("/chat/api/threads/change/", json.dumps({"ids": ids, **wish}), "application/json")
    return answer.status_code, answer.json()


def listed(user: User, **more: Any) -> list[str]:
    page = queries.threads_page(user.pk, personal_team(user).pk, **more)
    return [row["title"] for row in page["threads"]]


def test_a_new_name_is_cut_to_one_line(alice: User) -> None:
    thread = thread_of(alice, title="Before")

    assert change(alice, thread, title="  Otters \n of the  river ") == (200, {"changed": 1})

    thread.refresh_from_db()
    assert (thread.title, thread.rev) == ("Otters of the river", 1)


def test_a_name_given_by_a_person_is_kept_from_the_model_s(alice: User) -> None:
    thread = thread_of(alice)
    change(alice, thread, title="Mine")

    assert not actions.set_title(thread_id=thread.id, title="The model's")


def test_pinned_ones_stand_first_and_archived_ones_by_themselves(alice: User) -> None:
    old, new, away = (thread_of(alice, title=title) for title in ("old", "new", "away"))
    ChatThread.objects.filter(id=old.id).update(last_message_at=timezone.now() - timedelta(days=9))

    change(alice, old, pinned=True)
    change(alice, away, archived=True)

    assert listed(alice) == ["old", "new"]
    assert listed(alice, archived=True) == ["away"]
    change(alice, old, pinned=False)
    assert listed(alice) == ["new", "old"]
    change(alice, new, away, archived=True)
    assert listed(alice, archived=True) == ["away", "new"]


def test_a_deleted_thread_is_nowhere_until_it_is_brought_back(alice: User) -> None:
    thread = thread_of(alice, title="Otters")

    change(alice, thread, deleted=True)

    client = Client()
    client.force_login(alice)
    assert listed(alice) == listed(alice, archived=True) == []
    assert client.get(f"/chat/{thread.id}/").status_code == 404
    assert client.get(f"/chat/api/threads/{thread.id}/messages/").status_code == 404
    assert queries.people_of([thread.id]) == {}
    assert (list(conversations(alice)), how_much(alice)) == ([], [])
    assert change(alice, thread, title="Still here?") == (404, {"error": NOBODYS})
    assert change(alice, thread, deleted=False) == (200, {"changed": 1})
    assert listed(alice) == ["Otters"]


def test_all_change_or_none(alice: User, bob: User) -> None:
    own, foreign = thread_of(alice, title="own"), thread_of(bob, title="foreign")

    assert change(alice, own, foreign, deleted=True) == change(alice, own, uuid.uuid4(), deleted=True)
    assert change(alice, own, foreign, deleted=True) == (404, {"error": NOBODYS})
    assert (listed(alice), listed(bob)) == (["own"], ["foreign"])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "Invalid JSON"),
        ("[]", "should be an object"),
        ('{"ids": [], "pinned": true}', "`ids`"),
        ('{"ids": ["x"], "pinned": true}', "`ids.0`"),
        ('{"ids": ["%s"]}', "Nothing is to be changed"),
        ('{"ids": ["%s"], "title": " \\u0000 "}', "`title`"),
        ('{"ids": ["%s"], "titel": "x"}', "`titel`"),
        ('{"ids": ["%s", "%s"], "title": "x"}', "A title is for one conversation"),
        ('{"ids": ["%s"], "pinned": "perhaps"}', "`pinned`"),
    ],
)
def test_a_wish_that_cannot_be_understood_is_told_what_is_wrong(alice: User, body: str, said: str) -> None:
    client = Client()
    client.force_login(alice)
    text = body.replace("%s", str(uuid.uuid4()))

    answer = client.post("/chat/api/threads/change/", text, "application/json")

    assert (answer.status_code, said in answer.json()["error"]) == (400, True), answer.json()


def test_only_so_many_are_pinned(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_PINNED", 2)
    one, two, three = (thread_of(alice) for _ in range(3))
    change(alice, one, two, pinned=True)

    assert change(alice, three, pinned=True) == (
        409,
        {"error": "At most 2 conversations can be pinned. Unpin one first."},
    )
    assert change(alice, one, two, pinned=True)[0] == 200


def test_what_was_deleted_long_ago_is_erased(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "ERASED_AT_ONCE", 2)
    kept, fresh, *old = (thread_of(alice, title=str(number)) for number in range(5))
    change(alice, fresh, *old, deleted=True)
    ChatThread.objects.filter(id__in=[one.id for one in old]).update(deleted_at=timezone.now() - timedelta(hours=2))

    assert actions.erase_deleted_threads() == 3
    assert set(ChatThread.objects.values_list("id", flat=True)) == {kept.id, fresh.id}


@pytest.mark.django_db(transaction=True)
async def test_every_tab_is_told_and_a_running_reply_stops(open_tab: Opener, alice: User, bob: User) -> None:
    tab, other, stranger = await open_tab(alice), await open_tab(alice), await open_tab(bob)
    running = await tab.send("[[fake 400t 20r]]")
    queued = await tab.send("[[fake 3t]]", running["thread_id"])
    await tab.until("response.output_text.delta", turn_id=running["turn_id"])

    await in_db(change, alice, running["thread_id"], title="Otters", pinned=True)
    for one in (tab, other):
        assert (await one.once("thread.title.updated", title="Otters"))["thread_id"] == running["thread_id"]
        assert (await one.once("thread.updated", pinned=True))["archived"] is False
    await in_db(change, alice, running["thread_id"], deleted=True)
    for one in (tab, other):
        await one.once("thread.deleted", thread_id=running["thread_id"])
    assert (await tab.end_of(running["turn_id"]))["status"] == "stopped"
    assert (await tab.end_of(queued["turn_id"]))["status"] == "stopped"
    again = await tab.refusal(
        type="message.send", id=str(uuid.uuid4()), thread_id=running["thread_id"], text="Are you there?"
    )
    assert again["code"] == "not_found"

    await in_db(change, alice, running["thread_id"], deleted=False)
    back = await other.until("thread.created", thread_id=running["thread_id"])
    assert (back["title"], back["pinned"]) == ("Otters", True)
    assert await in_db(unfinished) == 0
    assert not [frame for frame in stranger.frames if frame.get("thread_id") == running["thread_id"]]


def unfinished() -> int:
    return Turn.objects.filter(status__in=[Status.QUEUED, Status.RUNNING]).count()
