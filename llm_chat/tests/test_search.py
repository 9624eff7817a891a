"""Full-text search over titles and messages: what is found, whose it is, and that nothing typed breaks it."""

import json
import uuid
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from llm_chat import actions, queries
from llm_chat.actions import indexing
from llm_chat.actions.ending import Outcome
from llm_chat.models import ChatMessage, ChatThread, SearchEntry, Status
from llm_chat.queries import finding
from llm_chat.tests.test_history import said, thread_of
from llm_chat.tests.test_statements import say
from teams.actions import personal_team

pytestmark = pytest.mark.django_db


def index_all() -> None:
    while actions.index_due():
        pass


def find(user: User, question: str, **more: Any) -> list[dict[str, Any]]:
    index_all()
    page: dict[str, Any] = queries.search(user.pk, personal_team(user).pk, question, **more)
    results: list[dict[str, Any]] = page["results"]
    return results


def found(user: User, question: str, **more: Any) -> list[str]:
    """Return the texts that were found, what was searched for in brackets."""
    return [shown(one["text"]) for result in find(user, question, **more) for one in result["found"]]


def shown(pieces: list[tuple[str, bool]]) -> str:
    return "".join(f"[{text}]" if marked else text for text, marked in pieces)


def talk_of(user: User, *texts: str, **more: Any) -> ChatThread:
    """Return a thread with these messages, a moment after all others."""
    thread = thread_of(user, **more)
    roles = ("user", "assistant")
    rows = said(thread, *((roles[number % 2], text) for number, text in enumerate(texts)))
    for row in rows:
        ChatMessage.objects.filter(id=row.id).update(created_at=timezone.now() + timedelta(seconds=next(moments)))
    return thread


moments = count()


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("otter", "An [otter] sleeps on its back."),
        ("SLEEPS back", "An otter [sleeps] on its [back]."),
        ("ott", "An [otter] sleeps on its back."),
        ('"on its back"', "An otter sleeps [on its back]."),
        ('"its ba', "An otter sleeps on [its back]."),
        ("cafe", "Ein [Café] in der Straße"),
        ("STRASSE", "Ein Café in der [Straße]"),
        ("naïve", "a [naive] guess"),
        ("ΟΔΟΣ", "η [οδός] μου"),
        ("天气", "今天[天气]很好"),
        ("すし", "昨日は[すし]を食べた"),
        ("อากาศ", "วันนี้[อากาศ]ดี"),
        ("привет", "[Привет], мир"),
        ("한국", "저는 [한국어를] 배워요"),
        ("हिन्द", "मैं [हिन्दी] सीखता हूँ"),
        ("مرحبا", "[مرحبا] بالعالم"),
        ("os.path", "call [os.path].join(a, b)"),
        ("join", "call os.path.[join](a, b)"),
        ("snake_ca", "the [snake_case] name"),
        ("C++", "write it in [C]++"),
        ("404", "error [404] not found"),
    ],
)
def test_words_of_any_language_are_found_and_marked(alice: User, question: str, text: str) -> None:
    talk_of(alice, text.replace("[", "").replace("]", ""), "something else")

    assert found(alice, question) == [text]


@pytest.mark.parametrize(
    "question",
    [
        "otter lisbon",
        '"back its"',
        "tter",
        "ott sleeps",
        "天很",
        "otters",
    ],
)
def test_what_does_not_say_all_of_it_is_not_found(alice: User, question: str) -> None:
    talk_of(alice, "An otter sleeps on its back.", "今天天气很好")

    assert found(alice, question) == []


@pytest.mark.parametrize(
    "question",
    [
        *("", " ", '"', '""', "'", "*", "-", "(", ")", ":", "\\", "%", "_", "\x00", "🦦", "!!!", "---", "\ud83e"),
        *("otter AND", "otter OR NOT", "NEAR(otter", "otter*", "words:otter", "^otter", "{otter}", "otter:*", "<->"),
        *("otter & | !", "'otter' <-> 'x'", "\u202eotter", "x" * 10_000, "a " * 5_000, '"' * 999, "§1§", "ﷺ", "½"),
        "'; DROP TABLE llm_chat_chatthread; --",
    ],
)
def test_nothing_that_can_be_typed_breaks_it(alice: User, question: str) -> None:
    talk_of(alice, "An otter sleeps on its back.", title="Otters")
    index_all()
    client = Client()
    client.force_login(alice)

    asked = question.encode(errors="surrogateescape") if question.isascii() else question.encode(errors="replace")
    assert client.get("/chat/api/search/", {"q": asked}).status_code == 200
    queries.search(alice.pk, personal_team(alice).pk, question)


def test_a_title_is_found_and_a_new_one_takes_its_place(alice: User) -> None:
    thread = thread_of(alice, title="Otters of the river")
    assert [shown(one["title"]) for one in find(alice, "river")] == ["Otters of the [river]"]

    actions.change_threads(by=alice, thread_ids=[thread.id], change=actions.Change(title="Beavers"))

    assert find(alice, "river") == []
    assert [shown(one["title"]) for one in find(alice, "beav")] == ["[Beavers]"]


def test_only_own_threads_of_the_team_are_found_archived_ones_marked_and_deleted_ones_not(
    alice: User, bob: User
) -> None:
    for person, title in ((alice, "own"), (bob, "foreign")):
        talk_of(person, "the word otter", title=title)
    away, gone = (talk_of(alice, "the word otter", title=title) for title in ("away", "gone"))
    actions.change_threads(by=alice, thread_ids=[away.id], change=actions.Change(archived=True))
    actions.change_threads(by=alice, thread_ids=[gone.id], change=actions.Change(deleted=True))

    results = [(shown(one["title"]), one["archived"]) for one in find(alice, "otter")]

    assert results == [("away", True), ("own", False)]
    assert queries.search(alice.pk, personal_team(bob).pk, "otter")["results"] == []


def test_somebody_who_left_the_team_finds_nothing_there(alice: User) -> None:
    talk_of(alice, "the word otter")
    index_all()
    team = personal_team(alice)
    team.memberships.all().delete()

    assert queries.search(alice.pk, team.pk, "otter")["results"] == []


def test_a_word_that_stands_for_somebody_cannot_be_typed(alice: User, bob: User) -> None:
    talk_of(bob, "the word otter")
    index_all()
    scope = SearchEntry.objects.values_list("scope", flat=True)[0]

    assert found(alice, scope) == []


def test_threads_come_with_the_newest_first_and_a_few_finds_each(alice: User) -> None:
    old = talk_of(alice, *[f"otter {number}" for number in range(5)], title="old")
    talk_of(alice, "nothing", title="between")
    talk_of(alice, "one otter", title="new")

    results = find(alice, "otter")

    assert [(shown(one["title"]), len(one["found"]), one["more"]) for one in results] == [("new", 1, 0), ("old", 3, 2)]
    assert found(alice, "otter", thread_id=old.id) == [f"[otter] {number}" for number in (4, 3, 2, 1, 0)]


def test_pages_go_on_by_key_and_show_each_find_once(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("PAGE_FOUND", 3), ("LOOKED_AT", 4), ("NEWEST_FIRST", 5), ("ENOUGH", 2)):
        monkeypatch.setattr(finding, name, value)
    for number in range(20):
        talk_of(alice, f"otter {number}", "no", f"the otter again {number}" if number % 3 == 0 else "no")
    for gone in ChatThread.objects.order_by("?")[:6]:
        actions.change_threads(by=alice, thread_ids=[gone.id], change=actions.Change(deleted=True))
    index_all()
    expected = set(
        ChatMessage.objects.filter(thread__deleted_at=None, content__contains="otter").values_list("id", flat=True)
    )

    seen: list[str] = []
    times: list[str] = []
    before = ""
    for _ in range(40):
        page = queries.search(alice.pk, personal_team(alice).pk, "otter", before)
        for result in page["results"]:
            seen += [one["message_id"] for one in result["found"]]
            times += [one["created_at"] for one in result["found"]]
        before = page["next"] or ""
        if not before:
            break

    assert (len(seen), {uuid.UUID(one) for one in seen}) == (len(expected), expected)
    assert before == ""


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "1.5", "٣", " "])
def test_a_cursor_we_did_not_make_is_refused(alice: User, before: str) -> None:
    client = Client()
    client.force_login(alice)

    answer = client.get("/chat/api/search/", {"q": "otter", "before": before})

    assert (answer.status_code, json.loads(answer.content)["error"]) == (
        400,
        "`before` is not a cursor of this search.",
    )


# --- When it becomes searchable ---------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_reply_is_searchable_when_it_is_complete_and_not_before(alice: User) -> None:
    thread_id = uuid.uuid4()
    say(alice, thread_id)
    claim = actions.claim(process_id=uuid.uuid4())
    assert claim
    progress = actions.running.Progress(claim, seq=1, text="An otter", reasoning="", tools=[])
    actions.checkpoint(progress=[progress])

    assert found(alice, "otter") == []
    assert SearchEntry.objects.filter(message=claim.message_id).count() == 0

    actions.finish(claim=claim, outcome=Outcome(Status.COMPLETE, seq=2, text="An otter sleeps."))
    assert found(alice, "otter") == ["An [otter] sleeps."]
    assert found(alice, "hello") == ["[hello]"]


def test_a_question_that_was_taken_back_is_not_found(alice: User) -> None:
    thread = talk_of(alice, "otter")
    ChatMessage.objects.filter(thread=thread).update(status=Status.STOPPED)

    assert found(alice, "otter") == []


def test_what_is_erased_leaves_no_words_behind(alice: User) -> None:
    thread = talk_of(alice, "otter", "beaver", title="Animals")
    index_all()
    assert words_kept() == 3

    thread.delete()

    assert (words_kept(), SearchEntry.objects.count()) == (0, 0)


def words_kept() -> int:
    if connection.vendor == "postgresql":
        return SearchEntry.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM llm_chat_searchwords")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize(
    "text",
    [
        "".join(chr(0x4E00 + number % 20_000) for number in range(300_000)),
        " ".join(f"w{number}" for number in range(60_000)),
        "x" * 1_000_000,
        "otter " * 40_000,
        "'\\\":*&|!()<-> " * 1_000 + "\u0301\u200b",
        "🦦" * 1_000,
    ],
    ids=["letters", "words", "one word", "again and again", "operators", "emoji"],
)
def test_a_text_of_any_kind_and_length_is_taken(alice: User, text: str) -> None:
    talk_of(alice, text, "a short one")

    assert found(alice, "short") == ["a [short] one"]
    assert not ChatMessage.objects.filter(is_indexed=False).exists()


def test_many_texts_of_one_moment_are_all_found(alice: User) -> None:
    thread = thread_of(alice)
    said(thread, *[("assistant", f"otter {number}") for number in range(100)])
    ChatMessage.objects.update(created_at=timezone.now())

    assert len(found(alice, "otter", thread_id=thread.id)) == 100


def test_long_texts_are_taken_a_few_at_a_time(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "MOST_TEXT", 100)
    talk_of(alice, "x" * 80, "y" * 80, "z" * 300)

    assert [actions.index_due() for _ in range(4)] == [1, 1, 1, 0]


def test_a_search_takes_few_queries(alice: User, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        talk_of(alice, f"otter {number}", title=f"Talk {number}")
    index_all()
    team = personal_team(alice)

    with django_assert_max_num_queries(4):
        queries.search(alice.pk, team.pk, "otter")


def test_what_is_temporary_is_copied_nowhere(alice: User) -> None:
    talk_of(alice, "otter", title="Otter", temporary=True)

    assert (find(alice, "otter"), SearchEntry.objects.count()) == ([], 0)
