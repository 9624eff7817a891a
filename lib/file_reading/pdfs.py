"""The text of a PDF, page by page."""

import logging
import time
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from lib.file_reading.limits import Limits, Refused
from lib.file_reading.limits import gettext_noop as _

_BROKEN = _("This PDF is damaged or was not saved whole. Save it anew and attach that.")


def read(file: Path, limits: Limits) -> tuple[dict[str, Any], str]:
    """Return what is known of the PDF, and its text. Raises Refused."""
    logging.disable(logging.CRITICAL)  # it tells of each fault it works around
    try:
        opened = PdfReader(file)
        if opened.is_encrypted and not opened.decrypt(""):
            raise Refused(_("This PDF is protected with a password. Save it without one and attach that."))
        pages = len(opened.pages)
        text, read_pages = _text_of(opened, min(pages, limits.pages), limits)
    except Refused:
        raise
    except MemoryError:
        raise Refused(_("This PDF takes more memory to read than there is. Split it and attach a part.")) from None
    except RecursionError:
        raise Refused(_BROKEN) from None
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, NotImplementedError):
        raise Refused(_BROKEN) from None
    if not pages:
        raise Refused(_("This PDF has no pages."))
    if not text.strip():
        raise Refused(_("There is no text in this PDF: it may be scanned. Attach its pages as pictures instead."))
    about = {"kind": "document", "mime": "application/pdf", "unit": "page", "parts": pages, "parts_read": read_pages}
    return about, text


def _text_of(opened: PdfReader, pages: int, limits: Limits) -> tuple[str, int]:
    """Read until there is enough or time is short; what was read so far is worth having."""
    until = time.monotonic() + limits.seconds / 2
    texts: list[str] = []
    length = 0
    for number in range(pages):
        text = opened.pages[number].extract_text().strip()
        texts.append(f"[Page {number + 1}]\n{text}" if text else "")
        length += len(text)
        if length > limits.characters or time.monotonic() > until:
            return "\n\n".join(filter(None, texts)), number + 1
    return "\n\n".join(filter(None, texts)), pages
