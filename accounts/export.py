"""A person's own account as one file: a zip of JSON, written while it is sent, so that no account is too large."""

import io
import json
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.core.serializers.json import DjangoJSONEncoder

from accounts import personal_data
from accounts.models import User
from realtime.bridge import in_db

CHUNK = 64 * 1024


class _Outbox(io.RawIOBase):
    """What the archive has written and nobody has taken yet."""

    def __init__(self) -> None:
        super().__init__()
        self.held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self.held += piece
        return len(piece)

    def take(self) -> bytes:
        taken = bytes(self.held)
        self.held.clear()
        return taken


async def stream(user: User, *, at: datetime) -> AsyncIterator[bytes]:
    """Yield the archive piece by piece. Each piece is made in a thread of the database's, none is made ahead."""
    pieces = archive(user, at=at)
    while (piece := await in_db(next, pieces, None)) is not None:
        yield piece


def archive(user: User, *, at: datetime) -> Iterator[bytes]:
    outbox = _Outbox()
    with ZipFile(outbox, "w") as file:
        for name, content in personal_data.export(user):
            entry = ZipInfo(name, at.timetuple()[:6])
            entry.compress_type = ZIP_DEFLATED
            with file.open(entry, "w") as part:
                for piece in _pieces(content):
                    part.write(piece)
                    if len(outbox.held) >= CHUNK:
                        yield outbox.take()
    yield outbox.take()


def _pieces(content: object) -> Iterator[bytes]:
    if isinstance(content, personal_data.RawFile):
        yield from content.pieces
    else:
        for text in _json(content):
            yield text.encode()


def _json(value: object, indent: str = "\n") -> Iterator[str]:
    """Write JSON that a person can read; iterators become lists."""
    deeper = indent + "  "
    if isinstance(value, dict):
        yield "{"
        for place, (name, inner) in enumerate(value.items()):
            yield f"{',' if place else ''}{deeper}{json.dumps(name)}: "
            yield from _json(inner, deeper)
        yield f"{indent}}}" if value else "}"
    elif isinstance(value, list | tuple | Iterator):
        yield "["
        place = -1
        for place, inner in enumerate(value):
            yield f"{',' if place else ''}{deeper}"
            yield from _json(inner, deeper)
        yield f"{indent}]" if place >= 0 else "]"
    else:
        yield json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
