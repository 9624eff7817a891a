"""Which branch of a thread is shown, and a new thread from a point of another one. Neither changes what was said."""

import hashlib
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from lib.write_lock import writing
from llm_chat import queries, wire
from llm_chat.actions import attached
from llm_chat.actions.starting import Refused
from llm_chat.models import UNFINISHED, ChatMessage, ChatThread
from llm_chat.queries import as_parameter
from realtime.publish import publish

_MESSAGES = connection.ops.quote_name(ChatMessage._meta.db_table)
_TITLE = gettext_lazy("Branch of ")

# A row the path is to lead through outranks its siblings; rows without any keep what they have.
_TURN_TO = f"""
WITH RECURSIVE up(id, parent_id, chosen_rev) AS (
    SELECT id, parent_id, chosen_rev FROM {_MESSAGES} WHERE id = %s
    UNION ALL
    SELECT above.id, above.parent_id, above.chosen_rev FROM {_MESSAGES} above JOIN up ON above.id = up.parent_id
)
UPDATE {_MESSAGES} SET chosen_rev = %s WHERE id IN (
    SELECT up.id FROM up WHERE up.parent_id IS NULL OR EXISTS (
        SELECT 1 FROM {_MESSAGES} rival
        WHERE rival.parent_id = up.parent_id AND rival.id <> up.id AND rival.chosen_rev >= up.chosen_rev
    )
)
"""  # noqa: S608  the only name in it is the table's


def choose_branch(*, by: User, thread_id: UUID, message_id: UUID) -> tuple[ChatThread, queries.Leaf]:
    """Have a thread show the branch of one of its messages, in every tab. Raises Refused.

    A turn that runs on another branch runs on; it is there when its reader comes back.
    """
    with writing():
        thread = _locked(by, thread_id)
        chosen = _placed(thread, message_id)
        leaf = queries.leaf_below(chosen.id)
        if leaf.id == thread.leaf_id:
            return thread, leaf
        thread.rev += 1
        thread.path_rev = thread.rev
        thread.leaf_id = leaf.id
        thread.save(update_fields=["rev", "path_rev", "leaf"])
        with connection.cursor() as cursor:
            cursor.execute(_TURN_TO, [as_parameter(chosen.id), thread.rev])
        event = wire.thread_updated(thread, leaf_id=leaf.id)
        transaction.on_commit(lambda: publish(wire.topic_of_changes(thread), event))
    return thread, leaf


def fork(*, by: User, thread_id: UUID, message_id: UUID, new_id: UUID) -> ChatThread:
    """Begin a thread with the path up to a message of another one. The same `new_id` again is the same thread.

    Raises Refused.
    """
    try:
        with writing():
            source = _locked(by, thread_id)
            last = _placed(source, message_id)
            if last.status in UNFINISHED:
                raise Refused("bad_frame", _("This reply is still being written. Try again when it has ended."))
            leaf_id = _copied_id(new_id, last.id)
            known = queries.threads_of(by.pk).filter(id=new_id, leaf=leaf_id).first()
            if known:
                return known
            made = _new_thread(source, new_id, leaf_id)
            made.save(force_insert=True)
            with connection.cursor() as cursor:
                cursor.execute(_COPY, [as_parameter(last.id), new_id.hex, as_parameter(new_id), new_id.hex])
            attached.tie_copies(messages=made.messages.exclude(attachments=[]))
            event = wire.thread_created(made)
            transaction.on_commit(lambda: publish(wire.topic_of_changes(made), event))
    except IntegrityError:
        raise Refused("id_taken", _("This id is already used by another conversation.")) from None
    return made


def _locked(by: User, thread_id: UUID) -> ChatThread:
    thread = queries.threads_of(by.pk).filter(id=thread_id).select_for_update(of=("self",)).first()
    if thread is None:
        raise Refused("not_found", _("There is no such conversation any more."))
    return thread


def _placed(thread: ChatThread, message_id: UUID) -> ChatMessage:
    row = ChatMessage.objects.filter(thread=thread, id=message_id).exclude(queries.NEVER_PLACED).first()
    if row is None:
        raise Refused("not_found", _("There is no such message in this conversation."))
    return row


_OWN = {"id", "title", "leaf", "rev", "path_rev", "created_at", "last_message_at"}
_LEFT_OUT = {"pinned_at", "archived_at", "deleted_at", "indexed_title", "summary_up_to", "imported_from"}


def _new_thread(source: ChatThread, new_id: UUID, leaf_id: UUID) -> ChatThread:
    """Return a thread like `source`: its model and whatever else was set for it hold on, what became of it does not."""
    kept = {
        field.attname: getattr(source, field.attname)
        for field in ChatThread._meta.concrete_fields
        if field.name not in _OWN | _LEFT_OUT
    }
    title = source.title if source.title.startswith(str(_TITLE)) or not source.title else f"{_TITLE}{source.title}"
    return ChatThread(**kept, id=new_id, leaf_id=leaf_id, rev=1, title=title[:200], last_message_at=timezone.now())


# A copy's id follows from its thread's and the original's, so that one statement can copy ids and parents alike.


def _copied_id(thread_id: UUID, message_id: UUID) -> UUID:
    return UUID(hashlib.sha256((thread_id.hex + message_id.hex).encode()).hexdigest()[:32])


def _copied_id_of(column: str) -> str:
    if connection.vendor == "postgresql":
        hashed = f"encode(sha256(convert_to(%s || replace({column}::text, '-', ''), 'UTF8')), 'hex')"
        return f"CASE WHEN {column} IS NULL THEN NULL ELSE substr({hashed}, 1, 32)::uuid END"
    return f"CASE WHEN {column} IS NULL THEN NULL ELSE substr(SHA256(%s || {column}), 1, 32) END"


def _copy_statement() -> str:
    said = {
        "id": _copied_id_of("message.id"),
        "thread_id": "%s",
        "parent_id": _copied_id_of("message.parent_id"),
        "rev": "1",
        "chosen_rev": "1",
        "continues": "NULL",
        "rating": "''",  # was given to the original
        "is_indexed": "false",
    }
    # The parameters: where the path ends, then in the order of the fields id, thread and parent.
    columns = [field.column for field in ChatMessage._meta.concrete_fields if field.column and not field.generated]
    into = ", ".join(connection.ops.quote_name(column) for column in columns)
    values = ", ".join(said.get(column) or f"message.{connection.ops.quote_name(column)}" for column in columns)
    return f"""
WITH RECURSIVE path(id, parent_id) AS (
    SELECT id, parent_id FROM {_MESSAGES} WHERE id = %s
    UNION ALL
    SELECT above.id, above.parent_id FROM {_MESSAGES} above JOIN path ON above.id = path.parent_id
)
INSERT INTO {_MESSAGES} ({into}) SELECT {values} FROM {_MESSAGES} message JOIN path ON path.id = message.id
"""  # noqa: S608  the only names in it are the table's and its columns'


_COPY = _copy_statement()
