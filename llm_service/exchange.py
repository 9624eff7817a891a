"""One call from first try to last word: hooks, key, tries, limits, reading. Streamed and whole answers alike."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import Any

from django.db import DatabaseError

from lib import redaction
from llm_service import abilities, catalogue, connections, errors, guardrails, hooks, library, team_models
from llm_service.calls import Attempt, Call
from llm_service.classify import classify
from llm_service.errors import LLMError
from llm_service.limits import Limits, Watch, pause_before
from llm_service.money import budgets
from llm_service.names import connection_of
from llm_service.parts import Part, ReasoningPart, TextPart
from llm_service.streams.others import Answer
from llm_service.streams.sources import Mode, Source, open_source
from realtime.bridge import in_db

logger = logging.getLogger(__name__)

# The vendor, not the question, is at fault: another model may well answer.
CAN_BE_STOOD_IN_FOR = (
    *(errors.Unreachable, errors.TookTooLong, errors.RateLimited, errors.Overloaded, errors.ProviderDown),
    *(errors.QuotaUsedUp, errors.BadCredentials, errors.ModelNotFound, errors.MissingKey, errors.AddressNotAllowed),
)


async def exchange(call: Call, mode: Mode) -> AsyncGenerator[Any, None]:
    """Yield the answer: parts, LiteLLM's chunks, or one whole response. Raises errors of our tree.

    However this generator ends, the provider has been hung up on and the call has left its record.
    """
    tries = Tries(call, mode)
    delivery: _Delivery | None = None
    try:
        await _admit(call)
        await tries.begin()
        delivery = _Delivery(call, tries, mode)
        while (items := await tries.read()) is not None:
            for item in items:
                for shown in delivery.of(item, is_last=item is items[-1]):
                    yield shown
        for shown in delivery.rest():
            yield shown
        await tries.close()
        for item in await _checked(call, delivery.held, mode):
            yield item
        call.end("success")
    except (asyncio.CancelledError, GeneratorExit):
        await tries.close()
        call.end("success" if delivery and delivery.is_whole else "cancelled")
        raise
    except Exception as raised:
        await tries.close()
        error = classify(raised, delivered=call.has_delivered)
        call.end("blocked" if isinstance(error, errors.Blocked) else "error", error)
        if error is raised:
            raise
        raise error from raised


async def _admit(call: Call) -> None:
    """Let hooks, rules, guardrails and budgets have their say before anything is sent."""
    call.request = await hooks.before(call.request)
    await team_models.refuse_forbidden(call.request.model, call.request.team_id)
    call.guards = await guardrails.of(call.request)
    if call.guards:
        await guardrails.let_out(call.guards, call.request)
    await budgets.admit(call_id=call.id, at=call.created_at, request=call.request)


class _Delivery:
    """What of an answer is handed on as it comes, and what waits for its end."""

    def __init__(self, call: Call, tries: "Tries", mode: Mode) -> None:
        self._call, self._tries, self._attempt = call, tries, 0
        # LiteLLM's chunks are not taken apart: they wait until the guardrails have seen all of the text.
        holds = mode == "whole" or hooks.hold_the_text() or (call.guards is not None and mode == "chunks")
        self.held: list[Any] | None = [] if holds else None
        self.is_whole = False
        self._reply: guardrails.Reply | None = None

    def of(self, item: Any, *, is_last: bool) -> Iterator[Any]:
        call = self._call
        if self.held is None and call.guards:
            yield from self._guarded(call.guards, item)
            return
        for part in self._tries.parts_of(item):
            call.take(part)
        if self.held is None:
            # Who leaves at the last item of a finished answer has heard all of it.
            self.is_whole = is_last and self._tries.has_finished
            yield item
        else:
            self.held.append(item)

    def rest(self) -> Iterator[Any]:
        """Yield what the guardrails held until they knew how it goes on."""
        if self._reply:
            yield from self._taken(self._reply.end())
        self.is_whole = True

    def _guarded(self, guards: guardrails.Guards, part: Part) -> Iterator[Part]:
        attempt = len(self._call.attempts)
        if self._reply is None or attempt != self._attempt:  # what waited of a broken try is not part of the next
            self._reply, self._attempt = guards.reply(), attempt
        yield from self._taken(self._reply.parts(part))

    def _taken(self, parts: Iterator[Part]) -> Iterator[Part]:
        for part in parts:
            self._call.take(part)
            yield part


class Tries:
    """The HTTP tries of one call, read as if they were one."""

    def __init__(self, call: Call, mode: Mode) -> None:
        self._call, self._mode = call, mode
        asked = call.request
        self._limits = Limits.now(is_stream=mode != "whole", timeout=asked.timeout, retries=asked.retries)
        self._watch = Watch()
        self._extra: dict[str, Any] = {}
        self._own_params = dict(call.request.params)
        self._stand_ins: list[str] | None = None
        self._secrets: tuple[str, ...] = ()
        self._attempt: Attempt | None = None
        self._source: Source | None = None
        self._first_by = 0.0
        self._retries = 0

    @property
    def has_finished(self) -> bool:
        return self._source is not None and bool(self._source.finish_reason)

    async def begin(self) -> None:
        """Raise MissingKey before anything is sent."""
        self._watch.begin(self._limits.total)
        try:
            await self._turn_to(self._call.request.model)
        except LLMError as error:
            self._call.begin_attempt().end(error)
            if not await self._turn_to_a_stand_in(error):
                self._call.attempts.clear()  # nothing was tried
                raise

    async def _turn_to(self, model: str) -> None:
        """Have the next tries ask this model: its key, its address, its parameters."""
        request = self._call.request
        if connection_of(model):
            way = await in_db(connections.Way, model, request.team_id, request.kind)
            request.asked_model = request.asked_model or model
        else:
            way = None
        if not library.is_loaded():
            await asyncio.to_thread(library.litellm)
        request.model = way.model if way else model
        self._secrets = way.secrets if way else ()
        self._extra = way.arguments(request.kind) if way else catalogue.call_arguments(model, self._own_params)
        request.params = dict(self._own_params)
        if request.wishes:
            wished = await asyncio.to_thread(abilities.taken, request.model, request.wishes)
            request.params = {**wished, **request.params}
            # Some values of a parameter a model takes are refused by LiteLLM: leave those out, too.
            self._extra["drop_params"] = True

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
        if self._secrets:  # a connection's key is no secret of the server's, which hides its own wherever it writes
            error.detail = redaction.hide(error.detail, self._secrets)
            error.args = (redaction.hide(str(error), self._secrets),)
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
            if not await self._turn_to_a_stand_in(error):
                # What was raised may quote the key of a connection.
                raise error from (None if error is raised or self._secrets else raised)
            return
        await asyncio.sleep(pause)

    async def _turn_to_a_stand_in(self, error: LLMError) -> bool:
        """Go on with the next model that is to stand in for the one asked, while nothing of an answer was shown."""
        request = self._call.request
        if self._call.has_delivered or not isinstance(error, CAN_BE_STOOD_IN_FOR) or self._watch.remaining <= 0:
            return False
        if request.kind != "chat":  # the vectors and voices of two models do not go together
            return False
        asked = request.asked_model or request.model
        if self._stand_ins is None:
            try:
                self._stand_ins = await in_db(catalogue.fallbacks_of, asked, request.team_id)
            except DatabaseError:  # what the vendor said is what counts
                logger.warning("Nobody can say what stands in for %s.", asked, exc_info=True)
                return False
        while self._stand_ins:
            model = self._stand_ins.pop(0)
            try:
                await self._turn_to(model)
            except LLMError as problem:
                self._call.begin_attempt(model).end(problem)
                continue
            request.asked_model = asked
            self._retries = 0
            return True
        return False


async def _checked(call: Call, held: list[Any] | None, mode: Mode) -> list[Any]:
    """Run the post-call hooks and the guardrails over the answer, and return what is still to be delivered of it."""
    text, reasoning = call.text, call.reasoning
    result = await hooks.after(call.result(held[0] if held and mode == "whole" else None))
    guards = call.guards
    if held is None:
        if guards:
            await asyncio.to_thread(guards.seen_whole, text)
        return []
    if guards:
        result = await asyncio.to_thread(guards.answered, result)
    if result.text != text:
        call.replace_text(result.text)
        _put(held, mode, TextPart(result.text))
    if result.reasoning != reasoning:
        call.replace_reasoning(result.reasoning)
        _put(held, mode, ReasoningPart(result.reasoning))
    return held


def _put(held: list[Any], mode: Mode, part: TextPart | ReasoningPart) -> None:
    """Have what is held say this and nothing else of its kind."""
    if held and isinstance(held[0], Answer):
        held[0].text = part.text
        return
    if mode == "parts":
        held[:] = [part, *(item for item in held if not isinstance(item, type(part)))]
        return
    name = "content" if isinstance(part, TextPart) else "reasoning_content"
    if mode == "whole":
        setattr(held[0].choices[0].message, name, part.text)
        return
    deltas = [item.choices[0].delta for item in held if item.choices]
    saying = [delta for delta in deltas if getattr(delta, name, None)]
    for number, delta in enumerate(saying):
        setattr(delta, name, "" if number else part.text)
