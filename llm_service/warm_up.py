"""Loads LiteLLM in a thread once the port is open, so that neither the start nor the first reply waits for it."""

import asyncio
import gc
import logging
import threading

from django.conf import settings

from lib.collector import GC_THRESHOLD
from llm_service import catalogue, library, tokens
from llm_service.errors import LLMError
from llm_service.limits import Limits
from llm_service.requests import LLMRequest
from llm_service.streams.sources import open_source

logger = logging.getLogger(__name__)

NOBODY = "http://127.0.0.1:9/v1"
"""Where nothing listens: a rehearsal goes as far as the refused connection, which loads everything a call needs."""

_thread: threading.Thread | None = None
_is_done = False


async def start() -> None:
    """Begin, unless LLM_WARM_UP is off. Returns at once."""
    global _thread
    if settings.LLM_WARM_UP and _thread is None:
        _thread = threading.Thread(target=_run, name="llm-warm-up", daemon=True)
        _thread.start()


def is_ready() -> bool:
    """Whether a first call would start without a long wait; always true when there is no warm-up."""
    return _is_done or not settings.LLM_WARM_UP


def _run() -> None:
    global _is_done
    try:
        tokens.stored_count("")  # loads the tables, where they are asked for
        catalogue.available_models()  # asks a server of one's own what it serves
        model = catalogue.default_model()
        library.rehearse(lambda: asyncio.run(_rehearse(model)))
        keep_out_of_collections()
        _is_done = True
    except Exception:
        logger.exception("LiteLLM could not be loaded; calls to models will fail.")


async def _rehearse(model: str) -> None:
    request = LLMRequest(model=model, messages=[{"role": "user", "content": "Hi"}], is_stream=True)
    nowhere = {"api_base": NOBODY, "api_key": catalogue.PLACEHOLDER_KEY}
    try:
        source = await open_source(request, Limits.now(is_stream=True), "parts", nowhere)
        await source.read()
        await source.aclose()
    except LLMError:
        raise
    except Exception as error:  # noqa: BLE001  a refused connection is what a rehearsal ends with
        logger.debug("Rehearsed %s: %s", model, error)
    finally:
        await library.close_connections()


def keep_out_of_collections() -> None:
    """Full collections over LiteLLM's heap stop all streams for a third of a second: leave it out, and collect less."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLD)
