"""Who owns a turn, and what becomes of it when its process dies, stalls or drains."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.models import User
from llm_chat import actions, consumers, turns
from llm_chat.actions.ending import Outcome
from llm_chat.actions.running import Claim, Progress
from llm_chat.models import ChatMessage, ChatThread, RunnerProcess, Status, Turn
from llm_chat.tests.conftest import Closed, Tab, serving, until
from realtime import events
from realtime.bridge import in_db

pytestmark = pytest.mark.django_db(transaction=True)


def say(user: User, thread_id: uuid.UUID | None = None, text: str = "hello") -> events.MessageAccepted:
    command = events.SendMessage(id=uuid.uuid4(), thread_id=thread_id or uuid.uuid4(), text=text)
    return actions.start_turn(by=user, command=command)


def claimed_by_new_process(seconds: float = 60) -> Claim:
    process = RunnerProcess.objects.create(expires_at=timezone.now() + timedelta(seconds=seconds))
    claim = actions.claim(process_id=process.id)
    assert claim
    return claim


def kill(claim: Claim) -> None:
    """Let the lease of the claim's process run out."""
    owner = Turn.objects.filter(id=claim.turn_id).values("process_id")
    RunnerProcess.objects.filter(id__in=owner).update(expires_at=timezone.now() - timedelta(seconds=1))


def saved(claim: Claim, seq: int, text: str) -> set[uuid.UUID]:
    return actions.checkpoint(progress=[Progress(claim, seq, text, "", [])])


def message(claim: Claim) -> ChatMessage:
    return ChatMessage.objects.get(id=claim.message_id)


def test_a_dead_process_leaves_its_turn_interrupted_with_the_checkpointed_text(alice: User) -> None:
    say(alice)
    claim = claimed_by_new_process()
    saved(claim, 7, "half a rep")
    kill(claim)

    assert actions.end_lost_turns() == 1

    assert (message(claim).content, message(claim).status) == ("half a rep", Status.INTERRUPTED)
    assert Turn.objects.get(id=claim.turn_id).status == Status.INTERRUPTED


def test_a_dead_process_whose_turn_was_to_stop_leaves_it_stopped(alice: User) -> None:
    say(alice)
    claim = claimed_by_new_process()
    actions.stop_turn(turn_id=claim.turn_id, by=alice)
    kill(claim)

    actions.end_lost_turns()

    assert message(claim).status == Status.STOPPED


def test_a_turn_whose_process_row_is_gone_is_lost_too(alice: User) -> None:
    say(alice)
    claim = claimed_by_new_process()
    RunnerProcess.objects.all().delete()

    assert actions.end_lost_turns() == 1
    assert message(claim).status == Status.INTERRUPTED


def test_a_live_process_keeps_its_turns(alice: User) -> None:
    say(alice)
    claimed_by_new_process()

    assert actions.end_lost_turns() == 0


def test_a_claimed_turn_is_never_run_again_but_unclaimed_ones_of_a_dead_process_are(alice: User) -> None:
    first = say(alice)
    say(alice, first.thread_id, "and then")
    claim = claimed_by_new_process()
    kill(claim)
    actions.end_lost_turns()

    second = claimed_by_new_process()

    assert second.turn_id != claim.turn_id
    assert actions.claim(process_id=uuid.uuid4()) is None


def test_a_stalled_runner_that_was_given_up_changes_nothing_more(alice: User) -> None:
    say(alice)
    claim = claimed_by_new_process()
    saved(claim, 3, "abc")
    kill(claim)
    actions.end_lost_turns()

    lost = saved(claim, 9, "abcdefghi")
    ended = actions.finish(claim=claim, outcome=Outcome(Status.COMPLETE, 10, "abcdefghij"))

    assert lost == {claim.turn_id}
    assert ended is None
    assert (message(claim).content, message(claim).status) == ("abc", Status.INTERRUPTED)


def test_a_late_checkpoint_never_takes_text_back(alice: User) -> None:
    say(alice)
    claim = claimed_by_new_process()
    saved(claim, 9, "abcdefghi")

    saved(claim, 5, "abcde")

    assert message(claim).content == "abcdefghi"
    assert Turn.objects.get(id=claim.turn_id).seq == 9


def test_many_checkpoints_in_one_transaction_tell_apart_who_lost_theirs(alice: User, bob: User) -> None:
    say(alice)
    kept = claimed_by_new_process()
    say(bob)
    gone = claimed_by_new_process()
    actions.finish(claim=gone, outcome=Outcome(Status.COMPLETE, 2, "done"))

    lost = actions.checkpoint(progress=[Progress(kept, 4, "text", "thought", []), Progress(gone, 4, "other", "", [])])

    assert lost == {gone.turn_id}
    assert (message(kept).content, message(kept).reasoning) == ("text", "thought")
    assert message(gone).content == "done"


def test_one_thread_runs_one_turn_at_a_time_in_order(alice: User) -> None:
    first = say(alice)
    second = say(alice, first.thread_id, "second")

    claim = claimed_by_new_process()
    assert claim.turn_id == first.turn_id
    assert actions.claim(process_id=uuid.uuid4()) is None
    actions.finish(claim=claim, outcome=Outcome(Status.COMPLETE, 2, "one"))

    following = claimed_by_new_process()
    assert following.turn_id == second.turn_id
    assert ChatMessage.objects.get(id=following.message_id).parent.parent_id == first.assistant_message_id  # type: ignore[union-attr]


async def test_runners_that_claim_at_the_same_time_take_each_turn_once(transactional_db: None, alice: User) -> None:
    waiting = {(await in_db(say, alice)).turn_id for _ in range(12)}

    claims = await asyncio.gather(*(in_db(actions.claim, process_id=uuid.uuid4()) for _ in range(16)))

    taken = [claim.turn_id for claim in claims if claim]
    assert len(taken) == len(waiting)
    assert set(taken) == waiting


def test_a_claim_says_whether_other_turns_wait(alice: User, bob: User) -> None:
    say(alice)
    say(bob)

    assert [claimed_by_new_process().is_last for _ in range(2)] == [False, True]


def test_the_first_end_wins_over_a_late_stop(alice: User) -> None:
    say(alice)
    claim = claimed_by_new_process()
    actions.finish(claim=claim, outcome=Outcome(Status.COMPLETE, 2, "all of it"))

    terminal = actions.stop_turn(turn_id=claim.turn_id, by=alice)

    assert isinstance(terminal, events.Final)
    assert (terminal.status, terminal.message.content) == ("complete", "all of it")


async def test_a_stop_flag_set_by_another_process_reaches_the_runner(server: None, alice: User) -> None:
    tab = Tab(alice)
    await tab.open()
    accepted = await tab.send("[[fake 500t 20r]]")
    await tab.until("response.output_text.delta")

    await in_db(Turn.objects.filter(id=accepted["turn_id"]).update, stop_requested=True)

    assert (await tab.until("final"))["status"] == "stopped"
    await tab.close()


async def test_a_turn_taken_away_from_a_stalled_runner_says_nothing_more(server: None, alice: User) -> None:
    tab = Tab(alice)
    await tab.open()
    accepted = await tab.send("[[fake 400t 50r]]")
    await tab.until("response.output_text.delta")
    await in_db(RunnerProcess.objects.all().delete)
    assert await in_db(actions.end_lost_turns) == 1

    final = await tab.until("final")

    assert final["status"] == "interrupted"
    runner = turns.of_this_process()
    assert runner
    async with asyncio.timeout(20):
        while runner.counters.lost == 0:
            await asyncio.sleep(0.05)
    assert sum(frame["type"] == "final" for frame in tab.of(accepted["turn_id"])) == 1
    stored = await in_db(ChatMessage.objects.get, id=accepted["assistant_message_id"])
    assert stored.content == final["message"]["content"]
    await tab.close()


async def test_an_unclaimed_turn_of_an_earlier_server_is_run_without_any_request(
    transactional_db: None, alice: User
) -> None:
    accepted = await in_db(say, alice)

    async with serving(), asyncio.timeout(25):
        while (await in_db(Turn.objects.get, id=accepted.turn_id)).status != Status.COMPLETE:
            await asyncio.sleep(0.05)


async def test_a_drain_lets_short_turns_end_and_interrupts_long_ones(
    transactional_db: None, alice: User, settings: Any
) -> None:
    settings.CHAT_DRAIN_SECONDS = 1.5
    tab = Tab(alice)
    async with serving():
        await tab.open()
        short = await tab.send("[[fake 10t 20r]]")
        long = await tab.send("[[fake 900t 20r]]")
        await tab.until("response.output_text.delta", turn_id=long["turn_id"])
    with pytest.raises(Closed) as closed:
        while True:
            await tab.next()

    assert closed.value.code == 4503
    ends = {frame["turn_id"]: frame["status"] for frame in tab.frames if frame["type"] == "final"}
    assert ends == {short["turn_id"]: "complete", long["turn_id"]: "interrupted"}
    assert not await in_db(RunnerProcess.objects.exists)


async def test_a_draining_server_takes_no_new_message_and_loses_none(server: None, alice: User) -> None:
    tab = Tab(alice)
    await tab.open()
    runner = turns.of_this_process()
    assert runner
    runner.draining = True

    await tab.say(type="message.send", id=str(uuid.uuid4()), thread_id=str(uuid.uuid4()), text="hello")

    assert (await tab.until("error"))["code"] == "restarting"
    assert not await in_db(ChatThread.objects.exists)
    await tab.close()


async def test_an_end_that_a_join_holds_back_is_told_before_the_socket_closes(server: None, alice: User) -> None:
    tab = Tab(alice)
    await tab.open()
    accepted = await tab.send("[[fake 5t]]")
    ((socket,),) = [[one.socket for one in consumers.open_sockets if one.socket]]
    socket.hold(uuid.UUID(accepted["thread_id"]))
    runner = turns.of_this_process()
    assert runner
    await until(lambda: runner.counters.claimed == 1)
    await runner.drain(5)

    await consumers.close_all()

    assert (await tab.end_of(accepted["turn_id"]))["status"] == "complete"
    assert await tab.close_code() == 4503


async def test_after_the_database_was_away_a_sweeper_waits_before_it_takes_others_turns(
    server: None, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = turns.of_this_process()
    assert runner
    runner.draining = True  # leaves the turn to the other process
    await in_db(say, alice)
    claim = await in_db(claimed_by_new_process)

    async def away() -> None:
        raise OperationalError("gone")

    await runner._guarded(away)
    await in_db(kill, claim)
    await runner._look_after()
    assert (await in_db(message, claim)).status == Status.RUNNING

    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0)
    await runner._guarded(away)
    await runner._look_after()
    assert (await in_db(message, claim)).status == Status.INTERRUPTED


async def test_a_sweeper_whose_own_lease_was_renewed_late_waits_too(
    server: None, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = turns.of_this_process()
    assert runner
    runner.draining = True  # leaves the turn to the other process
    await in_db(say, alice)
    claim = await in_db(claimed_by_new_process)
    await runner._look_after()
    await in_db(kill, claim)

    monkeypatch.setattr(turns, "LATE_SECONDS", 0)
    await runner._look_after()
    assert (await in_db(message, claim)).status == Status.RUNNING

    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0)
    await runner._look_after()
    assert (await in_db(message, claim)).status == Status.INTERRUPTED
