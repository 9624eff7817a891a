"""What holds in one conversation: kept, checked, told to every tab, and passed to the model."""

import json
import uuid
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from bots import instructions
from llm_chat import actions, queries
from llm_chat.actions.running import Claim
from llm_chat.models import ChatThread
from llm_chat.tests.conftest import Opener
from llm_chat.tests.mirror import Mirror
from llm_chat.tests.test_history import thread_of
from llm_service.abilities import PARAMETERS
from llm_service.fakes import FakeServer
from llm_service.parameters import RULES
from realtime import events
from realtime.bridge import in_db

pytestmark = pytest.mark.django_db


def change(user: User, thread: ChatThread | uuid.UUID, **wish: Any) -> tuple[int, dict[str, Any]]:
    client = Client()
    client.force_login(user)
    id_ = thread.id if isinstance(thread, ChatThread) else thread
    answer = client.post(f"/chat/api/threads/{id_}/settings/", json.dumps(wish), "application/json")
    return answer.status_code, answer.json()


def say(user: User, thread_id: uuid.UUID, **more: Any) -> None:
    actions.start_turn(by=user, command=events.SendMessage(id=uuid.uuid4(), thread_id=thread_id, text="hello", **more))


def claimed() -> Claim:
    claim = actions.claim(process_id=uuid.uuid4())
    assert claim
    return claim


def test_every_parameter_has_a_rule_and_a_name_of_the_vendors() -> None:
    assert RULES.keys() == PARAMETERS.keys()


def test_settings_are_kept_and_a_thing_that_is_not_named_stays(alice: User) -> None:
    thread = thread_of(alice)
    change(alice, thread, instructions="Answer like a pirate.\r\nAlways.")

    status, answer = change(alice, thread, parameters={"temperature": 0.2, "seed": None})

    assert (status, answer["rev"]) == (200, 2)
    thread.refresh_from_db()
    assert (thread.instructions, thread.parameters) == ("Answer like a pirate.\nAlways.", {"temperature": 0.2})


def test_the_same_settings_again_are_no_change(alice: User) -> None:
    thread = thread_of(alice)
    change(alice, thread, parameters={"seed": 7})

    assert change(alice, thread, parameters={"seed": 7})[1]["rev"] == 1


@pytest.mark.parametrize(
    ("wish", "field", "sentence"),
    [
        ({"parameters": {"temperature": 3}}, "temperature", "Temperature is a number from 0 to 2."),
        ({"parameters": {"temperature": True}}, "temperature", "Temperature is a number from 0 to 2."),
        ({"parameters": {"seed": 1.5}}, "seed", "Seed is a whole number from 0 to 2,147,483,647."),
        (
            {"parameters": {"reasoning_effort": "huge"}},
            "reasoning_effort",
            "Reasoning effort is one of: none, minimal, low, medium, high, xhigh, max.",
        ),
        ({"parameters": {"api_base": "http://x"}}, "api_base", "There is no parameter called api_base."),
        (
            {"instructions": "x" * 4_001},
            "instructions",
            "These are 4,001 characters, and 4,000 is the most. Shorten them a little.",
        ),
        (
            {"instructions": "a\x00b"},
            "instructions",
            "The instructions hold a character that cannot be kept. Type them anew.",
        ),
        (
            {"model": "nobody/knows"},
            "model",
            "The model 'nobody/knows' is not available here. Choose another one.",
        ),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence_beside_its_field(
    alice: User, wish: dict[str, Any], field: str, sentence: str
) -> None:
    thread = thread_of(alice)

    status, answer = change(alice, thread, **wish)

    assert (status, answer["faults"]) == (400, {field: sentence})
    thread.refresh_from_db()
    assert (thread.rev, thread.parameters) == (0, {})


def test_several_faults_are_named_at_once(alice: User) -> None:
    _, answer = change(alice, thread_of(alice), parameters={"temperature": 9, "top_p": 0, "seed": 1})

    assert answer["faults"].keys() == {"temperature", "top_p"}


@pytest.mark.parametrize("body", ['{"parameters": [1]}', "{", '{"color": "red"}'])
def test_a_body_that_is_no_wish_is_refused_with_a_word(alice: User, body: str) -> None:
    thread = thread_of(alice)
    client = Client()
    client.force_login(alice)

    answer = client.post(f"/chat/api/threads/{thread.id}/settings/", body, "application/json")

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_somebody_elses_thread_is_not_there(alice: User, bob: User) -> None:
    thread = thread_of(alice)

    assert change(bob, thread, instructions="Mine now.") == change(bob, uuid.uuid4(), instructions="Mine now.")
    assert change(bob, thread, instructions="Mine now.")[0] == 404


def test_a_new_thread_begins_with_the_settings_of_its_first_message(alice: User) -> None:
    thread_id = uuid.uuid4()

    say(alice, thread_id, settings={"instructions": "Be brief.", "parameters": {"max_output_tokens": 100}})

    claim = claimed()
    assert (claim.thread_instructions, claim.parameters) == ("Be brief.", {"max_output_tokens": 100})


def test_a_thread_that_exists_keeps_its_own(alice: User, settings: LazySettings) -> None:
    settings.CHAT_MESSAGE_INTERVAL = 0
    thread_id = uuid.uuid4()
    say(alice, thread_id, settings={"instructions": "Be brief."})
    say(alice, thread_id, settings={"instructions": "Be long."})

    assert ChatThread.objects.get(id=thread_id).instructions == "Be brief."


def test_a_first_message_with_settings_that_cannot_be_is_refused_whole(alice: User) -> None:
    thread_id = uuid.uuid4()

    with pytest.raises(actions.Refused, match=r"Temperature is a number from 0 to 2\."):
        say(alice, thread_id, settings={"parameters": {"temperature": 7}})

    assert not ChatThread.objects.filter(id=thread_id).exists()


def test_a_change_counts_from_the_next_claim_on(alice: User) -> None:
    thread_id = uuid.uuid4()
    say(alice, thread_id)
    change(alice, thread_id, instructions="Be brief.", parameters={"seed": 3})

    claim = claimed()

    assert (claim.thread_instructions, claim.parameters) == ("Be brief.", {"seed": 3})


def test_a_thread_with_a_bot_is_told_nothing_of_them(alice: User) -> None:
    thread_id = uuid.uuid4()
    say(alice, thread_id, settings={"instructions": "Be brief."})
    ChatThread.objects.update(bot_id=uuid.uuid4())

    assert claimed().thread_instructions == ""


def test_what_holds_here_comes_after_what_holds_everywhere() -> None:
    told = instructions.before_the_conversation("I am a nurse.", of_thread="I am a pilot.", summary="They flew.")

    assert told.index("I am a nurse.") < told.index("I am a pilot.") < told.index("They flew.")


def test_instructions_of_both_kinds_take_their_room_from_the_history(alice: User, settings: LazySettings) -> None:
    settings.CHAT_HISTORY_TOKENS = 100
    say(alice, uuid.uuid4(), settings={"instructions": "x" * 200})

    assert claimed().budget == 50


@pytest.mark.django_db(transaction=True)
async def test_a_stale_tab_that_hears_of_a_change_shows_what_a_fresh_one_loads(alice: User, open_tab: Opener) -> None:
    tab = await open_tab(alice)
    thread_id = uuid.UUID((await tab.send("hello"))["thread_id"])
    await tab.until("final")
    if not await in_db(ChatThread.objects.filter(id=thread_id).exclude(title="").exists):
        await tab.until("thread.title.updated")
    thread = await in_db(ChatThread.objects.get, id=thread_id)
    mirror = Mirror.of(await in_db(queries.history_page, thread))

    await in_db(change, alice, thread_id, instructions="Be brief.", parameters={"max_output_tokens": 9})
    mirror.apply(await tab.until("thread.updated", rev=thread.rev + 1))

    thread = await in_db(ChatThread.objects.get, id=thread_id)
    fresh = await in_db(queries.history_page, thread)
    same = ("rev", "title", "model", "settings", "summary_up_to")
    assert {name: mirror.thread[name] for name in same} == {name: fresh["thread"][name] for name in same}
    assert fresh["thread"]["settings"] == {"instructions": "Be brief.", "parameters": {"max_output_tokens": 9}}


@pytest.mark.django_db(transaction=True)
async def test_a_tab_that_missed_the_change_gets_it_with_the_snapshot(alice: User, open_tab: Opener) -> None:
    tab = await open_tab(alice)
    thread_id = (await tab.send("hello"))["thread_id"]
    final = await tab.until("final")
    await tab.close()
    await in_db(change, alice, uuid.UUID(thread_id), instructions="Be brief.")

    again = await open_tab(alice)
    await again.say(type="thread.subscribe", thread_id=thread_id, rev=final["rev"])

    snapshot = await again.until("thread.snapshot")
    assert snapshot["settings"] == {"instructions": "Be brief.", "parameters": {}}


@pytest.mark.django_db(transaction=True)
async def test_what_is_set_reaches_the_model_and_what_it_does_not_take_is_left_out(
    alice: User, open_tab: Opener, model_server: FakeServer
) -> None:
    tab = await open_tab(alice)
    parameters = {"max_output_tokens": 12, "temperature": 0.5, "verbosity": "low"}

    await tab.send("hello", settings={"instructions": "Be brief.", "parameters": parameters})
    await tab.until("final")

    body = next(one.body for one in model_server.seen if one.body.get("max_tokens") == 12)
    assert body["temperature"] == 0.5
    assert "verbosity" not in body
    assert body["messages"][0]["content"].endswith("Be brief.")
