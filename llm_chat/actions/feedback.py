"""What a person thinks of a reply: stored beside the model's call, shown in each of their tabs."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from lib.write_lock import writing
from llm_chat import wire
from llm_chat.actions.starting import Refused
from llm_chat.models import UNFINISHED, ChatMessage, ChatThread, Turn
from llm_chat.queries import in_thread_of, with_siblings
from llm_service import feedback
from realtime.hub import thread_topic
from realtime.publish import publish


def rate(*, by: User, message_id: UUID, opinion: feedback.Opinion) -> None:
    """Say, change or take back what a person thinks of a finished reply. Raises Refused."""
    with writing():
        replies = _replies_of(by).filter(id=message_id)
        thread = ChatThread.objects.select_for_update().filter(id__in=replies.values("thread_id")).first()
        row = replies.first()
        if thread is None or row is None:
            raise Refused("not_found", _("There is no such reply any more."))
        turn_id = Turn.objects.filter(assistant_message=row).values_list("id", flat=True).first()
        feedback.give(
            by=by,
            opinion=opinion,
            message_id=row.id,
            thread_id=thread.id,
            turn_id=turn_id,
            team_id=thread.team_id,
            model=row.model,
        )
        rating = opinion.rating or ""
        if row.rating == rating:
            return  # a reason alone is on no page
        thread.rev += 1
        thread.save(update_fields=["rev"])
        row.rating, row.rev = rating, thread.rev
        row.save(update_fields=["rating", "rev"])
        with_siblings([row])
        event = wire.message_rated(row, thread.rev)
        transaction.on_commit(lambda: publish(thread_topic(thread.id), event))


def rated(*, by: User, message_id: UUID) -> feedback.Opinion:
    """Return what a person thinks of a reply. Raises Refused."""
    if not _replies_of(by).filter(id=message_id).exists():
        raise Refused("not_found", _("There is no such reply any more."))
    return feedback.given(by, message_id)


def _replies_of(by: User) -> QuerySet[ChatMessage]:
    replies = ChatMessage.objects.filter(in_thread_of(by.pk), role=ChatMessage.Role.ASSISTANT)
    return replies.exclude(status__in=UNFINISHED)
