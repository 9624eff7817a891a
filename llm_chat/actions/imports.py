"""A file of conversations is taken in, and read into threads by a job: again from its start, should it be cut off."""

import logging
import time
from datetime import timedelta
from typing import IO
from uuid import UUID, uuid4

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import language
from accounts.models import User
from lib import jobs, stored_files
from lib.write_lock import writing
from llm_chat.actions.attaching import FileRefused
from llm_chat.actions.importing import store
from llm_chat.actions.starting import Refused
from llm_chat.imports import BadFile, Unreadable, conversation_in, elements_of
from llm_chat.imports.formats import title_in
from llm_chat.models import Import
from teams.models import Team

logger = logging.getLogger(__name__)

BROKE = gettext_lazy("Something went wrong on our side. What was imported stays; you can import the file once more.")

MOST_FAULTS = 50
TELL_EVERY = 0.7
BUSY = (Import.State.WAITING, Import.State.RUNNING)
LONGEST = timedelta(hours=12)


def begin_import(*, by: User, team: Team, name: str, file: "File[bytes]") -> Import:
    """Keep a file and have it read. Raises Refused while another one of theirs is being read, and FileRefused."""
    if Import.objects.filter(user=by, state__in=BUSY).exists():
        raise Refused("rate_limited", _("Another file is being imported. Wait until it is done."))
    try:
        key = default_storage.save(f"imports/{uuid4().hex}", file)
    except Exception:  # whatever the storage raises: each kind has its own
        logger.exception("A file could not be stored.")
        raise FileRefused(_("This file could not be stored. Try again in a moment."), 503) from None
    with writing():
        made = Import.objects.create(user=by, team=team, name=name[:200], file_key=key)
        jobs.enqueue("llm_chat.import_conversations", import_id=made.id)
    return made


def run_import(*, import_id: UUID) -> None:
    """Read the file of an import into threads. What cannot be read is noted and left out."""
    row = Import.objects.select_related("user", "team").filter(id=import_id, state__in=BUSY).first()
    if row is None:
        return
    with translation.override(language.of(row.user)):
        _run(row)


def end_lost_imports() -> None:
    """End imports whose job was given up, so that their person can begin another one."""
    lost = Import.objects.select_related("user").filter(state__in=BUSY, created_at__lt=timezone.now() - LONGEST)
    for row in lost.order_by("created_at"):
        with translation.override(language.of(row.user)):
            row.problem = str(BROKE)
        _end(row, Import.State.FAILED)


def _run(row: Import) -> None:
    # After a crash the file is read once more: what is there already is known by its source.
    row.state, row.imported, row.known, row.failed, row.faults = Import.State.RUNNING, 0, 0, 0, []
    try:
        with stored_files.opened(row.file_key) as file:
            _read_into_threads(row, file)
    except BadFile as fault:
        row.problem = str(fault)
    except FileNotFoundError:
        row.problem = _("The file is gone. Import it once more.")
    except stored_files.OutOfReach:
        row.problem = _("The place where files are kept does not answer. Import the file once more in a moment.")
    except Exception:
        logger.exception("An import broke.")
        row.problem = str(BROKE)
    if not row.problem and not (row.imported or row.known or row.failed):
        row.problem = _("There are no conversations in this file.")
    nothing_came = not (row.imported or row.known)
    _end(row, Import.State.FAILED if row.problem or nothing_came else Import.State.DONE)


def _end(row: Import, state: str) -> None:
    row.state = state
    row.ended_at = timezone.now()
    with writing():
        jobs.enqueue("llm_chat.erase_files", keys=[row.file_key])
        row.file_key = ""
        row.save()


def _read_into_threads(row: Import, file: IO[bytes]) -> None:
    row.save()
    told_at = time.monotonic()
    for value in elements_of(file):
        try:
            made = store(by=row.user, team=row.team, conversation=conversation_in(value))
        except (Unreadable, Refused) as fault:
            row.failed += 1
            if len(row.faults) < MOST_FAULTS:
                row.faults.append([title_in(value), str(fault)])
        else:
            row.imported += made is not None
            row.known += made is None
        if time.monotonic() - told_at > TELL_EVERY:
            told_at = time.monotonic()
            row.save(update_fields=["imported", "known", "failed", "faults"])
