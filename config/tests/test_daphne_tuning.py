"""What is changed about daphne, asked of a server that runs with it: every byte, in order, in little room."""

import hashlib
import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import aiohttp
import pytest
from django.conf import settings

from tests import services

SERVER = """
import hashlib, json, resource, sys
from daphne.server import Server
from config import daphne_tuning

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)

async def application(scope, receive, send):
    if scope["type"] == "websocket":
        return await talk(receive, send)
    began, pieces, digest = peak(), [], hashlib.sha256()
    while True:
        event = await receive()
        pieces.append(len(event["body"]))
        digest.update(event["body"])
        if not event.get("more_body"):
            break
    said = {"pieces": pieces, "digest": digest.hexdigest(), "began": began, "peak": peak()}
    await send({"type": "http.response.start", "status": 200, "headers": [[b"x-said", json.dumps(said).encode()]]})
    for number in range(int(dict(scope["headers"]).get(b"x-pieces", b"0"))):
        await send({"type": "http.response.body", "body": b"%07d\\n" % number * 640, "more_body": True})
    await send({"type": "http.response.body", "body": b"end"})

async def talk(receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        if not event["text"].isdigit():
            return await send({"type": "websocket.close", "code": 4404, "reason": event["text"]})
        for number in range(int(event["text"])):
            await send({"type": "websocket.send", "text": str(number)})

daphne_tuning.install()
Server(application, endpoints=[f"tcp:port={sys.argv[1]}:interface=127.0.0.1"], signal_handlers=False).run()
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    port = services.free_port()
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], cwd=settings.BASE_DIR)
    try:
        services.wait_for(port, server)
        yield port
    finally:
        server.kill()
        server.wait(10)


def answer_to(port: int, body: bytes = b"", *, waits: float = 0, **headers: str) -> tuple[dict[str, Any], bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as link:
        link.request("POST", "/", body, {name.replace("_", "-"): value for name, value in headers.items()})
        with link.getresponse() as answer:
            time.sleep(waits)
            return json.loads(answer.headers["x-said"]), answer.read()


def test_an_upload_comes_whole_in_large_pieces_and_is_never_held_in_memory(port: int) -> None:
    field = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
    body = field + bytes(range(256)) * 160_000 + b"\r\n--edge--\r\n"

    before, _ = answer_to(port)
    said, answer = answer_to(port, body, Content_Type="multipart/form-data; boundary=edge")

    assert answer == b"end"
    assert said["digest"] == hashlib.sha256(body).hexdigest()
    assert set(said["pieces"][:-1]) == {256 * 1024}
    assert said["peak"] - before["peak"] < 12_000  # kilobytes, of 40 MB


def test_an_answer_keeps_its_order_when_its_reader_is_slow(port: int) -> None:
    _, answer = answer_to(port, X_Pieces="4000", waits=0.5)  # the buffers of the kernel are full by then

    assert answer == b"".join(b"%07d\n" % number * 640 for number in range(4000)) + b"end"


async def test_frames_keep_their_order_and_a_close_says_why(port: int) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"ws://127.0.0.1:{port}/") as tab:
        await tab.send_str("3000")
        got = [(await tab.receive(10)).data for _ in range(3000)]
        await tab.send_str("There is no such conversation.")
        closed = await tab.receive(10)

    assert got == [str(number) for number in range(3000)]
    assert (closed.data, closed.extra) == (4404, "There is no such conversation.")
