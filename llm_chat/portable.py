"""Conversations outside the database: our own JSON, Markdown, and the plain values other formats are read into.

The JSON (`parley.conversation`, version 1) is described in docs/architecture.md and is also what one's own data holds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.utils.translation import gettext as _

from llm_chat.models import ChatMessage, ChatThread

FORMAT, VERSION = "parley.conversation", 1
SAID = (
    "id",
    "parent_id",
    "role",
    "content",
    "reasoning",
    "tools",
    "attachments",
    "status",
    "model",
    "usage",
    "created_at",
)


@dataclass(frozen=True, slots=True)
class Said:
    """A message. `key` and `parent` name messages of the same conversation."""

    key: str
    parent: str | None
    role: Literal["user", "assistant"]
    content: str
    at: datetime | None = None
    model: str = ""
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    title: str
    said: list[Said] = field(default_factory=list)
    shown: str | None = None
    """The key of the message the shown path ends at; else it is the last one."""
    source: str = ""
    """Where it is from, and its id there: what it is known by when it is imported once more."""
    model: str = ""


def head(thread: ChatThread) -> dict[str, object]:
    """Return what our JSON says of a thread before its messages."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "id": thread.id,
        "title": thread.title,
        "team": thread.team.name,
        "model": thread.model,
        "instructions": thread.instructions,
        "parameters": thread.parameters,
        "created_at": thread.created_at,
        "last_message_at": thread.last_message_at,
        "pinned_at": thread.pinned_at,
        "archived_at": thread.archived_at,
        "shown_up_to": thread.leaf_id,
    }


def message(row: ChatMessage) -> dict[str, object]:
    return {name: getattr(row, name) for name in SAID}


def as_markdown(title: str, rows: Iterable[ChatMessage]) -> str:
    """Return a conversation to read, keep or paste elsewhere."""
    return "\n".join(_markdown_lines(title, rows)).rstrip() + "\n"


def _markdown_lines(title: str, rows: Iterable[ChatMessage]) -> Iterator[str]:
    yield f"# {title}"
    for row in rows:
        asked = row.role == ChatMessage.Role.USER
        about = "" if asked or not row.model else f" ({row.model})"
        yield f"\n## {_('You') if asked else _('Reply')}{about}\n"
        yield f"*{row.created_at:%Y-%m-%d %H:%M} UTC*\n"
        yield row.content.strip()
        for name in _file_names(row.attachments):
            yield "\n" + _("- File: %(name)s") % {"name": name}


def _file_names(attachments: list[dict[str, Any]]) -> list[str]:
    return [str(one.get("name") or _("without a name")) for one in attachments]
