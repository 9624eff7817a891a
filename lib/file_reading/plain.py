"""Texts of any kind. Markup is text like any other: nothing is ever made of it."""

import codecs
import unicodedata
from pathlib import Path

from lib.file_reading.kinds import ACCEPTED
from lib.file_reading.limits import Limits, Refused
from lib.file_reading.limits import gettext_noop as _

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SPACE = "\t\n\r\f\v"


def read(file: Path, limits: Limits) -> str:
    """Return the text. Raises Refused where it is none."""
    data = file.read_bytes()
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace") if _may_be_western(data) else "\x00"
    controls = sum(
        1 for sign in text[:100_000] if sign not in _SPACE and sign != "\x1b" and unicodedata.category(sign) == "Cc"
    )
    if "\x00" in text or controls > 4 + len(text[:100_000]) // 1_000 or _has_half_signs(text):
        raise Refused(_("This kind of file cannot be read here."), ACCEPTED)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise Refused(_("There is no text in this file."))
    return text


def _may_be_western(data: bytes) -> bool:
    """Old spreadsheets write one byte for each letter; few of them are not plain letters, and none is a control."""
    sample = data[:100_000]
    high = sum(1 for byte in sample if byte >= 0x80)
    undefined = sum(1 for byte in sample if byte in b"\x00\x81\x8d\x8f\x90\x9d")
    return undefined == 0 and high <= len(sample) * 0.3


def _has_half_signs(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)
