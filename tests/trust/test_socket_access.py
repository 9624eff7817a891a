"""Who may do what through a socket: every command and every id in it, for everybody there is.

A command, or a field of one that names something, without a line in `NAMES` fails. What is not one's own is answered
exactly as if it were not there, and nothing is stored: the whole database is compared.
"""

import typing
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from accounts.models import User
from llm_chat import actions as chat_actions
from llm_chat.models import Attachment, ChatMessage, ChatThread, RunnerProcess, Status, Turn
from llm_chat.tests.conftest import Closed, Tab, serving
from realtime import events, hub
from realtime.bridge import in_db
from teams import actions, keys
from teams.models import Membership, Team
from teams.permissions import Role, Scope

pytestmark = pytest.mark.django_db(transaction=True)

Frame = dict[str, Any]


@dataclass
class Things:
    """A conversation with everything a frame can name of it: one turn has ended and one waits."""

    thread: UUID = field(default_factory=uuid.uuid4)
    team: UUID = field(default_factory=uuid.uuid4)
    question: UUID = field(default_factory=uuid.uuid4)
    reply: UUID = field(default_factory=uuid.uuid4)
    ended: UUID = field(default_factory=uuid.uuid4)
    waiting: UUID = field(default_factory=uuid.uuid4)
    file: UUID = field(default_factory=uuid.uuid4)
    """Put beside a message that is not sent yet."""


@dataclass(frozen=True)
class Rule:
    """`frame` names things in one field, and what is one's own in all others."""

    frame: Callable[[Things, Things], Frame]
    own: str
    """The last answer about one's own: a type of frame, or nothing."""
    other: str = "not_found"
    """The one answer about anything else: the code of an `error`, a type of frame, or nothing."""
    is_made: bool = False
    """A client chooses the ids of its threads and messages: one that nobody has yet is a new one."""


SEND: Frame = {"type": "message.send", "text": "hello"}
AGAIN: Frame = {"type": "message.regenerate", "mode": "retry"}


def new() -> UUID:
    return uuid.uuid4()


NAMES: dict[tuple[str, str], Rule] = {
    ("message.send", "thread_id"): Rule(
        lambda named, own: {**SEND, "id": new(), "thread_id": named.thread}, "message.accepted", is_made=True
    ),
    ("message.send", "id"): Rule(
        lambda named, own: {**SEND, "id": named.question, "thread_id": own.thread},
        "message.accepted",
        other="id_taken",
        is_made=True,
    ),
    ("message.send", "parent_id"): Rule(
        lambda named, own: {**SEND, "id": new(), "thread_id": own.thread, "parent_id": named.reply}, "message.accepted"
    ),
    ("message.send", "team_id"): Rule(
        lambda named, own: {**SEND, "id": new(), "thread_id": new(), "team_id": named.team}, "message.accepted"
    ),
    ("message.send", "bot_id"): Rule(
        lambda named, own: {**SEND, "id": new(), "thread_id": new(), "bot_id": named.thread},
        "error",  # no bots yet
    ),
    ("message.send", "attachments"): Rule(
        lambda named, own: {**SEND, "id": new(), "thread_id": own.thread, "attachments": [named.file]},
        "message.accepted",
    ),
    ("message.regenerate", "message_id"): Rule(
        lambda named, own: {**AGAIN, "id": new(), "message_id": named.reply}, "message.accepted"
    ),
    ("message.regenerate", "id"): Rule(
        lambda named, own: {**AGAIN, "id": named.reply, "message_id": own.reply},
        "error",
        other="id_taken",
        is_made=True,
    ),
    ("turn.stop", "turn_id"): Rule(lambda named, own: {"type": "turn.stop", "turn_id": named.waiting}, "final"),
    ("thread.subscribe", "thread_id"): Rule(
        lambda named, own: {"type": "thread.subscribe", "thread_id": named.thread}, "thread.snapshot"
    ),
    ("thread.subscribe", "turn_id"): Rule(
        lambda named, own: {"type": "thread.subscribe", "thread_id": own.thread, "turn_id": named.ended},
        "final",
        other="thread.snapshot",  # of one's own thread, without the end of the turn
    ),
    ("thread.unsubscribe", "thread_id"): Rule(
        lambda named, own: {"type": "thread.unsubscribe", "thread_id": named.thread}, "", other=""
    ),
    ("turn.ack", "turn_id"): Rule(
        lambda named, own: {"type": "turn.ack", "turn_id": named.waiting, "seq": 1}, "", other=""
    ),
}
NAME_NOTHING = {"ping"}

INSIDERS = tuple(Role)
OUTSIDERS = ("another team's member", "a removed member")
STRANGERS = ("nobody", "a signed-out person", "a forged session", "an API key")
ANSWERS = {"message.accepted", "thread.snapshot", "final", "error"}


def commands() -> dict[str, type[events.Frame]]:
    union = typing.get_args(events.ClientCommand)[0]
    return {kind.model_fields["type"].default: kind for kind in typing.get_args(union)}


def ids_in(command: type[events.Frame]) -> set[str]:
    return {name for name, about in command.model_fields.items() if "UUID" in str(about.annotation)}


def test_every_command_and_every_id_in_it_has_a_rule() -> None:
    named = {(type_, name) for type_, command in commands().items() for name in ids_in(command)}

    assert commands().keys() == events.COMMAND_TYPES
    assert named == NAMES.keys()
    assert {type_ for type_ in commands() if not ids_in(commands()[type_])} == NAME_NOTHING


@pytest.mark.parametrize("who", [*INSIDERS, *OUTSIDERS])
async def test_what_is_not_ones_own_is_answered_as_if_it_were_not_there(world: "World", who: str) -> None:
    tab = await world.enters(who)

    for (type_, name), rule in NAMES.items():
        before = await in_db(everything_stored)
        told = {}
        for kind, things in world.not_of(who).items():
            if not (kind == "missing" and rule.is_made):
                last = rule.other if rule.other in ANSWERS or not rule.other else "error"
                told[kind] = await said(tab, rule.frame(things, world.own), last=last)
        assert await in_db(everything_stored) == before, (type_, name)
        assert {outcome(answers) for answers in told.values()} == {rule.other}, (type_, name, told)
        assert len({str(answers) for answers in told.values()}) == 1, (type_, name, told)

    assert watched_threads() <= {str(world.own.thread)}


@pytest.mark.parametrize("who", [*INSIDERS, *OUTSIDERS])
async def test_what_is_ones_own_is_there(world: "World", who: str) -> None:
    tab = await world.enters(who)

    for (type_, name), rule in NAMES.items():
        answers = await said(tab, rule.frame(world.own, world.own), last=rule.own)
        last = answers[-1]["type"] if answers else ""
        assert last == rule.own, (type_, name, answers)
        if rule.is_made:
            made = await said(tab, rule.frame(Things(), world.own), last="message.accepted")
            assert outcome(made) == "message.accepted", (type_, name, made)

    assert (await in_db(Turn.objects.get, id=world.own.waiting)).status == Status.STOPPED


@pytest.mark.parametrize("type_", sorted(events.COMMAND_TYPES))
async def test_a_malformed_command_does_nothing(world: "World", type_: str) -> None:
    tab = await world.enters(Role.OWNER)
    before = await in_db(everything_stored)

    for frame in malformed(type_, world.own):
        answer = await tab.refusal(**frame)
        assert answer["code"] == "bad_frame", frame

    assert await in_db(everything_stored) == before


def malformed(type_: str, own: Things) -> list[Frame]:
    whole = next((as_text(rule.frame(own, own)) for (kind, _), rule in NAMES.items() if kind == type_), {"type": type_})
    command = commands()[type_]
    required = [name for name, about in command.model_fields.items() if about.is_required()]
    wrong: dict[str, list[Any]] = {name: ["", "x", 7, ["x"], {}, f"{own.thread}'--"] for name in ids_in(command)}
    return [
        {**whole, "by": "somebody else"},
        *({name: value for name, value in whole.items() if name != left_out} for left_out in required),
        *({**whole, name: None} for name in required),
        *({**whole, name: value} for name, values in wrong.items() for value in values),
    ]


@pytest.mark.parametrize("who", STRANGERS)
async def test_who_is_not_signed_in_gets_nothing_through_a_socket(world: "World", who: str) -> None:
    stranger = await world.cookie_and_headers(who)
    before = await in_db(everything_stored)

    for rule in NAMES.values():
        tab = Tab(None, cookie=stranger.cookie, headers=stranger.headers)
        assert await tab.open()
        await tab.say(**as_text(rule.frame(world.own, world.own)))
        assert (await tab.close_code(), tab.frames) == (4401, [])

    assert await in_db(everything_stored) == before


@pytest.mark.parametrize("who", [*INSIDERS, *OUTSIDERS, *STRANGERS])
async def test_the_address_of_a_thread_opens_for_its_person_alone(world: "World", who: str) -> None:
    stranger = await world.cookie_and_headers(who)
    things = {**world.not_of(who), "own": world.own}
    closed = {}
    for kind, thing in things.items():
        tab = Tab(None, f"/ws/chat/{thing.thread}/", cookie=stranger.cookie, headers=stranger.headers)
        assert await tab.open()
        closed[kind] = await close_of(tab)
        await tab.close()

    refused = (4401, "Sign in first.") if who in STRANGERS else (4404, "There is no such thread.")
    assert closed == {**dict.fromkeys(things, refused), "own": refused if who in STRANGERS else None}


# --- The people, what is whose, and what they are told ----------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    cookie: str | None
    headers: dict[str, str]


class World:
    """Two teams, a conversation of everybody, and one person who comes in as whoever a test asks for."""

    def __init__(self) -> None:
        self.person = User.objects.create_user("person@example.com", "person-password-1")
        mate = User.objects.create_user("mate@example.com", "mate-password-1")
        stranger = User.objects.create_user("stranger@example.com", "stranger-password-1")
        self.boss = User.objects.create_user("boss@example.com", "boss-password-1")
        now = timezone.now()
        self.team = actions.create(by=self.boss, name="Otters", at=now)
        foreign, lost = (actions.create(by=stranger, name=name, at=now) for name in ("Newts", "Badgers"))
        Membership.objects.create(team=self.team, user=mate, role=Role.EDITOR)
        self._of_a_mate = conversation(mate, self.team)
        self._foreign = conversation(stranger, foreign)
        self._in_a_lost_team = conversation(self.person, lost)
        self._in_the_team = conversation(self.person, self.team)
        self._personal = conversation(self.person, actions.personal_team(self.person))
        self.own = self._personal
        self._tabs: list[Tab] = []

    def not_of(self, who: str) -> dict[str, Things]:
        """Return what is there and not this person's to see; in all of it a stop or a reply would change something."""
        others = {"foreign": self._foreign, "lost": self._in_a_lost_team, "missing": Things()}
        if who in INSIDERS:
            return {**others, "a mate's": replace(self._of_a_mate, team=self._foreign.team)}  # the team is one's own
        return {**others, "a member's": self._of_a_mate, "left": self._in_the_team}

    async def enters(self, who: str) -> Tab:
        entry = await self.cookie_and_headers(who)
        tab = Tab(None, cookie=entry.cookie, headers=entry.headers)
        assert await tab.open()
        await tab.answered()
        self._tabs.append(tab)
        return tab

    async def cookie_and_headers(self, who: str) -> Entry:
        return await in_db(self._entry, who)

    def _entry(self, who: str) -> Entry:
        self._after_a_sweep()
        match who:
            case "nobody":
                return Entry(None, {})
            case "a forged session":
                return Entry(f"sessionid={'a' * 32}", {})
            case "an API key":
                made = keys.create(by=self.boss, team=self.team, name="All", scopes=list(Scope.values), expires_at=None)
                return Entry(None, {"authorization": f"Bearer {made[1]}"})
        client = Client()
        client.force_login(self.person)
        client.get("/accounts/settings/")
        cookie = f"sessionid={client.cookies['sessionid'].value}"
        if who == "a signed-out person":
            client.post("/accounts/logout/")
        if who in INSIDERS:
            Membership.objects.create(team=self.team, user=self.person, role=Role(who))
            self.own = self._in_the_team
        if who == "a removed member":
            Membership.objects.create(team=self.team, user=self.person, role=Role.ADMIN)
            actions.switch(by=self.person, team=self.team, at=timezone.now())
            actions.remove(by=self.boss, team=self.team, user_id=self.person.pk)
        self._after_a_sweep()
        return Entry(cookie, {})

    def _after_a_sweep(self) -> None:
        """Take back what waits for people who left, and have search see it: else both come amid a comparison."""
        chat_actions.end_left_behind()
        while chat_actions.index_due():
            pass

    async def leave(self) -> None:
        for tab in self._tabs:
            await tab.close()


@pytest.fixture
async def world(transactional_db: None, settings: Any) -> AsyncIterator[World]:
    settings.CHAT_MESSAGE_INTERVAL = 0
    settings.LLM_MAX_TURNS_PER_PROCESS = 0  # turns wait: what a command stores stays as it was stored
    made = await in_db(World)
    async with serving():
        yield made
        await made.leave()


def conversation(person: User, team: Team) -> Things:
    made = Things(team=team.pk)
    thread = ChatThread.objects.create(id=made.thread, user=person, team=team, rev=1, title=f"Of {person}")
    question = ChatMessage.objects.create(id=made.question, thread=thread, role="user", content="hello", rev=1)
    reply = ChatMessage.objects.create(id=made.reply, thread=thread, role="assistant", parent=question, rev=1)
    ended = {"id": made.ended, "user_message": question, "assistant_message": reply, "status": Status.COMPLETE}
    Turn.objects.create(thread=thread, user=person, **ended)
    thread.leaf = reply
    thread.save()
    later = ChatMessage.objects.create(thread=thread, role="user", content="and?", status=Status.QUEUED, rev=1)
    answer = ChatMessage.objects.create(thread=thread, role="assistant", parent=later, status=Status.QUEUED, rev=1)
    Attachment.objects.create(
        id=made.file, user=person, team=team, kind="document", name="a.txt", mime="text/plain", size=1, is_stored=True
    )
    Turn.objects.create(id=made.waiting, thread=thread, user=person, user_message=later, assistant_message=answer)
    return made


def as_text(frame: Frame) -> Frame:
    def text(value: Any) -> Any:
        return (
            [text(one) for one in value]
            if isinstance(value, list)
            else str(value)
            if isinstance(value, UUID)
            else value
        )

    return {name: text(value) for name, value in frame.items()}


async def said(tab: Tab, frame: Frame, *, last: str) -> list[Frame]:
    """Send a frame and return the answers to it, up to the `last` one that is due; ids that a client chose left out."""
    seen = len(tab.frames)
    await tab.say(**as_text(frame))
    while last and not {last, "error"} & {one["type"] for one in tab.frames[seen:]}:
        await tab.next()
    await tab.answered()
    answers = [one for one in tab.frames[seen:] if one["type"] in ANSWERS]
    return [{name: value for name, value in one.items() if name != "id"} for one in answers]


def outcome(answers: list[Frame]) -> str:
    return " ".join(one.get("code") or one["type"] for one in answers)


async def close_of(tab: Tab) -> tuple[int, str] | None:
    """Return how the server closed a socket, or None for one that stays open."""
    try:
        await tab.answered()
    except Closed as closed:
        return closed.code, closed.reason
    return None


def watched_threads() -> set[str]:
    return {topic.partition(":")[2] for topic in hub.current()._watchers if topic.startswith("thread:")}


def everything_stored() -> dict[str, list[str]]:
    models = [model for model in apps.get_models() if model is not RunnerProcess]  # its lease is renewed all the time
    return {model._meta.label: sorted(map(str, model._base_manager.values_list())) for model in models}
