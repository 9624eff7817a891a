"""One thread, changed from many connections at once: whatever wins, the tree is whole and nothing said is lost."""

import random
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.models import User
from llm_chat import actions, queries
from llm_chat.actions.ending import Outcome
from llm_chat.models import UNFINISHED, ChatMessage, ChatThread, Status, Turn
from llm_chat.tests.test_branches import Talk
from realtime import events

pytestmark = pytest.mark.django_db(transaction=True)

HANDS = 6
DEEDS = 40


class Hand:
    """One of several who do things to a thread at random; it keeps what it was promised."""

    def __init__(self, by: User, thread_id: uuid.UUID, seed: int, together: threading.Barrier) -> None:
        self.by = by
        self.thread_id = thread_id
        self.dice = random.Random(seed)  # noqa: S311  no secret
        self.together = together
        self.deletes = seed % HANDS == 0  # if all did, the thread would hardly ever be there
        self.said: dict[uuid.UUID, str] = {}
        self.revs: list[int] = []
        self.forks: dict[uuid.UUID, list[str]] = {}
        self.refused: list[str] = []

    def work(self) -> None:
        deeds: tuple[Callable[[], None], ...] = (
            *(self.send, self.send, self.edit, self.edit, self.again, self.again, self.go_on, self.stop, self.turn_to),
            *(self.fork, self.answer, self.answer, self.answer),
            *((self.delete_and_restore,) if self.deletes else ()),
        )
        try:
            self.together.wait(20)
            for _ in range(DEEDS):
                try:
                    self.dice.choice(deeds)()
                except actions.Refused as refusal:
                    self.refused.append(refusal.code)
        finally:
            connection.close()

    def some(self, role: str = "", *, ended: bool = True) -> ChatMessage | None:
        rows = ChatMessage.objects.filter(thread_id=self.thread_id)
        rows = rows.filter(role=role) if role else rows
        found = list(rows.exclude(status__in=UNFINISHED) if ended else rows)
        return self.dice.choice(found) if found else None

    def send(self, **more: uuid.UUID | None) -> None:
        text = uuid.uuid4().hex
        command = events.SendMessage(id=uuid.uuid4(), thread_id=self.thread_id, text=text, **more)  # type: ignore[arg-type]
        self._accepted(actions.start_turn(by=self.by, command=command))
        self.said[command.id] = text

    def edit(self) -> None:
        if row := self.some("user"):
            self.send(parent_id=row.parent_id)

    def again(self, mode: str = "retry") -> None:
        if row := self.some("assistant"):
            command = events.RegenerateMessage(id=uuid.uuid4(), message_id=row.id, mode=mode)  # type: ignore[arg-type]
            self._accepted(actions.regenerate(by=self.by, command=command))

    def go_on(self) -> None:
        self.again("continue")

    def stop(self) -> None:
        turn = Turn.objects.filter(thread_id=self.thread_id, status__in=UNFINISHED).order_by("?").first()
        if turn:
            actions.stop_turn(turn_id=turn.id, by=self.by)

    def turn_to(self) -> None:
        if row := self.some():
            actions.choose_branch(by=self.by, thread_id=self.thread_id, message_id=row.id)

    def fork(self, at: ChatMessage | None = None) -> None:
        if row := at or self.some():
            texts, above = [row.content], row.parent
            while above:
                texts.insert(0, above.content)
                above = above.parent
            made = actions.fork(by=self.by, thread_id=self.thread_id, message_id=row.id, new_id=uuid.uuid4())
            self.forks[made.id] = texts

    def delete_and_restore(self) -> None:
        for deleted in (True, False):
            change = actions.Change(deleted=deleted)
            actions.change_threads(by=self.by, thread_ids=[self.thread_id], change=change)

    def answer(self) -> None:
        """Do what a runner does with the next turn."""
        claim = actions.claim(process_id=uuid.uuid4())
        if claim:
            status = self.dice.choice((Status.COMPLETE, Status.COMPLETE, Status.STOPPED, Status.INTERRUPTED))
            actions.finish(claim=claim, outcome=Outcome(status, seq=2, text=uuid.uuid4().hex))

    def _accepted(self, accepted: events.MessageAccepted) -> None:
        self.revs.append(accepted.rev)


def path_of(leaf_id: uuid.UUID | None, rows: dict[uuid.UUID, ChatMessage]) -> list[ChatMessage]:
    path: list[ChatMessage] = []
    while leaf_id:
        path.insert(0, rows[leaf_id])  # a KeyError is an orphan
        assert len(path) <= len(rows), "a circle"
        leaf_id = path[0].parent_id
    return path


def watch_rev(thread_id: uuid.UUID, ended: threading.Event) -> list[int]:
    seen = []
    while not ended.wait(0.005):
        seen.append(ChatThread.objects.values_list("rev", flat=True).get(id=thread_id))
    connection.close()
    return seen


@pytest.mark.parametrize("seed", range(3))
def test_everything_at_once_leaves_a_whole_tree_in_which_nothing_said_is_lost(alice: User, seed: int) -> None:
    talk = Talk(alice)
    talk.said("one", "first")
    talk.said("two", "second")
    together, ended = threading.Barrier(HANDS), threading.Event()
    hands = [Hand(alice, talk.id, seed * HANDS + number, together) for number in range(HANDS)]

    with ThreadPoolExecutor(HANDS + 1) as pool:
        watched = pool.submit(watch_rev, talk.id, ended)
        try:
            for done in [pool.submit(hand.work) for hand in hands]:
                done.result(90)
        finally:
            ended.set()
        revs = watched.result(10)
    while claim := actions.claim(process_id=uuid.uuid4()):
        actions.finish(claim=claim, outcome=Outcome(Status.COMPLETE, seq=2, text="at last"))

    thread = ChatThread.objects.get(id=talk.id)
    rows = {row.id: row for row in ChatMessage.objects.filter(thread=thread)}
    assert thread.leaf_id
    hands[0].fork(rows[thread.leaf_id])  # each of the others may have come while the thread was deleted
    said = {id_: text for hand in hands for id_, text in hand.said.items()}
    assert len(said) > HANDS * 2
    assert {id_: rows[id_].content for id_ in said} == said
    assert Turn.objects.filter(thread=thread, status__in=UNFINISHED).count() == 0
    assert not [row for row in rows.values() if row.status in UNFINISHED]

    for row in rows.values():  # each one hangs on this thread's own tree, which grows from questions
        assert row.rev <= thread.rev
        assert path_of(row.id, rows)[0].role == "user" or is_beside(row)
    shown = path_of(thread.leaf_id, rows)
    assert [one["content"] for one in queries.history_page(thread, limit=10_000)["messages"]] == [
        one.content for one in shown
    ]
    assert not [row for row in rows.values() if row.parent_id == thread.leaf_id and not is_beside(row)]

    accepted = [rev for hand in hands for rev in hand.revs]
    assert len(set(accepted)) == len(accepted)  # each transaction raised it
    assert revs == sorted(revs)
    assert thread.rev >= max(accepted)

    forks = {id_: texts for hand in hands for id_, texts in hand.forks.items()}
    assert forks
    for made in ChatThread.objects.filter(id__in=forks):
        copies = {row.id: row for row in made.messages.all()}
        assert [row.content for row in path_of(made.leaf_id, copies)] == forks[made.id]
        assert len(copies) == len(forks[made.id])
    assert {code for hand in hands for code in hand.refused} <= {"not_found", "bad_frame"}


def is_beside(row: ChatMessage) -> bool:
    """Tell whether a row was taken back before it was answered, and so is on no path."""
    return ChatMessage.objects.filter(queries.NEVER_PLACED, id=row.id).exists()
