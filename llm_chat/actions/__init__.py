"""Writes of threads, messages and turns. Each is one transaction; events leave on its commit."""

from llm_chat.actions.attached import erase_files, erase_unsent_attachments, tie_copies
from llm_chat.actions.attaching import FileRefused, Upload, attach, detach
from llm_chat.actions.branching import choose_branch, fork
from llm_chat.actions.ending import end_left_behind, end_lost_turns, end_strays, finish
from llm_chat.actions.feedback import rate, rated
from llm_chat.actions.imports import BUSY, begin_import, end_lost_imports, run_import
from llm_chat.actions.indexing import index_due
from llm_chat.actions.presets import PresetValues, choose_default_preset, delete_preset, save_preset
from llm_chat.actions.prompts import PromptValues, delete_prompt, save_prompt
from llm_chat.actions.running import checkpoint, claim, heartbeat, leave, stops_requested
from llm_chat.actions.settings import SettingsChange, change_settings
from llm_chat.actions.sharing import Terms, copy_shared, erase_dead_links, revoke, share
from llm_chat.actions.starting import Refused, regenerate, start_turn
from llm_chat.actions.stopping import stop_turn
from llm_chat.actions.summaries import keep_summary
from llm_chat.actions.tags import TagChange, change_tag
from llm_chat.actions.temporary import close_temporary, come_back, erase_left, erase_old_temporary, leave_temporary
from llm_chat.actions.threads import Change, change_threads, erase_deleted_threads
from llm_chat.actions.titles import set_title

__all__ = [
    "BUSY",
    "Change",
    "FileRefused",
    "PresetValues",
    "PromptValues",
    "Refused",
    "SettingsChange",
    "TagChange",
    "Terms",
    "Upload",
    "attach",
    "begin_import",
    "change_settings",
    "change_tag",
    "change_threads",
    "checkpoint",
    "choose_branch",
    "choose_default_preset",
    "claim",
    "close_temporary",
    "come_back",
    "copy_shared",
    "delete_preset",
    "delete_prompt",
    "detach",
    "end_left_behind",
    "end_lost_imports",
    "end_lost_turns",
    "end_strays",
    "erase_dead_links",
    "erase_deleted_threads",
    "erase_files",
    "erase_left",
    "erase_old_temporary",
    "erase_unsent_attachments",
    "finish",
    "fork",
    "heartbeat",
    "index_due",
    "keep_summary",
    "leave",
    "leave_temporary",
    "rate",
    "rated",
    "regenerate",
    "revoke",
    "run_import",
    "save_preset",
    "save_prompt",
    "set_title",
    "share",
    "start_turn",
    "stop_turn",
    "stops_requested",
    "tie_copies",
]
