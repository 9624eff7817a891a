"""The person's own settings of the chat: the model that new conversations start with, and what every model is told."""

import uuid

import pytest
from django.test import Client
from pytest_django import Settings

from accounts import actions as people
from accounts.models import MOST_OF_INSTRUCTIONS, User
from accounts.queries import settings_for
from llm_chat import actions
from llm_chat.actions.ending import Outcome
from llm_chat.actions.running import Claim
from llm_chat.models import ChatThread, Status
from llm_chat.tests.conftest import Opener
from llm_service.fakes import FakeServer
from realtime import events
from realtime.bridge import in_db

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "/chat/settings/"
SCRIPTED, DEMO = "openai/fake-20t", "demo/parley"


@pytest.fixture
def offered(settings: Settings) -> None:
    settings.LLM_ALLOWED_MODELS = [SCRIPTED, DEMO]
    settings.LLM_DEFAULT_MODEL = SCRIPTED


def told(user: User, text: str) -> None:
    people.change_chat_preferences(by=user, model="", custom_instructions=text)


def claimed(user: User, text: str = "hello", bot_id: uuid.UUID | None = None) -> Claim:
    thread_id = uuid.uuid4()
    command = events.SendMessage(id=uuid.uuid4(), thread_id=thread_id, text=text)
    actions.start_turn(by=user, command=command)
    if bot_id:
        ChatThread.objects.filter(id=thread_id).update(bot_id=bot_id)
    claim = actions.claim(process_id=uuid.uuid4())
    assert claim
    return claim


async def test_the_vendor_is_told_what_the_person_wants_kept_in_mind(
    open_tab: Opener, alice: User, model_server: FakeServer
) -> None:
    model_server.forget()
    await in_db(told, alice, "I am a nurse. Answer in short sentences.")
    tab = await open_tab(alice)

    await tab.ask("hello")

    systems = [seen.body["messages"][0]["content"] for seen in model_server.seen]
    [system] = [
        text for text in systems if text.startswith("You are a helpful assistant")
    ]  # the other one names the thread
    assert system.endswith("I am a nurse. Answer in short sentences.")


def test_a_thread_with_a_bot_is_told_nothing_of_it(alice: User) -> None:
    told(alice, "Answer like a pirate.")

    assert claimed(alice, bot_id=uuid.uuid4()).instructions == ""


def test_nobody_is_told_what_somebody_else_wants(alice: User, bob: User) -> None:
    told(alice, "Answer like a pirate.")

    assert claimed(bob).instructions == ""


def test_long_instructions_take_their_room_from_the_history(alice: User, settings: Settings) -> None:
    settings.CHAT_HISTORY_TOKENS = 1_050
    thread_id = uuid.uuid4()
    claims = []
    for number in range(2):
        command = events.SendMessage(id=uuid.uuid4(), thread_id=thread_id, text=f"{number} " + "word " * 90)
        actions.start_turn(by=alice, command=command)
        claim = actions.claim(process_id=uuid.uuid4())
        assert claim
        claims.append(claim)
        actions.finish(claim=claim, outcome=Outcome(Status.COMPLETE, 1, "ok"))
    told(alice, "word " * 790)

    actions.start_turn(by=alice, command=events.SendMessage(id=uuid.uuid4(), thread_id=thread_id, text="and now"))
    claim = actions.claim(process_id=uuid.uuid4())

    assert claim
    assert len(claims[-1].told.messages) == 3
    assert [said["content"] for said in claim.told.messages] == ["ok", "and now"]


def test_the_page_stores_both_and_says_so(client: Client, alice: User, offered: None) -> None:
    client.force_login(alice)

    page = client.post(ADDRESS, {"model": DEMO, "custom_instructions": "Be brief.\r\nAlways."}, follow=True)

    assert "Saved." in page.text
    assert settings_for(alice).chat_model == DEMO
    assert settings_for(alice).custom_instructions == "Be brief.\nAlways."


def test_what_was_stored_is_shown_again(client: Client, alice: User, offered: None) -> None:
    people.change_chat_preferences(by=alice, model=DEMO, custom_instructions="Be <brief>.")
    client.force_login(alice)

    page = client.get(ADDRESS).text

    assert f'<option value="{DEMO}" selected>' in page
    assert "Be &lt;brief&gt;." in page


@pytest.mark.parametrize(("length", "is_stored"), [(MOST_OF_INSTRUCTIONS, True), (MOST_OF_INSTRUCTIONS + 1, False)])
def test_instructions_have_a_limit_that_is_named(
    client: Client, alice: User, offered: None, length: int, is_stored: bool
) -> None:
    client.force_login(alice)

    page = client.post(ADDRESS, {"model": "", "custom_instructions": "x" * length}, follow=True).text

    assert (len(settings_for(alice).custom_instructions) == length) == is_stored
    assert ("These are 4,001 characters, and 4,000 is the most." in page) != is_stored


def test_a_line_end_counts_as_one_character(client: Client, alice: User, offered: None) -> None:
    client.force_login(alice)

    client.post(ADDRESS, {"model": "", "custom_instructions": "x\r\n" * (MOST_OF_INSTRUCTIONS // 2 - 1) + "x"})

    assert settings_for(alice).custom_instructions.count("\n") == MOST_OF_INSTRUCTIONS // 2 - 1


def test_a_model_that_is_not_offered_is_refused(client: Client, alice: User, offered: None) -> None:
    client.force_login(alice)

    page = client.post(ADDRESS, {"model": "openai/gpt-unknown", "custom_instructions": ""}).text

    assert "Select a valid choice" in page
    assert settings_for(alice).chat_model == ""


def test_a_model_that_is_gone_leaves_the_servers_default(client: Client, alice: User, offered: None) -> None:
    people.change_chat_preferences(by=alice, model="openai/retired", custom_instructions="")
    client.force_login(alice)

    assert '<option value="" selected>' in client.get(ADDRESS).text


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    assert client.post(ADDRESS, {"model": ""})["Location"].startswith("/accounts/login/")
