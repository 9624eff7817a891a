"""A thread gets its name."""

from uuid import UUID

from django.db import transaction

from lib.write_lock import writing
from llm_chat.actions.ending import is_open, locked
from realtime import events
from realtime.hub import user_topic
from realtime.publish import publish


def set_title(*, thread_id: UUID, title: str) -> bool:
    """Name a thread that has no name yet; False if it has one, is gone, or its person is no longer in its team."""
    with writing():
        thread = locked(thread_id)
        if thread is None or thread.title or not is_open(thread):
            return False
        thread.title = title
        thread.rev += 1
        thread.save(update_fields=["title", "rev"])
        event = events.ThreadTitleUpdated(thread_id=thread_id, rev=thread.rev, title=title)
        transaction.on_commit(lambda: publish(user_topic(thread.user_id), event))
    return True
