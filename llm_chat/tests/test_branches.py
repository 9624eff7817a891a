"""The versions of messages, the branch that is shown, and threads that begin where another one stands."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from llm_chat import actions, queries
from llm_chat.actions.ending import Outcome
from llm_chat.models import ChatMessage, ChatThread, Status
from llm_chat.tests.test_history import talk, thread_of
from realtime import events
from teams.actions import personal_team

pytestmark = pytest.mark.django_db


class Talk:
    """One thread whose turns are told by hand; a message is named by its text."""

    def __init__(self, by: User) -> None:
        self.by = by
        self.id = uuid.uuid4()

    @property
    def thread(self) -> ChatThread:
        return ChatThread.objects.get(id=self.id)

    def row(self, text: str) -> ChatMessage:
        return ChatMessage.objects.get(thread_id=self.id, content=text)

    def ask(self, text: str, **more: Any) -> uuid.UUID:
        """Say something; return the turn's id. `below` names the message it answers to, None for a root."""
        if "below" in more:
            below = more.pop("below")
            more["parent_id"] = below and self.row(below).id
        command = events.SendMessage(id=uuid.uuid4(), thread_id=self.id, text=text, **more)
        return actions.start_turn(by=self.by, command=command).turn_id

    def again(self, reply: str, mode: Any = "retry") -> uuid.UUID:
        command = events.RegenerateMessage(id=uuid.uuid4(), message_id=self.row(reply).id, mode=mode)
        return actions.regenerate(by=self.by, command=command).turn_id

    def answer(self, text: str, status: Status = Status.COMPLETE) -> events.TerminalEvent:
        claim = actions.claim(process_id=uuid.uuid4())
        assert claim
        terminal = actions.finish(claim=claim, outcome=Outcome(status, seq=2, text=text))
        assert terminal
        return terminal

    def said(self, question: str, answer: str, **more: Any) -> None:
        self.ask(question, **more)
        self.answer(answer)

    def choose(self, text: str) -> ChatThread:
        return actions.choose_branch(by=self.by, thread_id=self.id, message_id=self.row(text).id)[0]

    def shown(self) -> list[str]:
        return [one["content"] for one in self.page()["messages"]]

    def page(self) -> dict[str, Any]:
        return queries.history_page(self.thread)

    def versions(self, text: str) -> list[str]:
        """Return the texts of the versions of a shown message, as the page is told them."""
        row = next(one for one in self.page()["messages"] if one["content"] == text)
        return [ChatMessage.objects.get(id=id_).content for id_ in row["siblings"]]


@pytest.fixture
def talking(alice: User) -> Talk:
    """A thread of two questions and their answers."""
    talking = Talk(alice)
    talking.said("one", "first")
    talking.said("two", "second")
    return talking


# --- Versions


def test_a_message_without_another_version_is_alone(talking: Talk) -> None:
    assert [one["siblings"] for one in talking.page()["messages"]] == [[], [], [], []]


def test_an_edit_is_a_version_beside_the_message_and_nothing_is_lost(talking: Talk) -> None:
    talking.said("two, said better", "another second", below="first")

    assert talking.shown() == ["one", "first", "two, said better", "another second"]
    assert talking.versions("two, said better") == ["two", "two, said better"]
    assert talking.row("second").parent_id == talking.row("two").id


def test_the_first_message_has_versions_too(talking: Talk) -> None:
    other = Talk(talking.by)
    other.said("one elsewhere", "unrelated")
    talking.said("one, said better", "another first", below=None)

    assert talking.shown() == ["one, said better", "another first"]
    assert talking.versions("one, said better") == ["one", "one, said better"]


def test_a_reply_answered_again_has_versions_in_the_order_they_were_asked_for(talking: Talk) -> None:
    for text in ("third", "fourth"):
        talking.again("second")
        talking.answer(text)

    assert talking.versions("fourth") == ["second", "third", "fourth"]


def test_what_waits_or_was_taken_back_is_no_version(talking: Talk) -> None:
    talking.ask("running")
    claim = actions.claim(process_id=uuid.uuid4())
    for turn_id in (talking.ask("two, taken back", below="first"), talking.again("second")):
        actions.stop_turn(turn_id=turn_id, by=talking.by)
    talking.ask("two, waiting", below="first")

    assert claim
    assert talking.page()["messages"][2]["siblings"] == []
    assert talking.page()["messages"][3]["siblings"] == []


def test_a_reply_stopped_while_it_ran_is_a_version(talking: Talk) -> None:
    talking.again("second")
    talking.answer("thi", Status.STOPPED)

    assert talking.versions("thi") == ["second", "thi"]


def test_a_continued_reply_takes_the_place_of_what_it_continues(talking: Talk) -> None:
    talking.again("second")
    talking.answer("thi", Status.STOPPED)
    talking.again("thi", "continue")
    talking.answer("third")

    assert talking.versions("third") == ["second", "third"]
    assert talking.row("thi").status == Status.STOPPED


def test_a_continued_reply_that_something_follows_stays_within_reach(talking: Talk) -> None:
    talking.again("second")
    talking.answer("thi", Status.STOPPED)
    talking.said("three", "about three")
    talking.again("thi", "continue")
    talking.answer("third")

    assert talking.versions("third") == ["second", "thi", "third"]


def test_a_continuation_taken_back_hides_nothing(talking: Talk) -> None:
    talking.again("second")
    talking.answer("thi", Status.STOPPED)
    talking.ask("running")
    claim = actions.claim(process_id=uuid.uuid4())
    actions.stop_turn(turn_id=talking.again("thi", "continue"), by=talking.by)

    assert claim
    assert talking.versions("thi") == ["second", "thi"]


def test_every_event_that_places_a_message_tells_its_versions(
    talking: Talk, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr("llm_chat.actions.running.publish", lambda _topic, event: told.append(event))
    talking.ask("two, said better", below="first")
    with django_capture_on_commit_callbacks(execute=True):
        final = talking.answer("another second")
    talking.again("another second")
    again = talking.answer("third")

    question = next(event.message for event in told if event.message.role == "user")
    assert question.siblings == [talking.row("two").id, talking.row("two, said better").id]
    assert final.message.siblings == []
    assert again.message.siblings == [talking.row("another second").id, talking.row("third").id]


# --- The branch that is shown


def test_choosing_a_version_shows_its_branch_to_the_end(talking: Talk) -> None:
    talking.said("three", "third")
    talking.said("two, said better", "another second", below="first")

    thread = talking.choose("two")

    assert talking.shown() == ["one", "first", "two", "second", "three", "third"]
    assert (thread.rev, thread.path_rev) == (talking.thread.rev, talking.thread.rev)


def test_choosing_goes_back_to_where_the_reader_was(talking: Talk) -> None:
    talking.again("second")
    talking.answer("third")
    talking.choose("second")
    talking.said("one, said better", "another first", below=None)

    talking.choose("one")

    assert talking.shown() == ["one", "first", "two", "second"]


def test_a_reply_that_ends_on_another_branch_does_not_change_what_was_chosen(talking: Talk) -> None:
    talking.again("second")
    claim = actions.claim(process_id=uuid.uuid4())
    talking.choose("second")
    assert claim
    actions.finish(claim=claim, outcome=Outcome(Status.COMPLETE, seq=2, text="third"))

    assert talking.shown()[-1] == "second"
    talking.said("one, said better", "another first", below=None)
    talking.choose("one")
    assert talking.shown()[-1] == "second"


def test_a_message_deep_in_a_branch_that_is_not_shown_can_be_chosen(talking: Talk) -> None:
    talking.again("second")
    talking.answer("third")
    talking.said("one, said better", "another first", below=None)
    talking.choose("second")
    talking.choose("one, said better")

    talking.choose("first")

    assert talking.shown() == ["one", "first", "two", "second"]


def test_what_is_said_next_goes_to_the_end_of_the_chosen_branch(talking: Talk) -> None:
    talking.said("two, said better", "another second", below="first")
    talking.choose("two")

    talking.said("three", "third")

    assert talking.shown() == ["one", "first", "two", "second", "three", "third"]


def test_choosing_what_is_shown_changes_nothing(talking: Talk) -> None:
    before = talking.thread.rev

    assert talking.choose("two").rev == before


def test_a_tab_from_before_a_choice_starts_anew(talking: Talk) -> None:
    talking.said("two, said better", "another second", below="first")
    before = talking.thread.rev
    talking.choose("two")

    stale = queries.join(talking.by.pk, talking.id, before, None)
    fresh = queries.join(talking.by.pk, talking.id, before + 1, None)

    assert stale and stale.snapshot.reset
    assert fresh and not fresh.snapshot.reset


def test_two_edits_of_the_same_message_at_once_are_two_versions(talking: Talk) -> None:
    talking.ask("two from here", below="first")
    talking.ask("two from there", below="first")
    talking.answer("answer here")
    talking.answer("answer there")

    assert talking.versions("two from there") == ["two", "two from here", "two from there"]


def test_an_edit_that_waits_for_a_reply_keeps_its_parent(talking: Talk) -> None:
    talking.ask("three")
    talking.ask("two, said better", below="first")
    talking.answer("third")
    talking.answer("another second")

    assert talking.shown() == ["one", "first", "two, said better", "another second"]
    talking.choose("two")
    assert talking.shown()[-2:] == ["three", "third"]


@pytest.mark.parametrize("status", [Status.QUEUED, Status.STOPPED])
def test_what_was_never_placed_cannot_be_chosen(talking: Talk, status: Status) -> None:
    talking.ask("waiting")
    ChatMessage.objects.filter(content="waiting").update(status=status)

    with pytest.raises(actions.Refused, match="no such message"):
        talking.choose("waiting")


@pytest.mark.parametrize("pairs", [5, 1_000])
def test_choosing_takes_the_same_few_statements_in_a_thread_of_any_length(
    alice: User, django_assert_num_queries: Any, pairs: int
) -> None:
    thread = thread_of(alice)
    rows = talk(thread, pairs)
    thread.leaf = ChatMessage.objects.create(thread=thread, role="user", content="beside", rev=1)
    thread.save()

    with django_assert_num_queries(7):  # two of them are the savepoint of the test's own transaction
        chosen, leaf = actions.choose_branch(by=alice, thread_id=thread.id, message_id=rows[0].id)

    assert (chosen.leaf_id, leaf.depth) == (rows[-1].id, 2 * pairs - 1)


# --- A thread from a point of another one


def fork(talking: Talk, text: str, new_id: uuid.UUID | None = None) -> Talk:
    made = Talk(talking.by)
    made.id = new_id or made.id
    actions.fork(by=talking.by, thread_id=talking.id, message_id=talking.row(text).id, new_id=made.id)
    return made


def test_a_fork_holds_what_was_said_up_to_its_point(talking: Talk) -> None:
    ChatMessage.objects.filter(content="one").update(attachments=[{"name": "otters.pdf"}], token_count=7)
    ChatThread.objects.update(title="Otters", model="openai/fake-30t", pinned_at=timezone.now())

    made = fork(talking, "two")

    assert made.shown() == ["one", "first", "two"]
    thread = made.thread
    assert (thread.title, thread.model, thread.team_id) == (
        "Branch of Otters",
        "openai/fake-30t",
        talking.thread.team_id,
    )
    assert (thread.rev, thread.pinned_at) == (1, None)
    first = made.row("one")
    assert (first.attachments, first.token_count, first.rev) == ([{"name": "otters.pdf"}], 7, 1)
    assert first.created_at == talking.row("one").created_at


def test_a_fork_of_a_fork_is_not_called_one_twice(talking: Talk) -> None:
    ChatThread.objects.update(title="Otters")

    assert fork(fork(talking, "two"), "first").thread.title == "Branch of Otters"


def test_a_fork_goes_on_by_itself(talking: Talk) -> None:
    made = fork(talking, "first")
    made.said("two, elsewhere", "second, elsewhere")

    assert made.shown() == ["one", "first", "two, elsewhere", "second, elsewhere"]
    assert made.versions("two, elsewhere") == []
    assert talking.shown() == ["one", "first", "two", "second"]
    assert talking.page()["messages"][2]["siblings"] == []


def test_a_fork_outlives_the_thread_it_came_from(talking: Talk) -> None:
    made = fork(talking, "second")
    actions.change_threads(by=talking.by, thread_ids=[talking.id], change=actions.Change(deleted=True))
    ChatThread.objects.filter(id=talking.id).update(deleted_at=timezone.now() - timedelta(hours=2))
    actions.erase_deleted_threads()

    assert not ChatMessage.objects.filter(thread_id=talking.id).exists()
    assert made.shown() == ["one", "first", "two", "second"]


def test_the_same_fork_asked_for_again_is_the_same_thread(talking: Talk) -> None:
    made = fork(talking, "two")
    fork(talking, "two", made.id)

    assert ChatThread.objects.count() == 2
    assert made.thread.messages.count() == 3


def test_a_fork_cannot_take_the_place_of_another_thread(talking: Talk) -> None:
    with pytest.raises(actions.Refused, match="already used"):
        fork(talking, "two", talking.id)

    assert talking.shown() == ["one", "first", "two", "second"]


def test_a_reply_that_is_being_written_is_not_forked(talking: Talk) -> None:
    talking.ask("three")
    claim = actions.claim(process_id=uuid.uuid4())
    assert claim

    with pytest.raises(actions.Refused, match="still being written"):
        actions.fork(by=talking.by, thread_id=talking.id, message_id=claim.message_id, new_id=uuid.uuid4())


@pytest.mark.parametrize("pairs", [5, 1_000])
def test_forking_takes_the_same_few_statements_in_a_thread_of_any_length(
    alice: User, django_assert_num_queries: Any, pairs: int
) -> None:
    thread = thread_of(alice)
    rows = talk(thread, pairs)
    new_id = uuid.uuid4()

    with django_assert_num_queries(8):  # two of them are the savepoint of the test's own transaction
        actions.fork(by=alice, thread_id=thread.id, message_id=rows[-1].id, new_id=new_id)

    made = ChatThread.objects.get(id=new_id)
    assert made.messages.count() == 2 * pairs
    assert [row.content for row in queries.path(made.leaf_id, limit=5)] == [row.content for row in rows[-5:]]


# --- Who may


@pytest.mark.parametrize("address", ["branch", "fork"])
def test_the_page_turns_to_branches_and_forks(talking: Talk, client: Client, address: str) -> None:
    talking.said("two, said better", "another second", below="first")
    client.force_login(talking.by)
    new_id = uuid.uuid4()
    wish = {"message_id": str(talking.row("two").id)} | ({"id": str(new_id)} if address == "fork" else {})

    answer = post(client, talking.id, address, wish)

    if address == "branch":
        assert [one["content"] for one in answer.json()["messages"]] == ["one", "first", "two", "second"]
    else:
        assert answer.json() == {"thread_id": str(new_id)}


@pytest.mark.parametrize("address", ["branch", "fork"])
def test_nobody_turns_to_or_forks_what_is_not_theirs(talking: Talk, bob: User, client: Client, address: str) -> None:
    own = Talk(bob)
    own.said("mine", "yours")
    client.force_login(bob)
    theirs = str(talking.row("one").id)
    more = {"id": str(uuid.uuid4())} if address == "fork" else {}

    for thread_id in (talking.id, own.id, uuid.uuid4()):
        assert post(client, thread_id, address, {"message_id": theirs} | more).status_code == 404
    assert ChatThread.objects.count() == 2


@pytest.mark.parametrize("body", [{}, {"message_id": "x"}, {"message_id": str(uuid.uuid4()), "more": 1}, []])
@pytest.mark.parametrize("address", ["branch", "fork"])
def test_a_wish_that_is_none_is_refused_in_words(talking: Talk, client: Client, address: str, body: Any) -> None:
    client.force_login(talking.by)

    answer = post(client, talking.id, address, body)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_person_who_left_the_team_neither_chooses_nor_forks(talking: Talk, client: Client) -> None:
    client.force_login(talking.by)
    message_id = str(talking.row("one").id)
    personal_team(talking.by).memberships.all().delete()

    assert post(client, talking.id, "branch", {"message_id": message_id}).status_code == 404
    assert post(client, talking.id, "fork", {"message_id": message_id, "id": str(uuid.uuid4())}).status_code == 404


def post(client: Client, thread_id: uuid.UUID, address: str, body: object) -> Any:
    url = reverse(f"llm_chat:{address}", args=[thread_id])
    return client.post(url, json.dumps(body), content_type="application/json")
