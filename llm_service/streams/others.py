"""Calls that are no conversation: texts made vectors, sound made text, text made sound. Each comes in one piece."""

import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from llm_service import library
from llm_service.errors import BadResponse
from llm_service.limits import Limits
from llm_service.parts import CallUsage, Part, TextPart
from llm_service.requests import LLMRequest

MOST_SOUND = 50 * 1024**2


@dataclass(slots=True)
class Answer:
    """What came of such a call; what its kind has not is empty."""

    text: str = ""
    vectors: list[list[float]] = field(default_factory=list)
    sound: bytes = b""
    usage: CallUsage = field(default_factory=CallUsage)
    model: str = ""


async def answer_to(request: LLMRequest, limits: Limits, extra: dict[str, Any]) -> Answer:
    """Send the request. Raises whatever LiteLLM raises."""
    arguments = {**request.params, **extra, "max_retries": 0, "timeout": limits.idle}
    arguments.pop("drop_params", None)
    arguments.setdefault("model", request.model)
    match request.kind:
        case "embedding":
            return await _embedded(request, arguments)
        case "transcription":
            return await _transcribed(request, arguments)
    return await _spoken(request, arguments)


def parts_of(answer: Answer) -> Sequence[Part]:
    return (TextPart(answer.text),) if answer.text else ()


async def _embedded(request: LLMRequest, arguments: dict[str, Any]) -> Answer:
    texts = [message["content"] for message in request.messages]
    response = await library.litellm().aembedding(input=texts, **arguments)
    rows = sorted(response.data or (), key=lambda row: row["index"])
    vectors = [row["embedding"] for row in rows]
    if len(vectors) != len(texts) or not all(isinstance(vector, list) and vector for vector in vectors):
        raise BadResponse(f"{len(texts)} texts were sent, {len(vectors)} vectors came back.")
    told = getattr(response, "usage", None)
    read = getattr(told, "prompt_tokens", None)
    usage = CallUsage(input_tokens=read, output_tokens=0, usage_source="exact") if read else CallUsage(output_tokens=0)
    return Answer(vectors=vectors, usage=usage, model=response.model or "")


async def _transcribed(request: LLMRequest, arguments: dict[str, Any]) -> Answer:
    # The older models say how long the sound was only in their long form, which the newer ones do not have.
    arguments.setdefault("response_format", "verbose_json" if "whisper" in request.model else "json")
    response = await library.litellm().atranscription(file=(request.sound_name, request.sound), **arguments)
    text = getattr(response, "text", None)
    if not isinstance(text, str):
        raise BadResponse("There is no text in the transcript.")
    return Answer(text=text, usage=_heard(response, request.sound))


def _heard(response: Any, sound: bytes) -> CallUsage:
    told = getattr(response, "usage", None) or {}
    told = told if isinstance(told, dict) else told.model_dump()
    seconds = told.get("seconds") or getattr(response, "duration", None) or _seconds_of(sound)
    usage = CallUsage(seconds=float(seconds) if seconds else None, usage_source="exact" if seconds else "estimated")
    if told.get("input_tokens"):
        usage.input_tokens, usage.output_tokens = told["input_tokens"], told.get("output_tokens") or 0
        usage.usage_source = "exact"
    return usage


def _seconds_of(sound: bytes) -> float | None:
    """How long it is, where its first bytes say so."""
    try:
        with wave.open(io.BytesIO(sound)) as opened:
            return float(opened.getnframes() / opened.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
        return None


async def _spoken(request: LLMRequest, arguments: dict[str, Any]) -> Answer:
    text = request.messages[0]["content"]
    response = await library.litellm().aspeech(input=text, **arguments)
    sound = response.content
    if not isinstance(sound, bytes) or not sound or len(sound) > MOST_SOUND:
        raise BadResponse("There is no sound in the answer, or far too much.")
    return Answer(sound=sound, usage=CallUsage(characters=len(text), usage_source="exact"))
