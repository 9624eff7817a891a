"""Long threads: what the model is told, what a summary stands for, and that nothing is left out silently."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from llm_chat import actions, context, queries
from llm_chat.actions import attached
from llm_chat.models import Attachment, ChatMessage, ChatThread, Summary
from llm_chat.queries.summarising import next_portion
from llm_chat.summaries import as_text
from llm_chat.tests.conftest import Opener
from llm_chat.tests.test_history import said, talk, thread_of
from llm_chat.tests.test_statements import statements_of
from llm_service.call_logs import flush
from llm_service.fakes import FakeServer
from llm_service.models import LLMCallLog
from realtime import events
from realtime.bridge import in_db

pytestmark = pytest.mark.django_db


def summed(thread: ChatThread, up_to: ChatMessage, text: str = "They spoke.", **more: Any) -> Summary:
    values = {"token_count": 10, "messages": 4, "model": "openai/fake-20t"} | more
    ChatThread.objects.filter(id=thread.id).update(summary_up_to=up_to.id)
    return Summary.objects.create(up_to=up_to, thread=thread, text=text, **values)


def told(leaf: Any, budget: int = 1_000) -> tuple[str, list[str], bool]:
    got = queries.told(leaf, budget=budget, has_summary=True)
    return got.summary, [one["content"] for one in got.messages], got.is_whole


def gauge(user: User, thread: ChatThread, *, language: str = "en", **query: str) -> dict[str, Any]:
    client = Client()
    client.force_login(user)
    wishes = {"accept-language": language}
    answer: dict[str, Any] = client.get(f"/chat/api/threads/{thread.id}/context/", query, headers=wishes).json()
    return answer


# --- What the model is told


def test_a_summary_stands_for_all_up_to_its_message(alice: User) -> None:
    thread = thread_of(alice)
    rows = talk(thread, 4)
    summed(thread, rows[3])

    assert told(rows[-1].id) == ("They spoke.", [row.content for row in rows[4:]], True)


def test_the_newest_summary_of_the_path_is_told(alice: User) -> None:
    thread = thread_of(alice)
    rows = talk(thread, 4)
    summed(thread, rows[1], "Older.")
    summed(thread, rows[5], "Newer.")

    assert told(rows[-1].id)[0] == "Newer."


def test_an_edit_above_the_point_it_reaches_leaves_a_summary_to_its_own_branch(alice: User) -> None:
    thread = thread_of(alice)
    rows = talk(thread, 4)
    summed(thread, rows[5])
    [edited] = said(thread, ("user", "edited"), parent=rows[3].id)

    assert told(edited.id) == ("", [*(row.content for row in rows[:4]), "edited"], True)
    assert told(rows[-1].id)[0] == "They spoke."


def test_another_answer_to_the_message_it_reaches_is_told_all_of_it(alice: User) -> None:
    thread = thread_of(alice)
    rows = talk(thread, 2)
    summed(thread, rows[2])

    assert told(rows[2].id) == ("", [row.content for row in rows[:3]], True)


def test_a_summary_takes_its_room_from_what_follows(alice: User) -> None:
    thread = thread_of(alice)
    rows = talk(thread, 6)
    summed(thread, rows[3], token_count=25)

    summary, messages, is_whole = told(rows[-1].id, budget=70)

    assert (summary, len(messages), is_whole) == ("They spoke.", 4, False)


def test_what_is_left_out_without_a_summary_is_known(alice: User) -> None:
    thread = thread_of(alice)
    rows = talk(thread, 6)

    assert told(rows[-1].id, budget=40)[2] is False
    assert told(rows[-1].id, budget=120)[2] is True


def test_a_summary_costs_no_statement_before_the_first_token(alice: User, settings: LazySettings) -> None:
    settings.CHAT_HISTORY_TOKENS = 60
    thread = thread_of(alice)
    rows = talk(thread, 6)
    summed(thread, rows[7])
    command = events.SendMessage(id=uuid.uuid4(), thread_id=thread.id, text="go on")
    actions.start_turn(by=alice, command=command)
    claims: list[Any] = []

    asked = statements_of(lambda: claims.append(actions.claim(process_id=uuid.uuid4())))

    assert asked == ["SELECT", "UPDATE", "UPDATE", "UPDATE", "WITH"]
    assert claims[0].told.summary == "They spoke."
    assert claims[0].told.messages[-1]["content"] == "go on"


def test_the_budget_of_a_small_model_is_a_share_of_its_window(settings: LazySettings) -> None:
    settings.CHAT_HISTORY_TOKENS = 20_000

    assert context.budget_of("openai/gpt-4o-mini") == 20_000
    assert context.budget_of("openai/gpt-4") == 6_144


# --- What is summarised


def test_nothing_is_summarised_while_a_thread_fits_well(alice: User) -> None:
    rows = talk(thread_of(alice), 4)

    assert next_portion(rows[-1].id, budget=100) is None


def test_all_but_the_newest_is_summarised_up_to_the_end_of_a_reply(alice: User) -> None:
    rows = talk(thread_of(alice), 5)

    portion = next_portion(rows[-1].id, budget=100)

    assert portion
    assert (portion.up_to, portion.covers, portion.before) == (rows[5].id, 6, "")
    assert as_text(portion).startswith("User:\nuser 0\n\nAssistant:\nassistant 0\n\nUser:")


def test_a_summary_is_told_which_files_there_were_and_how_they_begin(alice: User) -> None:
    thread = thread_of(alice)
    rows = talk(thread, 6)
    plan, cat = (
        Attachment.objects.create(user=alice, team=thread.team, name=name, size=1, text=text)
        for name, text in (("plan.txt", "Buy milk. " * 200), ("cat.png", ""))
    )
    secret = Attachment.objects.create(user=alice, team=thread.team, name="secret.txt", size=1, text="Of another one.")
    named = [{"id": str(row.id), "name": row.name} for row in (plan, cat, secret)]
    ChatMessage.objects.filter(id=rows[0].id).update(attachments=named)
    attached.tie(files=[plan, cat], message=rows[0])

    portion = next_portion(rows[-1].id, budget=100)

    assert portion
    told = as_text(portion)
    assert told.startswith("User:\nuser 0\n[Attached: plan.txt, which begins:\nBuy milk. Buy milk.")
    assert "…]\n[Attached: cat.png]\n[Attached: secret.txt]\n\nAssistant:" in told
    assert told.count("Buy milk.") == 80
    assert "Of another one" not in told


def test_the_next_summary_is_made_of_the_last_one_and_what_followed(alice: User) -> None:
    thread = thread_of(alice)
    rows = talk(thread, 6)
    summed(thread, rows[3])

    portion = next_portion(rows[-1].id, budget=90)

    assert portion
    assert (portion.covers, [text for _, text in portion.said]) == (8, [row.content for row in rows[4:8]])
    assert as_text(portion).startswith("Summary so far:\nThey spoke.\n\nUser:\nuser 2")


def test_a_thread_that_was_long_before_is_summarised_in_steps(alice: User) -> None:
    rows = talk(thread_of(alice), 50)

    portion = next_portion(rows[-1].id, budget=100)

    assert portion
    assert portion.up_to == rows[9].id


def test_a_summary_of_a_message_that_is_gone_is_not_kept(alice: User) -> None:
    thread = thread_of(alice)
    rows = talk(thread, 6)
    portion = next_portion(rows[-1].id, budget=60)
    assert portion
    ChatMessage.objects.filter(thread=thread).delete()

    assert not actions.keep_summary(thread_id=thread.id, portion=portion, text="They spoke.", model="m")


# --- The gauge


def test_the_gauge_counts_what_the_next_message_takes_along_and_what_it_does_not(
    alice: User, settings: LazySettings
) -> None:
    settings.CHAT_HISTORY_TOKENS = 60
    thread = thread_of(alice, model="openai/fake-20t")
    rows = talk(thread, 10)

    value = gauge(alice, thread)

    assert (value["used"], value["budget"], value["window"]) == (60, 60, None)
    assert (value["sent"], value["summarised"], value["left_out"]) == (6, 0, 14)
    assert value["starts_at"] == str(rows[14].id)


def test_the_gauge_shows_the_summary_and_follows_the_shown_path(alice: User, settings: LazySettings) -> None:
    settings.CHAT_HISTORY_TOKENS = 60
    thread = thread_of(alice, instructions="x" * 40)
    rows = talk(thread, 5)
    summed(thread, rows[5], messages=6)

    value = gauge(alice, thread)

    assert (value["used"], value["sent"], value["summarised"], value["left_out"]) == (60, 4, 6, 0)
    assert (value["summary"]["text"], value["summary"]["up_to"]) == ("They spoke.", str(rows[5].id))
    ChatThread.objects.filter(id=thread.id).update(leaf=rows[1])
    other = gauge(alice, thread)
    assert (other["sent"], other["summary"], other["left_out"]) == (2, None, 0)


def test_the_gauge_follows_the_model_that_is_chosen(alice: User, settings: LazySettings) -> None:
    settings.LLM_ALLOWED_MODELS = ["openai/gpt-4", "openai/gpt-4o-mini"]
    thread = thread_of(alice, model="openai/gpt-4o-mini")

    assert gauge(alice, thread)["window"] == 128_000
    assert gauge(alice, thread, model="openai/gpt-4")["budget"] == 6_144
    assert gauge(alice, thread, model="openai/nobody")["model"] == "openai/gpt-4o-mini"


def test_the_gauge_names_the_month_in_the_language_of_the_page(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    thread = thread_of(alice)
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 10, 9, tzinfo=UTC))

    assert gauge(alice, thread, language="de")["month"]["name"] == "Oktober"


def test_the_gauge_sums_up_the_calls_of_the_thread_and_of_the_month(alice: User, bob: User) -> None:
    thread = thread_of(alice)
    call = {"model": "m", "status": "success", "input_tokens": 10, "output_tokens": 5}
    LLMCallLog.objects.create(user=alice, thread_id=thread.id, cost_usd="0.5", cost_source="litellm", **call)
    LLMCallLog.objects.create(user=alice, thread_id=thread.id, cost_usd="0.1", cost_source="estimated", **call)
    LLMCallLog.objects.create(user=alice, **call)
    LLMCallLog.objects.create(user=bob, cost_usd="9", **call)

    value = gauge(alice, thread)

    assert (value["thread"]["cost_usd"], value["thread"]["is_estimated"]) == ("0.60000000", True)
    assert (value["thread"]["input_tokens"], value["thread"]["unpriced"]) == (20, 0)
    assert (value["month"]["input_tokens"], value["month"]["unpriced"]) == (30, 1)


def test_a_gauge_of_a_new_thread_is_empty(alice: User) -> None:
    value = gauge(alice, thread_of(alice))

    assert (value["used"], value["sent"], value["left_out"], value["summary"]) == (0, 0, 0, None)


# --- The whole way


@pytest.mark.django_db(transaction=True)
async def test_a_long_thread_gets_a_summary_after_a_reply_and_its_tabs_hear_of_it(
    alice: User, open_tab: Opener, settings: LazySettings, model_server: FakeServer
) -> None:
    settings.CHAT_HISTORY_TOKENS = 400
    thread = await in_db(thread_of, alice, title="Long")
    rows = await in_db(said, thread, *[("user", f"question {n}") if n % 2 else ("assistant", "x") for n in range(1, 9)])
    await in_db(ChatMessage.objects.filter(thread=thread).update, token_count=45)
    tab = await open_tab(alice)

    await tab.send("go on", thread.id)
    await tab.until("final")
    updated = await tab.until("thread.updated", summary_up_to=str(rows[5].id))

    row = await in_db(Summary.objects.get)
    assert (row.messages, str(row.up_to_id)) == (6, str(rows[5].id))
    fresh = await in_db(queries.history_page, await in_db(ChatThread.objects.get, id=thread.id))
    assert (fresh["thread"]["rev"], fresh["thread"]["summary_up_to"]) == (updated["rev"], str(rows[5].id))
    assert await in_db(flush, 5)
    assert await in_db(LLMCallLog.objects.filter(feature="summary", thread_id=thread.id).count) == 1
    prompts = [[message["content"] for message in one.body["messages"]] for one in model_server.seen]
    [asked] = [texts[1] for texts in prompts if texts[0].startswith("You summarise") and "question 1" in texts[1]]
    assert "go on" not in asked


@pytest.mark.django_db(transaction=True)
async def test_a_summary_that_fails_is_quiet_and_the_next_turn_tries_again(
    alice: User, open_tab: Opener, settings: LazySettings
) -> None:
    settings.CHAT_HISTORY_TOKENS = 200
    settings.LLM_SUMMARY_MODEL = "openai/not-allowed"
    thread = await in_db(thread_of, alice, title="Long")
    await in_db(talk, thread, 20)
    tab = await open_tab(alice)

    await tab.send("go on", thread.id)
    await tab.until("final")
    await tab.answered()
    assert not await in_db(Summary.objects.exists)
    settings.LLM_SUMMARY_MODEL = ""
    await tab.send("and on", thread.id)
    await tab.until("final")
    while not any(frame["type"] == "thread.updated" and frame["summary_up_to"] for frame in tab.frames):
        await tab.next()  # it may have come before the reply ended: the first try goes on as long as it takes
    assert await in_db(Summary.objects.exists)
