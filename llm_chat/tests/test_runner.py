"""The runner when something breaks: a turn always ends, once, and never keeps another from running."""

import asyncio
import json
import threading
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from django.db import OperationalError

from accounts.models import User
from lib.write_lock import writing
from llm_chat import actions, turns
from llm_chat import run as run_module
from llm_chat.actions.running import Claim
from llm_chat.models import ChatMessage, ChatThread, Status, Turn
from llm_chat.tests.conftest import WAIT, Opener, until
from llm_service.fakes import FakeServer
from llm_service.parts import ReasoningPart, TextPart
from llm_service.tool_rounds import ToolDone, ToolStarted
from realtime import events, hub
from realtime.bridge import in_db
from realtime.hub import Packet, thread_topic

pytestmark = pytest.mark.django_db(transaction=True)


class Reader:
    """A hub.Watcher that keeps what it gets."""

    def __init__(self, *topics: str) -> None:
        self.packets: list[Packet] = []
        for topic in topics:
            hub.current().watch(topic, self)

    def deliver(self, topic: str, packet: Packet) -> None:
        self.packets.append(packet)

    def recheck(self) -> None: ...

    def resync(self) -> None:
        raise AssertionError("nothing was lost")

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(packet.text) for packet in self.packets]


def say(user: User, thread_id: uuid.UUID | None = None) -> events.MessageAccepted:
    command = events.SendMessage(id=uuid.uuid4(), thread_id=thread_id or uuid.uuid4(), text="[[fake 5t]]")
    return actions.start_turn(by=user, command=command)


def claimed(user: User) -> Claim:
    say(user)
    actions.heartbeat(process_id=uuid.uuid4())
    claim = actions.claim(process_id=uuid.uuid4())
    assert claim
    return claim


@asynccontextmanager
async def database_busy() -> AsyncIterator[None]:
    """Keep every write transaction of this process waiting."""
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with writing():
            entered.set()
            leave.wait(60)

    holder = asyncio.ensure_future(in_db(hold))
    await asyncio.to_thread(entered.wait, 60)
    try:
        yield
    finally:
        leave.set()
        await holder


async def test_an_end_that_is_being_stored_is_not_lost_to_a_checkpoint(transactional_db: None, alice: User) -> None:
    claim = await in_db(claimed, alice)
    reader = Reader(thread_topic(claim.thread_id))
    run = run_module.Run(claim, hub.current())
    async with database_busy():
        run.task = asyncio.create_task(run.run())
        await until(lambda: run._ending)
        run.lose()
    await asyncio.wait([run.task], timeout=5)

    assert [event["type"] for event in reader.events].count("final") == 1


async def test_a_turn_its_process_holds_but_does_not_run_is_ended(server: None, alice: User) -> None:
    runner = turns.of_this_process()
    assert runner
    runner.draining = True
    accepted = await in_db(say, alice)
    claim = await in_db(actions.claim, process_id=runner.process_id)
    assert claim and claim.turn_id == accepted.turn_id

    await runner._look_after()

    turn = await in_db(Turn.objects.get, id=accepted.turn_id)
    assert turn.status == Status.INTERRUPTED


async def test_a_turn_in_progress_is_no_stray(open_tab: Opener, alice: User, model_server: FakeServer) -> None:
    tab = await open_tab(alice)
    accepted = await tab.send("[[fake 40t held]]")
    await tab.until("response.output_text.delta")
    runner = turns.of_this_process()
    assert runner

    await runner._look_after()

    model_server.go_on()
    assert (await tab.end_of(accepted["turn_id"]))["status"] == "complete"


async def test_a_thread_deleted_under_a_running_turn_harms_no_other(
    open_tab: Opener, alice: User, model_server: FakeServer
) -> None:
    tab = await open_tab(alice)
    gone = await tab.send("[[fake 30t held]]")
    other = await tab.send("[[fake 60t held]]")
    await tab.until("response.output_text.delta", turn_id=gone["turn_id"])

    await in_db(ChatThread.objects.filter(id=gone["thread_id"]).delete)

    model_server.go_on()
    assert (await tab.end_of(other["turn_id"]))["status"] == "complete"
    runner = turns.of_this_process()
    assert runner
    await until(lambda: not runner._runs)


async def test_text_no_database_could_hold_is_made_fit_before_anybody_sees_it(
    transactional_db: None, alice: User
) -> None:
    claim = await in_db(claimed, alice)
    reader = Reader(thread_topic(claim.thread_id))
    run = run_module.Run(claim, hub.current())

    for part in (TextPart("a\ud83d"), TextPart("b\x00"), ReasoningPart("c\udca9"), TextPart("d")):
        run._take(part)
    run._flush()

    assert "".join(event["delta"] for event in reader.events) == run.draft.text[:2] + "b" + run.draft.reasoning + "d"
    await in_db(actions.checkpoint, progress=[run.progress()])
    stored = await in_db(ChatMessage.objects.get, id=claim.message_id)
    assert (stored.content, stored.reasoning) == ("a\ufffdbd", "c\ufffd")


async def test_what_a_tool_says_is_made_fit_too(transactional_db: None, alice: User) -> None:
    claim = await in_db(claimed, alice)
    run = run_module.Run(claim, hub.current())

    run._take(ToolStarted(call_id="c\x00", name="n\ud83d", label="l\x00", arguments="a\x00"))
    run._take(ToolDone(call_id="c\x00", name="n\ud83d", label="l\x00", result="r\x00" * 50_000, error="e\x00"))
    await in_db(actions.checkpoint, progress=[run.progress()])

    [call] = (await in_db(ChatMessage.objects.get, id=claim.message_id)).tools
    assert call == {
        "call_id": "c", "name": "n\ufffd", "label": "l", "arguments": "a", "result": "r" * 50_000, "error": "e"
    }  # fmt: skip


async def test_an_end_is_stored_when_the_database_is_back(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, alice: User
) -> None:
    monkeypatch.setattr(run_module, "RETRY_SECONDS", 0.01)
    tries = 0

    async def attempt() -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise OperationalError("gone")

    await run_module.persistently(attempt)

    assert tries == 3


async def test_no_more_turns_run_at_once_than_the_process_may_have(
    open_tab: Opener, alice: User, settings: Any
) -> None:
    settings.LLM_MAX_TURNS_PER_PROCESS = 2
    tab = await open_tab(alice)
    accepted = [await tab.send("[[fake 20t 40r]]") for _ in range(4)]
    runner = turns.of_this_process()
    assert runner
    most = 0

    def count() -> bool:
        nonlocal most
        most = max(most, len(runner._runs))
        return runner.counters.claimed == 4

    await until(count)

    assert most == 2
    for one in accepted:
        assert (await tab.end_of(one["turn_id"]))["status"] == "complete"


async def test_a_wake_is_enough_no_sweep_is_waited_for(no_sweep: None, open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    await tab.answered()

    assert (await tab.ask("[[fake 2t]]"))["status"] == "complete"


async def test_a_slow_turn_is_checkpointed_while_it_runs(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    accepted = await tab.send("[[fake 20t held]]")
    await tab.until("response.output_text.delta")

    async with asyncio.timeout(WAIT):
        while not (await in_db(ChatMessage.objects.get, id=accepted["assistant_message_id"])).content:
            await asyncio.sleep(0.05)

    turn = await in_db(Turn.objects.get, id=accepted["turn_id"])
    assert turn.seq > 0 and turn.status == Status.RUNNING
