from llm_chat.views.attachments import attach, attachment, thumbnail
from llm_chat.views.branches import choose_branch, fork
from llm_chat.views.details import details
from llm_chat.views.exporting import export
from llm_chat.views.feedback import feedback
from llm_chat.views.importing import imports
from llm_chat.views.pages import home, preferences, thread
from llm_chat.views.prompts import change_prompt, prompts_json
from llm_chat.views.search import search_json
from llm_chat.views.settings import change_preset, change_settings, context_json, models_json, presets_json
from llm_chat.views.sharing import links, revoke_link, share, shared_copy, shared_page, shared_picture, shared_preview
from llm_chat.views.tags import change_tag, tags_json
from llm_chat.views.threads import change_threads, leave_temporary, messages_json, threads_json

__all__ = [
    "attach",
    "attachment",
    "change_preset",
    "change_prompt",
    "change_settings",
    "change_tag",
    "change_threads",
    "choose_branch",
    "context_json",
    "details",
    "export",
    "feedback",
    "fork",
    "home",
    "imports",
    "leave_temporary",
    "links",
    "messages_json",
    "models_json",
    "preferences",
    "presets_json",
    "prompts_json",
    "revoke_link",
    "search_json",
    "share",
    "shared_copy",
    "shared_page",
    "shared_picture",
    "shared_preview",
    "tags_json",
    "thread",
    "threads_json",
    "thumbnail",
]
