"""Reads of threads and messages."""

from llm_chat.queries.access import (
    asker_is_in_team,
    in_thread_of,
    kept_threads_of,
    people_of,
    person_is_in_team,
    thread_id_of_message,
    thread_of,
    threads_in_words,
    threads_of,
    threads_with_deleted,
    was_temporary,
)
from llm_chat.queries.attachments import attachable, attachment_of, attachment_value, attachments_of, bytes_of
from llm_chat.queries.branches import NEVER_PLACED, Leaf, leaf_below, with_siblings
from llm_chat.queries.excerpts import excerpt
from llm_chat.queries.finding import search
from llm_chat.queries.gauge import context_value
from llm_chat.queries.history import Told, told, window_of
from llm_chat.queries.ids import as_parameter, from_row
from llm_chat.queries.joining import Join, join
from llm_chat.queries.pages import (
    MOST_PINNED,
    PAGE_MESSAGES,
    PAGE_THREADS,
    history_page,
    newest_threads,
    thread_value,
    threads_page,
    unfinished,
)
from llm_chat.queries.paths import leads_through, path
from llm_chat.queries.presets import (
    changeable_presets_of,
    default_preset,
    preset_value,
    presets_in,
    presets_in_words,
    presets_of,
)
from llm_chat.queries.prompts import changeable_prompts_of, prompt_value, prompts_in, prompts_of
from llm_chat.queries.sharing import (
    LinksPage,
    dead_links,
    has_pictures,
    link_of,
    link_value,
    links_page,
    opened_by_link,
    picture_on,
    ran_out,
    shared_by,
    shown_path,
)
from llm_chat.queries.tags import tag_value, tags_of, tags_on

__all__ = [
    "MOST_PINNED",
    "NEVER_PLACED",
    "PAGE_MESSAGES",
    "PAGE_THREADS",
    "Join",
    "Leaf",
    "LinksPage",
    "Told",
    "as_parameter",
    "asker_is_in_team",
    "attachable",
    "attachment_of",
    "attachment_value",
    "attachments_of",
    "bytes_of",
    "changeable_presets_of",
    "changeable_prompts_of",
    "context_value",
    "dead_links",
    "default_preset",
    "excerpt",
    "from_row",
    "has_pictures",
    "history_page",
    "in_thread_of",
    "join",
    "kept_threads_of",
    "leads_through",
    "leaf_below",
    "link_of",
    "link_value",
    "links_page",
    "newest_threads",
    "opened_by_link",
    "path",
    "people_of",
    "person_is_in_team",
    "picture_on",
    "preset_value",
    "presets_in",
    "presets_in_words",
    "presets_of",
    "prompt_value",
    "prompts_in",
    "prompts_of",
    "ran_out",
    "search",
    "shared_by",
    "shown_path",
    "tag_value",
    "tags_of",
    "tags_on",
    "thread_id_of_message",
    "thread_of",
    "thread_value",
    "threads_in_words",
    "threads_of",
    "threads_page",
    "threads_with_deleted",
    "told",
    "unfinished",
    "was_temporary",
    "window_of",
    "with_siblings",
]
