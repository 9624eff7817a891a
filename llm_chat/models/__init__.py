from llm_chat.models.attachments import Attachment
from llm_chat.models.importing import Import
from llm_chat.models.presets import DefaultPreset, Preset
from llm_chat.models.prompts import Prompt
from llm_chat.models.search import SearchEntry, scope_of
from llm_chat.models.sharing import SharedThread
from llm_chat.models.summaries import Summary
from llm_chat.models.tags import Tag
from llm_chat.models.threads import UNFINISHED, ChatMessage, ChatThread, Status
from llm_chat.models.turns import RunnerProcess, Turn

__all__ = [
    "UNFINISHED",
    "Attachment",
    "ChatMessage",
    "ChatThread",
    "DefaultPreset",
    "Import",
    "Preset",
    "Prompt",
    "RunnerProcess",
    "SearchEntry",
    "SharedThread",
    "Status",
    "Summary",
    "Tag",
    "Turn",
    "scope_of",
]
