"""Files of other products, made here in the shape they have, and files that only claim to be."""

import io
import json
import uuid
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts.models import User
from lib.job_workers import run_all_due
from llm_chat import actions, imports, portable
from llm_chat.imports import BadFile, files
from llm_chat.models import ChatMessage, ChatThread, Import
from llm_chat.tests.conftest import Opener
from realtime.bridge import in_db
from teams.actions import personal_team

Node = dict[str, Any]


def node(key: str, parent: str | None, role: str = "user", *parts: Any, **more: Any) -> tuple[str, Node]:
    content = {"content_type": "text", "parts": list(parts)}
    message = {"author": {"role": role}, "content": content, "create_time": 1_700_000_000.5 + int(key or 0), **more}
    return key, {"id": key, "parent": parent, "children": [], "message": message}


def chatgpt(title: str = "Otters", id_: str = "c-1", **more: Any) -> dict[str, Any]:
    image = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://1"}
    nodes = dict(
        [
            ("0", {"id": "0", "parent": None, "message": None}),
            node("1", "0", "system", "Be kind", weight=0),
            node("2", "1", "user", "Why do otters hold hands?", image),
            node("3", "2", "tool", "pages", author={"role": "tool", "name": "browser"}),
            node("4", "3", "assistant", "To stay together.", metadata={"model_slug": "gpt-4o"}),
            node("5", "2", "assistant", "Another answer."),
        ]
    )
    return {"id": id_, "title": title, "mapping": nodes, "current_node": "4", **more}


def claude(name: str = "Tides", id_: str = "k-1", **more: Any) -> dict[str, Any]:
    root = "00000000-0000-4000-8000-000000000000"
    rows = [
        {"uuid": "a", "parent_message_uuid": root, "sender": "human", "text": "Why are there tides?",
         "attachments": [{"file_name": "sea.txt", "extracted_content": "The sea rose."}], "files": [],
         "created_at": "2026-02-01T10:00:00Z"},
        {"uuid": "b", "parent_message_uuid": "a", "sender": "assistant", "text": "",
         "created_at": "2026-02-01T10:00:09Z",
         "content": [{"type": "thinking", "thinking": "Moon."}, {"type": "tool_use", "name": "search", "input": {}},
                     {"type": "tool_result", "content": []}, {"type": "text", "text": "The **moon** pulls."}]},
        {"uuid": "c", "parent_message_uuid": "a", "sender": "assistant", "text": "The sun, too."},
    ]  # fmt: skip
    return {"uuid": id_, "name": name, "chat_messages": rows, "current_leaf_message_uuid": "b", **more}


def as_json(*values: Any) -> bytes:
    return json.dumps(list(values)).encode()


def as_zip(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name.replace("__", "/") + ".json", data)
    return out.getvalue()


@pytest.fixture
def anna(db: None, settings: Any, tmp_path: Any) -> User:
    settings.MEDIA_ROOT = tmp_path
    return User.objects.create_user("anna@example.com", "anna-password-1")


def run(person: User, data: bytes) -> Import:
    """Import a file as a worker does."""
    key = default_storage.save(f"imports/{uuid.uuid4().hex}", ContentFile(data))
    row = Import.objects.create(user=person, team=personal_team(person), name="export.zip", file_key=key)
    actions.run_import(import_id=row.id)
    run_all_due()
    row.refresh_from_db()
    assert not default_storage.exists(key)
    return row


def path_of(thread: ChatThread) -> list[tuple[str, str]]:
    rows, row = [], thread.leaf
    while row:
        rows.append((row.role, row.content))
        row = row.parent
    return rows[::-1]


def test_a_chatgpt_conversation_keeps_its_path_its_branches_its_times_and_notes_the_rest(anna: User) -> None:
    assert run(anna, as_zip(conversations=as_json(chatgpt()))).imported == 1
    thread = ChatThread.objects.get()

    assert thread.title == "Otters"
    assert path_of(thread) == [
        ("user", "Why do otters hold hands?\n\n[Picture]"),
        ("assistant", "[Used a tool: browser]\n\nTo stay together."),
    ]
    assert thread.leaf
    assert thread.leaf.model == "gpt-4o"
    assert thread.leaf.created_at.timestamp() == 1_700_000_004.5
    other = ChatMessage.objects.get(content="Another answer.")
    assert other.parent_id == thread.leaf.parent_id
    assert thread.last_message_at.timestamp() == 1_700_000_005.5


def test_a_claude_conversation_keeps_its_branches_its_reasoning_and_what_was_in_files(anna: User) -> None:
    run(anna, as_json(claude()))
    thread = ChatThread.objects.get()

    assert thread.title == "Tides"
    assert path_of(thread) == [
        ("user", "Why are there tides?\n\n[File: sea.txt]\n\nThe sea rose."),
        ("assistant", "[Used a tool: search]\n\nThe **moon** pulls."),
    ]
    assert thread.leaf
    assert thread.leaf.reasoning == "Moon."
    assert thread.leaf.created_at.isoformat() == "2026-02-01T10:00:09+00:00"
    assert ChatMessage.objects.get(content="The sun, too.").parent_id == thread.leaf.parent_id


def test_a_claude_export_without_parents_is_one_path(anna: User) -> None:
    rows = [{"uuid": str(n), "sender": ("human", "assistant")[n % 2], "text": f"Word {n}"} for n in range(4)]
    run(anna, as_json({"uuid": "k", "name": "", "chat_messages": rows}))

    thread = ChatThread.objects.get()
    assert [text for _, text in path_of(thread)] == ["Word 0", "Word 1", "Word 2", "Word 3"]
    assert thread.title == "Word 0"


def test_our_own_json_comes_back_as_it_left(anna: User) -> None:
    ben = User.objects.create_user("ben@example.com", "ben-password-1")
    run(anna, as_json(chatgpt()))
    thread = ChatThread.objects.select_related("team").get()
    whole = {**portable.head(thread), "messages": [portable.message(row) for row in thread.messages.all()]}
    data = json.dumps(whole, default=str).encode()

    assert run(ben, data).imported == 1
    copy = ChatThread.objects.get(user=ben)
    assert path_of(copy) == path_of(thread)
    assert copy.messages.count() == 3
    assert (run(anna, data).known, run(ben, as_zip(threads__1=data)).known) == (1, 1)


def test_importing_twice_doubles_nothing_and_an_id_of_another_product_is_another(anna: User) -> None:
    first = run(anna, as_json(chatgpt(id_="same"), claude(id_="same")))
    again = run(anna, as_json(chatgpt(id_="same"), claude(id_="same"), chatgpt(id_="new")))

    assert (first.imported, first.known) == (2, 0)
    assert (again.imported, again.known) == (1, 2)
    assert ChatThread.objects.count() == 3


def test_one_that_was_deleted_can_be_imported_again(anna: User) -> None:
    run(anna, as_json(chatgpt()))
    ids = [ChatThread.objects.get().id]
    actions.change_threads(by=anna, thread_ids=ids, change=actions.Change(deleted=True))

    assert run(anna, as_json(chatgpt())).imported == 1


def test_what_cannot_be_read_is_named_and_the_rest_is_imported(anna: User) -> None:
    broken = chatgpt("Broken", "b", mapping={"1": {"message": {"author": 7, "content": 3}}})
    row = run(anna, as_json(chatgpt(), broken, {"title": "A recipe"}, claude(chat_messages=[]), 7, None))

    assert (row.state, row.imported, row.failed) == ("done", 1, 5)
    assert [title for title, _ in row.faults][:2] == ["Broken", "A recipe"]
    assert row.faults[1][1] == "It is not a conversation of ChatGPT, Claude or this product."


def test_trees_with_loops_and_lost_parents_are_stored_once_and_whole(anna: User) -> None:
    loop = chatgpt(mapping=dict([node("1", "2", "user", "One"), node("2", "1", "assistant", "Two")]), id_="loop")
    lost = chatgpt(mapping=dict([node("1", "9", "user", "Alone")]), current_node="9", id_="lost")
    row = run(anna, as_json(loop, lost))

    assert (row.imported, row.failed) == (2, 0)
    assert ChatMessage.objects.count() == 3


def test_a_long_conversation_is_no_deep_recursion(anna: User) -> None:
    nodes = dict(node(str(n), str(n - 1) if n else None, ("user", "assistant")[n % 2], f"W{n}") for n in range(3_000))
    row = run(anna, as_json(chatgpt(mapping=nodes, current_node="2999")))

    assert row.imported == 1
    assert ChatThread.objects.get().messages.count() == 3_000


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "neither a zip"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "neither a zip"),
        (b"\xff\xfe\x00\x01", "neither a zip"),
        (b"<html></html>", "neither a zip"),
        (b'"just text"', "neither a zip"),
        (b"[]", "no conversations"),
        (as_json(chatgpt())[:-20], "damaged or was cut off"),
        (b"[" * 200_000, "damaged or was cut off"),
        (b'[{"mapping": ' + b'{"a":' * 100_000, "damaged or was cut off"),
        (b"PK\x03\x04 and nothing else", "damaged or was cut off"),
        (as_zip(users=b"[]", projects=b"[]"), "no conversations in this zip"),
        (as_zip(conversations=b"not json"), "neither a zip"),
    ],
)
def test_files_that_are_no_export_are_refused_with_a_sentence(anna: User, data: bytes, said: str) -> None:
    row = run(anna, data)

    assert row.state == "failed"
    assert said in row.problem
    assert not ChatThread.objects.exists()


def test_a_bomb_is_let_go_of_before_it_is_unpacked(anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_READ", 1_000_000)
    bomb = as_zip(conversations=b"[" + b" " * 30_000_000)
    assert len(bomb) < 100_000

    assert "too large" in run(anna, bomb).problem


def test_one_endless_conversation_is_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_OF_ONE", 200_000)
    with pytest.raises(BadFile, match="too large"):
        list(imports.elements_of(io.BytesIO(b'["' + b"a" * 3_000_000)))


def test_a_locked_zip_says_so(anna: User) -> None:
    data = bytearray(as_zip(conversations=as_json(chatgpt())))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1

    assert "password" in run(anna, bytes(data)).problem


def test_letters_no_database_takes_are_left_out(anna: User) -> None:
    hostile = chatgpt(mapping=dict([node("1", None, "user", "a\x00b \ud83d c")]), title="T\x00\ud800\n tle")
    assert run(anna, json.dumps([hostile]).encode()).imported == 1

    assert ChatMessage.objects.get().content.startswith("ab ")
    assert "\x00" not in ChatThread.objects.get().title


def test_a_file_on_the_page_is_read_by_a_job_and_the_page_says_what_came_of_it(client: Client, anna: User) -> None:
    client.force_login(anna)
    sent = ContentFile(as_json(chatgpt(), {"title": "<b>No</b>"}), name="conversations.json")
    assert client.post("/chat/settings/import/", {"file": sent})["Location"] == "/chat/settings/import/"
    waiting = client.get("/chat/settings/import/").text
    row = Import.objects.get()
    actions.run_import(import_id=row.id)
    done = client.get("/chat/settings/import/").text

    assert 'data-poll="1500"' in waiting
    assert "Begins in a moment" in waiting
    assert "1 conversation imported" in done
    assert "&lt;b&gt;No&lt;/b&gt;" in done
    assert "data-poll" not in done


def test_one_file_at_a_time_and_no_empty_one(client: Client, anna: User) -> None:
    client.force_login(anna)

    def said(data: bytes) -> str:
        sent = {"file": ContentFile(data, name="a.json")}
        return "".join(map(str, client.post("/chat/settings/import/", sent, follow=True).context["messages"]))

    assert "something in it" in said(b"")
    assert said(b"[]") == ""
    assert "Another file is being imported" in said(b"[]")
    assert Import.objects.count() == 1


def test_an_import_whose_job_was_given_up_ends_and_lets_another_one_begin(client: Client, anna: User) -> None:
    client.force_login(anna)
    sent = {"file": ContentFile(b"[]", name="a.json")}
    client.post("/chat/settings/import/", sent)
    actions.end_lost_imports()
    assert Import.objects.get().state == Import.State.WAITING
    Import.objects.update(state=Import.State.RUNNING, created_at=timezone.now() - timedelta(hours=13))

    actions.end_lost_imports()

    lost = Import.objects.get()
    assert (lost.state, lost.file_key) == (Import.State.FAILED, "")
    page = client.get("/chat/settings/import/").text
    assert "Something went wrong on our side" in page
    assert "At most 200 MB" in page
    assert "data-poll" not in page
    client.post("/chat/settings/import/", {"file": ContentFile(b"[]", name="a.json")})
    assert Import.objects.count() == 2


def test_the_upload_needs_its_token(anna: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(anna)

    assert client.post("/chat/settings/import/", {"file": ContentFile(b"[]", name="a.json")}).status_code == 403


@pytest.mark.django_db(transaction=True)
async def test_imported_threads_appear_in_every_tab(open_tab: Opener, anna: User) -> None:
    tab = await open_tab(anna)
    await in_db(run, anna, as_json(chatgpt()))

    told = await tab.until("thread.created")
    assert (told["title"], told["last_message_at"][:4]) == ("Otters", "2023")
