"""The playground: who gets in, what is asked of a model and comes back, and what is kept under a name."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient, Client

from accounts import personal_data
from accounts.models import AuditEntry, User
from llm_service import call_logs
from llm_service.fakes import FakeServer
from llm_service.models import Budget, CallBody, LLMCallLog, Playground
from llm_service.money import known
from llm_service.playground import running
from llm_service.tests.conftest import Logs
from realtime.bridge import in_db
from teams.actions import personal_team
from teams.models import Membership, Team
from teams.permissions import Role

PAGE = "/operations/playground/"
RUN = f"{PAGE}run/"
SAVE = f"{PAGE}save/"


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def content(text: str = "hi", **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "text": text}], **more}


def wish(person: User, text: str = "hi", *, model: str = "openai/fake-3t", **more: Any) -> dict[str, Any]:
    of_content = {name: more.pop(name) for name in ("system", "parameters", "tools", "answer_schema") if name in more}
    return {"team": str(personal_team(person).pk), "model": model, "content": content(text, **of_content), **more}


def post(person: User, address: str, body: object) -> Any:
    return signed_in(person).post(address, body, content_type="application/json")


@pytest.fixture(autouse=True)
async def views_leave_no_connection() -> AsyncIterator[None]:
    """Of a test's asynchronous client, in whose thread views run, Django closes none."""
    yield
    await sync_to_async(connections.close_all)()


async def asked(person: User, body: dict[str, Any]) -> list[dict[str, Any]]:
    client = AsyncClient()
    await client.aforce_login(person)
    answer: Any = await client.post(RUN, body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    written = b"".join([piece async for piece in answer.streaming_content])
    return [json.loads(line) for line in written.splitlines()]


def text_of(events: list[dict[str, Any]]) -> str:
    return "".join(event["text"] for event in events if event["type"] == "text")


@pytest.fixture
def shop(alice: User, bob: User) -> Team:
    team = Team.objects.create(name="Shop")
    Membership.objects.create(team=team, user=alice, role=Role.ADMIN)
    Membership.objects.create(team=team, user=bob, role=Role.EDITOR)
    return team


@pytest.fixture
def person(logs: Logs) -> User:
    return User.objects.create_user("maker@example.com", "some-password-1")


# --- Asking -----------------------------------------------------------------------------------------------------------


async def test_a_model_answers_line_by_line_and_leaves_one_log(person: User, vendor: FakeServer, logs: Logs) -> None:
    events = await asked(person, await in_db(wish, person, system="Be brief.", parameters={"temperature": 0.5}))

    assert (events[0]["type"], events[-1]["type"]) == ("begun", "ended")
    assert text_of(events) == "amber0 birch1 cedar2 "
    assert (events[-1]["status"], events[-1]["numbers"]["output_tokens"]) == ("success", 3)
    [log] = await in_db(logs)
    assert (str(log.pk), log.feature, log.user_id) == (events[0]["call"], "playground", person.pk)
    body = await in_db(lambda: CallBody.objects.get(call=log).request)
    assert body["temperature"] == 0.5
    assert [message["role"] for message in body["messages"]] == ["system", "user"]


async def test_tool_calls_and_reasoning_are_shown_as_they_are_written(person: User, vendor: FakeServer) -> None:
    tools = '[{"name": "current_time", "parameters": {"type": "object", "properties": {}}}]'

    events = await asked(person, await in_db(wish, person, "[[fake 2t reason tools]]", tools=tools))

    pieces = [event for event in events if event["type"] == "tool"]
    assert "".join(piece["arguments"] for piece in pieces if piece["index"] == 0) == '{"zone": "Europe/Zürich"}'
    assert any(event["type"] == "reasoning" for event in events)
    assert events[-1]["numbers"]["finish_reason"] == "tool_calls"


async def test_an_answer_is_held_against_its_schema(person: User, vendor: FakeServer, logs: Logs) -> None:
    schema = '{"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}'

    loose = await asked(person, await in_db(wish, person, answer_schema=schema))

    assert loose[-1]["check"] == {"fits": False, "problem": "The answer is not JSON."}
    [log] = await in_db(logs)
    body = await in_db(lambda: CallBody.objects.get(call=log).request)
    assert '"required": ["age"]' in body["messages"][0]["content"]  # nobody knows whether this model takes schemas


async def test_what_goes_wrong_is_said_in_a_sentence(person: User, vendor: FakeServer) -> None:
    events = await asked(person, await in_db(wish, person, "[[fake status401]]"))

    assert events[-1]["status"] == "error"
    assert "did not accept our API key" in events[-1]["error"]


async def test_a_used_up_budget_stops_it_as_it_stops_a_chat(person: User, vendor: FakeServer) -> None:
    body = await in_db(wish, person, model="openai/gpt-4o")
    await in_db(lambda: Budget.objects.create(team=personal_team(person), limit=Decimal("0.0000001"), window="month"))
    known.forget()
    await asked(person, body)
    await in_db(call_logs.flush, 10)

    events = await asked(person, body)

    assert events[-1]["status"] == "blocked"
    assert "budget" in events[-1]["error"]


async def test_hanging_up_ends_the_call(person: User, vendor: FakeServer, logs: Logs) -> None:
    body = await in_db(wish, person, "[[fake 500t 20r]]")
    client = AsyncClient()
    await client.aforce_login(person)
    answer: Any = await client.post(RUN, body, content_type="application/json")
    lines: Any = aiter(answer)
    begun = json.loads((await anext(lines)).splitlines()[0])
    while b"text" not in await anext(lines):
        pass

    await asyncio.to_thread(answer.close)  # as the server does, in whichever state the reading is

    async with asyncio.timeout(10):
        while running._tasks:
            await asyncio.sleep(0.02)
    [log] = await in_db(logs)
    assert log.status == "cancelled"
    found = await client.get(f"{PAGE}calls/{begun['call']}/")
    assert found.json()["numbers"]["status"] == "cancelled"
    assert not running._running


def test_a_call_leads_to_the_log_once_it_is_written_and_only_its_own_person(
    client: Client, person: User, bob: User
) -> None:
    call = LLMCallLog(model="demo/parley", status="success", user=person, team=personal_team(person))
    client.force_login(person)
    address = f"{PAGE}calls/{call.pk}/"
    nothing = {"numbers": None, "url": None}

    assert client.get(address).json() == nothing
    call.save()
    found = client.get(address).json()
    assert (found["numbers"]["status"], client.get(found["url"]).status_code) == ("success", 200)
    LLMCallLog.objects.update(team=personal_team(bob))  # where this person sees no calls
    assert client.get(address).json()["url"] is None
    client.force_login(bob)
    assert client.get(address).json() == nothing


async def test_the_end_of_the_server_is_told_and_logged(person: User, vendor: FakeServer, logs: Logs) -> None:
    reading = asyncio.create_task(asked(person, await in_db(wish, person, "[[fake 500t 20r]]")))
    async with asyncio.timeout(10):
        while not running._tasks:
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.2)

    await running.end_all()

    assert "restarted" in (await reading)[-1]["error"]
    assert [log.status for log in await in_db(logs)] == ["cancelled"]


async def test_nobody_has_more_than_eight_answers_written_at_once(person: User, vendor: FakeServer) -> None:
    running._running[person.pk] = running.MOST_AT_ONCE
    try:
        events = await asked(person, await in_db(wish, person))
    finally:
        del running._running[person.pk]

    assert [event["error"] for event in events] == ["8 models are answering you already. Stop one first."]


@pytest.mark.parametrize(
    ("more", "place", "said"),
    [
        ({"tools": '[{"name": "a",]'}, "tools", "line 1, column 15"),
        ({"tools": '[{"description": "x"}]'}, "tools", "Tool 1 has no name"),
        ({"tools": '[{"name": "a b"}]'}, "tools", "at most 64 letters"),
        ({"tools": '[{"name": "a"}, {"name": "a"}]'}, "tools", "Two tools are called “a”"),
        ({"tools": '{"name": "a", "parameters": {"type": "objekt"}}'}, "tools", "The parameters of a"),
        ({"answer_schema": "["}, "answer_schema", "line 1, column 2"),
        ({"answer_schema": "[]"}, "answer_schema", "JSON object"),
        ({"answer_schema": '{"type": 5}'}, "answer_schema", "not valid"),
        ({"parameters": {"temperature": 9}}, "temperature", "from 0 to 2"),
        ({"text": "  "}, "messages.0", "Write something here"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_its_place(
    db: None, alice: User, more: dict[str, Any], place: str, said: str
) -> None:
    answer = post(alice, RUN, wish(alice, more.pop("text", "hi"), **more))

    assert answer.status_code == 400
    assert said in answer.json()["faults"][place]


def test_a_result_of_a_tool_says_which_call_it_answers(alice: User) -> None:
    body = wish(alice)
    body["content"]["messages"].append({"role": "tool", "text": "12:00"})

    assert "which tool call" in post(alice, RUN, body).json()["faults"]["messages.1"]


@pytest.mark.parametrize("role", [Role.VIEWER, None])
def test_nobody_asks_under_a_team_whose_bots_they_may_not_make(alice: User, bob: User, role: Role | None) -> None:
    team = personal_team(alice)
    if role:
        Membership.objects.create(team=team, user=bob, role=role)

    assert post(bob, RUN, wish(alice)).status_code == 403
    assert signed_in(bob).get(PAGE, {"team": str(team.pk)}).status_code == 404


def test_a_model_that_is_not_the_teams_is_refused_before_it_is_asked(alice: User, settings: Any) -> None:
    settings.LLM_ALLOWED_MODELS = ["openai/fake-3t"]

    answer = post(alice, RUN, wish(alice, model="openai/another"))

    assert (answer.status_code, "not available in this team" in answer.json()["error"]) == (400, True)


def test_a_tool_of_ours_answers_the_call_a_model_asked_for(alice: User, bob: User) -> None:
    body = {"team": str(personal_team(alice).pk), "name": "current_time", "arguments": '{"timezone": "Europe/Oslo"}'}

    assert ":" in post(alice, f"{PAGE}tool/", body).json()["told"]
    assert "no tool named" in post(alice, f"{PAGE}tool/", body | {"name": "rm"}).json()["told"]
    assert post(bob, f"{PAGE}tool/", body).status_code == 403
    assert post(alice, f"{PAGE}tool/", {}).status_code == 400


# --- Asking again -----------------------------------------------------------------------------------------------------


def logged(person: User, **fields: Any) -> LLMCallLog:
    request = fields.pop("request", {"messages": [{"role": "user", "content": "Hello"}]})
    known = {"model": "openai/gpt-4o", "status": "success", "user": person, "team": personal_team(person)}
    call = LLMCallLog.objects.create(**known | fields)
    if request is not None:
        CallBody.objects.create(call=call, request=request, response={"text": "Hello yourself."})
    return call


def data(person: User, address: str) -> dict[str, Any]:
    answer = signed_in(person).get(address)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.context["data"]
    return found


def test_a_logged_call_fills_the_page_and_its_opening_is_told_to_the_audit_log(alice: User) -> None:
    call = logged(
        alice,
        request={
            "model": "openai/gpt-4o",
            "temperature": 0.2,
            "max_completion_tokens": 50,
            "top_k": 3,
            "tools": [{"type": "function", "function": {"name": "look", "parameters": {}}}],
            "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}},
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {}}]},
                {"role": "assistant", "tool_calls": [{"id": "c1", "function": {"name": "look", "arguments": "{}"}}]},
                {"role": "tool", "tool_call_id": "c1", "content": "A lighthouse."},
            ],
        },
    )

    found = data(alice, f"{PAGE}?call={call.pk}")

    asked_again = found["content"]
    assert asked_again["system"] == "Be brief."
    assert [message["role"] for message in asked_again["messages"]] == ["user", "assistant", "tool"]
    assert asked_again["messages"][1]["tool_calls"] == [{"id": "c1", "name": "look", "arguments": "{}"}]
    assert asked_again["messages"][2]["answers"] == "c1"
    assert asked_again["parameters"] == {"temperature": 0.2, "max_output_tokens": 50}
    assert ('"look"' in asked_again["tools"], '"object"' in asked_again["answer_schema"]) == (True, True)
    assert asked_again["models"] == ["openai/gpt-4o"]
    assert found["original"]["text"] == "Hello yourself."
    assert [note[:9] for note in found["notes"]] == ["1 picture", "Not set h"]
    assert AuditEntry.objects.filter(action="call.read").count() == 1


@pytest.mark.parametrize(
    ("request_body", "said"),
    [
        (None, "not kept"),
        ({"truncated": True, "start": "{"}, "too long for the log"),
        ({"messages": [{"role": "user", "content": "a [... 5000 characters left out ...] b"}]}, "were cut"),
        ({"messages": [{"role": "user", "content": "write to [e-mail]"}]}, "masked"),
    ],
)
def test_what_of_a_call_cannot_be_asked_again_is_said(alice: User, request_body: Any, said: str) -> None:
    call = logged(alice, request=request_body)

    [note] = data(alice, f"{PAGE}?call={call.pk}")["notes"]

    assert said in note


def test_a_call_whose_words_one_may_not_read_is_not_there(alice: User, bob: User) -> None:
    call = logged(alice)
    Membership.objects.create(team=personal_team(alice), user=bob, role=Role.EDITOR)

    assert signed_in(bob).get(f"{PAGE}?call={call.pk}").status_code == 404
    assert signed_in(bob).get(f"{PAGE}?call=nonsense").status_code == 404
    assert post(bob, RUN, wish(bob, replay_of=str(call.pk))).status_code == 404


async def test_a_repeated_call_says_what_it_repeats_and_both_pages_lead_to_each_other(
    person: User, vendor: FakeServer, logs: Logs
) -> None:
    first = await in_db(logged, person)

    await asked(person, await in_db(wish, person, replay_of=str(first.pk)))

    again = next(log for log in await in_db(logs) if log.feature == "playground")
    assert again.replay_of == first.pk
    of_first = await in_db(lambda: signed_in(person).get(f"/operations/calls/{first.pk}/").text)
    assert (str(again.pk) in of_first, f"{PAGE}?call={first.pk}" in of_first) == (True, True)
    assert str(first.pk) in await in_db(lambda: signed_in(person).get(f"/operations/calls/{again.pk}/").text)


def test_staff_repeat_a_call_of_any_team_under_one_of_their_own(admin_user: User, alice: User) -> None:
    call = logged(alice)

    found = data(admin_user, f"{PAGE}?call={call.pk}")

    assert found["team"] == str(personal_team(admin_user).pk)
    assert "runs under another one" in found["notes"][-1]


# --- Keeping ----------------------------------------------------------------------------------------------------------


def kept(person: User, team: Team | None = None, **more: Any) -> Any:
    team = team or personal_team(person)
    body = {"id": str(uuid.uuid4()), "team": str(team.pk), "name": "Greetings", "content": content(), **more}
    return post(person, SAVE, body)


def test_what_is_kept_is_found_again_at_its_address(alice: User) -> None:
    saved = kept(alice, content=content("Hello", system="Be kind.", models=["openai/a", "openai/b"])).json()["saved"]

    found = data(alice, saved["url"])

    assert (found["content"]["system"], found["content"]["models"]) == ("Be kind.", ["openai/a", "openai/b"])
    assert [row["name"] for row in found["saved"]] == ["Greetings"]


def test_the_page_asks_the_database_little_however_much_is_kept(
    alice: User, django_assert_max_num_queries: Any
) -> None:
    call = logged(alice)
    team = personal_team(alice)
    rows = [Playground(team=team, user=alice, name=f"Number {number}", is_shared=True) for number in range(60)]
    Playground.objects.bulk_create(rows)
    client = signed_in(alice)
    client.get(PAGE)  # the device is noted once

    for address in (PAGE, f"{PAGE}{rows[0].pk}/"):
        with django_assert_max_num_queries(10):
            assert client.get(address).status_code == 200
    with django_assert_max_num_queries(16):  # and the entry of the audit log, with what it names
        assert client.get(f"{PAGE}?call={call.pk}").status_code == 200


def test_what_is_shared_opens_for_those_of_the_team_who_may_and_nobody_else(shop: Team, alice: User, bob: User) -> None:
    own = kept(alice, shop, name="Mine").json()["saved"]["url"]
    shared = kept(alice, shop, is_shared=True).json()["saved"]["url"]

    assert [signed_in(bob).get(address).status_code for address in (own, shared)] == [404, 200]
    Membership.objects.filter(team=shop, user=bob).update(role=Role.VIEWER)
    assert signed_in(bob).get(shared).status_code == 404


def test_a_shared_one_is_changed_by_its_maker_and_by_those_who_manage_members(
    shop: Team, alice: User, bob: User
) -> None:
    by_bob = kept(bob, shop, is_shared=True).json()["saved"]
    by_alice = kept(alice, shop, is_shared=True).json()["saved"]

    assert post(bob, by_alice["change_url"], {"name": "Theirs"}).status_code == 409
    assert kept(bob, shop, id=by_alice["id"]).status_code == 409
    assert post(alice, by_bob["change_url"], {"name": "Ours"}).json()["saved"]["name"] == "Ours"
    assert post(alice, by_bob["change_url"], {"deleted": True}).json() == {"deleted": by_bob["id"]}
    assert Playground.objects.count() == 1


def test_sharing_is_taken_back_by_its_maker_alone(shop: Team, alice: User, bob: User) -> None:
    by_bob = kept(bob, shop, is_shared=True).json()["saved"]

    assert "Only whoever made it" in post(alice, by_bob["change_url"], {"is_shared": False}).json()["error"]
    assert post(bob, by_bob["change_url"], {"is_shared": False}).json()["saved"]["is_shared"] is False


@pytest.mark.parametrize(
    ("more", "status", "said"),
    [
        ({"name": "  "}, 409, "Give it a name"),
        ({"name": "x" * 81}, 409, "at most 80"),
        ({"content": {"messages": [{"role": "user", "text": "x" * 500_000}]}}, 409, "too long to be kept"),
        ({"content": {"surprise": 1}}, 400, "surprise"),
    ],
)
def test_what_cannot_be_kept_is_said(alice: User, more: dict[str, Any], status: int, said: str) -> None:
    answer = kept(alice, **more)

    assert (answer.status_code, said in answer.json()["error"]) == (status, True)


def test_an_erased_person_leaves_what_they_shared_and_nothing_else(shop: Team, alice: User, bob: User) -> None:
    kept(bob, shop, name="Own")
    kept(bob, shop, name="Shared", is_shared=True)
    exported = dict(personal_data.export(bob))["playgrounds.json"]
    assert [row["name"] for row in exported] == ["Own", "Shared"]  # type: ignore[attr-defined]

    personal_data.erase(bob)
    bob.delete()

    assert [(row.name, row.user) for row in Playground.objects.all()] == [("Shared", None)]
