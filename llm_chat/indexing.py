"""The service of a process that keeps search up to date: every two seconds what has become final is added."""

import asyncio
import logging
from itertools import repeat

from django.db import Error as DatabaseError

from llm_chat import actions
from realtime.bridge import in_db

logger = logging.getLogger(__name__)

SECONDS = 2.0
BREATH = 0.02
"""Between two batches of a long list, so that whoever writes gets in between."""

_service: asyncio.Task[None] | None = None


async def start() -> None:
    global _service
    _service = asyncio.create_task(_keep_up())


async def stop() -> None:
    if _service:
        _service.cancel()
        await asyncio.gather(_service, return_exceptions=True)


async def _keep_up() -> None:
    while True:
        await asyncio.sleep(SECONDS)
        try:
            await _catch_up()
        except DatabaseError as error:
            logger.warning("Search could not be brought up to date: %s", error)  # the next round will
        except Exception:
            logger.exception("Search could not be brought up to date.")


async def _catch_up() -> None:
    for breath in repeat(BREATH):
        if not await asyncio.shield(asyncio.ensure_future(in_db(actions.index_due))):
            return
        await asyncio.sleep(breath)
