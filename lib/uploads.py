"""Uploads, bounded while they arrive: what is too large is let go of at once, and nothing is held in memory."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Puts a file on the disk, as far as it is allowed. `too_large` says that it was cut off."""

    too_large = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start + len(raw_data) > settings.ATTACHMENT_MAX_MB * 1024 * 1024:
            self.too_large = True
            self.file.close()
            raise StopUpload(connection_reset=False)
        return super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        return None if self.too_large else super().file_complete(file_size)

    def upload_interrupted(self) -> None:
        """Django's own looks for a file it may have deleted already."""
        if hasattr(self, "file") and not self.file.closed:
            self.file.close()
