"""The addresses of the chat: for signed-in people, and each for their own threads."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from llm_chat.models import ChatMessage, ChatThread
from llm_chat.tests.test_history import BAD_CURSORS, many_threads, said, talk, thread_of
from teams.actions import personal_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def messages_url(thread: ChatThread) -> str:
    return reverse("llm_chat:messages", args=[thread.id])


def test_the_addresses_are_the_ones_others_rely_on() -> None:
    id_ = uuid.uuid4()

    assert reverse("llm_chat:home") == "/chat/"
    assert reverse("llm_chat:thread", args=[id_]) == f"/chat/{id_}/"


@pytest.mark.parametrize("name", ["home", "threads", "thread", "messages"])
def test_nobody_is_sent_to_the_sign_in_page(client: Client, alice: User, name: str) -> None:
    arguments = [thread_of(alice).id] if name in ("thread", "messages") else []

    response = client.get(reverse(f"llm_chat:{name}", args=arguments))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["home", "threads", "thread", "messages"])
def test_pages_are_only_read(page: Client, alice: User, name: str) -> None:
    arguments = [thread_of(alice).id] if name in ("thread", "messages") else []

    assert page.post(reverse(f"llm_chat:{name}", args=arguments)).status_code == 405


@pytest.mark.parametrize("name", ["thread", "messages"])
def test_a_foreign_thread_and_a_missing_one_look_alike(client: Client, alice: User, charlie: User, name: str) -> None:
    thread = thread_of(alice)
    said(thread, ("user", "private"))
    client.force_login(charlie)

    foreign = client.get(reverse(f"llm_chat:{name}", args=[thread.id]))
    missing = client.get(reverse(f"llm_chat:{name}", args=[uuid.uuid4()]))

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert b"private" not in foreign.content


def test_a_thread_is_told_as_json(page: Client, alice: User) -> None:
    thread = thread_of(alice, title="Name", model="openai/fake-20t")
    rows = said(thread, ("user", "hello \u2028 </script>"), ("assistant", "hi"))

    value = page.get(messages_url(thread)).json()

    assert value["thread"]["title"] == "Name"
    assert [(one["id"], one["content"]) for one in value["messages"]] == [(str(row.id), row.content) for row in rows]
    assert (value["older"], value["turn"], value["queued"]) == (None, None, [])


def test_older_messages_are_paged_by_key(page: Client, alice: User) -> None:
    thread = thread_of(alice)
    rows = talk(thread, 30)

    older = page.get(messages_url(thread)).json()["older"]
    value = page.get(messages_url(thread), {"before": older}).json()

    assert [one["id"] for one in value["messages"]] == [str(row.id) for row in rows[:10]]
    assert value["older"] is None


@pytest.mark.parametrize("before", ["x", "1", "6f1f9a2e-0000-4000-8000-000000000000", "\x00", "ä"])
def test_a_bad_place_in_a_thread_is_a_400_that_says_so(page: Client, alice: User, before: str) -> None:
    response = page.get(messages_url(thread_of(alice)), {"before": before})

    assert response.status_code == 400
    assert response.json()["error"]


def test_a_message_of_another_thread_is_no_place_in_this_one(page: Client, alice: User, charlie: User) -> None:
    foreign: ChatMessage = said(thread_of(charlie), ("user", "one"), ("assistant", "two"))[1]

    response = page.get(messages_url(thread_of(alice)), {"before": str(foreign.id)})

    assert response.status_code == 400


def test_threads_are_paged_by_key(page: Client, alice: User) -> None:
    many_threads(alice, 50)

    first = page.get(reverse("llm_chat:threads")).json()
    second = page.get(reverse("llm_chat:threads"), {"before": first["next"]}).json()

    assert (len(first["threads"]), len(second["threads"]), second["next"]) == (40, 10, None)


@pytest.mark.parametrize("text", BAD_CURSORS.values(), ids=BAD_CURSORS)
def test_a_bad_cursor_is_a_400_that_says_so(page: Client, text: str) -> None:
    response = page.get(reverse("llm_chat:threads"), {"before": text})

    assert response.status_code == 400
    assert response.json()["error"]


@pytest.mark.parametrize("list_", ["threads", "presets", "prompts", "tags"])
def test_a_list_of_a_team_is_for_those_in_it_and_says_so_when_none_is_named(
    page: Client, alice: User, bob: User, list_: str
) -> None:
    address = f"/chat/api/{list_}/"
    mine, theirs = personal_team(alice), personal_team(bob)

    assert page.get(address, {"team": str(mine.pk)}).status_code == 200
    assert page.get(address, {"team": str(theirs.pk)}).status_code == 404
    wrong = page.get(address, {"team": "x"})
    assert (wrong.status_code, wrong.json()) == (400, {"error": "`team` is not the id of a team."})


@pytest.mark.parametrize("pairs", [5, 200])
def test_a_thread_of_any_length_takes_the_same_few_queries(
    page: Client, alice: User, django_assert_num_queries: Any, pairs: int
) -> None:
    thread = thread_of(alice)
    talk(thread, pairs)

    with django_assert_num_queries(5):  # session, person with their language, thread, path, turns
        page.get(messages_url(thread))
