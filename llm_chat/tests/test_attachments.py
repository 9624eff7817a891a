"""Files on their way: taken in, sent with a message, shown to a model, handed out, and erased."""

import base64
import io
import json
import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient, Client
from django.utils import timezone
from PIL import Image

from accounts import export
from accounts.actions import delete_account
from accounts.models import User
from lib.job_workers import run_all_due
from llm_chat import actions
from llm_chat.models import Attachment, ChatMessage, ChatThread
from llm_chat.tests import samples
from llm_chat.tests.conftest import Opener
from llm_service.fakes import FakeServer
from llm_service.models import CallBody
from realtime import events
from realtime.bridge import in_db
from teams.actions import personal_team

pytestmark = pytest.mark.django_db(transaction=True)

UPLOAD = "/chat/api/attachments/"


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def mine(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def send(client: Client, name: str, data: bytes, id_: uuid.UUID | None = None, **more: str) -> Any:
    return client.post(UPLOAD, {"id": str(id_ or uuid.uuid4()), "file": SimpleUploadedFile(name, data), **more})


def attached(client: Client, name: str, data: bytes) -> dict[str, Any]:
    answer = send(client, name, data)
    assert answer.status_code == 201, answer.text
    value: dict[str, Any] = answer.json()
    return value


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def say(user: User, *ids: str, text: str = "", thread_id: uuid.UUID | None = None) -> events.MessageAccepted:
    command = events.SendMessage(
        id=uuid.uuid4(), thread_id=thread_id or uuid.uuid4(), text=text, attachments=[uuid.UUID(one) for one in ids]
    )
    return actions.start_turn(by=user, command=command)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


# --- Taken in ---------------------------------------------------------------------------------------------------------


def test_a_photograph_is_kept_upright_and_without_where_it_was_taken(mine: Client) -> None:
    value = attached(mine, "me.jpg", samples.photograph())

    answer = mine.get(f"{UPLOAD}{value['id']}/")
    data = body_of(answer)
    kept = Image.open(io.BytesIO(data))
    assert (kept.size, kept.format) == ((40, 80), "JPEG")
    assert dict(kept.getexif()) == {}
    assert "comment" not in kept.info
    assert b"taken at home" not in data
    assert b"Exif" not in data
    assert (value["kind"], value["mime"], value["width"], value["height"]) == ("image", "image/jpeg", 40, 80)


def test_a_large_picture_is_kept_smaller_and_has_a_small_copy(mine: Client) -> None:
    value = attached(mine, "wall.png", samples.picture(size=(3_000, 1_500)))

    small = mine.get(f"{UPLOAD}{value['id']}/thumbnail/")
    drawn = Image.open(io.BytesIO(body_of(small)))
    assert (value["width"], value["height"]) == (2_048, 1_024)
    assert (drawn.format, drawn.size) == ("WEBP", (512, 256))


def test_a_moving_picture_goes_on_moving(mine: Client) -> None:
    value = attached(mine, "wave.gif", samples.animation())

    kept: Any = Image.open(io.BytesIO(body_of(mine.get(f"{UPLOAD}{value['id']}/"))))
    assert (kept.format, kept.n_frames, value["animated"]) == ("WEBP", 4, True)


@pytest.mark.parametrize(
    ("name", "data", "text", "extent"),
    [
        ("notes.md", "# Notes\r\nGrüße".encode(), "# Notes\nGrüße", None),
        ("old.csv", "Name;Größe\nAda;1".encode("cp1252"), "Name;Größe\nAda;1", None),
        ("wide.txt", "hello".encode("utf-16"), "hello", None),
        ("page.html", b"<script>alert(1)</script>", "<script>alert(1)</script>", None),
        ("drawing.svg", b"<svg onload='alert(1)'/>", "<svg onload='alert(1)'/>", None),
        ("report.pdf", samples.pdf("First", "Second"), "[Page 1]\nFirst\n\n[Page 2]\nSecond", "2 pages"),
        ("letter.docx", samples.docx(), "Hello", None),
        ("people.xlsx", samples.xlsx(), "[Sheet People]\nName,,Born\nAda,3.5,2023-03-15", "1 sheet"),
        ("talk.pptx", samples.pptx("One", "Two"), "[Slide 1]\nOne\n\n[Slide 2]\nTwo", "2 slides"),
    ],
)
def test_documents_are_read_as_text(mine: Client, name: str, data: bytes, text: str, extent: str | None) -> None:
    value = attached(mine, name, data)

    row = Attachment.objects.get(id=value["id"])
    assert (row.kind, row.text, value.get("extent")) == ("document", text, extent)
    assert row.token_count > 0


def test_of_a_long_document_it_is_said_how_much_was_read(mine: Client, settings: Any) -> None:
    settings.ATTACHMENT_MAX_CHARACTERS, settings.ATTACHMENT_MAX_PAGES = 1_000, 1

    long = attached(mine, "long.txt", b"a" * 5_000)
    pages = attached(mine, "pages.pdf", samples.pdf("First", "Second"))

    assert (long["extent"], pages["extent"]) == ("the first 1,000 of 5,000 characters", "1 of 2 pages")


def test_the_same_file_again_is_the_same_file(mine: Client, media: Path) -> None:
    id_ = uuid.uuid4()

    first, again = (send(mine, "a.txt", b"hello", id_).json() for _ in range(2))

    assert first == again
    assert len(files_in(media)) == 1


def test_a_file_sent_again_while_it_is_stored_is_kept_once_and_the_earlier_try_says_so(
    mine: Client, alice: User, media: Path, monkeypatch: pytest.MonkeyPatch, jobs_done: Any
) -> None:
    id_ = uuid.uuid4()
    answers: list[Any] = []
    save = default_storage.save

    def slow(name: str, content: Any) -> str:
        if not answers:
            answers.append(None)
            other = Client()
            other.force_login(alice)
            answers[0] = send(other, "a.txt", b"hello", id_)
        return save(name, content)

    monkeypatch.setattr(default_storage, "save", slow)
    early = send(mine, "a.txt", b"hello", id_)
    jobs_done()

    assert (early.status_code, answers[0].status_code) == (409, 201)
    kept = Attachment.objects.get()
    assert kept.is_stored
    assert [media / kept.file_key] == files_in(media)


def test_the_id_of_somebody_elses_file_is_refused(mine: Client, bob: User) -> None:
    id_ = uuid.uuid4()
    other = Client()
    other.force_login(bob)
    send(other, "a.txt", b"hello", id_)

    assert send(mine, "b.txt", b"hello", id_).status_code == 409


def test_a_person_keeps_no_more_than_their_room(mine: Client, settings: Any) -> None:
    settings.ATTACHMENT_TOTAL_MB = 0

    answer = send(mine, "a.txt", b"hello")

    assert (answer.status_code, Attachment.objects.count()) == (413, 0)


def test_a_file_the_storage_does_not_take_leaves_no_row(mine: Client, settings: Any, media: Path) -> None:
    (media / "blocked").write_text("a file, where a folder should be")
    settings.MEDIA_ROOT = media / "blocked"

    answer = send(mine, "a.txt", b"hello")

    assert (answer.status_code, Attachment.objects.count()) == (503, 0)
    assert "Try again" in answer.json()["error"]


def test_an_upload_without_a_file_or_an_id_is_told_what_is_missing(mine: Client) -> None:
    assert "no file" in mine.post(UPLOAD, {"id": str(uuid.uuid4())}).json()["error"]
    assert "UUID" in mine.post(UPLOAD, {"id": "x", "file": SimpleUploadedFile("a.txt", b"x")}).json()["error"]


# --- Handed out -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "data"), [("a.html", b"<script>alert(1)</script>"), ("a.pdf", samples.pdf())])
def test_a_document_is_only_ever_saved_never_shown(mine: Client, name: str, data: bytes) -> None:
    value = attached(mine, name, data)

    answer = mine.get(f"{UPLOAD}{value['id']}/")

    assert body_of(answer) == data
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert answer["Content-Security-Policy"].endswith("; sandbox")
    assert answer["Cache-Control"] == "private, max-age=3600"


def test_a_file_is_not_sent_twice_to_a_browser_that_has_it(mine: Client) -> None:
    address = f"{UPLOAD}{attached(mine, 'a.png', samples.picture())['id']}/"

    first = mine.get(address)

    etag = first["ETag"] if body_of(first) else ""
    assert mine.get(address, headers={"If-None-Match": etag}).status_code == 304


async def test_a_file_is_streamed_by_the_real_server(alice: User) -> None:
    client = AsyncClient()
    await client.aforce_login(alice)
    data = b"hello world\n" * 60_000
    answer = await client.post(UPLOAD, {"id": str(uuid.uuid4()), "file": SimpleUploadedFile("a.txt", data)})

    got: Any = await client.get(f"{UPLOAD}{answer.json()['id']}/")

    assert b"".join([piece async for piece in got.streaming_content]) == data


@pytest.mark.parametrize("end", ["", "thumbnail/"])
def test_nobody_else_gets_a_file(mine: Client, bob: User, end: str) -> None:
    value = attached(mine, "a.png", samples.picture())
    other = Client()
    other.force_login(bob)

    assert body_of(mine.get(f"{UPLOAD}{value['id']}/{end}"))
    assert other.get(f"{UPLOAD}{value['id']}/{end}").status_code == 404
    assert other.delete(f"{UPLOAD}{value['id']}/").status_code in (404, 405)
    assert Attachment.objects.count() == 1


# --- Sent -------------------------------------------------------------------------------------------------------------


def test_a_message_has_its_files_in_their_order_and_counts_their_tokens(mine: Client, alice: User) -> None:
    first, second = attached(mine, "a.png", samples.picture()), attached(mine, "b.txt", b"word " * 400)

    accepted = say(alice, second["id"], first["id"], text="Look.")

    message = ChatMessage.objects.get(id=accepted.id)
    assert message.attachments == [second, {**first, "unseen_by": "openai/fake-20t"}]
    assert message.token_count == 2 + first["tokens"] + second["tokens"]
    assert message.files.count() == 2


def test_a_message_of_files_alone_needs_no_text(mine: Client, alice: User) -> None:
    value = attached(mine, "plan.txt", b"hello")

    say(alice, value["id"])
    claim = actions.claim(process_id=uuid.uuid4())

    assert claim
    assert claim.untitled_text == "plan.txt"


@pytest.mark.parametrize("whose", ["nobody's", "somebody else's", "another team's"])
def test_a_file_that_is_not_there_for_this_thread_is_refused_and_nothing_stored(
    mine: Client, alice: User, bob: User, whose: str
) -> None:
    value = attached(mine, "a.txt", b"hello")
    id_ = str(uuid.uuid4()) if whose == "nobody's" else value["id"]
    if whose == "another team's":
        Attachment.objects.update(team=personal_team(bob))

    with pytest.raises(actions.Refused, match="no longer here"):
        say(bob if whose == "somebody else's" else alice, id_, text="Look.")
    assert ChatMessage.objects.count() == 0


def test_a_message_has_so_many_files_and_no_more(mine: Client, alice: User, settings: Any) -> None:
    settings.ATTACHMENT_MAX_PER_MESSAGE = 1
    values = [attached(mine, f"{number}.txt", b"hello") for number in range(2)]

    with pytest.raises(actions.Refused, match="can have 1 files"):
        say(alice, *(value["id"] for value in values), text="Look.")


def test_a_later_message_of_the_thread_may_have_the_same_file(mine: Client, alice: User) -> None:
    value = attached(mine, "a.txt", b"hello")
    first = say(alice, value["id"], text="Look.")

    second = say(alice, value["id"], text="Look again.", thread_id=first.thread_id)

    assert ChatMessage.objects.get(id=second.id).attachments == [value]


# --- Shown to a model -------------------------------------------------------------------------------------------------


async def asked(tab: Any, server: FakeServer, *ids: str, text: str, **more: Any) -> dict[str, Any]:
    """Ask, and return the request the vendor got for the reply."""
    server.forget()
    end = await tab.ask(text, attachments=list(ids), **more)
    assert end["type"] == "final", end
    return next(seen.body for seen in server.seen if seen.body.get("stream"))


async def upload(user: User, name: str, data: bytes) -> str:
    client = AsyncClient()
    await client.aforce_login(user)
    answer = await client.post(UPLOAD, {"id": str(uuid.uuid4()), "file": SimpleUploadedFile(name, data)})
    return str(answer.json()["id"])


async def test_a_model_that_sees_is_shown_the_picture(
    open_tab: Opener, alice: User, model_server: FakeServer, settings: Any
) -> None:
    settings.LLM_VISION_MODELS = ["openai/fake-20t"]
    id_ = await upload(alice, "cat.png", samples.picture())

    body = await asked(await open_tab(alice), model_server, id_, text="What is it?", model="openai/fake-20t")

    image, text = body["messages"][-1]["content"]
    head, _, data = image["image_url"]["url"].partition(",")
    assert (image["type"], head, text) == (
        "image_url",
        "data:image/png;base64",
        {"type": "text", "text": "What is it?"},
    )
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (64, 48)


async def test_anthropics_format_has_the_picture_as_a_source(
    open_tab: Opener, alice: User, model_server: FakeServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_BASE", model_server.root)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")
    settings.LLM_ALLOWED_MODELS = settings.LLM_VISION_MODELS = ["anthropic/fake-20t"]
    id_ = await upload(alice, "me.jpg", samples.photograph())

    body = await asked(await open_tab(alice), model_server, id_, text="Who is it?", model="anthropic/fake-20t")

    image, text = body["messages"][-1]["content"]
    source = image["source"]
    assert (image["type"], source["type"], source["media_type"]) == ("image", "base64", "image/jpeg")
    assert Image.open(io.BytesIO(base64.b64decode(source["data"]))).size == (40, 80)
    assert text["text"] == "Who is it?"


async def test_a_model_that_sees_nothing_is_told_that_there_is_a_picture(
    open_tab: Opener, alice: User, model_server: FakeServer
) -> None:
    id_ = await upload(alice, "cat.png", samples.picture())

    body = await asked(await open_tab(alice), model_server, id_, text="What is it?")

    assert body["messages"][-1]["content"] == "[Image: cat.png, not shown to this model.]\n\nWhat is it?"


async def test_a_document_is_told_as_text_and_again_with_the_next_message(
    open_tab: Opener, alice: User, model_server: FakeServer
) -> None:
    id_ = await upload(alice, 'a "plan".txt', b"Buy milk.")
    tab, thread_id = await open_tab(alice), str(uuid.uuid4())

    first = await asked(tab, model_server, id_, text="Sum up.", thread_id=thread_id)
    second = await asked(tab, model_server, text="Again.", thread_id=thread_id)

    told = "<file name=\"a 'plan'.txt\">\nBuy milk.\n</file>\n\nSum up."
    assert first["messages"][-1]["content"] == told
    assert second["messages"][1]["content"] == told


async def test_a_document_beyond_the_budget_is_cut_and_says_so(
    open_tab: Opener, alice: User, model_server: FakeServer, settings: Any
) -> None:
    settings.CHAT_HISTORY_TOKENS = 500
    id_ = await upload(alice, "long.txt", b"word " * 4_000)

    body = await asked(await open_tab(alice), model_server, id_, text="Sum up.")

    told = body["messages"][-1]["content"]
    assert len(told) < 2_300
    assert re.search(r"\[Cut here: 1,9\d\d of 20,000 characters are shown\.\]", told)


async def test_a_file_that_a_message_only_names_is_not_told(
    open_tab: Opener, alice: User, bob: User, model_server: FakeServer
) -> None:
    id_ = await upload(bob, "secret.txt", b"Bob's secret.")
    tab, thread_id = await open_tab(alice), str(uuid.uuid4())
    await tab.ask("Hello", thread_id)
    await in_db(lambda: ChatMessage.objects.filter(role="user").update(attachments=[{"id": id_, "name": "secret.txt"}]))

    body = await asked(tab, model_server, text="Again.", thread_id=thread_id)

    assert "Bob" not in json.dumps(body["messages"])


async def test_the_call_log_holds_no_picture(
    open_tab: Opener, alice: User, model_server: FakeServer, settings: Any
) -> None:
    settings.LLM_VISION_MODELS = ["openai/fake-20t"]
    id_ = await upload(alice, "cat.png", samples.picture())
    await asked(await open_tab(alice), model_server, id_, text="What is it?", model="openai/fake-20t")

    from llm_service import call_logs  # noqa: PLC0415  beside its only use

    await in_db(call_logs.flush, 5)
    logged = await in_db(lambda: json.dumps([body.request for body in CallBody.objects.all()]))
    assert "[data:image/png;base64," in logged
    assert "iVBOR" not in logged


async def test_a_picture_that_is_gone_does_not_end_the_reply(
    open_tab: Opener, alice: User, model_server: FakeServer, settings: Any, media: Path
) -> None:
    settings.LLM_VISION_MODELS = ["openai/fake-20t"]
    id_ = await upload(alice, "cat.png", samples.picture())
    for file in files_in(media):
        file.unlink()

    body = await asked(await open_tab(alice), model_server, id_, text="What is it?", model="openai/fake-20t")

    assert body["messages"][-1]["content"][0]["text"] == "[Image: cat.png. It could not be shown.]"


# --- Erased and handed over -------------------------------------------------------------------------------------------


@pytest.fixture
def jobs_done() -> Iterator[Any]:
    yield lambda: run_all_due()


def test_a_file_that_is_not_sent_can_be_removed(mine: Client, media: Path, jobs_done: Any) -> None:
    value = attached(mine, "a.png", samples.picture())

    assert mine.delete(f"{UPLOAD}{value['id']}/").status_code == 204
    jobs_done()
    assert (Attachment.objects.count(), files_in(media)) == (0, [])


def test_a_file_that_was_sent_is_not_removed_alone(mine: Client, alice: User) -> None:
    value = attached(mine, "a.txt", b"hello")
    say(alice, value["id"], text="Look.")

    assert mine.delete(f"{UPLOAD}{value['id']}/").status_code == 404
    assert Attachment.objects.count() == 1


def test_unsent_files_go_after_a_day(mine: Client, alice: User, media: Path, jobs_done: Any) -> None:
    sent, _ = attached(mine, "sent.txt", b"hello"), attached(mine, "unsent.txt", b"hello")
    say(alice, sent["id"], text="Look.")
    fresh = attached(mine, "fresh.txt", b"hello")
    Attachment.objects.exclude(id=fresh["id"]).update(created_at=timezone.now() - timedelta(hours=25))

    assert actions.erase_unsent_attachments() == 1
    jobs_done()
    assert set(Attachment.objects.values_list("name", flat=True)) == {"sent.txt", "fresh.txt"}
    assert len(files_in(media)) == 2


def test_a_deleted_thread_shows_no_file_and_then_its_files_go(
    mine: Client, alice: User, media: Path, jobs_done: Any
) -> None:
    value = attached(mine, "a.png", samples.picture())
    thread_id = say(alice, value["id"], text="Look.").thread_id
    kept = say(alice, attached(mine, "b.txt", b"hello")["id"], text="Look.").thread_id

    actions.change_threads(by=alice, thread_ids=[thread_id], change=actions.Change(deleted=True))
    assert mine.get(f"{UPLOAD}{value['id']}/").status_code == 404
    ChatThread.objects.exclude(id=kept).update(deleted_at=timezone.now() - timedelta(hours=2))
    actions.erase_deleted_threads()
    jobs_done()

    assert [row.name for row in Attachment.objects.all()] == ["b.txt"]
    assert len(files_in(media)) == 1


def test_an_account_takes_its_files_with_it(mine: Client, alice: User, media: Path, jobs_done: Any) -> None:
    say(alice, attached(mine, "a.png", samples.picture())["id"], text="Look.")
    attached(mine, "b.txt", b"hello")

    delete_account(by=alice)
    jobs_done()

    assert (Attachment.objects.count(), files_in(media)) == (0, [])


def test_ones_own_file_holds_ones_files(mine: Client, alice: User) -> None:
    import zipfile  # noqa: PLC0415  beside its only use

    value = attached(mine, "notes.md", b"# Notes")
    say(alice, value["id"], text="Look.")

    whole = zipfile.ZipFile(io.BytesIO(b"".join(export.archive(alice, at=timezone.now()))))

    assert whole.read(f"files/{value['id']}/notes.md") == b"# Notes"
