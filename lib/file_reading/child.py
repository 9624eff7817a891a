"""The process that opens a file: `python -m lib.file_reading.child FILE NAME OUT LIMITS`. It may hang or burst alone.

Writes its findings as JSON on standard output, text and pictures into the folder OUT. Knows no settings and no secrets.
"""

import contextlib
import json
import resource
import sys
from pathlib import Path
from typing import Any

from lib.file_reading.kinds import PICTURES, Kind, kind_of
from lib.file_reading.limits import Limits, Refused
from lib.file_reading.limits import gettext_noop as _

TOO_MUCH = _("This file takes more memory to read than there is. Attach a smaller part of it.")
MOST_WRITTEN = 64 * 1024 * 1024


def main(file: str, name: str, out: str, limits: str) -> None:
    allowed = Limits(**json.loads(limits))
    _limit(allowed)
    try:
        found = _read(Path(file), name, Path(out), allowed)
    except Refused as refusal:
        found = {"refused": refusal.sentences, "values": refusal.values}
    except MemoryError:
        found = {"refused": [TOO_MUCH], "values": {}}
    sys.stdout.write(json.dumps(found))


def _limit(allowed: Limits) -> None:
    wanted = {
        resource.RLIMIT_AS: allowed.memory,
        resource.RLIMIT_CPU: allowed.seconds,
        resource.RLIMIT_FSIZE: MOST_WRITTEN,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 64,
    }
    for kind, most in wanted.items():
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of address space
            resource.setrlimit(kind, (most, most))


def _read(file: Path, name: str, out: Path, limits: Limits) -> dict[str, Any]:
    kind = kind_of(file, name)
    if kind in PICTURES:
        from lib.file_reading import pictures  # noqa: PLC0415  heavy, and most files need one of these

        return pictures.read(file, kind, out, limits)
    if kind == Kind.PDF:
        from lib.file_reading import pdfs  # noqa: PLC0415  heavy

        about, text = pdfs.read(file, limits)
    elif kind == Kind.ZIP:
        from lib.file_reading import office  # noqa: PLC0415  for this kind alone

        about, text = office.read(file, limits)
    else:
        from lib.file_reading import plain  # noqa: PLC0415  for this kind alone

        about, text = {"kind": "document", "mime": "text/plain"}, plain.read(file, limits)
    text = "".join(sign for sign in text if sign != "\x00" and not "\ud800" <= sign <= "\udfff")
    if len(text) > limits.characters:
        about |= {"characters": len(text), "characters_read": limits.characters}
    (out / "text").write_text(text[: limits.characters], encoding="utf-8")
    return about


if __name__ == "__main__":
    main(*sys.argv[1:5])
