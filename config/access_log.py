"""daphne's access lines as ours: sockets through the same log as requests, requests left to `lib.request_log`.

daphne prints whole paths, and some of ours hold a token that signs its reader in.
"""

import logging
from typing import Any

from daphne.access import AccessLogGenerator

logger = logging.getLogger("access")


def _log(generator: AccessLogGenerator, protocol: str, action: str, details: dict[str, Any]) -> None:
    if protocol == "websocket" and action in {"connected", "disconnected", "rejected"}:
        logger.info("Socket %s %s", details["path"], action, extra={"route": details["path"], "action": action})


def install() -> None:
    AccessLogGenerator.__call__ = _log
