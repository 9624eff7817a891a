"""The one door to models. `completion` and `acompletion` take LiteLLM's keyword arguments and return what it returns.

On top of LiteLLM's: `user=`, `team=` (who pays), `metadata={}` (kept with the log; `feature`, `turn_id`, `thread_id`,
`message_id`, `bot_id`, `node_id` get columns), `request_id=`, `retries=` (instead of LLM_MAX_RETRIES) and `wishes={}`
(parameters that are left out where the model does not take them). None of these is sent to a vendor as it is.
`stream` is the cheap door for code of ours: plain parts instead of LiteLLM's objects. Every call leaves exactly one
LLMCallLog.
"""

import functools
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.utils.module_loading import import_string

from llm_service import background, catalogue
from llm_service.calls import Call
from llm_service.exchange import exchange
from llm_service.names import connection_of
from llm_service.parts import CallUsage, Part
from llm_service.requests import LLMRequest


class ReplyStream:
    """An answer as it is written: `async with client.stream(...) as reply: async for part in reply: ...`.

    Nothing is sent before the first part is asked for. Leaving the block early hangs up on the vendor at once. After
    the block `usage` is always filled: exact, or estimated when the answer was not read to its end.
    """

    def __init__(self, call: Call) -> None:
        self._call = call
        self._parts: AsyncGenerator[Part, None] = exchange(call, "parts")

    async def __aenter__(self) -> Self:
        return self

    def __aiter__(self) -> AsyncIterator[Part]:
        return self._parts

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._parts.aclose()
        self._call.end("cancelled")  # if it was never begun

    @property
    def usage(self) -> CallUsage:
        return self._call.usage

    @property
    def finish_reason(self) -> str:
        """`stop`, `length`, `tool_calls`, `content_filter`, a vendor's own word, or empty when cut short."""
        return self._call.finish_reason

    @property
    def response_model(self) -> str:
        """The model's name as the vendor gave it."""
        return self._call.response_model

    @property
    def call_id(self) -> str:
        """The id of the LLMCallLog row that this call leaves."""
        return str(self._call.id)


class ChunkStream:
    """LiteLLM's chunk objects, asynchronously. `aclose()` or dropping it hangs up and logs the call as cancelled."""

    def __init__(self, first: Any, rest: AsyncGenerator[Any, None]) -> None:
        self._first, self._rest = first, rest

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        return await anext(self._rest)

    async def aclose(self) -> None:
        await self._rest.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class SyncChunkStream:
    """The same for synchronous code."""

    def __init__(self, chunks: ChunkStream) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        chunk = background.run(_next(self._chunks))
        if chunk is None:
            raise StopIteration
        return chunk

    def close(self) -> None:
        background.run(self._chunks.aclose())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


async def _next(chunks: ChunkStream) -> Any:
    return await anext(chunks, None)


class BaseLLMClient(ABC):
    """What a client must offer; the setting LLM_CLIENT names the class in use."""

    @abstractmethod
    def completion(self, **kwargs: Any) -> Any: ...

    @abstractmethod
    async def acompletion(self, **kwargs: Any) -> Any: ...

    @abstractmethod
    def stream(self, **kwargs: Any) -> ReplyStream: ...


class LiteLLMClient(BaseLLMClient):
    def completion(self, **kwargs: Any) -> Any:
        call = _call(kwargs)
        if call.request.is_stream:
            return SyncChunkStream(background.run(_chunks(call)))
        return background.run(_whole(call))

    async def acompletion(self, **kwargs: Any) -> Any:
        call = _call(kwargs)
        return await (_chunks(call) if call.request.is_stream else _whole(call))

    def stream(self, **kwargs: Any) -> ReplyStream:
        return ReplyStream(_call({**kwargs, "stream": True}))


def _call(kwargs: dict[str, Any]) -> Call:
    request = LLMRequest.of(**kwargs)
    # Whose connection it is, is looked up where the database may be asked: `connections.Way`.
    if not connection_of(request.model) and not catalogue.is_allowed(request.model):
        raise ValueError(f"The model {request.model!r} is not allowed here (LLM_ALLOWED_MODELS).")
    return Call(request)


async def _whole(call: Call) -> Any:
    async for response in exchange(call, "whole"):
        whole = response
    return whole


async def _chunks(call: Call) -> ChunkStream:
    rest = exchange(call, "chunks")
    # Waiting for the first chunk here raises what went wrong at the call, not at the first loop over it.
    return ChunkStream(await anext(rest, None), rest)


@functools.cache
def _client(path: str) -> BaseLLMClient:
    client: BaseLLMClient = import_string(path)()
    return client


def get_client() -> BaseLLMClient:
    """Return the client of this process."""
    return _client(settings.LLM_CLIENT)


def completion(**kwargs: Any) -> Any:
    """Ask a model and wait; with `stream=True` return an iterator of chunks.

    Raises ValueError for a model that is not allowed, before anything is logged, and `llm_service.errors.LLMError`.
    """
    return get_client().completion(**kwargs)


async def acompletion(**kwargs: Any) -> Any:
    """Ask a model; with `stream=True` return an async iterator of chunks. Raises as `completion` does."""
    return await get_client().acompletion(**kwargs)


def stream(**kwargs: Any) -> ReplyStream:
    """Ask a model for an answer in plain parts (`llm_service.parts`). Raises as `completion` does."""
    return get_client().stream(**kwargs)
