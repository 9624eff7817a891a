"""The answer of a script as events of each wire format, rendered before the first one is sent."""

from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from llm_service.fakes.script import TOOL_CALLS, Script

Format = Literal["chat", "anthropic", "responses"]


@dataclass(slots=True)
class Answer:
    """Frames in three parts: `head` at once, `tokens` at the script's pace, `tail` at once."""

    head: list[bytes] = field(default_factory=list)
    tokens: list[bytes] = field(default_factory=list)
    tail: list[bytes] = field(default_factory=list)
    error: bytes = b""


def prompt_tokens(body: dict[str, Any]) -> int:
    return max(1, len(orjson.dumps(body.get("messages") or body.get("input"))) // 4)


def data(value: object) -> bytes:
    return b"data: " + orjson.dumps(value) + b"\n\n"


def event(value: dict[str, Any]) -> bytes:
    return b"event: " + str(value["type"]).encode() + b"\n" + data(value)


def chat_usage(script: Script, input_tokens: int) -> dict[str, Any]:
    output_tokens = len(script.pieces())
    usage: dict[str, Any] = {
        "prompt_tokens": input_tokens,
        "completion_tokens": output_tokens,
        "total_tokens": input_tokens + output_tokens,
        "prompt_tokens_details": {"cached_tokens": input_tokens // 2 if script.has("cached") else 0},
        "completion_tokens_details": {"reasoning_tokens": len(script.reasoning)},
    }
    return usage | ({"cost": 0.00123} if script.has("cost") else {})


def chat(script: Script, model: str, input_tokens: int, include_usage: bool) -> Answer:
    base = {"id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": 1_760_000_000, "model": model}

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        return data({**base, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]})

    name = "reasoning" if script.has("reason2") else "reasoning_content"
    answer = Answer(
        head=[chunk({"role": "assistant", "content": ""}), *(chunk({name: text}) for text in script.reasoning)],
        tokens=[chunk({"content": text}) for text in script.pieces()],
        error=data({"error": {"message": "The server had an error", "type": "server_error", "code": None}}),
    )
    if script.has("tools"):
        where = answer.head if script.has("early") else answer.tail
        where += _chat_tools(chunk)
    answer.tail.append(chunk({}, script.finish_reason))
    if include_usage and not script.has("nousage"):
        answer.tail.append(data({**base, "choices": [], "usage": chat_usage(script, input_tokens)}))
    if not script.has("nodone"):
        answer.tail.append(b"data: [DONE]\n\n")
    return answer


def _chat_tools(chunk: Any) -> list[bytes]:
    frames = []
    for index, (call_id, name, _) in enumerate(TOOL_CALLS):
        call = {"index": index, "id": call_id, "type": "function", "function": {"name": name, "arguments": ""}}
        frames.append(chunk({"tool_calls": [call]}))
    # Pieces of both calls take turns: only the index tells whose they are.
    for piece in range(max(len(pieces) for _, _, pieces in TOOL_CALLS)):
        for index, (_, _, pieces) in enumerate(TOOL_CALLS):
            if piece < len(pieces):
                frames.append(
                    chunk({"tool_calls": [{"index": index, "function": {"arguments": pieces[piece]}}]}),
                )
    return frames


def chat_whole(script: Script, model: str, input_tokens: int) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": "".join(script.pieces())}
    if script.reasoning:
        message["reasoning_content"] = "".join(script.reasoning)
    if script.has("tools"):
        message["tool_calls"] = [
            {"id": call_id, "type": "function", "function": {"name": name, "arguments": "".join(pieces)}}
            for call_id, name, pieces in TOOL_CALLS
        ]
    return {
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "created": 1_760_000_000,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": script.finish_reason}],
        **({} if script.has("nousage") else {"usage": chat_usage(script, input_tokens)}),
    }


ANTHROPIC_STOP = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}


def anthropic_usage(script: Script, input_tokens: int) -> dict[str, int]:
    cached = input_tokens // 2 if script.has("cached") else 0
    return {
        "input_tokens": input_tokens - cached,
        "cache_read_input_tokens": cached,
        "cache_creation_input_tokens": 0,
        "output_tokens": len(script.pieces()),
    }


def anthropic(script: Script, model: str, input_tokens: int) -> Answer:
    usage = anthropic_usage(script, input_tokens)
    message = {"id": "msg_fake", "type": "message", "role": "assistant", "model": model, "content": []}
    start = {**message, "stop_reason": None, "stop_sequence": None, "usage": {**usage, "output_tokens": 1}}
    answer = Answer(head=[event({"type": "message_start", "message": start})])
    index = 0

    def block(block: dict[str, Any], deltas: list[dict[str, Any]]) -> tuple[list[bytes], list[bytes], list[bytes]]:
        nonlocal index
        frames = [event({"type": "content_block_delta", "index": index, "delta": delta}) for delta in deltas]
        opened = [event({"type": "content_block_start", "index": index, "content_block": block})]
        closed = [event({"type": "content_block_stop", "index": index})]
        index += 1
        return opened, frames, closed

    if script.reasoning:
        deltas = [{"type": "thinking_delta", "thinking": text} for text in script.reasoning]
        for frames in block({"type": "thinking", "thinking": "", "signature": ""}, deltas):
            answer.head += frames
    opened, answer.tokens, closed = block(
        {"type": "text", "text": ""}, [{"type": "text_delta", "text": text} for text in script.pieces()]
    )
    answer.head += [*opened, event({"type": "ping"})]
    answer.tail += closed
    for call_id, name, pieces in TOOL_CALLS if script.has("tools") else ():
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
        for frames in block({"type": "tool_use", "id": call_id, "name": name, "input": {}}, deltas):
            answer.tail += frames
    stop = {"stop_reason": ANTHROPIC_STOP[script.finish_reason], "stop_sequence": None}
    answer.tail.append(
        event({"type": "message_delta", "delta": stop, "usage": {"output_tokens": usage["output_tokens"]}})
    )
    answer.tail.append(event({"type": "message_stop"}))
    answer.error = event({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
    return answer


def anthropic_whole(script: Script, model: str, input_tokens: int) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    if script.reasoning:
        content.append({"type": "thinking", "thinking": "".join(script.reasoning), "signature": "s"})
    content.append({"type": "text", "text": "".join(script.pieces())})
    for call_id, name, pieces in TOOL_CALLS if script.has("tools") else ():
        content.append({"type": "tool_use", "id": call_id, "name": name, "input": orjson.loads("".join(pieces))})
    return {
        "id": "msg_fake",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": ANTHROPIC_STOP[script.finish_reason],
        "stop_sequence": None,
        "usage": anthropic_usage(script, input_tokens),
    }


def responses_whole(script: Script, model: str, input_tokens: int, status: str = "completed") -> dict[str, Any]:
    output: list[dict[str, Any]] = []
    if script.reasoning:
        summary = [{"type": "summary_text", "text": "".join(script.reasoning)}]
        output.append({"id": "rs_fake", "type": "reasoning", "summary": summary})
    text = {"type": "output_text", "text": "".join(script.pieces()), "annotations": []}
    output.append({"id": "item_fake", "type": "message", "role": "assistant", "status": "completed", "content": [text]})
    for call_id, name, pieces in TOOL_CALLS if script.has("tools") else ():
        arguments = "".join(pieces)
        call = {"id": f"fc_{call_id}", "type": "function_call", "call_id": call_id, "name": name}
        output.append({**call, "arguments": arguments, "status": "completed"})
    output_tokens = len(script.pieces())
    incomplete = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(script.finish_reason)
    usage = {
        "input_tokens": input_tokens,
        "input_tokens_details": {"cached_tokens": input_tokens // 2 if script.has("cached") else 0},
        "output_tokens": output_tokens,
        "output_tokens_details": {"reasoning_tokens": len(script.reasoning)},
        "total_tokens": input_tokens + output_tokens,
    }
    return {
        "id": "resp_fake",
        "object": "response",
        "created_at": 1_760_000_000,
        "status": "incomplete" if incomplete and status == "completed" else status,
        "incomplete_details": {"reason": incomplete} if incomplete else None,
        "error": None,
        "model": model,
        "output": output if status == "completed" else [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "instructions": None,
        "metadata": {},
        "temperature": 1.0,
        "top_p": 1.0,
        "usage": usage if status == "completed" and not script.has("nousage") else None,
    }


def responses(script: Script, model: str, input_tokens: int) -> Answer:
    number = -1

    def numbered(kind: str, **fields: Any) -> bytes:
        nonlocal number
        number += 1
        return event({"type": kind, "sequence_number": number, **fields})

    whole = responses_whole(script, model, input_tokens)
    answer = Answer()
    for kind in ("response.created", "response.in_progress"):
        answer.head.append(numbered(kind, response=responses_whole(script, model, input_tokens, "in_progress")))
    for output_index, item in enumerate(whole["output"]):
        place = {"item_id": item["id"], "output_index": output_index}
        frames = answer.head if item["type"] == "reasoning" else answer.tail
        if item["type"] == "message":
            started = {**item, "content": [], "status": "in_progress"}
            answer.head.append(numbered("response.output_item.added", output_index=output_index, item=started))
            answer.tokens = [
                numbered("response.output_text.delta", **place, content_index=0, delta=text, logprobs=[])
                for text in script.pieces()
            ]
            done = {**place, "content_index": 0, "text": item["content"][0]["text"], "logprobs": []}
            answer.tail.append(numbered("response.output_text.done", **done))
        elif item["type"] == "reasoning":
            answer.head.append(
                numbered("response.output_item.added", output_index=output_index, item={**item, "summary": []})
            )
            answer.head += [
                numbered("response.reasoning_summary_text.delta", **place, summary_index=0, delta=text)
                for text in script.reasoning
            ]
        else:
            started = {**item, "arguments": "", "status": "in_progress"}
            answer.tail.append(numbered("response.output_item.added", output_index=output_index, item=started))
            pieces = next(pieces for call_id, _, pieces in TOOL_CALLS if call_id == item["call_id"])
            answer.tail += [
                numbered("response.function_call_arguments.delta", **place, delta=piece) for piece in pieces
            ]
            answer.tail.append(numbered("response.function_call_arguments.done", **place, arguments=item["arguments"]))
        frames.append(numbered("response.output_item.done", output_index=output_index, item=item))
    answer.tail.append(numbered(f"response.{whole['status']}", response=whole))
    answer.error = numbered("error", code="server_error", message="The server had an error", param=None)
    return answer


SOUND = b"ID3\x04\x00\x00 a scripted voice"


def embeddings(body: dict[str, Any]) -> dict[str, Any]:
    """Vectors that tell which text they are of: its place and its length. The last comes first."""
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    size = body.get("dimensions") or 3
    rows: list[dict[str, Any]] = [
        {"object": "embedding", "index": index, "embedding": [float(index), float(len(text)), *[0.5] * (size - 2)]}
        for index, text in enumerate(texts)
    ]
    usage = {"prompt_tokens": sum(map(len, texts)), "total_tokens": sum(map(len, texts))}
    return {"object": "list", "data": rows[::-1], "model": body["model"], "usage": usage}


def transcription(body: dict[str, Any]) -> dict[str, Any]:
    said = {"text": f"This is what was said in {body['filename']}."}
    if body.get("response_format") == "verbose_json":
        return said | {"task": "transcribe", "language": "english", "duration": 12.5, "segments": []}
    usage = {"type": "tokens", "input_tokens": 30, "output_tokens": 8, "total_tokens": 38}
    return said | {"usage": usage | {"input_token_details": {"text_tokens": 2, "audio_tokens": 28}}}
