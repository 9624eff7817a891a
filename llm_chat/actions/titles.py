"""A thread gets its name."""

from uuid import UUID

from django.db import transaction

from lib.write_lock import writing
from llm_chat.models import ChatThread
from realtime import events
from realtime.hub import user_topic
from realtime.publish import publish


def set_title(*, thread_id: UUID, title: str) -> bool:
    """Name a thread that has no name yet; False if it has one or is gone."""
    with writing():
        thread = ChatThread.objects.select_for_update().filter(id=thread_id, title="").first()
        if thread is None:
            return False
        thread.title = title
        thread.rev += 1
        thread.save(update_fields=["title", "rev"])
        event = events.ThreadTitleUpdated(thread_id=thread_id, rev=thread.rev, title=title)
        transaction.on_commit(lambda: publish(user_topic(thread.user_id), event))
    return True
