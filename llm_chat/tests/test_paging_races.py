"""Lists page by key: whatever happens between two pages, nothing that stayed where it was is missed or shown twice."""

import itertools
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from llm_chat import actions, queries
from llm_chat.models import ChatMessage, ChatThread
from llm_chat.queries import pages
from llm_chat.tests.test_branches import Talk
from realtime import events
from teams.actions import personal_team

pytestmark = pytest.mark.django_db

PAGE = 4
ALL = 16


class Sidebar:
    """Sixteen conversations, a minute apart, newest first; two are pinned, two archived, two deleted."""

    def __init__(self, by: User) -> None:
        self.by = by
        self.team = personal_team(by)
        now = timezone.now()
        self.threads = [
            ChatThread.objects.create(
                user=by,
                team=self.team,
                title=f"{number:02}",
                rev=1,
                last_message_at=now - timedelta(minutes=number),
                pinned_at=now if number in (2, 9) else None,
                archived_at=now if number in (3, 10) else None,
                deleted_at=now if number in (5, 11) else None,
            )
            for number in range(ALL)
        ]
        self.numbers = {str(thread.id): thread.title for thread in self.threads}

    def page(self, before: str = "", *, archived: bool = False) -> tuple[list[str], str | None]:
        value = queries.threads_page(self.by.pk, self.team.id, before, archived=archived)
        return [self.numbers.get(one["thread_id"], "new") for one in value["threads"]], value["next"]

    def whole(self) -> list[str]:
        shown, cursor = self.page()
        return [*shown, *self.rest(cursor)]

    def rest(self, cursor: str | None) -> list[str]:
        shown = []
        while cursor:
            more, cursor = self.page(cursor)
            shown += more
        return shown

    def change(self, number: int, **change: object) -> None:
        wish = actions.Change(**change)  # type: ignore[arg-type]
        actions.change_threads(by=self.by, thread_ids=[self.threads[number].id], change=wish)


Deed = Callable[[Sidebar, int], None]


def rename(sidebar: Sidebar, number: int) -> None:
    sidebar.change(number, title="Another name")


def pin(sidebar: Sidebar, number: int) -> None:
    sidebar.change(number, pinned=True)


def unpin(sidebar: Sidebar, number: int) -> None:
    sidebar.change(number, pinned=False)


def archive(sidebar: Sidebar, number: int) -> None:
    sidebar.change(number, archived=True)


def unarchive(sidebar: Sidebar, number: int) -> None:
    sidebar.change(number, archived=False)


def delete(sidebar: Sidebar, number: int) -> None:
    sidebar.change(number, deleted=True)


def restore(sidebar: Sidebar, number: int) -> None:
    sidebar.change(number, deleted=False)


def erase(sidebar: Sidebar, number: int) -> None:
    ChatThread.objects.filter(id=sidebar.threads[number].id).delete()


def say(sidebar: Sidebar, number: int) -> None:
    command = events.SendMessage(id=uuid.uuid4(), thread_id=sidebar.threads[number].id, text="Hello")
    actions.start_turn(by=sidebar.by, command=command)


def begin(sidebar: Sidebar, _: int) -> None:
    command = events.SendMessage(id=uuid.uuid4(), thread_id=uuid.uuid4(), text="Hello")
    actions.start_turn(by=sidebar.by, command=command)


# What is done, and to which: the last one of the first page, where the next one begins; the one after; and elsewhere.
DEEDS: list[tuple[Deed, int]] = [
    *((deed, 6) for deed in (rename, pin, archive, delete, erase, say)),
    *((deed, 7) for deed in (pin, archive, delete, say)),
    *((unpin, 2), (unpin, 9), (unarchive, 10), (restore, 11), (say, 0), (begin, ALL)),
]


def test_every_two_things_between_two_pages_neither_hide_nor_repeat_what_did_not_move(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE_THREADS", PAGE)
    sidebar = Sidebar(alice)
    first, cursor = sidebar.page()
    before = sidebar.whole()
    assert (first[-1], len(before), len(set(before))) == ("06", 12, 12)
    assert cursor

    for one, other in itertools.product(DEEDS, repeat=2):
        with transaction.atomic():
            _do(sidebar, one, other)
            seen = [*first, *sidebar.rest(cursor)]
            transaction.set_rollback(True)
        touched = {f"{number:02}" for _, number in (one, other)} | {"new"}
        what = f"{one[0].__name__} {one[1]}, {other[0].__name__} {other[1]}"
        assert [name for name in seen if name not in touched] == [name for name in before if name not in touched], what
        was_pinned = {f"{number:02}" for deed, number in (one, other) if deed is unpin}
        assert all(seen.count(name) <= 1 for name in touched - was_pinned), what


def _do(sidebar: Sidebar, *deeds: tuple[Deed, int]) -> None:
    for deed, number in deeds:
        try:
            deed(sidebar, number)
        except actions.Refused as refusal:  # the first took away what the second was for
            assert refusal.code == "not_found", refusal


def test_the_archive_pages_alike(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_THREADS", 2)
    sidebar = Sidebar(alice)
    for number in (0, 4, 7, 8, 13, 15):
        archive(sidebar, number)
    first, cursor = sidebar.page(archived=True)
    assert (first, bool(cursor)) == (["00", "03"], True)

    unarchive(sidebar, 3)  # the one the next page begins behind
    archive(sidebar, 1)
    delete(sidebar, 8)
    assert cursor
    second, cursor = sidebar.page(cursor, archived=True)
    third, _ = sidebar.page(cursor or "", archived=True)

    assert [*second, *third] == ["04", "07", "10", "13"]


# --- Messages of one thread


def append(talk: Talk) -> None:
    talk.said("appended", "and answered")


def edit(talk: Talk) -> None:
    talk.said("q3, edited", "a3, anew", below="a2")


def edit_above(talk: Talk) -> None:
    talk.said("q0, edited", "a0, anew", below=None)


def again(talk: Talk) -> None:
    talk.again("a5")
    talk.answer("a5, anew")


def turn_back(talk: Talk) -> None:
    row = ChatMessage.objects.get(thread_id=talk.id, content="a1, another")
    actions.choose_branch(by=talk.by, thread_id=talk.id, message_id=row.id)


@pytest.mark.parametrize("deeds", list(itertools.permutations((append, edit, edit_above, again, turn_back), 2)))
def test_older_messages_are_those_above_what_the_reader_has_whatever_is_shown_by_now(
    alice: User, deeds: tuple[Callable[[Talk], None], ...]
) -> None:
    talk = Talk(alice)
    for number in range(6):
        talk.said(f"q{number}", f"a{number}")
        if number == 1:
            talk.again("a1")
            talk.answer("a1, another")
            actions.choose_branch(by=alice, thread_id=talk.id, message_id=talk.row("a1").id)
    page = queries.history_page(talk.thread, limit=3)
    seen = [one["content"] for one in page["messages"]]

    for deed in deeds:
        deed(talk)
    while page["older"]:
        page = queries.history_page(talk.thread, uuid.UUID(page["messages"][0]["id"]), limit=3)
        seen = [*(one["content"] for one in page["messages"]), *seen]

    assert seen == [f"{who}{number}" for number in range(6) for who in "qa"]
