"""A thread's name: from the model where it gives one, from the message's own first words where not."""

import uuid
from typing import Any

import pytest

from accounts.models import User
from llm_chat import actions
from llm_chat.models import ChatThread
from llm_chat.tests.conftest import Opener
from llm_chat.titles import MAX_LENGTH, clean_title, plain_title
from llm_service.fakes import FakeServer
from realtime.bridge import in_db
from teams.actions import personal_team


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("How do I bake bread?", "How do I bake bread?"),
        ("  spaces \t and\ttabs  ", "spaces and tabs"),
        ("\n\n  \nfirst words\nsecond line", "first words"),
        ("# A heading\n\ntext", "A heading"),
        ("> quoted *and* `coded`", "quoted and coded"),
        ("---\n***\nafter the rules", "after the rules"),
        ("```python\nprint(1)\n```", "python"),
        ("snake_case_name", "snake case name"),
        ("###", "New chat"),
        ("", "New chat"),
        ("汉字和表情 😀", "汉字和表情 😀"),
    ],
)
def test_the_first_words_make_a_title(message: str, title: str) -> None:
    assert plain_title(message) == title


def test_a_long_first_line_is_cut_between_words() -> None:
    title = plain_title("please explain, in detail, how the tides of the northern sea come about and why")

    assert title == "please explain, in detail, how the tides of the northern…"
    assert len(title) <= MAX_LENGTH + 1


def test_a_long_first_word_is_cut_anyway() -> None:
    assert plain_title("x" * 5_000) == "x" * MAX_LENGTH + "…"


def test_a_line_of_exactly_the_limit_stays_whole() -> None:
    assert plain_title("x" * MAX_LENGTH) == "x" * MAX_LENGTH


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Baking bread", "Baking bread"),
        ('  "Baking bread."\n', "Baking bread"),
        ("**Baking bread**", "Baking bread"),
        ("# Baking bread", "Baking bread"),
        ("“Brot backen”", "Brot backen"),
        ("«Печь хлеб»", "Печь хлеб"),
        ("Baking\tbread\nAnd here is why I chose it", "Baking bread"),
        ("What is 2 + 2?", "What is 2 + 2?"),
        ("", ""),
        (" \n ", ""),
        ('""', ""),
        ("...", ""),
        ("I am sorry, but " + "I cannot name this. " * 10, ""),
    ],
)
def test_what_a_model_says_is_cleaned_or_not_taken(said: str, title: str) -> None:
    assert clean_title(said) == title


@pytest.mark.django_db(transaction=True)
async def test_the_model_names_a_new_thread_and_every_tab_hears_it(open_tab: Opener, alice: User) -> None:
    tab, sidebar = await open_tab(alice), await open_tab(alice)

    accepted = await tab.send("[[fake 4t]]")
    event = await sidebar.once("thread.title.updated", thread_id=accepted["thread_id"])

    assert len(event["title"].split()) == 4
    thread = await in_db(ChatThread.objects.get, id=accepted["thread_id"])
    assert (thread.title, thread.rev >= event["rev"]) == (event["title"], True)
    assert (await tab.once("thread.title.updated")) == event


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("trouble", ["status500", "html", "oops0", "garbage"])
async def test_where_the_model_fails_the_first_words_are_the_title(open_tab: Opener, alice: User, trouble: str) -> None:
    tab = await open_tab(alice)

    accepted = await tab.send(f"[[fake {trouble}]]")

    title = (await tab.once("thread.title.updated", thread_id=accepted["thread_id"]))["title"]
    assert title == f"[[fake {trouble}]]"


@pytest.mark.django_db(transaction=True)
async def test_the_demo_model_gives_a_title_not_a_reply(open_tab: Opener, alice: User, settings: Any) -> None:
    settings.LLM_ALLOWED_MODELS = ["demo/parley"]
    tab = await open_tab(alice)

    await tab.send("bake me some bread")

    assert (await tab.once("thread.title.updated"))["title"] == "Bake me some bread"


@pytest.mark.django_db(transaction=True)
async def test_a_title_model_that_may_not_be_used_is_not_asked(
    open_tab: Opener, alice: User, settings: Any, model_server: FakeServer
) -> None:
    settings.LLM_TITLE_MODEL = "openai/not-allowed"
    tab = await open_tab(alice)
    model_server.forget()

    await tab.ask("[[fake 2t]] hello")

    assert (await tab.once("thread.title.updated"))["title"] == "[[fake 2t]] hello"
    assert {seen.model for seen in model_server.seen} == {"fake-20t"}


@pytest.mark.django_db(transaction=True)
async def test_a_thread_is_named_once(open_tab: Opener, alice: User) -> None:
    tab = await open_tab(alice)
    first = await tab.ask("[[fake 3t]]")
    named = await tab.once("thread.title.updated")

    await tab.ask("[[fake 5t]]", first["thread_id"])
    await tab.answered()

    assert [frame for frame in tab.frames if frame["type"] == "thread.title.updated"] == [named]


@pytest.mark.django_db
def test_a_name_that_is_there_is_never_replaced(alice: User) -> None:
    thread = ChatThread.objects.create(user=alice, team=personal_team(alice), title="Mine", rev=3)

    assert actions.set_title(thread_id=thread.id, title="Other") is False
    assert actions.set_title(thread_id=uuid.uuid4(), title="Other") is False

    thread.refresh_from_db()
    assert (thread.title, thread.rev) == ("Mine", 3)
