"""Tools that a model may call. A tool is a function of its JSON arguments; whatever goes wrong is told to the model.

`register` offers a tool by its name to everybody who lets people choose (the playground); `registered` lists them.
"""

import asyncio
import inspect
import logging
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from django.utils.translation import gettext_lazy

from lib.wording import Text
from llm_service import schemas
from realtime.bridge import in_pool

logger = logging.getLogger(__name__)

MOST_CHARACTERS = 20_000
"""Of a result that is told to the model; of a longer one the middle is left out."""
MOST_ARGUMENTS = 256 * 1024
THREADS = 4
"""For tools that are plain functions: each may hold a connection to the database."""


class ToolFailed(Exception):
    """The tool could not answer; the text goes to the model and to the reader."""


@dataclass(frozen=True, slots=True)
class Tool:
    """What a model is told of a tool, and what is run.

    `run` gets the arguments, which follow the schema in `parameters`, and answers with text or anything JSON can hold.
    A plain function runs in a thread and may use the database. What takes longer than `timeout` seconds is given up;
    a plain function goes on to its end unheard.
    """

    name: str
    label: Text
    description: str
    parameters: Mapping[str, Any]
    run: Callable[[dict[str, Any]], Any]
    timeout: float = 20.0

    def as_schema(self) -> dict[str, Any]:
        """Return it as vendors take it."""
        return {
            "type": "function",
            "function": {"name": self.name, "description": self.description, "parameters": dict(self.parameters)},
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a tool answered, or why it did not; one of the two is None."""

    result: str | None
    error: str | None

    @property
    def told(self) -> str:
        """Return what the model reads."""
        return f"Error: {self.error}" if self.error is not None else self.result or ""


_registered: dict[str, Tool] = {}
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="tool")


def register(tool: Tool) -> Tool:
    """Offer a tool to those who let people choose. Raises SchemaInvalid, and ValueError for a name that is taken."""
    schemas.check(tool.parameters)
    if _registered.setdefault(tool.name, tool) is not tool:
        raise ValueError(f"There is a tool named {tool.name} already.")
    return tool


def registered() -> dict[str, Tool]:
    """Return the tools that people may choose from, by name."""
    return dict(_registered)


async def call(offered: Mapping[str, Tool], name: str, arguments: str) -> Outcome:
    """Run a tool the model named, with arguments the model wrote. Raises nothing but the caller's cancellation."""
    try:
        return Outcome(await _answer(offered, name, arguments), None)
    except ToolFailed as failure:
        return Outcome(None, str(failure))
    except Exception:
        # A broken tool is the model's to work around; the reader sees a sentence, the log the trace.
        logger.exception("The tool %s broke.", name)
        return Outcome(None, "The tool did not work.")


async def _answer(offered: Mapping[str, Tool], name: str, arguments: str) -> str:
    tool = offered.get(name)
    if tool is None:
        raise ToolFailed(f"There is no tool named {name}.")
    values = _read(arguments)
    problem = await asyncio.to_thread(schemas.complaint, tool.parameters, values)
    if problem:
        raise ToolFailed(f"The arguments do not follow the tool's schema.\n{problem}")
    try:
        async with asyncio.timeout(tool.timeout) as limit:
            if inspect.iscoroutinefunction(tool.run):
                answer = await tool.run(values)
            else:
                answer = await in_pool(_threads, tool.run, values)
    except TimeoutError:
        if not limit.expired():
            raise
        raise ToolFailed(f"The tool took longer than {tool.timeout:g} seconds and was given up.") from None
    text = answer if isinstance(answer, str) else orjson.dumps(answer, default=str).decode()
    return _shortened(text)


def _read(arguments: str) -> dict[str, Any]:
    if len(arguments) > MOST_ARGUMENTS:
        raise ToolFailed(f"The arguments are longer than {MOST_ARGUMENTS:,} characters.")
    try:
        values = orjson.loads(arguments or "{}")
    except orjson.JSONDecodeError:
        raise ToolFailed("The arguments are not valid JSON.") from None
    if not isinstance(values, dict):
        raise ToolFailed("The arguments must be a JSON object.")
    return values


def _shortened(text: str) -> str:
    if len(text) <= MOST_CHARACTERS:
        return text
    left_out = len(text) - MOST_CHARACTERS
    half = MOST_CHARACTERS // 2
    return f"{text[:half]}\n[... {left_out:,} characters left out ...]\n{text[-half:]}"


def _after_fork() -> None:
    global _threads
    _threads = ThreadPoolExecutor(THREADS, thread_name_prefix="tool")


os.register_at_fork(after_in_child=_after_fork)


async def _current_time(arguments: dict[str, Any]) -> str:
    zone = arguments.get("timezone") or "UTC"
    try:
        return datetime.now(ZoneInfo(zone)).strftime("%A, %d %B %Y, %H:%M:%S %Z")
    except (ZoneInfoNotFoundError, ValueError):
        raise ToolFailed(f"{zone} is not a time zone.") from None


CURRENT_TIME = Tool(
    name="current_time",
    label=gettext_lazy("Look at the clock"),
    description="The current date and time.",
    parameters={
        "type": "object",
        "properties": {"timezone": {"type": "string", "description": "An IANA name such as Europe/Oslo."}},
    },
    run=_current_time,
)
_registered[CURRENT_TIME.name] = CURRENT_TIME
