"""Token counts without the network: tiktoken with the ranks LiteLLM ships, or a cheap estimate."""

import functools
import logging
import os
import threading
from collections.abc import Iterable
from typing import Any

from django.conf import settings

from llm_service import library

logger = logging.getLogger(__name__)

_lock = threading.Lock()

PICTURE = 1_000
"""About what vendors count for a picture."""


def count(text: str) -> int:
    """Count the tokens of a text (cl100k: small tables, near enough to newer ones).

    Never raises. Loads its tables on first use, so call it off the event loop.
    """
    encoding = _encoding()
    if encoding is None:
        return estimate(text)
    try:
        return len(encoding.encode_ordinary(text))
    except Exception:  # noqa: BLE001  a count is never worth a failed message
        return estimate(text)


def stored_count(text: str) -> int:
    """Count what is kept with a message for cutting history: an estimate, or exact with LLM_EXACT_TOKENS.

    The exact count's tables hold 42 MB of a small dyno's memory, and vendors other than OpenAI count otherwise anyway.
    """
    return count(text) if settings.LLM_EXACT_TOKENS else estimate(text)


def estimate(text: str) -> int:
    """Guess the tokens of a text from its length, in no time: four letters a token, one for each wide character."""
    length = len(text)
    if not length:
        return 0
    if text.isascii():
        return (length + 3) // 4
    # UTF-8 gives Latin letters one byte or two and CJK three, which are mostly a token each.
    return (2 * len(text.encode("utf-8", "replace")) - length + 3) // 4


def estimate_messages(messages: Iterable[dict[str, Any]]) -> int:
    """Guess the tokens of a request, with the few that each message adds."""
    return sum(4 + _content(message.get("content")) for message in messages)


def _content(content: object) -> int:
    if isinstance(content, str):
        return estimate(content)
    if isinstance(content, list):
        return sum(_block(block) for block in content if isinstance(block, dict))
    return 0


def _block(block: dict[str, Any]) -> int:
    return PICTURE if block.get("type") == "image_url" else estimate(block.get("text") or "")


def _encoding() -> Any:
    # The cache alone would let two first callers load the tables twice.
    with _lock:
        return _load_encoding()


@functools.cache
def _load_encoding() -> Any:
    try:
        os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(library.folder() / "litellm_core_utils" / "tokenizers"))
        import tiktoken  # noqa: PLC0415  heavy

        encoding = tiktoken.get_encoding("cl100k_base")
        encoding._mergeable_ranks = {}  # 15 MB that its Rust half has copied already
        return encoding
    except Exception as error:  # noqa: BLE001  without its tables we estimate
        logger.warning("Token counts are estimates: tiktoken could not be loaded (%s).", error)
        return None
