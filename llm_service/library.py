"""Loads LiteLLM once, on first use or by the warm-up: it takes seconds and 180 MB, so nothing else imports it."""

import asyncio
import functools
import importlib
import importlib.util
import os
import sys
import threading
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

ENVIRONMENT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # no fetch of the price map at import
    "LITELLM_OFFLINE_MODE": "true",  # nor of tokenizers and headers
    "LITELLM_MODE": "PRODUCTION",  # do not read a .env found above site-packages
    "HF_HUB_OFFLINE": "1",
    # Not through the OpenAI SDK, which walks through every message of the history: 6 ms for 41 of them.
    "EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER": "true",
}

BY_SHARED_CLIENT = frozenset(
    {"anthropic", "cerebras", "deepseek", "gemini", "groq", "hosted_vllm", "mistral", "ollama_chat", "openrouter"}
    | {"together_ai", "xai"}
)

_closers: list[Callable[[], Awaitable[None]]] = []
_lock = threading.RLock()
_loaded: ModuleType | None = None
_is_rehearsing = False


def litellm() -> ModuleType:
    """Return LiteLLM, set up. The first call may take seconds: make it in a thread (`in_thread`)."""
    if not is_loaded():
        with _lock:
            if _loaded is None:
                _load()
    assert _loaded is not None  # noqa: S101  for the type checker
    return _loaded


def is_loaded() -> bool:
    return _loaded is not None and not _is_rehearsing


def rehearse(rehearsal: Callable[[], None]) -> None:
    """Load and try out, while calls wait: LiteLLM's clients are shared, and the rehearsal ends by closing them all."""
    global _is_rehearsing
    with _lock:
        _is_rehearsing = True
        try:
            litellm()
            rehearsal()
        finally:
            _is_rehearsing = False


async def close_connections() -> None:
    """Close what LiteLLM, and we for it, keep open for the next call, before the current loop ends."""
    for close in _closers:
        await close()
    if _loaded is None:
        return
    cleanup = importlib.import_module("litellm.llms.custom_httpx.async_client_cleanup")
    await cleanup.close_litellm_async_clients()
    _loaded.in_memory_llm_clients_cache.flush_cache()
    worker = importlib.import_module("litellm.litellm_core_utils.logging_worker").GLOBAL_LOGGING_WORKER
    if worker._worker_task and worker._worker_task.get_loop() is asyncio.get_running_loop():
        await worker.stop()
    shared = _loaded.__dict__.get("module_level_aclient")
    if shared is not None:
        await shared.client._transport.aclose()


def at_close(close: Callable[[], Awaitable[None]]) -> None:
    """Have `close` awaited on each loop that made calls, before it ends."""
    _closers.append(close)


def http_handler(transport: Any, timeout: Any) -> Any:
    """Return a client for LiteLLM's `client=` that speaks through this transport and follows no redirect."""
    handlers = importlib.import_module("litellm.llms.custom_httpx.http_handler")
    return handlers.AsyncHTTPHandler(timeout=timeout, transport=transport, follow_redirects=False)


def folder() -> Path:
    """Where LiteLLM is installed, found without importing it."""
    spec = importlib.util.find_spec("litellm")
    if spec is None or spec.origin is None:
        raise ImportError("litellm is not installed")
    return Path(spec.origin).parent


@functools.cache
def price_file() -> Path:
    return folder() / "model_prices_and_context_window_backup.json"


TOKENIZER = "litellm.litellm_core_utils.default_encoding"


class _UnloadedTokenizer(ModuleType):
    """In the place of LiteLLM's tokenizer module, which every call would load (42 MB) and hardly any uses."""

    @property
    def encoding(self) -> "_UnloadedTokenizer":
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_tokenizer(), name)


@functools.cache
def _tokenizer() -> Any:
    import tiktoken  # noqa: PLC0415  heavy

    os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(folder() / "litellm_core_utils" / "tokenizers"))
    return tiktoken.get_encoding("cl100k_base")


def _load() -> None:
    global _loaded
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    # LiteLLM's own models; harmless, but loud on every start.
    warnings.filterwarnings("ignore", message="Item '.*' on TypedDict class", category=UserWarning)
    warnings.filterwarnings("ignore", message="Pydantic serializer warnings", category=UserWarning)
    sys.modules[TOKENIZER] = _UnloadedTokenizer(TOKENIZER)
    import litellm as library  # noqa: PLC0415  heavy

    from llm_service import demo  # noqa: PLC0415  its base class is LiteLLM's

    library.suppress_debug_info = True
    library.DEFAULT_MAX_RETRIES = 0  # where embeddings are asked for none, LiteLLM takes its default instead
    library.disable_token_counter = True  # 110 MB of tokenizer tables for counts we do ourselves
    library.disable_hf_tokenizer_download = True
    library.telemetry = False
    # Its door to tool servers needs a package we do not use, and opens on every call of this route.
    # Not by attribute: a function of LiteLLM's stands in the way of the module of the same name.
    responses = importlib.import_module("litellm.responses.main")
    responses.__dict__["_responses_try_dispatch_mcp_gateway"] = _no_tool_gateway
    utils = importlib.import_module("litellm.utils")
    utils.__dict__["update_response_metadata"] = _not_for_streams(utils.update_response_metadata)
    main = importlib.import_module("litellm.main")
    main.__dict__["supports_httpx_timeout"] = _takes_four_limits(main.supports_httpx_timeout)
    main.__dict__["_encoding_cache"] = _EncodingWhenNeeded(main._load_module_encoding)
    demo.register(library)
    _loaded = library


class _EncodingWhenNeeded:
    """LiteLLM hands a tokenizer of 40 MB to every call, and hardly any provider looks at it."""

    def __init__(self, load: Callable[[], Any]) -> None:
        self._load = load

    def __getattr__(self, name: str) -> Any:
        return getattr(self._load(), name)


def _not_for_streams(update: Callable[..., None]) -> Callable[..., None]:
    """LiteLLM prices an answer when it comes; a stream has not been read by then, so 1 ms goes into pricing nothing."""

    def update_response_metadata(result: object, **details: Any) -> None:
        if not hasattr(result, "completion_stream"):
            update(result=result, **details)

    return update_response_metadata


def _takes_four_limits(known: Callable[[str], bool]) -> Callable[[str], bool]:
    """LiteLLM melts connect and read limits into one number for these, although their HTTP client knows both."""
    return lambda provider: provider in BY_SHARED_CLIENT or known(provider)


def _no_tool_gateway(**_: object) -> None:
    return None
