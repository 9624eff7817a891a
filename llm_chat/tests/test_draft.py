"""The reducer: events in order give the message, whoever folds them."""

import random
import uuid
from typing import Any

from llm_chat.draft import Draft, fold
from realtime import events

IDS: dict[str, Any] = {"turn_id": uuid.uuid4()}
MESSAGE_ID = uuid.uuid4()
THREAD_ID = uuid.uuid4()


def folded(*made: events.TurnEvent) -> Draft:
    draft = Draft()
    for event in made:
        fold(draft, event)
    return draft


def text(seq: int, delta: str) -> events.TextDelta:
    return events.TextDelta(**IDS, seq=seq, delta=delta)


def started(seq: int, call_id: str) -> events.ToolCallStarted:
    return events.ToolCallStarted(**IDS, seq=seq, call_id=call_id, name="look", label="Look", arguments="{}")


def completed(seq: int, call_id: str, result: str | None, error: str | None = None) -> events.ToolCallCompleted:
    return events.ToolCallCompleted(
        **IDS, seq=seq, call_id=call_id, name="look", label="Look", result=result, error=error
    )


def final(seq: int, content: str) -> events.Final:
    message = events.Message(
        id=MESSAGE_ID,
        thread_id=THREAD_ID,
        parent_id=None,
        role="assistant",
        content=content,
        reasoning="why",
        tools=[events.ToolCall(call_id="z", name="look", label="Look", arguments="{}", result="seen")],
        status="complete",
        created_at="2026-01-01T00:00:00Z",  # type: ignore[arg-type]  # pydantic reads it
    )
    return events.Final(
        thread_id=THREAD_ID,
        message_id=MESSAGE_ID,
        **IDS,
        seq=seq,
        rev=1,
        status="complete",
        message=message,
        usage=None,
    )


def test_text_grows_by_deltas_and_keeps_every_character() -> None:
    whole = "äö\u2028 👩‍👩‍👧 \n\n```\ncode\n```" * 50
    cuts = sorted(random.Random(1).sample(range(len(whole)), 40))  # noqa: S311  no secret
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]

    draft = folded(*(text(number, piece) for number, piece in enumerate(pieces, 1)))

    assert draft.text == whole
    assert draft.seq == len(pieces)


def test_reading_in_between_changes_nothing() -> None:
    draft = Draft()
    for number, piece in enumerate("abc", 1):
        fold(draft, text(number, piece))
        assert draft.text == "abc"[:number]

    assert draft.text == draft.text == "abc"


def test_reasoning_and_text_are_kept_apart() -> None:
    draft = folded(events.ReasoningDelta(**IDS, seq=1, delta="hm"), text(2, "yes"))

    assert (draft.reasoning, draft.text) == ("hm", "yes")


def test_results_find_their_call_whatever_their_order() -> None:
    draft = folded(
        started(1, "a"), started(2, "b"), completed(3, "b", "second"), completed(4, "a", None, "It did not work.")
    )

    assert list(draft.tools) == ["a", "b"]
    assert (draft.tools["a"].result, draft.tools["a"].error) == (None, "It did not work.")
    assert (draft.tools["b"].result, draft.tools["b"].error) == ("second", None)


def test_an_end_replaces_all_there_was() -> None:
    draft = folded(text(1, "half"), started(2, "a"), final(9, "the whole"))

    assert (draft.text, draft.reasoning, list(draft.tools), draft.seq) == ("the whole", "why", ["z"], 9)


def test_an_end_alone_is_enough() -> None:
    assert folded(final(1, "the whole")).text == "the whole"


def test_nodes_and_the_beginning_only_count() -> None:
    draft = folded(
        events.ResponseCreated(**IDS, thread_id=THREAD_ID, message_id=MESSAGE_ID, seq=1, model="m"),
        events.NodeStarted(**IDS, seq=2, node_id="n", label="Node"),
        events.NodeCompleted(**IDS, seq=3, node_id="n", label="Node", output="x"),
    )

    assert (draft.seq, draft.text, draft.reasoning, draft.tools) == (3, "", "", {})


def test_nothing_is_empty() -> None:
    draft = Draft()

    assert (draft.text, draft.reasoning, draft.seq) == ("", "", 0)
