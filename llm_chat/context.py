"""How much of a thread fits into what a model is told."""

from django.conf import settings

from llm_service import catalogue, tokens

SHARE_OF_WINDOW = 0.75
"""The rest of a small model's window is for our words before the conversation, and for its reply."""


def budget_of(model: str) -> int:
    """Return the tokens that instructions, summary and messages may take."""
    most: int = settings.CHAT_HISTORY_TOKENS
    window = catalogue.describe(model).abilities.context_window
    return min(most, int(window * SHARE_OF_WINDOW)) if window else most


def left_for_messages(model: str, *instructions: str) -> int:
    """Return what the instructions leave of it."""
    return max(0, budget_of(model) - sum(tokens.stored_count(text) for text in instructions))
