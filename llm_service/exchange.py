"""One call from first try to last word: hooks, key, tries, limits, reading. Streamed and whole answers alike."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from llm_service import catalogue, errors, hooks, library
from llm_service.calls import Attempt, Call
from llm_service.classify import classify
from llm_service.errors import LLMError
from llm_service.limits import Limits, Watch, pause_before
from llm_service.parts import TextPart
from llm_service.streams.sources import Mode, Source, open_source


async def exchange(call: Call, mode: Mode) -> AsyncGenerator[Any, None]:
    """Yield the answer: parts, LiteLLM's chunks, or one whole response. Raises errors of our tree.

    However this generator ends, the provider has been hung up on and the call has left its record.
    """
    tries = Tries(call, mode)
    is_whole = False
    try:
        call.request = await hooks.before(call.request)
        await tries.begin()
        held: list[Any] | None = [] if mode == "whole" or hooks.hold_the_text() else None
        while (items := await tries.read()) is not None:
            for item in items:
                for part in tries.parts_of(item):
                    call.take(part)
                if held is None:
                    # Who leaves at the last item of a finished answer has heard all of it.
                    is_whole = tries.has_finished and item is items[-1]
                    yield item
                else:
                    held.append(item)
        await tries.close()
        for item in await _checked(call, held, mode):
            yield item
        call.end("success")
    except (asyncio.CancelledError, GeneratorExit):
        await tries.close()
        call.end("success" if is_whole else "cancelled")
        raise
    except Exception as raised:
        await tries.close()
        error = classify(raised, delivered=call.has_delivered)
        call.end("blocked" if isinstance(error, errors.Blocked) else "error", error)
        if error is raised:
            raise
        raise error from raised


class Tries:
    """The HTTP tries of one call, read as if they were one."""

    def __init__(self, call: Call, mode: Mode) -> None:
        self._call, self._mode = call, mode
        self._limits = Limits.now(is_stream=mode != "whole", timeout=call.request.timeout)
        self._watch = Watch()
        self._extra: dict[str, Any] = {}
        self._attempt: Attempt | None = None
        self._source: Source | None = None
        self._first_by = 0.0
        self._retries = 0

    @property
    def has_finished(self) -> bool:
        return self._source is not None and bool(self._source.finish_reason)

    async def begin(self) -> None:
        """Raise MissingKey before anything is sent."""
        self._extra = catalogue.call_arguments(self._call.request.model, self._call.request.params)
        if not library.is_loaded():
            await asyncio.to_thread(library.litellm)
        self._watch.begin(self._limits.total)

    async def read(self) -> Sequence[Any] | None:
        """Return what came next, trying again while nothing has been delivered; None at the end."""
        while True:
            try:
                if self._source is None:
                    await self._open()
                return await self._next()
            except (asyncio.CancelledError, Exception) as raised:  # noqa: BLE001  raised again as one of our tree
                error = self._error_of(raised)
                self._note_and_drop(error)
                await self._wait_for_retry(error, raised)

    def parts_of(self, item: Any) -> Sequence[Any]:
        assert self._source is not None  # noqa: S101  for the type checker
        return self._source.parts_of(item)

    async def close(self) -> None:
        """Hang up, and take over what the vendor said about the answer. Safe to call twice."""
        self._watch.close()
        source, self._source = self._source, None
        if source:
            await source.aclose()
            self._call.note(source)
            if self._attempt:
                self._attempt.end(None)

    async def _open(self) -> None:
        self._attempt = self._call.begin_attempt()
        self._first_by = self._watch.in_seconds(self._limits.first_token)
        self._watch.arm(self._first_by, errors.FirstTokenTimeout)
        self._source = await open_source(self._call.request, self._limits, self._mode, self._extra)

    async def _next(self) -> Sequence[Any] | None:
        watch = self._watch
        if self._call.has_delivered:
            watch.arm(watch.in_seconds(self._limits.idle), errors.IdleTimeout)
        else:
            watch.arm(self._first_by, errors.FirstTokenTimeout)
        assert self._source is not None  # noqa: S101  for the type checker
        items = await self._source.read()
        watch.disarm()
        return items

    def _error_of(self, raised: BaseException) -> LLMError:
        """Return what went wrong; raise `raised` when it was the caller who cancelled."""
        if isinstance(raised, asyncio.CancelledError):
            limit = self._watch.expired()
            if limit is None:
                self._watch.disarm()
                raise raised
            limit.partial = self._call.has_delivered
            return limit
        self._watch.disarm()
        return classify(raised, delivered=self._call.has_delivered)

    def _note_and_drop(self, error: LLMError) -> None:
        if self._attempt:
            self._attempt.end(error)
            self._attempt = None

    async def _wait_for_retry(self, error: LLMError, raised: BaseException) -> None:
        """Pause before the next try, or raise the error where there is none."""
        source, self._source = self._source, None
        if source:
            await source.aclose()
            self._call.note(source)
        request = self._call.request
        if request.asks_usage and isinstance(error, errors.BadRequest) and "stream_options" in error.detail:
            request.asks_usage = False  # a server that does not know the question: ask again without it
            return
        self._retries += 1
        pause = pause_before(self._retries, error.retry_after)
        if (
            not error.retryable
            or self._call.has_delivered
            or self._retries > self._limits.retries
            or pause is None
            or pause >= self._watch.remaining
        ):
            raise error from (None if error is raised else raised)
        await asyncio.sleep(pause)


async def _checked(call: Call, held: list[Any] | None, mode: Mode) -> list[Any]:
    """Run the post-call hooks over the answer, and return what is still to be delivered of it."""
    before = call.text
    result = await hooks.after(call.result(held[0] if held and mode == "whole" else None))
    if held is None:
        return []
    if result.text == before:
        return held
    call.replace_text(result.text)
    if mode == "whole":
        held[0].choices[0].message.content = result.text
        return held
    if mode == "parts":
        return [TextPart(result.text), *(item for item in held if not isinstance(item, TextPart))]
    with_text = [item for item in held if item.choices and item.choices[0].delta.content]
    for item in with_text:
        item.choices[0].delta.content = ""
    with_text[0].choices[0].delta.content = result.text
    return held
