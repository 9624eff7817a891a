"""Tools a model may call in a conversation. A tool is a function of its JSON arguments that answers with text."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class ToolFailed(Exception):
    """The tool could not answer; the text goes to the model and to the reader."""


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    label: str
    description: str
    parameters: dict[str, Any]
    run: Callable[[dict[str, Any]], Awaitable[str]]

    def as_schema(self) -> dict[str, Any]:
        return {
            "type": "function",
            "function": {"name": self.name, "description": self.description, "parameters": self.parameters},
        }


async def call(tools: dict[str, Tool], name: str, arguments: str) -> str:
    """Run a tool the model named, with arguments the model wrote. Raises ToolFailed, naming what is wrong."""
    tool = tools.get(name)
    if tool is None:
        raise ToolFailed(f"There is no tool named {name}.")
    try:
        values = json.loads(arguments or "{}")
    except ValueError:
        raise ToolFailed("The arguments are not valid JSON.") from None
    if not isinstance(values, dict):
        raise ToolFailed("The arguments must be a JSON object.")
    return await tool.run(values)


async def _current_time(arguments: dict[str, Any]) -> str:
    zone = str(arguments.get("timezone") or "UTC")
    try:
        return datetime.now(ZoneInfo(zone)).strftime("%A, %d %B %Y, %H:%M:%S %Z")
    except (ZoneInfoNotFoundError, ValueError):
        raise ToolFailed(f"{zone} is not a time zone.") from None


CURRENT_TIME = Tool(
    name="current_time",
    label="Look at the clock",
    description="The current date and time.",
    parameters={
        "type": "object",
        "properties": {"timezone": {"type": "string", "description": "An IANA name such as Europe/Oslo."}},
    },
    run=_current_time,
)
