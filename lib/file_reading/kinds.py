"""What a file is, by its bytes alone: neither its name nor the browser's word counts."""

import re
from enum import StrEnum
from pathlib import Path, PurePosixPath

from lib.file_reading.limits import Refused
from lib.file_reading.limits import gettext_noop as _

HEAD = 4_096
TAIL = 66_000
"""As far from the end as the directory of a zip archive may begin to be announced."""
ACCEPTED = _("Images (PNG, JPEG, WebP, GIF), PDF, Word, Excel and PowerPoint files and texts can be attached.")


class Kind(StrEnum):
    PNG = "PNG"
    JPEG = "JPEG"
    WEBP = "WEBP"
    GIF = "GIF"
    PDF = "PDF"
    ZIP = "ZIP"
    TEXT = "TEXT"


PICTURES = frozenset({Kind.PNG, Kind.JPEG, Kind.WEBP, Kind.GIF})
_PROMISES = {
    **dict.fromkeys(
        ("png", "jpg", "jpeg", "jfif", "webp", "gif"),
        (_("This is not a picture, although its name ends in .%(ending)s."), PICTURES),
    ),
    "pdf": (_("This is not a PDF, although its name ends in .%(ending)s."), {Kind.PDF}),
    **dict.fromkeys(
        ("docx", "xlsx", "pptx"), (_("This is not an Office file, although its name ends in .%(ending)s."), {Kind.ZIP})
    ),
    **dict.fromkeys(
        ("txt", "md", "csv", "tsv", "json", "html", "htm", "svg", "xml", "yaml", "yml", "log", "py", "js", "ts", "css"),
        (_("This is not a text, although its name ends in .%(ending)s."), {Kind.TEXT}),
    ),
}
"""What endings of names say. The bytes decide; a name that says otherwise is a disguise or a mistake."""

_FOREIGN = (
    (b"\x7fELF", _("This is a program. Programs cannot be attached.")),
    (b"MZ", _("This is a program. Programs cannot be attached.")),
    (b"\xcf\xfa\xed\xfe", _("This is a program. Programs cannot be attached.")),
    (b"\xca\xfe\xba\xbe", _("This is a program. Programs cannot be attached.")),
    (b"\x00asm", _("This is a program. Programs cannot be attached.")),
    (b"Rar!", _("Archives cannot be attached. Attach the files in it one by one.")),
    (b"7z\xbc\xaf\x27\x1c", _("Archives cannot be attached. Attach the files in it one by one.")),
    (b"\x1f\x8b", _("Archives cannot be attached. Attach the files in it one by one.")),
    (b"BZh", _("Archives cannot be attached. Attach the files in it one by one.")),
    (b"\xfd7zXZ\x00", _("Archives cannot be attached. Attach the files in it one by one.")),
    (b"(\xb5/\xfd", _("Archives cannot be attached. Attach the files in it one by one.")),
    (b"PK\x05\x06", _("This archive is empty.")),
    (b"{\\rtf", _("RTF cannot be read here. Save it as .docx or as plain text and attach that.")),
    (b"%!PS", _("PostScript cannot be read here. Save it as PDF and attach that.")),
    (b"BM", _("This kind of picture cannot be read here."), ACCEPTED),
    (b"II*\x00", _("TIFF pictures cannot be read here."), ACCEPTED),
    (b"MM\x00*", _("TIFF pictures cannot be read here."), ACCEPTED),
    (b"\x00\x00\x01\x00", _("Icons cannot be read here."), ACCEPTED),
    (b"8BPS", _("Photoshop files cannot be read here."), ACCEPTED),
    (b"ID3", _("Sound cannot be attached.")),
    (b"OggS", _("Sound cannot be attached.")),
    (b"fLaC", _("Sound cannot be attached.")),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Long enough that no picture's own bytes spell one by chance.
_MARKUP = re.compile(rb"<!doctype\s+html|<html[\s>]|<script[\s>/]|<iframe[\s>]|<svg\s+[a-z]|<\?php\s", re.IGNORECASE)
_TWO_IN_ONE = _("This file is two things at once. Save it anew with the program it was made with and attach that.")


def kind_of(file: Path, name: str) -> Kind:
    """Return what the file is. Raises Refused for what is not taken, or is something else than its name says."""
    size = file.stat().st_size
    with file.open("rb") as opened:
        head = opened.read(HEAD)
        opened.seek(max(0, size - TAIL))
        tail = opened.read(TAIL)
    if not head:
        raise Refused(_("This file is empty."))
    kind = _sniffed(head)
    if kind in PICTURES:
        _is_only_a_picture(file, tail)
    if kind == Kind.PDF:
        _is_only_a_pdf(head, tail)
    ending = PurePosixPath(name).suffix[1:].lower()
    disguise, kinds = _PROMISES.get(ending, ("", frozenset(Kind)))
    if kind not in kinds:
        raise Refused(disguise, _("Give it its right name first."), ending=ending)
    return kind


def _sniffed(head: bytes) -> Kind:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return Kind.GIF
    if head.startswith(b"%PDF-"):
        return Kind.PDF
    if head.startswith(b"PK\x03\x04"):
        return Kind.ZIP
    _is_none_of_the_others(head)
    return Kind.TEXT


def _is_none_of_the_others(head: bytes) -> None:
    if head.startswith(_OLE):
        # The names of an encrypted document's streams are in its directory, somewhere in the file: the reader looks.
        raise Refused(
            _(
                "This is an Office file of before 2007 or one with a password. "
                "Save it without a password as .docx, .xlsx or .pptx and attach that."
            )
        )
    for mark, *sentences in _FOREIGN:
        if head.startswith(mark) and (len(mark) > 3 or b"\x00" in head):  # a text may begin with two such letters
            raise Refused(*sentences)
    if head[257:262] == b"ustar":
        raise Refused(_("Archives cannot be attached. Attach the files in it one by one."))
    if head[4:8] == b"ftyp":
        if head[8:12] in (b"heic", b"heix", b"mif1", b"avif", b"msf1"):
            raise Refused(_("HEIC and AVIF pictures cannot be read here."), ACCEPTED)
        raise Refused(_("Films and sound cannot be attached."))
    if head[:4] == b"RIFF" or head[:4] == b"\x1aE\xdf\xa3":
        raise Refused(_("Films and sound cannot be attached."))
    if b"%PDF-" in head[:1024]:
        raise Refused(_TWO_IN_ONE)


def _is_only_a_picture(file: Path, tail: bytes) -> None:
    """Browsers and unpackers find their own format in the middle of a picture; nobody sends one like that by chance."""
    if b"PK\x05\x06" in tail or _MARKUP.search(file.read_bytes()):
        raise Refused(_TWO_IN_ONE)


def _is_only_a_pdf(head: bytes, tail: bytes) -> None:
    begins = re.search(rb"\d+\s+\d+\s+obj", head)
    before = head[: begins.start()] if begins else head[:1024]
    after = tail.rpartition(b"%%EOF")[2]
    if _MARKUP.search(before) or _MARKUP.search(after) or b"PK\x05\x06" in after:
        raise Refused(_TWO_IN_ONE)
