"""Conversations in files of other products, and in our own, read into `llm_chat.portable` values."""

from llm_chat.imports.files import BadFile, elements_of
from llm_chat.imports.formats import Unreadable, conversation_in

__all__ = ["BadFile", "Unreadable", "conversation_in", "elements_of"]
