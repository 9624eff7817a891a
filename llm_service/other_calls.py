"""Embeddings, transcription and speech: through the same providers, rules, budgets, limits, guardrails and log as any
other call. Raises what `client.acompletion` raises, ValueError for what is too much before anything is logged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llm_service import catalogue
from llm_service.calls import Call
from llm_service.exchange import exchange
from llm_service.names import connection_of
from llm_service.parts import CallUsage
from llm_service.requests import Kind, LLMRequest
from llm_service.streams.others import Answer

MOST_TEXTS = 512
MOST_CHARACTERS = 1_000_000
"""Of all texts of one call."""
MOST_SOUND = 25 * 1024**2
LONGEST_SPEECH = 4_096
"""Characters, as most vendors have it."""


@dataclass(frozen=True, slots=True)
class Embedded:
    vectors: list[list[float]]
    usage: CallUsage
    call_id: str


@dataclass(frozen=True, slots=True)
class Transcript:
    text: str
    usage: CallUsage
    call_id: str


@dataclass(frozen=True, slots=True)
class Speech:
    sound: bytes
    usage: CallUsage
    call_id: str


async def embed(texts: Sequence[str], *, model: str, dimensions: int | None = None, **own: Any) -> Embedded:
    """Return a vector for each text, in their order. `own` are `user`, `team`, `metadata`, `request_id`, `retries`."""
    if not texts or len(texts) > MOST_TEXTS or sum(map(len, texts)) > MOST_CHARACTERS or not all(texts):
        raise ValueError(f"Between 1 and {MOST_TEXTS} texts, none empty, together {MOST_CHARACTERS:,} characters.")
    messages = [{"role": "user", "content": text} for text in texts]
    more = {"dimensions": dimensions} if dimensions else {}
    call = _call("embedding", model, messages, {"texts": len(texts)}, **own, **more)
    answer = await _answer(call)
    return Embedded(answer.vectors, call.usage, str(call.id))


async def transcribe(
    sound: bytes, *, model: str, name: str = "sound.mp3", language: str = "", hint: str = "", **own: Any
) -> Transcript:
    """Return what is said in a recording. `name` tells its format; `hint` is what it is about, how names are spelt."""
    if not sound or len(sound) > MOST_SOUND:
        raise ValueError(f"A recording has between 1 and {MOST_SOUND:,} bytes.")
    messages = [{"role": "user", "content": hint}] if hint else []
    more = {**({"language": language} if language else {}), **({"prompt": hint} if hint else {})}
    call = _call("transcription", model, messages, {"bytes": len(sound)}, **own, **more)
    call.request.sound, call.request.sound_name = sound, name
    answer = await _answer(call)
    return Transcript(answer.text, call.usage, str(call.id))


async def speak(text: str, *, model: str, voice: str = "alloy", form: str = "mp3", **own: Any) -> Speech:
    """Return a text read aloud, as mp3, opus, aac, flac, wav or pcm."""
    if not text.strip() or len(text) > LONGEST_SPEECH:
        raise ValueError(f"Between 1 and {LONGEST_SPEECH:,} characters can be spoken at once.")
    messages = [{"role": "user", "content": text}]
    call = _call("speech", model, messages, {"voice": voice}, **own, voice=voice, response_format=form)
    answer = await _answer(call)
    return Speech(answer.sound, call.usage, str(call.id))


def _call(kind: Kind, model: str, messages: list[dict[str, Any]], noted: dict[str, Any], **asked: Any) -> Call:
    request = LLMRequest.of(model=model, messages=messages, **asked)
    request.kind = kind
    request.metadata = {"feature": kind, **request.metadata, "kind": kind, **noted}
    # Whose connection it is, is looked up where the database may be asked: `connections.Way`.
    if not connection_of(model) and not catalogue.is_allowed(model, kind=kind):
        raise ValueError(f"The model {model!r} is not allowed here (LLM_ALLOWED_MODELS).")
    return Call(request)


async def _answer(call: Call) -> Answer:
    async for each in exchange(call, "whole"):
        answer: Answer = each
    return answer
