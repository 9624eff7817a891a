from datetime import timedelta
from uuid import UUID

from lib import jobs
from llm_chat import actions


@jobs.job("llm_chat.erase_deleted_threads")
def erase_deleted_threads() -> None:
    actions.erase_deleted_threads()


@jobs.job("llm_chat.erase_old_temporary_threads")
def erase_old_temporary_threads() -> None:
    actions.erase_old_temporary()


@jobs.job("llm_chat.erase_left", first_pause=timedelta(seconds=2))
def erase_left(thread_id: str) -> None:
    actions.erase_left(thread_id=UUID(thread_id))


@jobs.job("llm_chat.erase_dead_links")
def erase_dead_links() -> None:
    actions.erase_dead_links()


@jobs.job("llm_chat.import_conversations", attempts=1)
def import_conversations(import_id: str) -> None:
    actions.run_import(import_id=UUID(import_id))


@jobs.job("llm_chat.end_lost_imports")
def end_lost_imports() -> None:
    actions.end_lost_imports()


jobs.every(timedelta(minutes=30), "llm_chat.erase_dead_links")
jobs.every(timedelta(hours=1), "llm_chat.end_lost_imports")


@jobs.job("llm_chat.erase_unsent_attachments")
def erase_unsent_attachments() -> None:
    actions.erase_unsent_attachments()


# The pauses double up to days: a store that is away for a weekend gives up what was promised to be erased, too.
@jobs.job("llm_chat.erase_files", attempts=16)
def erase_files(*, keys: list[str]) -> None:
    actions.erase_files(keys=keys)


jobs.every(timedelta(hours=1), "llm_chat.erase_unsent_attachments")
jobs.every(timedelta(minutes=30), "llm_chat.erase_deleted_threads")
jobs.every(timedelta(minutes=30), "llm_chat.erase_old_temporary_threads")
