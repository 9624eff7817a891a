"""Writes of threads, messages and turns. Each is one transaction; events leave on its commit."""

from llm_chat.actions.ending import end_left_behind, end_lost_turns, end_strays, finish
from llm_chat.actions.running import checkpoint, claim, heartbeat, leave, stops_requested
from llm_chat.actions.starting import Refused, regenerate, start_turn
from llm_chat.actions.stopping import stop_turn
from llm_chat.actions.threads import Change, change_threads, erase_deleted_threads
from llm_chat.actions.titles import set_title

__all__ = [
    "Change",
    "Refused",
    "change_threads",
    "checkpoint",
    "claim",
    "end_left_behind",
    "end_lost_turns",
    "end_strays",
    "erase_deleted_threads",
    "finish",
    "heartbeat",
    "leave",
    "regenerate",
    "set_title",
    "start_turn",
    "stop_turn",
    "stops_requested",
]
