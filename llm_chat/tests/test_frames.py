"""Every frame is answered, however broken; only a flood closes the socket."""

import asyncio
import json
import uuid
from typing import Any

import pytest

from accounts.models import User
from llm_chat import flood
from llm_chat.flood import BURST
from llm_chat.tests.conftest import Closed, Opener, Tab

pytestmark = pytest.mark.django_db(transaction=True)

ID = "11111111-2222-4333-8444-555555555555"
SEND = {"type": "message.send", "id": ID, "thread_id": str(uuid.uuid4()), "text": "hello"}
AGAIN = {"type": "message.regenerate", "id": ID, "message_id": str(uuid.uuid4()), "mode": "retry"}


def less(frame: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in frame.items() if name not in names}


NOT_FRAMES = {
    "nothing": "",
    "blank": "  \n",
    "no-json": "hello",
    "half-json": '{"type": "ping"',
    "two-values": '{"type": "ping"} {"type": "ping"}',
    "python": "{'type': 'ping'}",
    "number": "5",
    "huge-number": "9" * 5_000,
    "string": '"ping"',
    "null": "null",
    "true": "true",
    "nan": "NaN",
    "list": "[]",
    "list-of-frames": '[{"type": "ping"}]',
    "no-type": "{}",
    "null-type": '{"type": null}',
    "number-type": '{"type": 1}',
    "list-type": '{"type": ["ping"]}',
    "deep-list": "[" * 100_000,
    "deep-closed-list": "[" * 50_000 + "]" * 50_000,
    "deep-object": '{"a":' * 40_000,
    "deep-value": '{"type": "ping", "x": ' + "[" * 800 + "]" * 800 + "}",
    "nul": '{"type": "ping"}\x00',
    "bom": '\ufeff{"type": "ping"}',
    "lone-surrogate-name": '{"type": "ping", "\\ud800": 1}',
}

BAD_FRAMES: list[tuple[str, dict[str, Any], str | None]] = [
    ("extra-field", {"type": "ping", "extra": 1}, None),
    ("no-id", less(SEND, "id"), None),
    ("id-no-uuid", {**SEND, "id": "1"}, None),
    ("id-number", {**SEND, "id": 1}, None),
    ("id-null", {**SEND, "id": None}, None),
    ("id-object", {**SEND, "id": {}}, None),
    ("id-surrogate", {**SEND, "id": "\ud800"}, None),
    ("no-thread", less(SEND, "thread_id"), ID),
    ("thread-no-uuid", {**SEND, "thread_id": "../../etc"}, ID),
    ("no-text", less(SEND, "text"), ID),
    ("text-null", {**SEND, "text": None}, ID),
    ("text-number", {**SEND, "text": 5}, ID),
    ("text-list", {**SEND, "text": ["hello"]}, ID),
    ("parent-no-uuid", {**SEND, "parent_id": "root"}, ID),
    ("parent-false", {**SEND, "parent_id": False}, ID),
    ("model-number", {**SEND, "model": 5}, ID),
    ("bot-no-uuid", {**SEND, "bot_id": "bot"}, ID),
    ("attachments-string", {**SEND, "attachments": "file"}, ID),
    ("attachments-no-uuids", {**SEND, "attachments": [1, 2]}, ID),
    ("role-set-by-client", {**SEND, "role": "system"}, ID),
    ("user-set-by-client", {**SEND, "user_id": 1}, ID),
    ("no-mode", less(AGAIN, "mode"), ID),
    ("unknown-mode", {**AGAIN, "mode": "again"}, ID),
    ("no-message", less(AGAIN, "message_id"), ID),
    ("stop-nothing", {"type": "turn.stop"}, None),
    ("stop-no-uuid", {"type": "turn.stop", "turn_id": "all"}, None),
    ("subscribe-nothing", {"type": "thread.subscribe"}, None),
    ("rev-string", {"type": "thread.subscribe", "thread_id": ID, "rev": "new"}, None),
    ("rev-fraction", {"type": "thread.subscribe", "thread_id": ID, "rev": 1.5}, None),
    ("rev-infinite", {"type": "thread.subscribe", "thread_id": ID, "rev": float("inf")}, None),
    ("unsubscribe-nothing", {"type": "thread.unsubscribe"}, None),
    ("ack-no-seq", {"type": "turn.ack", "turn_id": ID}, None),
    ("ack-list", {"type": "turn.ack", "turn_id": ID, "seq": [1]}, None),
]

UNKNOWN_TYPES = [
    "",
    "PING",
    "ping ",
    "message.sends",
    "final",
    "response.created",
    "__class__",
    "x" * 10_000,
    "\ud800",
]

ODD_BUT_FINE: list[tuple[str, dict[str, Any]]] = [
    ("ack-of-nothing", {"type": "turn.ack", "turn_id": ID, "seq": 5}),
    ("ack-of-huge-seq", {"type": "turn.ack", "turn_id": ID, "seq": 10**400}),
    ("ack-of-negative-seq", {"type": "turn.ack", "turn_id": ID, "seq": -1}),
    ("unsubscribe-from-nothing", {"type": "thread.unsubscribe", "thread_id": ID}),
]


async def works(tab: Tab) -> bool:
    await tab.answered()
    return True


async def test_what_is_no_frame_is_a_bad_frame(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)

    for name, text in NOT_FRAMES.items():
        await tab.say_raw(text)
        error = await tab.next()
        assert (error["type"], error["code"], error["id"]) == ("error", "bad_frame", None), name
        assert error["message"].endswith("."), name

    assert await works(tab)


async def test_a_frame_with_wrong_fields_is_a_bad_frame_and_keeps_its_id(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)

    for name, frame, id_ in BAD_FRAMES:
        await tab.say(**frame)
        error = await tab.next()
        assert (error["type"], error["code"], error["id"]) == ("error", "bad_frame", id_), name
        assert len(error["message"]) < 300, name

    assert await works(tab)


async def test_an_unknown_type_is_named(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)

    for type_ in UNKNOWN_TYPES:
        await tab.say(type=type_, id=ID)
        error = await tab.next()
        assert (error["type"], error["code"], error["id"]) == ("error", "unknown_type", ID), type_
        assert len(error["message"]) < 200

    assert await works(tab)


async def test_odd_frames_that_ask_for_nothing_are_taken_in_silence(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)

    for _, frame in ODD_BUT_FINE:
        await tab.say(**frame)

    assert await works(tab)
    assert [frame["type"] for frame in tab.frames] == ["pong"]


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b'{"type": "ping"}'], ids=["empty", "binary", "json"])
async def test_bytes_are_no_frame(open_tab: Opener, alice: User, data: bytes) -> None:
    tab = await open_tab(alice)

    await tab.say_raw(data=data)

    assert (await tab.next())["code"] == "bad_frame"
    assert await works(tab)


@pytest.mark.parametrize(
    "text",
    ["x" * (256 * 1024 + 1), "ä" * (128 * 1024 + 1), json.dumps({**SEND, "text": "x" * 262_144})],
    ids=["ascii", "two-byte-characters", "a-send"],
)
async def test_more_than_256_kib_are_too_large(open_tab: Opener, alice: User, text: str) -> None:
    tab = await open_tab(alice)

    await tab.say_raw(text)

    assert (await tab.next())["code"] == "too_large"
    assert await works(tab)


async def test_a_frame_of_256_kib_is_read(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    frame = '{"type": "ping"}'

    await tab.say_raw(frame + " " * (256 * 1024 - len(frame)))

    assert (await tab.next())["type"] == "pong"


async def test_75001_characters_are_too_long_even_where_the_frame_is_not_too_large(
    open_tab: Opener, alice: User
) -> None:
    tab = await open_tab(alice)

    error = await tab.refusal(**{**SEND, "text": "a" * 75_001})

    assert (error["code"], error["id"]) == ("too_long", ID)
    assert "75,000" in error["message"]


async def test_after_hundreds_of_bad_frames_the_socket_still_works(
    open_tab: Opener, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flood, "BURST", 1_000)
    tab = await open_tab(alice)
    texts = [*NOT_FRAMES.values(), *(json.dumps(frame) for _, frame, _ in BAD_FRAMES)]

    for number in range(400):
        await tab.say_raw(texts[number % len(texts)])
    for _ in range(400):
        assert (await tab.next())["type"] == "error"

    assert (await tab.ask("[[fake 3t]]"))["status"] == "complete"


async def test_a_flood_closes_the_socket_and_names_the_delay(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)

    for _ in range(2 * BURST):
        await tab.say_raw("no frame")
    with pytest.raises(Closed) as closed:
        while True:
            await tab.next()

    assert closed.value.code == 4429
    assert f"{flood.FLOOD_RETRY_SECONDS} seconds" in closed.value.reason
    assert len(tab.frames) >= BURST


async def test_a_flood_of_one_person_is_not_felt_by_another(open_tab: Opener, alice: User, bob: User) -> None:
    tab, flooding = await open_tab(alice), await open_tab(bob)
    accepted = await tab.send("[[fake 20t 40r]]")

    for _ in range(2 * BURST):
        await flooding.say_raw("[" * 5_000)

    assert await flooding.close_code() == 4429
    assert (await tab.end_of(accepted["turn_id"]))["status"] == "complete"


async def test_a_page_at_work_is_no_flood(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    accepted = await tab.send("[[fake 40t 100r]]")

    for seq in range(1, BURST - 20):
        await tab.say(type="turn.ack", turn_id=accepted["turn_id"], seq=seq)

    assert (await tab.end_of(accepted["turn_id"]))["status"] == "complete"


async def test_a_budget_that_was_used_up_fills_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "PER_SECOND", 200.0)
    budget = flood.FrameBudget()
    while budget.spend():
        pass

    await asyncio.sleep(0.05)

    assert budget.spend()


async def test_more_commands_at_once_than_a_page_ever_has_are_put_off(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    ids = [str(uuid.uuid4()) for _ in range(60)]
    thread_id = str(uuid.uuid4())

    for id_ in ids:
        await tab.say(type="message.send", id=id_, thread_id=thread_id, text="[[fake 1t]]")
    answers: dict[str, dict[str, Any]] = {}
    while len(answers) < len(ids):
        frame = await tab.next()
        if frame["type"] in ("message.accepted", "error"):
            answers[frame["id"]] = frame

    assert set(answers) == set(ids)
    refused = [answer for answer in answers.values() if answer["type"] == "error"]
    assert 0 < len(refused) < len(ids)
    assert all((one["code"], one["retry_after"]) == ("rate_limited", 1.0) for one in refused)
