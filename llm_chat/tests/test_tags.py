"""A person's tags: made, changed, put on threads, and told to every tab."""

import json
import uuid
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from llm_chat import queries
from llm_chat.actions import tags as tagging
from llm_chat.models import Tag
from llm_chat.personal_data import tags as exported
from llm_chat.tests.conftest import Opener
from llm_chat.tests.test_history import thread_of
from llm_chat.tests.test_threads import change
from realtime.bridge import in_db
from teams.actions import personal_team

pytestmark = pytest.mark.django_db


def tag(user: User, tag_id: uuid.UUID | None = None, **wish: Any) -> tuple[int, dict[str, Any]]:
    client = Client()
    client.force_login(user)
    body = {"id": str(tag_id or uuid.uuid4()), "team": str(personal_team(user).pk), **wish}
    answer = client.post("/chat/api/tags/change/", json.dumps(body), "application/json")
    return answer.status_code, answer.json()


def made(user: User, name: str) -> str:
    status, answer = tag(user, name=name)
    assert status == 200
    return str(answer["id"])


def tags_in_list(user: User, **more: Any) -> dict[str, list[str]]:
    """Return the tags of each listed thread by title."""
    page = queries.threads_page(user.pk, personal_team(user).pk, **more)
    return {row["title"]: [one["name"] for one in row["tags"]] for row in page["threads"]}


def test_tags_are_made_changed_and_deleted(alice: User) -> None:
    id_ = uuid.uuid4()
    assert tag(alice, id_, name="  Home \n work ", colour="accent") == (200, {"id": str(id_)})
    assert tag(alice, id_, name="Home work", colour="accent")[0] == 200
    assert tag(alice, id_, colour="danger")[0] == 200

    team_id = personal_team(alice).pk
    assert [queries.tag_value(one) for one in queries.tags_of(alice.pk, team_id)] == [
        {"id": str(id_), "name": "Home work", "colour": "danger"}
    ]
    assert tag(alice, id_, deleted=True)[0] == tag(alice, id_, deleted=True)[0] == 200
    assert queries.tags_of(alice.pk, team_id) == []


def test_threads_are_tagged_together_and_found_by_their_tag(alice: User) -> None:
    one, two, three = (thread_of(alice, title=title) for title in ("one", "two", "three"))
    work, home = made(alice, "work"), made(alice, "home")

    assert change(alice, one, two, tagged=[work, home]) == (200, {"changed": 2})
    assert change(alice, two, three, tagged=[work], untagged=[home])[0] == 200

    assert tags_in_list(alice) == {"one": ["work", "home"], "two": ["work"], "three": ["work"]}
    assert tags_in_list(alice, tag_id=uuid.UUID(home)) == {"one": ["work", "home"]}
    tag(alice, uuid.UUID(work), deleted=True)
    assert tags_in_list(alice) == {"one": ["home"], "two": [], "three": []}


def test_one_that_has_it_already_is_not_changed(alice: User) -> None:
    thread = thread_of(alice)
    work = made(alice, "work")
    for _ in range(2):
        change(alice, thread, tagged=[work])

    thread.refresh_from_db()
    assert thread.rev == 1


@pytest.mark.parametrize(
    ("wish", "status", "said"),
    [
        ({"name": ""}, 400, "`name`"),
        ({"name": "x" * 41}, 400, "`name`"),
        ({"name": "x", "colour": "#fff"}, 400, "`colour`"),
        ({"name": "x", "shape": "round"}, 400, "`shape`"),
        ({"name": "WORK"}, 409, "There is a tag called “WORK” already."),
        ({"colour": "accent"}, 404, "There is no such tag any more."),
    ],
)
def test_a_tag_that_cannot_be_is_told_why(alice: User, wish: dict[str, Any], status: int, said: str) -> None:
    made(alice, "work")

    answered, answer = tag(alice, **wish)

    assert (answered, said in answer["error"]) == (status, True), answer


def test_there_is_room_for_so_many(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tagging, "MOST_TAGS", 3)
    monkeypatch.setattr(tagging, "MOST_ON_A_THREAD", 2)
    thread = thread_of(alice, title="one")
    one, two, three = (made(alice, name) for name in ("1", "2", "3"))

    assert tag(alice, name="4") == (409, {"error": "At most 3 tags can be made. Delete one first."})
    assert change(alice, thread, tagged=[one, two])[0] == 200
    assert change(alice, thread, tagged=[three]) == (
        409,
        {"error": "A conversation can have 2 tags. Take one off first."},
    )
    assert change(alice, thread, tagged=[three], untagged=[one])[0] == 200
    assert tags_in_list(alice) == {"one": ["2", "3"]}


def test_nobody_else_has_them(alice: User, bob: User) -> None:
    work = made(alice, "work")
    foreign = thread_of(bob)

    assert change(bob, foreign, tagged=[work]) == (404, {"error": "There is no such tag any more."})
    assert tag(bob, uuid.UUID(work), name="mine") == (404, {"error": "There is no such tag any more."})
    team = str(personal_team(alice).pk)
    client = Client()
    client.force_login(bob)
    body = json.dumps({"id": str(uuid.uuid4()), "team": team, "name": "x"})
    assert client.post("/chat/api/tags/change/", body, "application/json").status_code == 404
    assert [one.name for one in Tag.objects.all()] == ["work"]


def test_they_are_in_the_file_of_what_is_kept(alice: User) -> None:
    thread = thread_of(alice)
    change(alice, thread, tagged=[made(alice, "work")])

    ((name, rows),) = exported(alice)

    assert name == "tags.json"
    assert [(row["name"], row["threads"]) for row in rows] == [("work", [thread.id])]  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
async def test_every_tab_is_told_and_a_stale_list_that_heard_it_equals_a_fresh_one(
    open_tab: Opener, alice: User
) -> None:
    tab, other = await open_tab(alice), await open_tab(alice)
    one, two = await in_db(thread_of, alice, title="one"), await in_db(thread_of, alice, title="two")
    work = await in_db(made, alice, "work")
    before = await in_db(fresh_list, alice)

    await in_db(change, alice, one, two, tagged=[work])
    await in_db(change, alice, two, untagged=[work])
    await in_db(tag, alice, uuid.UUID(work), name="Work", colour="accent")
    await in_db(change, alice, one, deleted=True)
    await in_db(change, alice, one, deleted=False)

    for seen in (tab, other):
        await seen.once("thread.created", thread_id=str(one.id))
        assert heard(before, seen.frames) == await in_db(fresh_list, alice)


def fresh_list(user: User) -> dict[str, Any]:
    page = queries.threads_page(user.pk, personal_team(user).pk)
    tags = [queries.tag_value(one) for one in queries.tags_of(user.pk, personal_team(user).pk)]
    return {"tags": tags, "rows": {row["thread_id"]: _plain(row) for row in page["threads"]}}


def heard(before: dict[str, Any], frames: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the list after what a tab was told of it."""
    tags, rows = before["tags"], dict(before["rows"])
    for frame in frames:
        id_ = frame.get("thread_id")
        if frame["type"] == "tags.changed":
            tags = frame["tags"]
            known = {one["id"]: one for one in tags}
            for row_id, row in rows.items():
                rows[row_id] = row | {"tags": [known[one["id"]] for one in row["tags"] if one["id"] in known]}
        elif frame["type"] == "thread.created":
            rows[id_] = _plain({name: frame.get(name, same) for name, same in before["rows"][id_].items()})
        elif frame["type"] == "thread.updated":
            changed = {name: frame[name] for name in rows[id_] if frame.get(name) is not None}
            rows[id_] = _plain(rows[id_] | changed)
        elif frame["type"] == "thread.deleted":
            del rows[id_]
    return {"tags": tags, "rows": rows}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"last_message_at": datetime.fromisoformat(str(row["last_message_at"]))}
