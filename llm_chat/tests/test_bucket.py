"""Files in a store that speaks S3: the way of the disk over again, and what people notice when the store is away."""

import base64
import io
import uuid
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from accounts import export
from accounts.models import User
from config import storages
from lib.job_workers import run_all_due
from llm_chat import actions
from llm_chat.actions.ending import Outcome
from llm_chat.models import Attachment, ChatThread, Import, Status
from llm_chat.tests import samples
from llm_chat.tests.conftest import Opener
from llm_chat.tests.test_attachments import UPLOAD, asked, attached, body_of, say, send, upload
from llm_chat.tests.test_sharing import path_of, post
from llm_service.fakes import FakeServer
from teams.actions import personal_team
from tests import bucket
from tests.bucket import Bucket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def _store() -> Iterator[Bucket]:
    with bucket.running() as store:
        yield store


@pytest.fixture(autouse=True)
def store(_store: Bucket, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """The files of this test are in a bucket, wired as the variables of an installation say."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", bucket.KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", bucket.SECRET)
    monkeypatch.setenv("AWS_S3_ENDPOINT_URL", _store.url)
    monkeypatch.setenv("AWS_LOCATION", "ours")
    settings.STORAGES = {**settings.STORAGES, "default": storages.for_files(bucket.NAME)}
    _store.files, _store.asked, _store.is_down = {}, [], False
    yield _store
    default_storage.connection.meta.client.close()  # type: ignore[attr-defined]


@pytest.fixture
def mine(client: Client, alice: User) -> Client:
    client.force_login(alice)
    client.raise_request_exception = False
    return client


def run_all_later() -> None:
    """Run what waits, also for its next try."""
    DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now() - timedelta(seconds=1))
    run_all_due()


def test_a_file_lies_in_the_bucket_is_handed_out_by_us_and_erased_with_its_conversation(
    mine: Client, alice: User, bob: User, store: Bucket
) -> None:
    value = attached(mine, "me.jpg", samples.photograph())
    thread_id = say(alice, value["id"], text="Look.").thread_id
    row = Attachment.objects.get()

    assert set(store.files) == {f"ours/{row.file_key}", f"ours/{row.thumbnail_key}"}
    shown, small = mine.get(f"{UPLOAD}{row.id}/"), mine.get(f"{UPLOAD}{row.id}/thumbnail/")
    assert Image.open(io.BytesIO(body_of(shown))).size == (40, 80)
    assert body_of(small) == store.files[f"ours/{row.thumbnail_key}"]
    assert (shown["Content-Type"], shown["Content-Length"]) == ("image/jpeg", str(row.size))

    other = Client()
    other.force_login(bob)
    assert other.get(f"{UPLOAD}{row.id}/").status_code == 404

    ChatThread.objects.filter(id=thread_id).update(deleted_at=timezone.now() - timedelta(days=1))
    actions.erase_deleted_threads()
    run_all_due()
    assert (Attachment.objects.count(), store.files) == (0, {})


def test_a_large_file_goes_up_and_comes_down_in_parts(mine: Client, store: Bucket) -> None:
    data = b"".join(b"line %07d of a long document\n" % number for number in range(300_000))

    value = attached(mine, "long.txt", data)
    back = body_of(mine.get(f"{UPLOAD}{value['id']}/"))

    assert back == data
    assert sum("partNumber=" in one for one in store.asked) >= 2
    assert store.parts == {}


async def test_a_model_is_shown_a_picture_that_lies_in_the_bucket(
    open_tab: Opener, alice: User, model_server: FakeServer, settings: Any
) -> None:
    settings.LLM_VISION_MODELS = ["openai/fake-20t"]
    id_ = await upload(alice, "cat.png", samples.picture())

    body = await asked(await open_tab(alice), model_server, id_, text="What is it?", model="openai/fake-20t")

    _, _, data = body["messages"][-1]["content"][0]["image_url"]["url"].partition(",")
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (64, 48)


def test_a_persons_own_data_has_their_files_and_says_when_it_cannot(mine: Client, alice: User, store: Bucket) -> None:
    value = attached(mine, "plan.txt", b"Buy milk.")
    say(alice, value["id"], text="Look.")

    def entries() -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(b"".join(export.archive(alice, at=timezone.now())))) as archive:
            return {name: archive.read(name) for name in archive.namelist() if name.startswith("files/")}

    assert entries() == {f"files/{value['id']}/plan.txt": b"Buy milk."}
    store.is_down = True
    assert list(entries()) == ["files/incomplete.txt"]
    assert b"They are not lost" in entries()["files/incomplete.txt"]


# --- The store is away ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["overrun", "unreachable", "another key"])
def test_a_file_that_the_store_does_not_take_is_refused_with_a_sentence_and_leaves_nothing(
    mine: Client, store: Bucket, settings: Any, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    id_ = uuid.uuid4()
    if fault == "overrun":
        store.is_down = True
    else:
        name = "AWS_S3_ENDPOINT_URL" if fault == "unreachable" else "AWS_ACCESS_KEY_ID"
        monkeypatch.setenv(name, "http://127.0.0.1:9" if fault == "unreachable" else "AKIA-OF-SOMEBODY")
        settings.STORAGES = {**settings.STORAGES, "default": storages.for_files(bucket.NAME)}

    answer = send(mine, "plan.txt", b"Buy milk.", id_)

    assert (answer.status_code, answer.json()["error"]) == (
        503,
        "This file could not be stored. Try again in a moment.",
    )
    assert (Attachment.objects.count(), store.files) == (0, {})


def test_what_is_stored_is_there_again_after_the_store_was_away(mine: Client, store: Bucket) -> None:
    value = attached(mine, "plan.txt", b"Buy milk.")
    address = f"{UPLOAD}{value['id']}/"
    store.is_down = True

    away = mine.get(address)
    assert (away.status_code, away["Retry-After"]) == (503, "5")
    assert "What was saved is kept." in away.text

    store.is_down = False
    assert body_of(mine.get(address)) == b"Buy milk."


def test_a_picture_on_a_shared_page_comes_back_with_the_store(mine: Client, alice: User, store: Bucket) -> None:
    value = attached(mine, "cat.png", samples.picture())
    thread_id = say(alice, value["id"], text="Look.").thread_id
    claim = actions.claim(process_id=uuid.uuid4())
    assert claim
    actions.finish(claim=claim, outcome=Outcome(Status.COMPLETE, seq=2, text="A cat."))
    address = f"{path_of(post(mine, thread_id, with_images=True))}pictures/{value['id']}/"
    stranger = Client(raise_request_exception=False)

    store.is_down = True
    assert stranger.get(address).status_code == 503
    store.is_down = False
    assert stranger.get(address).content == store.files[f"ours/{Attachment.objects.get().file_key}"]


def test_what_was_to_be_erased_meanwhile_is_erased_once_the_store_is_back(mine: Client, store: Bucket) -> None:
    value = attached(mine, "plan.txt", b"Buy milk.")
    store.is_down = True

    assert mine.delete(f"{UPLOAD}{value['id']}/").status_code == 204
    run_all_due()
    assert (Attachment.objects.count(), len(store.files)) == (0, 1)

    store.is_down = False
    run_all_later()
    assert store.files == {}


async def test_a_reply_goes_on_without_the_pictures_of_a_store_that_is_away(
    open_tab: Opener, alice: User, model_server: FakeServer, settings: Any, store: Bucket
) -> None:
    settings.LLM_VISION_MODELS = ["openai/fake-20t"]
    ids = [await upload(alice, f"{name}.png", samples.picture()) for name in ("cat", "dog", "otter")]
    tab = await open_tab(alice)
    store.is_down, store.asked = True, []

    body = await asked(tab, model_server, *ids, text="Which is it?", model="openai/fake-20t")

    *pictures, question = [part["text"] for part in body["messages"][-1]["content"]]
    assert pictures == [f"[Image: {name}.png. It could not be shown.]" for name in ("cat", "dog", "otter")]
    assert question == "Which is it?"
    assert len({one for one in store.asked if one.startswith("HEAD")}) == 1  # waited for once, not for each


def test_an_import_says_that_the_store_is_away(alice: User, store: Bucket) -> None:
    team = personal_team(alice)
    store.is_down = True
    with pytest.raises(actions.FileRefused, match="could not be stored"):
        actions.begin_import(by=alice, team=team, name="export.zip", file=ContentFile(b"[]"))

    store.is_down = False
    key = default_storage.save(f"imports/{uuid.uuid4().hex}", ContentFile(b"[]"))
    row = Import.objects.create(user=alice, team=team, name="export.zip", file_key=key)
    store.is_down = True
    actions.run_import(import_id=row.id)

    row.refresh_from_db()
    assert (row.state, row.file_key) == (Import.State.FAILED, "")
    assert "Import the file once more" in row.problem
    store.is_down = False
    run_all_later()
    assert store.files == {}
