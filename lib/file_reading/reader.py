"""Has a file opened by a process of its own, with limits of time and memory, and returns what was found."""

import json
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lib import wording
from lib.file_reading.limits import Limits, Refused

AT_ONCE = 2
"""Processes beside this one: a small machine has memory for no more."""
_places = threading.BoundedSemaphore(AT_ONCE)
_SLOW = gettext_lazy("This file takes too long to read. Attach a smaller part of it.")


def limits() -> Limits:
    return Limits(
        pixels=settings.ATTACHMENT_MAX_MEGAPIXELS * 1_000_000,
        pages=settings.ATTACHMENT_MAX_PAGES,
        characters=settings.ATTACHMENT_MAX_CHARACTERS,
        seconds=settings.ATTACHMENT_READING_SECONDS,
        memory=settings.ATTACHMENT_READING_MB * 1024 * 1024,
    )


def read(file: Path, *, name: str, out: Path) -> dict[str, Any]:
    """Return what the file is; its text or its pictures, drawn anew, are in the folder `out`. Raises Refused.

    Blocks for up to the time limit: never call it on the event loop.
    """
    allowed = limits()
    command = [sys.executable, "-m", "lib.file_reading.child", str(file), name, str(out), json.dumps(asdict(allowed))]
    if not _places.acquire(timeout=allowed.seconds):
        raise Refused(_("Too many files are being read right now. Try again in a moment."))
    try:
        ran = subprocess.run(  # noqa: S603  our own program; what comes from outside are arguments
            command,
            cwd=settings.BASE_DIR,
            env=settings.CHILD_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=allowed.seconds + 2,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused(str(_SLOW)) from None
    finally:
        _places.release()
    if ran.returncode == -9 or ran.returncode == -24:  # killed, as by the limit of processor time
        raise Refused(str(_SLOW))
    try:
        found: dict[str, Any] = json.loads(ran.stdout)
    except ValueError:
        raise Refused(_("This file could not be read. It may be damaged, or be something else than it says.")) from None
    if "refused" in found:
        shown = {name: wording.number(v) if isinstance(v, int) else v for name, v in found["values"].items()}
        raise Refused(*map(_, found["refused"]), **shown)
    return found
