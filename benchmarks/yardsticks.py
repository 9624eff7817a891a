"""The yardsticks, each a process of its own: a bare LiteLLM loop, the bare upstream, and our client.

Reads one JSON order per line from standard input (`streams`, `within`, `model`, `prompt`), answers with one line.
"""

import asyncio
import gc
import json
import os
import sys
import time
from dataclasses import asdict
from typing import Any

from benchmarks.streams import Stream

BASE = os.environ.get("OPENAI_API_BASE", "")


async def litellm_loop(order: dict[str, Any]) -> Stream:
    """The plain loop every LiteLLM user writes."""
    import litellm  # noqa: PLC0415  only this yardstick pays for it

    stream = Stream(time.monotonic())
    response = await litellm.acompletion(
        model=order["model"],
        messages=[{"role": "user", "content": order["prompt"]}],
        stream=True,
        stream_options={"include_usage": True},
        api_key="x",
        api_base=BASE,
    )
    async for chunk in response:
        text = chunk.choices[0].delta.content if chunk.choices else None
        if text:
            stream.arrived(time.monotonic(), text)
    return stream


async def raw(order: dict[str, Any]) -> Stream:
    """The upstream's bytes, read as they come."""
    import aiohttp  # noqa: PLC0415  only this yardstick uses it
    import orjson  # noqa: PLC0415

    body = {
        "model": order["model"].rsplit("/", 1)[-1],
        "messages": [{"role": "user", "content": order["prompt"]}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    stream = Stream(time.monotonic())
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=300)) as session,
        session.post(f"{BASE}/chat/completions", json=body, headers={"Authorization": "Bearer x"}) as response,
    ):
        async for line in response.content:
            if line.startswith(b"data: {"):
                choices = orjson.loads(line[6:])["choices"]
                if choices and (text := choices[0]["delta"].get("content")):
                    stream.arrived(time.monotonic(), text)
    return stream


async def own_parts(order: dict[str, Any]) -> Stream:
    """Our client as our own rooms use it: policy, tries, hooks, cost, budgets and the call's log included."""
    from llm_service import client  # noqa: PLC0415  only these yardsticks need Django
    from llm_service.parts import TextPart  # noqa: PLC0415

    stream = Stream(time.monotonic())
    messages = [{"role": "user", "content": order["prompt"]}]
    async with client.get_client().stream(model=order["model"], messages=messages) as reply:
        async for part in reply:
            if isinstance(part, TextPart):
                stream.arrived(time.monotonic(), part.text)
    return stream


async def own_chunks(order: dict[str, Any]) -> Stream:
    """The same with LiteLLM's chunk objects, as other code may use it."""
    from llm_service import client  # noqa: PLC0415

    stream = Stream(time.monotonic())
    messages = [{"role": "user", "content": order["prompt"]}]
    async for chunk in await client.acompletion(model=order["model"], messages=messages, stream=True):
        text = chunk.choices[0].delta.content if chunk.choices else None
        if text:
            stream.arrived(time.monotonic(), text)
    return stream


KINDS = {"litellm": litellm_loop, "raw": raw, "parts": own_parts, "chunks": own_chunks}


async def obey(kind: str, order: dict[str, Any]) -> dict[str, Any]:
    one = KINDS[kind]
    cpu = time.process_time()
    gap = order["within"] / order["streams"]

    async def started(number: int) -> Stream:
        await asyncio.sleep(number * gap)
        try:
            return await one(order)
        except Exception as error:  # noqa: BLE001  a failed stream is a figure of the report
            return Stream(time.monotonic(), error=repr(error))

    streams = await asyncio.gather(*(started(number) for number in range(order["streams"])))
    return {"cpu": time.process_time() - cpu, "streams": [asdict(stream) for stream in streams]}


async def main(kind: str) -> None:
    warm = {"streams": 2, "within": 0.1, "model": os.environ["BENCH_MODEL"], "prompt": "[[fake 5t]]"}
    await obey(kind, warm)
    # The same as Parley does after its warm-up: what LiteLLM's import left behind is never walked again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*json.loads(os.environ["BENCH_GC"]))
    loop = asyncio.get_running_loop()
    print(json.dumps({"ready": True}), flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await obey(kind, json.loads(line))), flush=True)


if __name__ == "__main__":
    if sys.argv[1] in ("parts", "chunks"):
        import django

        django.setup()
    asyncio.run(main(sys.argv[1]))
