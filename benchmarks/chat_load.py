"""Browser tabs as load: each has a cookie, opens a socket, sends one message and reads the reply, acknowledging."""

import asyncio
import json
import time
import uuid

import aiohttp

from benchmarks.streams import Stream


async def one_turn(
    session: aiohttp.ClientSession, base: str, cookie: str, prompt: str, model: str, wait: float
) -> Stream:
    stream = Stream(0.0)
    try:
        async with (
            asyncio.timeout(wait),
            session.ws_connect(
                f"{base}/ws/chat/", headers={"Cookie": cookie, "Origin": base}, max_msg_size=0
            ) as socket,
        ):
            stream.asked_at = time.monotonic()
            await socket.send_json(
                {
                    "type": "message.send",
                    "id": str(uuid.uuid4()),
                    "thread_id": str(uuid.uuid4()),
                    "text": prompt,
                    "model": model,
                }
            )
            await _read(socket, stream)
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        stream.error = repr(error)
    return stream


async def _read(socket: aiohttp.ClientWebSocketResponse, stream: Stream) -> None:
    acknowledged = time.monotonic()
    async for message in socket:
        if message.type is not aiohttp.WSMsgType.TEXT:
            break
        now = time.monotonic()
        frame = json.loads(message.data)
        match frame["type"]:
            case "response.output_text.delta":
                stream.arrived(now, frame["delta"])
                if now - acknowledged >= 1:
                    acknowledged = now
                    await socket.send_json({"type": "turn.ack", "turn_id": frame["turn_id"], "seq": frame["seq"]})
            case "final":
                if frame["message"]["content"] != stream.text:
                    stream.error = "the stored text differs from the streamed one"
                return
            case "response.error" | "error":
                stream.error = json.dumps(frame)
                return
    stream.error = f"closed with {socket.close_code}"


async def turns(base: str, cookies: list[str], prompt: str, model: str, within: float, wait: float) -> list[Stream]:
    """Start one turn per cookie, spread evenly over `within` seconds; return when all have ended."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def started(number: int, cookie: str) -> Stream:
            await asyncio.sleep(number * within / len(cookies))
            return await one_turn(session, base, cookie, prompt, model, wait)

        return await asyncio.gather(*(started(number, cookie) for number, cookie in enumerate(cookies)))


async def idle_sockets(base: str, cookies: list[str], seconds: float) -> int:
    """Hold one silent socket per cookie for a while; return how many were still open at the end."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        sockets = [
            await session.ws_connect(f"{base}/ws/chat/", headers={"Cookie": cookie, "Origin": base})
            for cookie in cookies
        ]
        await asyncio.sleep(seconds)
        alive = sum(not socket.closed for socket in sockets)
        for socket in sockets:
            await socket.close()
        return alive
