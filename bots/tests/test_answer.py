"""How the model answers by itself: what it is told, the tools it may call, and what becomes of the calls."""

import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from accounts.models import User
from bots import answer as answering
from bots import instructions
from bots.answer import Question, answer
from llm_service import call_logs, library
from llm_service.errors import LLMError
from llm_service.fakes import FakeServer, running
from llm_service.parts import ReasoningPart, TextPart
from llm_service.tool_rounds import AnswerPart, Spent, ToolDone, ToolStarted
from teams.actions import personal_team

pytestmark = pytest.mark.django_db(transaction=True)

DEMO, SCRIPTED = "demo/parley", "openai/fake-20t"


@pytest.fixture(scope="module")
def served() -> Iterator[FakeServer]:
    library.litellm()
    with running() as server:
        yield server


@pytest.fixture(autouse=True)
async def vendor(served: FakeServer, monkeypatch: pytest.MonkeyPatch, settings: Any) -> AsyncIterator[FakeServer]:
    monkeypatch.setenv("OPENAI_API_BASE", served.url)
    monkeypatch.setenv("OPENAI_API_KEY", "test-key")
    settings.LLM_ALLOWED_MODELS = [DEMO, SCRIPTED]
    settings.LLM_MAX_RETRIES = 0
    settings.LLM_DEMO_TOKENS_PER_SECOND = 0
    served.forget()
    yield served
    await library.close_connections()
    assert call_logs.flush(10)


@pytest.fixture
def asker(transactional_db: None, alice: User) -> tuple[int, uuid.UUID]:
    return alice.pk, personal_team(alice).id


def question(asker: tuple[int, uuid.UUID], text: str, model: str = SCRIPTED, **more: Any) -> Question:
    history = more.pop("history", [{"role": "user", "content": text}])
    ids: dict[str, Any] = {name: uuid.uuid4() for name in ("turn_id", "thread_id", "message_id")}
    return Question(model=model, history=history, user_id=asker[0], team_id=asker[1], **ids, **more)


async def parts_of(asked: Question, spent: Spent | None = None) -> list[AnswerPart]:
    return [part async for part in answer(asked, spent or Spent())]


def text_of(parts: list[AnswerPart]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart))


def asked_of(vendor: FakeServer) -> list[dict[str, Any]]:
    return [seen.body for seen in vendor.seen]


async def test_a_question_is_answered_with_text(asker: tuple[int, uuid.UUID]) -> None:
    spent = Spent()

    parts = await parts_of(question(asker, "[[fake 12t]]"), spent)

    assert all(isinstance(part, TextPart) for part in parts)
    assert len(text_of(parts).split()) == 12
    assert [call.output_tokens for call in spent.calls] == [12]


async def test_reasoning_comes_as_reasoning(asker: tuple[int, uuid.UUID]) -> None:
    parts = await parts_of(question(asker, "[[fake 4t reason]]"))

    assert "".join(part.text for part in parts if isinstance(part, ReasoningPart)) == "First, look at the question. "
    assert len(text_of(parts).split()) == 4


async def test_the_model_is_told_how_to_write_and_then_the_history(
    asker: tuple[int, uuid.UUID], vendor: FakeServer
) -> None:
    history = [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "two"},
        {"role": "user", "content": "[[fake 1t]]"},
    ]

    await parts_of(question(asker, "", history=history))

    [body] = asked_of(vendor)
    assert body["messages"] == [{"role": "system", "content": instructions.PLAIN}, *history]
    assert "tools" not in body


async def test_to_continue_the_model_is_shown_where_it_broke_off(
    asker: tuple[int, uuid.UUID], vendor: FakeServer
) -> None:
    await parts_of(question(asker, "[[fake 1t]]", begun="Half a sen"))

    [body] = asked_of(vendor)
    assert body["messages"][-2:] == [
        {"role": "assistant", "content": "Half a sen"},
        {"role": "user", "content": instructions.CONTINUE},
    ]


async def test_a_tool_is_called_and_its_result_goes_back_to_the_model(asker: tuple[int, uuid.UUID]) -> None:
    spent = Spent()

    parts = await parts_of(question(asker, "what time is it?", DEMO), spent)

    started = next(part for part in parts if isinstance(part, ToolStarted))
    done = next(part for part in parts if isinstance(part, ToolDone))
    assert (started.name, started.label, started.call_id) == ("current_time", "Look at the clock", done.call_id)
    assert done.result and done.result.endswith("UTC") and done.error is None
    assert done.result in text_of(parts)
    assert parts.index(started) < parts.index(done) < len(parts) - 1
    assert len(spent.calls) == 2


async def test_a_tool_nobody_has_is_an_error_for_the_model_and_the_reader(
    asker: tuple[int, uuid.UUID], vendor: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "MAX_ROUNDS", 2)

    parts = await parts_of(question(asker, "[[fake 2t tools]]"))

    done = [part for part in parts if isinstance(part, ToolDone)][:2]
    assert {one.call_id: (one.name, one.result, one.error) for one in done} == {
        "call_1": ("current_time", None, "There is no tool named current_time."),
        "call_2": ("search", None, "There is no tool named search."),
    }
    told = asked_of(vendor)[1]["messages"][-3:]
    assert [call["id"] for call in told[0]["tool_calls"]] == [one["tool_call_id"] for one in told[1:]]
    errors = {one.call_id: f"Error: {one.error}" for one in done}
    assert {one["tool_call_id"]: one["content"] for one in told[1:]} == errors


async def test_calls_of_a_model_that_numbers_each_round_anew_are_told_apart(asker: tuple[int, uuid.UUID]) -> None:
    parts = await parts_of(question(asker, "[[fake 1t tools]]"))

    started = [part.call_id for part in parts if isinstance(part, ToolStarted)]
    assert len(started) == len(set(started)) == 2 * (answering.MAX_ROUNDS - 1)
    assert sorted(started) == sorted(part.call_id for part in parts if isinstance(part, ToolDone))


async def test_a_model_that_only_calls_tools_is_asked_a_bounded_number_of_times(
    asker: tuple[int, uuid.UUID], vendor: FakeServer
) -> None:
    await parts_of(question(asker, "[[fake 1t tools]]"))

    assert len(asked_of(vendor)) == answering.MAX_ROUNDS


async def test_arguments_that_come_in_pieces_are_put_together(asker: tuple[int, uuid.UUID]) -> None:
    parts = await parts_of(question(asker, "[[fake 1t tools]]"))

    started = {part.call_id: part.arguments for part in parts if isinstance(part, ToolStarted)}
    assert started["call_1"] == '{"zone": "Europe/Zürich"}'


async def test_an_error_of_the_model_is_raised_and_what_was_spent_is_known(asker: tuple[int, uuid.UUID]) -> None:
    spent = Spent()
    got: list[AnswerPart] = []

    with pytest.raises(LLMError):
        async for part in answer(question(asker, "[[fake 10t oops]]"), spent):
            got.append(part)

    assert text_of(got) != ""
    assert len(spent.calls) == 1


async def test_closing_the_answer_hangs_up_on_the_model(asker: tuple[int, uuid.UUID]) -> None:
    spent = Spent()
    parts = answer(question(asker, "[[fake 1000t 50r]]"), spent)
    await anext(parts)

    await parts.aclose()

    assert spent.calls[0].usage_source == "estimated"
    assert 0 < (spent.calls[0].output_tokens or 0) < 100
