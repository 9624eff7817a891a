"""Pictures of a thread, put before a model that sees them; any other one is told that there are some."""

import base64
import logging
from collections.abc import Sequence
from typing import Any

from lib import stored_files
from llm_chat.queries.told_files import Part, Picture, Told

logger = logging.getLogger(__name__)

MOST_BYTES = 12_000_000
MOST_PICTURES = 20
"""Vendors refuse requests of more than about 30 MB, and every byte is held in memory while a reply is asked for."""


def has_pictures(history: Sequence[Told]) -> bool:
    return any(isinstance(message["content"], list) for message in history)


def put_in_words(history: Sequence[Told]) -> list[dict[str, Any]]:
    """Return the history for a model that sees nothing."""
    return [
        {**message, "content": _joined([_said(part) for part in message["content"]])}
        if isinstance(message["content"], list)
        else message
        for message in history
    ]


def put_before(history: Sequence[Told]) -> list[dict[str, Any]]:
    """Return the history with its newest pictures in it. Reads files: not on the event loop."""
    left, places = MOST_BYTES, MOST_PICTURES
    shown: list[dict[str, Any]] = []
    for message in reversed(history):
        if not isinstance(message["content"], list):
            shown.append(message)
            continue
        blocks: list[dict[str, Any]] = []
        for part in reversed(message["content"]):
            data = None
            if isinstance(part, Picture) and places:
                try:
                    data = _bytes_of(part, left)
                except stored_files.OutOfReach:
                    places = 0  # the others are no nearer, and each would be waited for
            if isinstance(part, Picture) and data:
                left -= len(data)
                places -= 1
                url = f"data:{part.mime};base64,{base64.b64encode(data).decode()}"
                blocks.append({"type": "image_url", "image_url": {"url": url}})
            else:
                text = f"[Image: {part.name}. It could not be shown.]" if isinstance(part, Picture) else part
                blocks.append({"type": "text", "text": text})
        shown.append({**message, "content": blocks[::-1]})
    return shown[::-1]


def _said(part: Part) -> str:
    return f"[Image: {part.name}, not shown to this model.]" if isinstance(part, Picture) else part


def _joined(texts: list[str]) -> str:
    return "\n\n".join(texts)


def _bytes_of(picture: Picture, most: int) -> bytes | None:
    try:
        with stored_files.opened(picture.key) as opened:
            data: bytes = opened.read(most + 1)
    except OSError as error:  # a reply without the picture is better than none
        logger.warning("A picture could not be read: %s", error)
        return None
    return data if len(data) <= most else None
