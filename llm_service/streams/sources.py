"""Opens a call through LiteLLM and chooses how its answer is read.

LiteLLM chooses URL, parameters, key and error of a call; where the answer is a wire format we know, our own reader
takes the bytes (3 µs a token against 300 of LiteLLM's wrapper). Everything else goes through the wrapper.
"""

from collections.abc import Sequence
from typing import Any, Literal

from llm_service import library
from llm_service.limits import Limits
from llm_service.parts import CallUsage, Part
from llm_service.requests import LLMRequest
from llm_service.streams import chunks, others, wire
from llm_service.streams.anthropic import AnthropicParser
from llm_service.streams.chat import ChatParser
from llm_service.streams.responses import ResponsesParser
from llm_service.streams.sse import EventParser

Mode = Literal["parts", "chunks", "whole"]


class Source:
    """One opened answer. `read` returns what came next, None at the end."""

    usage: CallUsage | None = None
    finish_reason: str = ""
    response_id: str = ""
    response_model: str = ""

    async def read(self) -> Sequence[Any] | None:
        raise NotImplementedError

    def parts_of(self, item: Any) -> Sequence[Part]:
        """What an item of this source adds to the answer."""
        return (item,)

    async def aclose(self) -> None:
        pass


class WireSource(Source):
    """Bytes through a parser of ours."""

    def __init__(self, response: Any, parser: EventParser, owner: Any) -> None:
        self._owner = owner  # LiteLLM closes some responses when nobody holds its wrapper any more
        self._wire = wire.Wire(response)
        self._parser = parser
        self._raised: Exception | None = None
        self._has_ended = False

    async def read(self) -> Sequence[Part] | None:
        if self._raised:
            raise self._raised
        parser = self._parser
        while not parser.is_done and not self._has_ended:
            data = await self._wire.read()
            self._has_ended = not data
            try:
                parts = parser.feed(data) if data else parser.end()
            except Exception as error:
                # What came before the error in the same packet is part of the answer.
                if not parser.parts:
                    raise
                self._raised, parts = error, parser.parts
            if parser.finish_reason or self._has_ended:
                self._note()
            return parts  # also none: whoever watches the clock must see that the vendor is alive
        self._note()
        return None

    def _note(self) -> None:
        parser = self._parser
        self.usage, self.finish_reason = parser.usage, parser.finish_reason
        self.response_id, self.response_model = parser.response_id, parser.response_model

    async def aclose(self) -> None:
        self._note()
        self._wire.close(was_read=self._parser.is_done and self._raised is None)


class WrapperSource(Source):
    """LiteLLM's own stream of chunks, as it comes."""

    def __init__(self, wrapper: Any, stream: Any = None) -> None:
        self._wrapper = wrapper
        self._iterator = (stream if stream is not None else wrapper).__aiter__()
        self._seen_calls: set[int] = set()

    async def read(self) -> Sequence[Any] | None:
        chunk = await anext(self._iterator, None)
        if chunk is None:
            return None
        self.usage = chunks.usage_of(chunk) or self.usage
        self.finish_reason = chunks.finish_reason_of(chunk) or self.finish_reason
        self.response_id = getattr(chunk, "id", None) or self.response_id
        self.response_model = getattr(chunk, "model", None) or self.response_model
        return (chunk,)

    def parts_of(self, item: Any) -> Sequence[Part]:
        return tuple(chunks.parts_of_chunk(item, self._seen_calls))

    async def aclose(self) -> None:
        response = wire.response_behind(self._wrapper.completion_stream)
        if response is not None:
            wire.Wire(response).close(was_read=False)
        await self._wrapper.aclose()


class PartsOfWrapper(WrapperSource):
    """The same, told as parts."""

    async def read(self) -> Sequence[Part] | None:
        while (items := await super().read()) is not None:
            parts = super().parts_of(items[0])
            if parts:
                return parts
        return None

    def parts_of(self, item: Any) -> Sequence[Part]:
        return (item,)


class WholeSource(Source):
    """An answer that came in one piece."""

    def __init__(self, response: Any) -> None:
        self._response = response
        self.usage = chunks.usage_of(response)
        self.finish_reason = chunks.finish_reason_of(response)
        self.response_id = getattr(response, "id", None) or ""
        self.response_model = getattr(response, "model", None) or ""

    async def read(self) -> Sequence[Any] | None:
        response, self._response = self._response, None
        return None if response is None else (response,)

    def parts_of(self, item: Any) -> Sequence[Part]:
        return tuple(chunks.parts_of_response(item))


class OtherSource(Source):
    """What is no conversation: vectors, a transcript, sound."""

    finish_reason = "stop"

    def __init__(self, answer: others.Answer) -> None:
        self._answer: others.Answer | None = answer
        self.usage, self.response_model = answer.usage, answer.model

    async def read(self) -> Sequence[Any] | None:
        answer, self._answer = self._answer, None
        return None if answer is None else (answer,)

    def parts_of(self, item: others.Answer) -> Sequence[Part]:
        return others.parts_of(item)


async def open_source(request: LLMRequest, limits: Limits, mode: Mode, extra: dict[str, Any]) -> Source:
    """Send the request. Raises whatever LiteLLM raises; `extra` are keyword arguments the request leaves open."""
    if request.kind != "chat":
        return OtherSource(await others.answer_to(request, limits, extra))
    arguments = {**extra, **request.params, "model": request.model, "messages": request.messages}
    arguments |= {"max_retries": 0, "num_retries": 0, "timeout": _timeout(limits), "caching": False}
    if request.params.get("tools"):
        arguments["_skip_mcp_handler"] = True
    if mode == "whole":
        return WholeSource(await library.litellm().acompletion(**arguments, stream=False))
    if request.asks_usage:
        arguments["stream_options"] = {"include_usage": True, **(arguments.get("stream_options") or {})}
    else:
        arguments.pop("stream_options", None)
    _let_it_stream(request.model)
    wrapper = await library.litellm().acompletion(**arguments, stream=True)
    if not hasattr(wrapper, "completion_stream"):
        return WholeSource(wrapper)
    if wrapper.completion_stream is None and hasattr(wrapper, "fetch_stream"):
        await wrapper.fetch_stream()
    stream = wrapper.completion_stream
    if mode == "chunks":
        wire.repair_lines(stream)
        return WrapperSource(wrapper)
    parser = _parser_for(wrapper, stream)
    response = wire.response_behind(stream) if parser else None
    if parser and response is not None:
        return WireSource(response, parser, wrapper)
    if wrapper.custom_llm_provider == "demo":
        return PartsOfWrapper(wrapper, stream)
    wire.repair_lines(stream)
    return PartsOfWrapper(wrapper)


def _let_it_stream(model: str) -> None:
    """LiteLLM asks a Responses model that its map does not know for a whole answer, and tells it in slices."""
    provider, _, name = model.partition("/responses/")
    if name and model not in (known := library.litellm().model_cost):
        known.setdefault(name, {"litellm_provider": provider, "mode": "chat", "supports_native_streaming": True})


def _parser_for(wrapper: Any, stream: Any) -> EventParser | None:
    if getattr(stream, "json_mode", False) or str(wrapper.custom_llm_provider).startswith("text-completion"):
        return None  # LiteLLM rewrites these answers on the way
    for kind in type(stream).__mro__:
        match kind.__module__, kind.__name__:
            case "litellm.llms.anthropic.chat.handler", "ModelResponseIterator":
                return AnthropicParser(getattr(stream, "tool_name_reverse_map", None))
            case _, "OpenAiResponsesToChatCompletionStreamIterator":
                return ResponsesParser()
            case _, "OpenAIChatCompletionStreamingHandler":
                return ChatParser()
            case "openai" | "openai._streaming", "AsyncStream":
                return ChatParser()
    return None


def _timeout(limits: Limits) -> Any:
    import httpx  # noqa: PLC0415  comes with LiteLLM and is as lazy

    # Reading has no limit down there: our own watch ends it, without a timer per packet.
    return httpx.Timeout(None, connect=limits.connect, pool=limits.connect, write=limits.idle)
