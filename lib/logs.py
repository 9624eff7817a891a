"""Log lines: readable in development, JSON in production, both with the request and turn they belong to.

No secret of the server gets into one, nor the address of a request: some let whoever reads them sign in.
"""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime

from django.http import HttpRequest

from lib import redaction

request_id: ContextVar[str] = ContextVar("request_id", default="")
turn_id: ContextVar[str] = ContextVar("turn_id", default="")

_LONG_PART = re.compile(r"[^/]{20,}")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "request"}


def _ids() -> dict[str, str]:
    return {name: value for name, value in (("request_id", request_id.get()), ("turn_id", turn_id.get())) if value}


def route_of(request: HttpRequest) -> str:
    """Return where a request went, without the ids and tokens that were in its address."""
    if request.resolver_match:
        return f"/{request.resolver_match.route}"
    return _LONG_PART.sub("…", request.path)


def _message(record: logging.LogRecord) -> str:
    message = record.getMessage()
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest) and len(request.path) > 1:
        message = message.replace(request.path, route_of(request))
    return message


class JsonFormatter(logging.Formatter):
    """One JSON object a line; `extra=` fields become keys."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            **_ids(),
            **{name: value for name, value in vars(record).items() if name not in _STANDARD},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return redaction.hide(json.dumps(line, default=str))


class TextFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        ids = " ".join(f"{name}={value}" for name, value in _ids().items())
        line = super().format(record)
        return redaction.hide(f"{line} [{ids}]" if ids else line)

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = _message(record)
        return super().formatMessage(record)
