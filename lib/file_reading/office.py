"""The text of Word, Excel and PowerPoint files. Of what they are made of, only the texts are read."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.parsers import expat

from lib.file_reading.archives import Archive, local
from lib.file_reading.limits import Limits, Refused
from lib.file_reading.limits import gettext_noop as _
from lib.file_reading.sheets import Workbook

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
POWERPOINT = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def read(file: Path, limits: Limits) -> tuple[dict[str, Any], str]:
    """Return what is known of the file, and its text. Raises Refused."""
    archive = Archive(file)
    if "[Content_Types].xml" not in archive.names:
        raise Refused(_("Archives cannot be attached. Attach the files in it one by one."))
    if any(name.lower().endswith(("vbaproject.bin", "vbadata.xml")) for name in archive.names):
        raise Refused(_("There are macros in this file. Save it without them (.docx, .xlsx, .pptx) and attach that."))
    if "word/document.xml" in archive.names:
        mime, (about, text) = WORD, _word(archive, limits)
    elif "xl/workbook.xml" in archive.names:
        mime, (about, text) = EXCEL, _excel(archive, limits)
    elif "ppt/presentation.xml" in archive.names:
        mime, (about, text) = POWERPOINT, _powerpoint(archive, limits)
    else:
        raise Refused(_("This is not a Word, Excel or PowerPoint file, and archives cannot be attached."))
    if not text.strip():
        raise Refused(_("There is no text in this file."))
    return {"kind": "document", "mime": mime, **about}, text


def _word(archive: Archive, limits: Limits) -> tuple[dict[str, Any], str]:
    return {}, _running_text(archive, "word/document.xml", limits)


def _powerpoint(archive: Archive, limits: Limits) -> tuple[dict[str, Any], str]:
    slides = _numbered(archive, r"ppt/slides/slide(\d+)\.xml")
    texts: list[str] = []
    for number, slide in enumerate(slides[: limits.pages], start=1):
        texts.append(f"[Slide {number}]\n{_running_text(archive, slide, limits)}")
        if sum(map(len, texts)) > limits.characters:
            break
    return {"unit": "slide", "parts": len(slides), "parts_read": len(texts)}, "\n\n".join(texts)


def _excel(archive: Archive, limits: Limits) -> tuple[dict[str, Any], str]:
    book = Workbook(archive, limits.characters)
    texts: list[str] = []
    length = 0
    for name, rows in book.sheets():
        written = io.StringIO()
        csv.writer(written, lineterminator="\n").writerows(rows)
        texts.append(f"[Sheet {name}]\n{written.getvalue().strip()}")
        length += len(texts[-1])
        if length > limits.characters or len(texts) >= limits.pages:
            break
    about = {"unit": "sheet", "parts": len(book.parts), "parts_read": len(texts)}
    return about, "\n\n".join(texts) if book.has_values else ""


def _numbered(archive: Archive, pattern: str) -> list[str]:
    found = [(int(match[1]), name) for name in archive.names if (match := re.fullmatch(pattern, name))]
    return [name for _, name in sorted(found)]


def _running_text(archive: Archive, part: str, limits: Limits) -> str:
    """Return the text of paragraphs, a line each; cells of a table stand beside each other."""
    pieces: list[str] = []
    inside = 0
    length = 0
    breaks = {"p": "\n", "tab": "\t", "br": "\n", "cr": "\n", "tr": "\n"}

    def begins(name: str, _: dict[str, str]) -> None:
        nonlocal inside
        inside += local(name) == "t"

    def ends(name: str) -> None:
        nonlocal inside
        inside -= local(name) == "t"
        if local(name) == "tc":
            while pieces and pieces[-1] == "\n":
                pieces.pop()
            pieces.append(" | ")
        elif mark := breaks.get(local(name)):
            pieces.append(mark)

    def says(text: str) -> None:
        nonlocal length
        if inside and length <= limits.characters:
            pieces.append(text)
            length += len(text)

    _feed(archive, part, begins, ends, says)
    return re.sub(r"\n{3,}", "\n\n", "".join(pieces)).strip()


def _feed(
    archive: Archive,
    part: str,
    begins: Callable[[str, dict[str, str]], None],
    ends: Callable[[str], None],
    says: Callable[[str], None],
) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = begins
    parser.EndElementHandler = ends
    parser.CharacterDataHandler = says
    archive.parse(part, parser)
