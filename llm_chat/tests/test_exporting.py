import json

import pytest
from django.test import Client

from accounts.models import User
from llm_chat.models import ChatMessage, ChatThread
from teams.actions import personal_team


@pytest.fixture
def anna(client: Client, db: None) -> User:
    anna = User.objects.create_user("anna@example.com", "anna-password-1")
    client.force_login(anna)
    return anna


@pytest.fixture
def thread(anna: User) -> ChatThread:
    thread = ChatThread.objects.create(team=personal_team(anna), user=anna, title="Otters at sea / ¿why?")
    asked = ChatMessage.objects.create(thread=thread, role="user", content="Why?")
    ChatMessage.objects.create(thread=thread, parent=asked, role="assistant", content="Another branch")
    thread.leaf = ChatMessage.objects.create(
        thread=thread, parent=asked, role="assistant", content="Because `so`.", model="demo/parley"
    )
    thread.save()
    return thread


def test_markdown_holds_the_shown_path_to_read(client: Client, thread: ChatThread) -> None:
    answer = client.get(f"/chat/api/threads/{thread.id}/export/?format=markdown")

    assert answer["Content-Disposition"] == 'attachment; filename="otters-at-sea-why.md"'
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    lines = [line for line in answer.content.decode().splitlines() if line and not line.startswith("*")]
    assert lines == ["# Otters at sea / ¿why?", "## You", "Why?", "## Reply (demo/parley)", "Because `so`."]


@pytest.mark.parametrize(("more", "said"), [("", 2), ("&all", 3)])
def test_json_holds_the_shown_path_or_every_branch(client: Client, thread: ChatThread, more: str, said: int) -> None:
    answer = client.get(f"/chat/api/threads/{thread.id}/export/?format=json{more}")

    value = json.loads(answer.content)
    assert (value["format"], value["version"]) == ("parley.conversation", 1)
    assert len(value["messages"]) == said
    assert value["shown_up_to"] == str(thread.leaf_id)
    assert answer["Content-Disposition"].endswith('.json"')


def test_a_temporary_thread_and_a_foreign_one_are_not_handed_out(client: Client, thread: ChatThread) -> None:
    address = f"/chat/api/threads/{thread.id}/export/"
    ChatThread.objects.update(temporary=True)
    temporary = client.get(address)
    ChatThread.objects.update(temporary=False, user=User.objects.create_user("ben@example.com", "ben-password-1"))

    assert (temporary.status_code, client.get(address).status_code) == (404, 404)
