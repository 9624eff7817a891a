"""From the text of a client's frame to a command, or to a clear word about what is wrong with it."""

import json
from typing import Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import ValidationError

from lib import wording
from realtime import events

BadFrameCode = Literal["bad_frame", "unknown_type", "too_large"]


class BadFrame(Exception):
    """The frame cannot be understood. `message_id` is the id it gave its message, if it gave one."""

    def __init__(self, code: BadFrameCode, message: str, message_id: UUID | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.message_id = message_id


def parse(text: str | None) -> events.ClientCommand:
    """Return the command in a frame. Raises BadFrame."""
    if text is None:
        raise BadFrame("bad_frame", _("Frames are JSON text, not bytes."))
    if len(text) > events.MAX_FRAME or len(text.encode(errors="replace")) > events.MAX_FRAME:
        raise BadFrame("too_large", _("A frame can have %(most)s KiB.") % {"most": events.MAX_FRAME // 1024})
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        raise BadFrame("bad_frame", _("The frame is not valid JSON.")) from None
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise BadFrame("bad_frame", _("A frame is a JSON object with a `type`."))
    if frame["type"] not in events.COMMAND_TYPES:
        raise BadFrame(
            "unknown_type",
            _("There is no frame of type '%(type)s'.") % {"type": wording.shown(frame["type"])},
            _id_in(frame),
        )
    try:
        return events.CLIENT_COMMAND.validate_python(frame)
    except ValidationError as error:
        raise BadFrame("bad_frame", first_fault(error, below=1), _id_in(frame)) from None


def _id_in(frame: dict[str, Any]) -> UUID | None:
    try:
        return UUID(frame["id"])
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def first_fault(error: ValidationError, below: int = 0) -> str:
    """Say what is wrong first, and where; `below` leaves out that many outer names."""
    fault = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in fault["loc"][below:])
    return f"`{field}`: {fault['msg']}." if field else f"{fault['msg']}."
