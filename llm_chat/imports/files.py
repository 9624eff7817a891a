"""The conversations in a file somebody uploaded, one at a time: no file, whatever it claims to be, fills the memory."""

import codecs
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST_READ = 600 * 1024 * 1024
"""Characters read of one upload, unpacked."""
MOST_OF_ONE = 24 * 1024 * 1024
"""Characters of one conversation."""
MOST_ENTRIES = 50_000
FIRST_PIECE = 64 * 1024
_CONVERSATIONS = re.compile(r"(?:^|/)(?:conversations(?:[-_]\d+)?|threads/[^/]+)\.json$")

TOO_LARGE = gettext_lazy("The file is too large once it is unpacked. Import it in parts.")
NO_JSON = gettext_lazy("The file is not the export of a chat: it is neither a zip with conversations in it nor JSON.")
BROKEN = gettext_lazy("The file is damaged or was cut off. Download it again, then try once more.")
NOTHING = gettext_lazy(
    "There are no conversations in this zip. Choose the zip as you got it, or the conversations.json in it."
)


class BadFile(Exception):
    """The file cannot be read; the text is for people."""


def elements_of(file: IO[bytes]) -> Iterator[Any]:
    """Yield what may be conversations. Raises BadFile, also in the middle."""
    start = file.read(4)
    file.seek(0)
    if start.startswith(b"PK"):
        yield from _in_zip(file)
    else:
        yield from _Elements(file, MOST_READ)


def _in_zip(file: IO[bytes]) -> Iterator[Any]:
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise BadFile(TOO_LARGE)
            named = [entry for entry in entries if _CONVERSATIONS.search(entry.filename)]
            alone = [entry for entry in entries if entry.filename.endswith(".json")]
            chosen = named or (alone if len(alone) == 1 else [])
            if not chosen:
                raise BadFile(NOTHING)
            left = MOST_READ
            for entry in sorted(chosen, key=lambda one: one.filename):
                if entry.flag_bits & 1:
                    raise BadFile(
                        _("The zip is locked with a password. Unpack it first, then import conversations.json.")
                    )
                with archive.open(entry) as inside:
                    elements = _Elements(inside, left)
                    yield from elements
                    left -= elements.read
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        raise BadFile(BROKEN) from error


class _Elements:
    """The elements of a JSON array, or a single object, read piece by piece."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._reader = codecs.getreader("utf-8-sig")(stream)
        self._limit = limit
        self._text = ""
        self._at = 0
        self._is_over = False
        self.read = 0

    def __iter__(self) -> Iterator[Any]:
        first = self._next_mark()
        if first == "{":
            yield self._decoded()
            return
        if first != "[":
            raise BadFile(NO_JSON)
        self._at += 1
        while (mark := self._next_mark()) != "]":
            if mark == ",":
                self._at += 1
            elif not mark:
                raise BadFile(BROKEN)
            else:
                yield self._decoded()

    def _next_mark(self) -> str:
        """Return the next letter that is no space, without taking it; nothing at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at].isspace():
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(FIRST_PIECE):
                return ""

    def _decoded(self) -> Any:
        piece = FIRST_PIECE
        while True:
            try:
                value, self._at = json.JSONDecoder().raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                if len(self._text) - self._at > MOST_OF_ONE:
                    raise BadFile(TOO_LARGE) from None
                if not self._more(piece):
                    raise BadFile(BROKEN) from None
                piece *= 2  # what is long is not tried again for each piece of it
            except (RecursionError, ValueError):
                raise BadFile(BROKEN) from None
            else:
                return value

    def _more(self, size: int) -> bool:
        if self._is_over:
            return False
        try:
            piece = self._reader.read(size, size)
        except UnicodeDecodeError as error:
            raise BadFile(NO_JSON) from error
        self._is_over = not piece
        self.read += len(piece)
        if self.read > self._limit:
            raise BadFile(TOO_LARGE)
        self._text = self._text[self._at :] + piece
        self._at = 0
        return bool(piece)
