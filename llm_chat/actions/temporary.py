"""Temporary threads end: their words go at once; an empty row stays for a while, so that nothing revives them."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from lib import jobs
from lib.write_lock import writing
from llm_chat import queries
from llm_chat.actions import attached
from llm_chat.actions.stopping import stop_unfinished
from llm_chat.models import UNFINISHED, ChatMessage, ChatThread, Turn
from llm_service import feedback
from realtime import events
from realtime.hub import thread_topic, user_topic
from realtime.publish import publish

KEPT_FOR = timedelta(hours=24)
GRACE = timedelta(minutes=1)
"""A page that closes looks like one that is loaded anew: this long it may come back."""


def leave_temporary(*, by: User, thread_id: UUID) -> bool:
    """Erase a temporary thread whose person goes to another; False if there is none, also if it is an ordinary one."""
    with writing():
        thread = _own(by, thread_id).select_for_update(of=("self",)).first()
        if thread is None:
            return False
        _erase(thread)
    return True


def close_temporary(*, by: User, thread_id: UUID) -> bool:
    """Note that a tab with a temporary thread was closed: soon it is erased, unless a tab shows it.

    Tabs that still show it are told, and say so by subscribing again. False if there is no such thread.
    """
    with writing():
        thread = _own(by, thread_id).select_for_update(of=("self",)).first()
        if thread is None:
            return False
        thread.left_at = timezone.now()
        thread.save(update_fields=["left_at"])
        jobs.enqueue("llm_chat.erase_left", after=GRACE, thread_id=thread.id)
        left = events.ThreadUpdated(thread_id=thread.id, rev=thread.rev, left=True)
        transaction.on_commit(lambda: publish(thread_topic(thread.id), left))
    return True


def come_back(*, by: User, thread_id: UUID) -> None:
    """Keep a temporary thread that was left and is shown again."""
    with writing():
        _own(by, thread_id).update(left_at=None)


def erase_left(*, thread_id: UUID) -> bool:
    """Erase a temporary thread that was left and that nobody came back to; tell whether it was."""
    with writing():
        due = ChatThread.objects.filter(id=thread_id, temporary=True, deleted_at=None)
        thread = due.filter(left_at__lte=timezone.now() - GRACE).select_for_update(of=("self",)).first()
        if thread:
            _erase(thread)
    return thread is not None


def _own(person: User, thread_id: UUID) -> QuerySet[ChatThread]:
    return queries.threads_with_deleted(person.pk).filter(id=thread_id, temporary=True, deleted_at=None)


def erase_old_temporary() -> int:
    """Erase the temporary threads that nobody said goodbye to; return how many."""
    erased = 0
    now = timezone.now()
    is_due = Q(last_message_at__lte=now - KEPT_FOR) | Q(left_at__lte=now - GRACE)
    due = ChatThread.objects.filter(is_due, temporary=True, deleted_at=None).order_by("id")
    for thread_id in list(due.values_list("id", flat=True)):
        with writing():
            thread = due.filter(id=thread_id).select_for_update(of=("self",)).first()
            if thread:
                _erase(thread)
                erased += 1
    return erased


def _erase(thread: ChatThread) -> None:
    """Take everything out of a locked thread. Its row goes an hour later, as that of any deleted thread."""
    thread.deleted_at = timezone.now()
    thread.rev += 1
    thread.leaf, thread.title, thread.instructions, thread.parameters = None, "", "", {}
    thread.save(update_fields=["deleted_at", "rev", "leaf", "title", "instructions", "parameters"])
    unfinished = Turn.objects.filter(thread=thread, status__in=UNFINISHED)
    for turn in unfinished.select_related("assistant_message", "user_message"):
        stop_unfinished(thread, turn)  # a reply that nobody will read is not paid for
    files = attached.ids_of_threads([thread.id])
    Turn.objects.filter(thread=thread).delete()
    ChatMessage.objects.filter(thread=thread).delete()
    feedback.forget_thread(thread.id)
    attached.erase_unused(files)
    gone = events.ThreadDeleted(thread_id=thread.id, rev=thread.rev)

    def tell() -> None:
        publish(thread_topic(thread.id), gone)
        publish(user_topic(thread.user_id), gone)

    transaction.on_commit(tell)
