"""What the chat says to a person is in the language they read, wherever it is said from."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from accounts.models import Device, User, UserSettings
from llm_chat import actions
from llm_chat.models import ChatMessage, Import
from llm_chat.tests.conftest import Opener, Tab
from realtime.bridge import in_db
from teams.actions import personal_team

pytestmark = pytest.mark.django_db(transaction=True)

NO_SUCH_REPLY = {"type": "message.regenerate", "mode": "retry"}


@pytest.fixture
def german(alice: User) -> User:
    UserSettings.objects.create(user=alice, language="de")
    return alice


def nothing() -> dict[str, Any]:
    return {**NO_SUCH_REPLY, "id": str(uuid.uuid4()), "message_id": str(uuid.uuid4())}


async def test_a_refused_frame_is_answered_in_the_language_the_account_chose(
    open_tab: Opener, german: User, bob: User
) -> None:
    hers, his = await open_tab(german), await open_tab(bob)

    assert (await hers.refusal(**nothing()))["message"] == "Die Antwort, die neu gegeben werden soll, gibt es nicht."
    assert (await his.refusal(**nothing()))["message"] == "There is no such reply to answer again."
    assert (await hers.refusal(type="nonsense"))["message"] == "Es gibt keinen Frame vom Typ „nonsense“."


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({"accept-language": "de-AT,de;q=0.9"}, "Diesen Chat gibt es nicht."),
        ({"accept-language": "fr"}, "There is no such thread."),
        ({}, "There is no such thread."),
    ],
)
async def test_without_a_choice_the_browser_of_the_socket_decides(
    server: None, alice: User, headers: dict[str, str], answer: str
) -> None:
    tab = Tab(alice, headers=headers)
    await tab.open()

    refusal = await tab.refusal(type="thread.subscribe", thread_id=str(uuid.uuid4()))
    await tab.close()

    assert refusal["message"] == answer


async def test_a_failed_turn_says_so_in_the_language_of_its_person(open_tab: Opener, german: User) -> None:
    tab = await open_tab(german)

    end = await tab.ask("[[fake status500]]")

    sentence = "Der Anbieter des Modells hat gerade ein Problem. Versuche es gleich noch einmal."
    assert (end["type"], end["error"]) == ("response.error", sentence)
    row = await in_db(ChatMessage.objects.get, id=end["message_id"])
    assert row.error and row.error["message"] == sentence


async def test_a_turn_of_somebody_who_never_chose_speaks_as_their_browser_did_last(
    open_tab: Opener, alice: User
) -> None:
    await in_db(Device.objects.create, user=alice, session_key="k" * 32, language="de")
    tab = await open_tab(alice)

    assert (await tab.ask("[[fake status500]]"))["error"].startswith("Der Anbieter des Modells")


async def test_the_turns_of_one_runner_speak_each_their_own_language(open_tab: Opener, german: User, bob: User) -> None:
    hers, his = await open_tab(german), await open_tab(bob)

    sent = [await hers.send("[[fake 5t 40r status500]]"), await his.send("[[fake 5t 40r status500]]")]
    ends = [await hers.end_of(sent[0]["turn_id"]), await his.end_of(sent[1]["turn_id"])]

    assert [end["message"]["error"]["message"].split()[0] for end in ends] == ["Der", "The"]


@pytest.fixture
def speaks_german(client: Client, german: User) -> Iterator[Client]:
    client.force_login(german)
    yield client


def test_a_refused_file_is_told_so_in_the_persons_language(speaks_german: Client, tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    program = SimpleUploadedFile("tool.txt", b"\x7fELF" + bytes(64))

    answer = speaks_german.post("/chat/api/attachments/", {"id": str(uuid.uuid4()), "file": program})

    assert answer.json()["error"] == "Das ist ein Programm. Programme lassen sich nicht anhängen."


def test_an_address_of_the_page_answers_in_the_persons_language(speaks_german: Client) -> None:
    answer = speaks_german.post(
        "/chat/api/threads/change/", {"ids": [str(uuid.uuid4())], "pinned": True}, content_type="application/json"
    )

    assert (answer.status_code, answer.json()["error"]) == (404, "Diesen Chat gibt es nicht mehr.")
    assert answer["Content-Language"] == "de"


def test_a_job_notes_what_went_wrong_in_the_persons_language(german: User, tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    made = Import.objects.create(user=german, team=personal_team(german), name="chats.zip", file_key="gone")

    actions.run_import(import_id=made.id)

    made.refresh_from_db()
    assert made.problem == "Die Datei ist weg. Importiere sie noch einmal."
    assert translation.get_language() == "en"
