"""Answers that use tools, over real sockets: tools run while the model writes, in bounds, and end with their reader."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from llm_service import errors, tool_rounds
from llm_service.fakes import FakeServer
from llm_service.parts import TextPart
from llm_service.tests.conftest import Logs
from llm_service.tool_rounds import AnswerPart, Bounds, Spent, ToolDone, ToolStarted
from llm_service.tools import Tool
from realtime.bridge import in_db

TURN = "0f0e0d0c-0b0a-4909-8807-060504030201"


class Probe:
    """Two tools with the names of the script, and what became of them."""

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.now = self.most_at_once = self.cancelled = 0
        self.began = asyncio.Event()

    async def _run(self, name: str, arguments: dict[str, Any]) -> str:
        self.seen.append((name, arguments))
        self.now += 1
        self.most_at_once = max(self.most_at_once, self.now)
        self.began.set()
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.now -= 1
        return f"{name} says yes"

    @property
    def tools(self) -> list[Tool]:
        async def current_time(arguments: dict[str, Any]) -> str:
            return await self._run("current_time", arguments)

        async def search(arguments: dict[str, Any]) -> str:
            return await self._run("search", arguments)

        schema = {"type": "object", "additionalProperties": {"type": "string"}}
        return [
            Tool("current_time", "Clock", "The time.", schema, current_time),
            Tool("search", "Search", "Finds things.", schema, search),
        ]


def answering(model: str, probe: Probe, spent: Spent, **more: Any) -> Any:
    return tool_rounds.stream_answer(
        messages=[{"role": "user", "content": "hi"}],
        offered=probe.tools,
        spent=spent,
        model=model,
        metadata={"feature": "test", "turn_id": TURN},
        **more,
    )


async def answered(model: str, probe: Probe, **more: Any) -> tuple[list[AnswerPart], Spent]:
    spent = Spent()
    return [part async for part in answering(model, probe, spent, **more)], spent


def text_of(parts: list[AnswerPart]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart))


@pytest.mark.parametrize("route", ["openai", "hosted_vllm", "anthropic", "openai/responses"])
async def test_tools_are_called_over_every_wire_format(route: str, vendor: FakeServer, logs: Logs):
    probe = Probe()

    parts, spent = await answered(f"{route}/fake-3t-tools-once", probe)

    assert sorted(probe.seen) == [("current_time", {"zone": "Europe/Zürich"}), ("search", {"query": "tea"})]
    done = {part.name: part.result for part in parts if isinstance(part, ToolDone)}
    assert done == {"current_time": "current_time says yes", "search": "search says yes"}
    assert text_of(parts) == "amber0 birch1 cedar2 " * 2
    assert "search says yes" in str(vendor.seen[1].body)
    rows = await in_db(logs)
    assert [str(row.turn_id) for row in rows] == [TURN, TURN]
    assert spent.call_ids == [str(row.id) for row in rows]
    assert [call.output_tokens for call in spent.calls] == [3, 3]


async def test_tools_run_while_the_model_still_writes(vendor: FakeServer):
    parts, _ = await answered("openai/fake-20t-40r-tools-early-once", Probe())

    last_text_of_first_round = [n for n, part in enumerate(parts) if isinstance(part, TextPart)][19]
    assert all(parts.index(part) < last_text_of_first_round for part in parts if isinstance(part, ToolDone))


async def test_tools_run_beside_each_other_up_to_a_bound(vendor: FakeServer):
    both, one = Probe(0.1), Probe(0.1)

    await answered("openai/fake-1t-tools-once", both)
    await answered("openai/fake-1t-tools-once", one, bounds=Bounds(at_once=1))

    assert (both.most_at_once, one.most_at_once) == (2, 1)


async def test_rounds_are_bounded_and_the_last_one_may_use_no_tool(vendor: FakeServer):
    parts, spent = await answered("openai/fake-1t-tools", Probe(), bounds=Bounds(rounds=3))

    assert [seen.body.get("tool_choice") for seen in vendor.seen] == [None, None, "none"]
    assert all(len(seen.body["tools"]) == 2 for seen in vendor.seen)
    assert sum(isinstance(part, ToolDone) for part in parts) == 4
    assert len(spent.calls) == 3


async def test_tool_calls_of_an_answer_are_bounded(vendor: FakeServer):
    probe = Probe()

    parts, _ = await answered("openai/fake-1t-tools", probe, bounds=Bounds(rounds=3, calls=3))

    assert len(probe.seen) == 3
    errors = Counter(part.error for part in parts if isinstance(part, ToolDone))
    assert errors == {None: 3, "Too many tools were asked for this answer. Answer with what you know.": 1}


async def test_who_stops_reading_ends_tools_and_model(vendor: FakeServer, logs: Logs):
    probe, spent = Probe(30), Spent()
    answer = answering("openai/fake-300t-50r-tools-early", probe, spent)
    async for part in answer:
        if isinstance(part, TextPart) and probe.now == 2:
            break

    await answer.aclose()

    assert (probe.cancelled, probe.now) == (2, 0)
    await vendor.wait_until(lambda: vendor.seen[0].hung_up_at is not None)
    [row] = await in_db(logs)
    assert row.status == "cancelled"
    assert spent.calls[0].output_tokens


async def test_a_cancelled_task_ends_its_tools(vendor: FakeServer):
    probe = Probe(30)
    task = asyncio.create_task(answered("openai/fake-1t-tools", probe))
    await asyncio.wait_for(probe.began.wait(), 5)

    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled() and probe.now == 0 and probe.cancelled


async def test_a_stream_that_breaks_ends_its_tools_and_says_why(vendor: FakeServer):
    probe = Probe(30)

    with pytest.raises(errors.StreamBroken):
        await answered("openai/fake-20t-tools-early-oops", probe)

    assert probe.now == 0


async def test_what_was_shown_of_a_tool_is_what_was_run(vendor: FakeServer):
    parts, _ = await answered("openai/fake-1t-tools-once", Probe())

    started = {part.call_id: part.arguments for part in parts if isinstance(part, ToolStarted)}
    assert started == {"call_1": '{"zone": "Europe/Zürich"}', "call_2": '{"query": "tea"}'}
    told = vendor.seen[1].body["messages"][1]
    assert {call["id"]: call["function"]["arguments"] for call in told["tool_calls"]} == started
