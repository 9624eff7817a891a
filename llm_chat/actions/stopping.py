"""Stop: a flag in the row for whoever runs the turn, an order to be quick about it, an end at once in the queue."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from lib.write_lock import writing
from llm_chat import wire
from llm_chat.actions.ending import end_queued, locked
from llm_chat.actions.starting import Refused
from llm_chat.models import UNFINISHED, ChatThread, Status, Turn
from llm_chat.queries import in_thread_of, with_siblings
from realtime import events
from realtime.publish import order


def stop_turn(*, turn_id: UUID, by: User) -> events.TerminalEvent | None:
    """Have a turn end with the text shown so far. An ended one is left alone, and its end is returned.

    Raises Refused.
    """
    thread_id = Turn.objects.filter(in_thread_of(by.pk), id=turn_id).values_list("thread_id", flat=True).first()
    if thread_id is None:
        raise Refused("not_found", _("There is no such turn."))
    with writing():
        thread = locked(thread_id)
        turn = Turn.objects.select_related("assistant_message", "user_message").filter(id=turn_id).first()
        if thread is None or turn is None:
            raise Refused("not_found", _("There is no such turn."))
        if turn.status not in UNFINISHED:
            with_siblings([turn.assistant_message])
            return wire.terminal(turn, turn.assistant_message, thread.rev)
        stop_unfinished(thread, turn)
    return None


def stop_unfinished(thread: ChatThread, turn: Turn) -> None:
    """Take a queued turn back, or have whoever runs it end it. The caller has `locked` the thread."""
    if turn.status == Status.QUEUED:
        end_queued(thread, turn)
        return
    turn.stop_requested = True
    turn.save(update_fields=["stop_requested"])
    transaction.on_commit(lambda: order("stop", str(turn.id)))
