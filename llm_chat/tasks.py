from datetime import timedelta

from lib import jobs
from llm_chat import actions


@jobs.job("llm_chat.erase_deleted_threads")
def erase_deleted_threads() -> None:
    actions.erase_deleted_threads()


jobs.every(timedelta(minutes=30), "llm_chat.erase_deleted_threads")
