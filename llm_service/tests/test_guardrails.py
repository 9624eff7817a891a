"""What a team does not let through never leaves and is never shown, not even half of it."""

import asyncio
import random
import time
import uuid
from typing import Any

import pytest
from django.db import connections

from accounts.models import User
from lib import masking
from llm_service import client, errors, guardrails
from llm_service.fakes import FakeServer
from llm_service.guardrails import Guard, Guards
from llm_service.models import Guardrail
from llm_service.parts import ReasoningPart, TextPart, ToolCallPart
from llm_service.requests import LLMRequest, LLMResult
from llm_service.tests.conftest import Logs
from realtime.bridge import in_db
from teams.actions import personal_team
from teams.models import Team

KINDS = {"text": TextPart, "reasoning": ReasoningPart}


def guard(*words: str, blocks: bool = False, **more: Any) -> Guard:
    found: dict[str, Any] = {"checks_requests": True, "checks_replies": True, "message": "", **more}
    return Guard(uuid.uuid4(), "Rule", not words, words, blocks, **found)


def streamed(pieces: list[str], *guards: Guard) -> str:
    reply = Guards((), guards).reply()
    shown = [part for piece in pieces for part in reply.parts(TextPart(piece))]
    return "".join(part.text for part in [*shown, *reply.end()] if isinstance(part, TextPart))


def whole(text: str, *guards: Guard) -> str:
    result = LLMResult(LLMRequest("m", []), text, "", [], "stop", usage=None)  # type: ignore[arg-type]
    return Guards((), guards).answered(result).text


PRIVATE = [
    "Write to anna.b+news@mail.example.co.uk, please.",
    "Call +49 30 1234567 or (212) 555-0123 at night, or 030 / 123 45 67.",
    "My card is 4111 1111 1111 1111 until 12/28.",
    "Pay to DE89 3704 0044 0532 0130 00 today",
    "Authorization: Bearer abcdef0123456789abcdef\nnext",
    "key sk-proj-abcdefghijklmnop1234 end",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE foo bar\nbaz\n-----END RSA PRIVATE KEY----- x",
    "On 2026-11-21 at 14:05:33 it cost 1,204.50 EUR, order 4111 1111 1111 1112.",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N was it",
]


@pytest.mark.parametrize("text", PRIVATE)
def test_personal_details_are_masked_in_a_stream_however_it_is_cut(text: str):
    chance = random.Random(text)  # noqa: S311  the same cuts each time
    for _ in range(60):
        pieces, rest = [], text
        while rest:
            length = chance.randint(1, 9)
            pieces.append(rest[:length])
            rest = rest[length:]
        assert streamed(pieces, guard()) == masking.mask(text), pieces


@pytest.mark.parametrize(
    ("words", "text", "shown"),
    [
        (["falcon"], "The Falcon flies, falcons do not, FALCON!", "The [removed] flies, falcons do not, [removed]!"),
        (["falcon*"], "Falcons and falconry", "[removed] and [removed]"),
        (["project falcon"], "Our Project\nFalcon and project  x", "Our [removed] and project  x"),
        (["$ecret", "c++"], "a $ecret in C++", "a [removed] in [removed]"),
        (["机密"], "这是机密文件", "这是[removed]文件"),
        (["/[A-Z]{2}-\\d{4}/"], "Case AB-1234 and ab-99999", "Case [removed] and [removed]9"),
        (["straße"], "die Straße, Straßen", "die [removed], Straßen"),
    ],
)
def test_words_are_masked_whole_and_in_every_cut_of_a_stream(words: list[str], text: str, shown: str):
    assert whole(text, guard(*words)) == shown
    for at in range(1, len(text)):
        assert streamed([text[:at], text[at:]], guard(*words)) == shown
    assert streamed(list(text), guard(*words)) == shown


def test_a_stream_waits_for_no_more_than_a_word():
    reply = Guards((), (guard(), guard("falcon"))).reply()

    shown = [part.text for part in reply.parts(TextPart("All is well with the fal"))]  # type: ignore[union-attr]

    assert shown == ["All is well with the "]


def test_a_word_without_end_is_not_held_for_ever():
    reply = Guards((), (guard(),)).reply()

    shown = [part for _ in range(3_000) for part in reply.parts(TextPart("abcd"))]

    assert sum(len(part.text) for part in shown if isinstance(part, TextPart)) > 3_000


def test_two_rules_over_one_place_leave_one_placeholder():
    assert whole("write to anna@example.com now", guard(), guard("/anna@\\w+/")) == "write to [e-mail] now"
    assert streamed(["write to anna@exam", "ple.com now"], guard(), guard("/to anna/")) == "write [removed] now"


def test_an_expression_that_never_ends_stops_the_call_instead_of_the_server():
    slow = guard("/^(a|a?)+$/")
    began = time.monotonic()

    with pytest.raises(errors.Blocked) as caught:
        slow.found("a" * 5_000 + "!")

    assert time.monotonic() - began < 5
    assert caught.value.user_message == guardrails.UNCHECKED


def test_reasoning_is_looked_at_as_well_and_stays_before_its_text():
    reply = Guards((), (guard("falcon"),)).reply()
    parts = [
        shown
        for part in (ReasoningPart("a fal"), ReasoningPart("con f"), TextPart("fine"), ToolCallPart(0, "c", "t", "{}"))
        for shown in reply.parts(part)
    ]

    assert [type(part) for part in parts] == [ReasoningPart, ReasoningPart, ReasoningPart, TextPart, ToolCallPart]
    assert "".join(part.text for part in parts if isinstance(part, ReasoningPart)) == "a [removed] f"


# --- Over the wire


@pytest.fixture
def team(transactional_db: None, alice: User) -> Team:
    return personal_team(alice)


def rule(team: Team, *words: str, **more: Any) -> Guardrail:
    kind = Guardrail.Kind.WORDS if words else Guardrail.Kind.PERSONAL
    row = Guardrail.objects.create(team=team, name="Falcon", kind=kind, words=list(words), **more)
    guardrails._memory.forget()
    return row


def asking(team: Team, text: str = "hi", model: str = "openai/fake-20t", **more: Any) -> dict[str, Any]:
    messages = [*more.pop("history", []), {"role": "user", "content": text}]
    return {"model": model, "messages": messages, "team": team, **more}


async def said(**asked: Any) -> str:
    async with client.stream(**asked) as reply:
        return "".join([part.text async for part in reply if isinstance(part, TextPart)])


async def test_what_leaves_is_masked_and_the_log_names_the_rule_alone(team: Team, vendor: FakeServer, logs: Logs):
    await in_db(rule, team)

    await said(**asking(team, "I am anna@example.com"))

    assert vendor.seen[0].body["messages"][0]["content"] == "I am [e-mail]"
    [log] = await in_db(logs)
    assert log.metadata["guardrails"] == {"Falcon": "masked"}
    assert "anna" not in str([log.prompt_preview, log.metadata])


async def test_a_message_that_is_stopped_is_never_sent(team: Team, vendor: FakeServer, logs: Logs):
    await in_db(rule, team, "falcon", action="block", message="We do not talk of birds here.")

    with pytest.raises(errors.Blocked) as caught:
        await said(**asking(team, "Tell me of the falcon"))

    assert (caught.value.code, caught.value.user_message) == ("blocked", "We do not talk of birds here.")
    assert vendor.seen == []
    [log] = await in_db(logs)
    assert (log.status, log.error_message) == ("blocked", "Guardrail Falcon")
    assert log.metadata["guardrails"] == {"Falcon": "blocked"}


async def test_what_was_said_before_stops_no_later_message(team: Team, vendor: FakeServer):
    await in_db(rule, team, "falcon", action="block")
    history = [{"role": "user", "content": "falcon?"}, {"role": "assistant", "content": "No."}]

    await said(**asking(team, "And now?", history=history))

    assert [each["content"] for each in vendor.seen[0].body["messages"]] == ["[removed]?", "No.", "And now?"]


async def test_parts_of_a_message_are_looked_at_and_pictures_left_alone(team: Team, vendor: FakeServer):
    await in_db(rule, team, "falcon")
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,falcon"}}
    content = [{"type": "text", "text": "a falcon"}, picture]

    await said(model="openai/fake-1t", messages=[{"role": "user", "content": content}], team=team)

    assert vendor.seen[0].body["messages"][0]["content"] == [{"type": "text", "text": "a [removed]"}, picture]


@pytest.mark.parametrize("model", ["openai/fake-20t-bytes", "anthropic/fake-20t", "openai/responses/fake-20t"])
async def test_a_reply_under_way_shows_nothing_forbidden(model: str, team: Team, vendor: FakeServer, logs: Logs):
    await in_db(rule, team, "harbor7", "amber0 birch1")

    text = await said(**asking(team, model=model))

    assert text.startswith("[removed] cedar2") and "grove6 [removed] island8" in text
    [log] = await in_db(logs)
    assert (log.status, log.output_tokens) == ("success", 20)
    assert log.response_preview == text


async def test_a_reply_is_stopped_at_the_word(team: Team, vendor: FakeServer, logs: Logs):
    await in_db(rule, team, "harbor7", action="block")
    shown = ""

    with pytest.raises(errors.Blocked) as caught:
        async with client.stream(**asking(team, model="openai/fake-200t-100r")) as reply:
            async for part in reply:
                shown += part.text if isinstance(part, TextPart) else ""

    assert shown.endswith("grove6 ")
    assert (caught.value.partial, caught.value.user_message) == (True, guardrails.NOT_LET_THROUGH)
    await vendor.wait_until(lambda: vendor.seen[0].hung_up_at is not None)
    [log] = await in_db(logs)
    assert (log.status, log.metadata["guardrails"]) == ("blocked", {"Falcon": "blocked"})


async def test_whole_answers_and_chunks_are_looked_at_too(team: Team, vendor: FakeServer):
    await in_db(rule, team, "amber0", "question")
    asked = asking(team, model="openai/fake-2t-reason")

    response = await client.acompletion(**asked)
    chunks = [chunk async for chunk in await client.acompletion(**asked, stream=True)]

    message = response.choices[0].message
    assert (message.content, message.reasoning_content) == ("[removed] birch1 ", "First, look at the [removed]. ")
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "[removed] birch1 "


async def test_what_waited_of_a_broken_try_is_not_shown_twice(team: Team, vendor: FakeServer):
    await in_db(rule, team, "harbor7")

    assert (await said(**asking(team, model="openai/fake-3t-status500x1"))).startswith("amber0 birch1 cedar2")


async def test_a_rule_may_be_for_one_direction_or_off(team: Team, vendor: FakeServer):
    await in_db(rule, team, "amber0", checks_replies=False)
    assert "amber0" in await said(**asking(team, "amber0"))
    assert vendor.seen[0].body["messages"][0]["content"] == "[removed]"

    await in_db(Guardrail.objects.update, is_active=False)
    guardrails._memory.forget()
    await said(**asking(team, "amber0"))
    assert vendor.seen[1].body["messages"][0]["content"] == "amber0"


async def test_a_team_has_nothing_to_do_with_the_rules_of_another(team: Team, bob: User, vendor: FakeServer):
    await in_db(rule, team, "amber0", action="block")

    assert "amber0" in await said(**asking(await in_db(personal_team, bob), "amber0"))


def test_on_the_ordinary_path_nothing_is_asked_of_the_database(team: Team):
    rule(team, "falcon")
    guardrails._memory.look()
    connections.close_all()

    async def both() -> list[Guards | None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("llm_service.memory.in_db", None)  # the way to the database, which would fail
            return [await guardrails.of(LLMRequest("m", [], team_id=each)) for each in (team.pk, uuid.uuid4())]

    own, other = asyncio.run(both())
    assert own and other is None
