"""Names people gave their files, made fit to be shown. A label: nothing is ever stored or found under it."""

import unicodedata

MOST = 120
FALLBACK = "file"
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}


def cleaned(name: str) -> str:
    """Return a name without folders, and without signs that are not seen or that turn others around."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(sign for sign in unicodedata.normalize("NFC", last) if _is_seen(sign))
    shown = " ".join(shown.split()).strip(". ")
    if shown.partition(".")[0].lower() in _RESERVED:
        shown = f"_{shown}"
    if len(shown) > MOST:
        stem, dot, ending = shown.rpartition(".")
        keeps = dot and len(ending) <= 10
        shown = f"{stem[: MOST - len(ending) - 2]}….{ending}" if keeps else f"{shown[: MOST - 1]}…"
    return shown or FALLBACK


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn") or sign == "\t"
