"""The zip archive around an Office file, opened with suspicion. Only the parts that are read are unpacked."""

import stat
import zipfile
from pathlib import Path
from typing import Any
from xml.parsers import expat

from lib.file_reading.limits import Refused
from lib.file_reading.limits import gettext_noop as _

MOST_ENTRIES = 5_000
MOST_UNPACKED = 64 * 1024 * 1024
"""Of all parts that are read."""
MOST_DECLARED = 1024 * 1024 * 1024
HIGHEST_RATIO = 200
_BOMB = _("This file unpacks to far more than it should. It is not opened.")
_BROKEN = _("This file is damaged or was not saved whole. Save it anew and attach that.")


class Archive:
    """An open Office file."""

    def __init__(self, file: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            raise Refused(_BROKEN) from None
        entries = self._zip.infolist()
        if len(entries) > MOST_ENTRIES:
            raise Refused(_("There are too many parts in this file. It is not opened."))
        self.names = {entry.filename for entry in entries}
        if len(self.names) != len(entries):
            raise Refused(_BROKEN)
        for entry in entries:
            _check(entry)
        if sum(entry.file_size for entry in entries) > MOST_DECLARED:
            raise Refused(_BOMB)
        self._left = MOST_UNPACKED

    def parse(self, name: str, parser: "expat.XMLParserType") -> None:
        """Feed a part to a parser, piece by piece. Raises Refused."""
        # A definition of one's own is how a small text becomes a huge one, or asks for files of the server.
        parser.StartDoctypeDeclHandler = _no_definitions
        parser.buffer_text = True
        try:
            with self._zip.open(name) as part:
                while piece := part.read(64 * 1024):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise Refused(_BOMB)
                    parser.Parse(piece, False)
            parser.Parse(b"", True)
        except (zipfile.BadZipFile, zipfile.LargeZipFile, expat.ExpatError, OSError, KeyError, EOFError, ValueError):
            raise Refused(_BROKEN) from None
        except (NotImplementedError, RuntimeError):
            raise Refused(_BROKEN) from None


def _check(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 0x1:
        raise Refused(_("This file is protected with a password. Save it without one and attach that."))
    if entry.filename.startswith(("/", "\\")) or ".." in entry.filename.replace("\\", "/").split("/"):
        raise Refused(_("The parts of this file lead out of it. It is not opened."))
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Refused(_("The parts of this file lead out of it. It is not opened."))
    if entry.file_size > 1024 * 1024 and entry.file_size > HIGHEST_RATIO * max(1, entry.compress_size):
        raise Refused(_BOMB)


def _no_definitions(*declared: Any) -> None:
    raise Refused(_("This file defines signs of its own, which no Office program does. It is not opened."))


def local(name: str) -> str:
    return name.rpartition(":")[2]
