"""A file arrives: it is read by a process of its own, stored, and waits to be sent."""

import hashlib
import logging
import uuid
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError
from django.utils.translation import gettext as _

from accounts.models import User
from lib import file_names, jobs, wording
from lib.file_reading import limits, reader
from lib.write_lock import writing
from llm_chat import queries
from llm_chat.actions.attached import erase
from llm_chat.actions.starting import team_for_new_thread
from llm_chat.models import Attachment
from llm_service import tokens

logger = logging.getLogger(__name__)

MOST_UNSENT = 100
_PIXELS_A_TOKEN = 750
_MOST_IMAGE_TOKENS = 1_600
"""What vendors count for a picture, about."""


class FileRefused(Exception):
    """A file was not taken and nothing of it is kept; the text is for people."""

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrived. `id` is the sender's, so that sending it again is harmless."""

    id: UUID
    team_id: UUID | None
    name: str
    path: Path
    size: int


def attach(*, by: User, upload: Upload) -> Attachment:
    """Read and store a file, which can then be sent with a message. Raises FileRefused, and Refused for a team.

    Takes seconds: a process of its own opens the file.
    """
    if known := _known(by, upload):
        return known
    _check_room(by, upload.size)
    team = team_for_new_thread(by, upload.team_id)
    with TemporaryDirectory(prefix="attachment-") as folder:
        out = Path(folder)
        try:
            found = reader.read(upload.path, name=file_names.cleaned(upload.name), out=out)
        except limits.Refused as refusal:
            raise FileRefused(str(refusal)) from None
        row = _row(upload, found, out)
        row.user, row.team = by, team
        try:
            with writing():
                row.save(force_insert=True)
        except IntegrityError:  # the same file arrived twice at once
            if known := Attachment.objects.filter(id=upload.id, user=by, is_stored=True).defer("text").first():
                return known
            raise _being_stored() from None
        _store(row, out / "file" if found["kind"] == Attachment.Kind.IMAGE else upload.path, out / "thumbnail")
    return row


def detach(*, by: User, attachment_id: UUID) -> bool:
    """Erase a file that was never sent; False if there is none."""
    with writing():
        return bool(erase(Attachment.objects.filter(user=by, id=attachment_id, messages=None)))


def _known(by: User, upload: Upload) -> Attachment | None:
    row = Attachment.objects.filter(id=upload.id).defer("text").first()
    if row is None:
        return None
    if row.user_id != by.pk:
        raise FileRefused(_("This id is already used by another file. Attach the file again."), 409)
    if row.is_stored:
        return row
    detach(by=by, attachment_id=row.id)  # a server went away while it was stored
    return None


def _check_room(by: User, size: int) -> None:
    most = settings.ATTACHMENT_MAX_MB
    if size > most * 1024 * 1024:
        raise FileRefused(
            _("This file is too large: %(most)s MB are the most. Attach a smaller one.") % {"most": most}, 413
        )
    if not size:
        raise FileRefused(_("This file is empty."))
    if Attachment.objects.filter(user=by, messages=None).count() >= MOST_UNSENT:
        raise FileRefused(_("You have attached many files without sending them. Send or remove some first."), 429)
    if queries.bytes_of(by.pk) + size > settings.ATTACHMENT_TOTAL_MB * 1024 * 1024:
        raise FileRefused(
            _("Your files take up all of your %(most)s MB. Delete conversations with files you no longer need.")
            % {"most": wording.number(settings.ATTACHMENT_TOTAL_MB)},
            413,
        )


def _row(upload: Upload, found: dict[str, Any], out: Path) -> Attachment:
    is_image = found["kind"] == Attachment.Kind.IMAGE
    kept = out / "file" if is_image else upload.path
    text = "" if is_image else (out / "text").read_text(encoding="utf-8")
    width, height = found.get("width"), found.get("height")
    with kept.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return Attachment(
        id=upload.id,
        kind=found["kind"],
        name=file_names.cleaned(upload.name),
        mime=found["mime"],
        size=kept.stat().st_size,
        width=width,
        height=height,
        about={key: value for key, value in found.items() if key not in ("kind", "mime", "width", "height")},
        text=text,
        token_count=_image_tokens(width, height) if width and height else tokens.stored_count(text),
        file_key=_new_key(),
        thumbnail_key=_new_key() if is_image else "",
        sha256=digest,
    )


def _image_tokens(width: int, height: int) -> int:
    return min(_MOST_IMAGE_TOKENS, -(-width * height // _PIXELS_A_TOKEN))


def _new_key() -> str:
    name = uuid.uuid4().hex
    return f"attachments/{name[:2]}/{name}"


def _store(row: Attachment, file: Path, thumbnail: Path) -> None:
    """Store the files under the keys the row has already: whatever happens meanwhile, the row says what to erase."""
    try:
        for key, path in ((row.file_key, file), (row.thumbnail_key, thumbnail)):
            if key:
                with path.open("rb") as opened:
                    default_storage.save(key, File(opened))
        row.is_stored = bool(Attachment.objects.filter(id=row.id, file_key=row.file_key).update(is_stored=True))
    except Exception:  # whatever the storage raises: each kind has its own
        logger.exception("A file could not be stored.")
        with writing():
            erase(Attachment.objects.filter(id=row.id, file_key=row.file_key))
        raise FileRefused(_("This file could not be stored. Try again in a moment."), 503) from None
    if not row.is_stored:  # it was removed meanwhile, or sent once more: the later one is the one that is kept
        with writing():
            jobs.enqueue("llm_chat.erase_files", keys=[key for key in (row.file_key, row.thumbnail_key) if key])
        raise _being_stored()


def _being_stored() -> FileRefused:
    return FileRefused(_("This file is being stored already. Try again in a moment."), 409)
