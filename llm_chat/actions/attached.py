"""Files that messages have: tied to them as they are stored, and erased once no message is left that has them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils import timezone

from lib import jobs
from lib.write_lock import writing
from llm_chat.models import Attachment, ChatMessage

UNSENT_FOR = timedelta(hours=24)
ERASED_AT_ONCE = 100


def tie(*, files: Sequence[Attachment], message: ChatMessage) -> None:
    """Have a stored message keep these files. Part of the transaction that stores it."""
    links = Attachment.messages.through
    links.objects.bulk_create([links(attachment_id=row.id, chatmessage_id=message.id) for row in files])


def tie_copies(*, messages: Iterable[ChatMessage]) -> None:
    """Have stored messages keep the files they name: copies of messages that had them."""
    links = Attachment.messages.through
    named = [(UUID(value["id"]), message.id) for message in messages for value in message.attachments if "id" in value]
    if not named:
        return
    there = set(Attachment.objects.filter(id__in={id_ for id_, _ in named}).values_list("id", flat=True))
    rows = [links(attachment_id=id_, chatmessage_id=message_id) for id_, message_id in named if id_ in there]
    links.objects.bulk_create(rows, ignore_conflicts=True)


def ids_of_threads(thread_ids: Collection[UUID]) -> list[UUID]:
    """Return the files of threads that are about to be erased, for `erase_unused` afterwards."""
    files = Attachment.objects.filter(messages__thread__in=thread_ids)
    return list(files.values_list("id", flat=True).distinct())


def erase_unused(ids: Collection[UUID]) -> None:
    """Erase those of the files that no message has any more. Part of a transaction."""
    if ids:
        erase_all(Attachment.objects.filter(id__in=ids, messages=None))


def erase_unsent_attachments() -> int:
    """Erase files that no message has, a day after they came; return how many."""
    erased = 0
    while True:
        with writing():
            due = Attachment.objects.filter(messages=None, created_at__lte=timezone.now() - UNSENT_FOR)
            count = erase(due.order_by("created_at"))
        erased += count
        if count < ERASED_AT_ONCE:
            return erased


def erase(rows: QuerySet[Attachment]) -> int:
    """Delete some of these rows, at most ERASED_AT_ONCE, and their files once that is certain; return how many."""
    found = list(rows.values_list("id", "file_key", "thumbnail_key")[:ERASED_AT_ONCE])
    if found:
        Attachment.objects.filter(id__in=[id_ for id_, _, _ in found]).delete()
        jobs.enqueue("llm_chat.erase_files", keys=[key for _, *keys in found for key in keys if key])
    return len(found)


def erase_all(rows: QuerySet[Attachment]) -> None:
    while erase(rows) == ERASED_AT_ONCE:
        pass


def erase_files(*, keys: list[str]) -> None:
    """Take files out of the storage; one that is gone already is no fault."""
    for key in keys:
        default_storage.delete(key)
