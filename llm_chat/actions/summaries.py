"""A summary is kept for the message that it reaches."""

from uuid import UUID

from django.db import transaction

from lib.write_lock import writing
from llm_chat import wire
from llm_chat.actions.ending import is_open, locked
from llm_chat.models import ChatMessage, Summary
from llm_chat.queries.summarising import Portion
from llm_service import tokens
from realtime.publish import publish


def keep_summary(*, thread_id: UUID, portion: Portion, text: str, model: str) -> bool:
    """Keep a summary and tell the tabs; False if the thread is gone, or its person is no longer in its team."""
    token_count = tokens.stored_count(text)
    with writing():
        thread = locked(thread_id)
        if thread is None or thread.deleted_at or not is_open(thread):
            return False
        if not ChatMessage.objects.filter(id=portion.up_to, thread=thread).exists():
            return False
        Summary.objects.update_or_create(
            up_to_id=portion.up_to,
            defaults={
                "thread": thread,
                "text": text,
                "token_count": token_count,
                "messages": portion.covers,
                "model": model,
            },
        )
        thread.summary_up_to = portion.up_to
        thread.rev += 1
        thread.save(update_fields=["summary_up_to", "rev"])
        topic = wire.topic_of_changes(thread)
        event = wire.thread_updated(thread).model_copy(update={"summary_up_to": portion.up_to})
        transaction.on_commit(lambda: publish(topic, event))
    return True
