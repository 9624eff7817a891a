"""The scripted server itself: routes, pace, faults, and a record of what it saw."""

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson
from aiohttp import web

from llm_service.fakes import script as scripts
from llm_service.fakes import wire
from llm_service.fakes.pace import paced, write
from llm_service.fakes.script import Script

MODELS = ("fake-200t-20r", "fake-60t-30r-reason", "fake-20t")
HTML = "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>"
BODIES: dict[str, tuple[int, dict[str, Any]]] = {
    "badkey": (
        401,
        {"message": "Incorrect API key provided", "type": "invalid_request_error", "code": "invalid_api_key"},
    ),
    "nomodel": (
        404,
        {"message": "The model does not exist", "type": "invalid_request_error", "code": "model_not_found"},
    ),
    "toolong": (
        400,
        {
            "message": "This model's maximum context length is 8192 tokens, but you asked for 9000.",
            "type": "invalid_request_error",
            "code": "context_length_exceeded",
        },
    ),
    "quota": (
        429,
        {"message": "You exceeded your current quota", "type": "insufficient_quota", "code": "insufficient_quota"},
    ),
    "policy": (
        400,
        {
            "message": "Your request was rejected by our safety system: content_policy_violation",
            "type": "invalid_request_error",
            "code": "content_policy_violation",
        },
    ),
}


@dataclass(slots=True)
class Seen:
    """One request, as the vendor saw it. Times are seconds of `time.monotonic()`."""

    path: str
    model: str
    body: dict[str, Any]
    headers: dict[str, str]
    started_at: float
    ended_at: float | None = None
    hung_up_at: float | None = None
    sent_tokens: int = 0
    status: int = 0


@dataclass
class FakeServer:
    seen: list[Seen] = field(default_factory=list)
    open_now: int = 0
    most_open: int = 0
    url: str = ""
    """Ends in `/v1`, ready for `OPENAI_API_BASE`."""
    _failed: Counter[str] = field(default_factory=Counter)
    _wrong: Counter[str] = field(default_factory=Counter)
    _may_go_on: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def root(self) -> str:
        return self.url.removesuffix("/v1")

    def forget(self) -> None:
        self.seen.clear()
        self._failed.clear()
        self._wrong.clear()
        self.most_open = self.open_now
        self._may_go_on.clear()

    def go_on(self) -> None:
        """Let the `held` replies end that are being written, and those to come until `forget`."""
        self._may_go_on.set()

    async def wait_until(self, happened: Callable[[], bool], seconds: float = 3) -> None:
        """Wait for something this server, in its own thread, will see. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not happened():  # noqa: ASYNC110  an asyncio event cannot be set from another thread
                await asyncio.sleep(0.005)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=32 * 1024**2)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/__requests", self._requests)
        app.router.add_delete("/__requests", self._forget)
        for prefix in ("", "/v1"):
            app.router.add_post(f"{prefix}/chat/completions", self._chat)
            app.router.add_post(f"{prefix}/responses", self._responses)
            app.router.add_post(f"{prefix}/messages", self._anthropic)
            app.router.add_post(f"{prefix}/embeddings", self._embeddings)
            app.router.add_post(f"{prefix}/audio/transcriptions", self._transcription)
            app.router.add_post(f"{prefix}/audio/speech", self._speech)
        return app

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": name, "object": "model"} for name in MODELS]})

    async def _requests(self, request: web.Request) -> web.Response:
        body = {"most_open": self.most_open, "open_now": self.open_now, "seen": [asdict(seen) for seen in self.seen]}
        return web.Response(body=orjson.dumps(body), content_type="application/json")

    async def _forget(self, request: web.Request) -> web.Response:
        self.forget()
        return web.json_response({})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, "chat")

    async def _responses(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, "responses")

    async def _anthropic(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, "anthropic")

    async def _embeddings(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = orjson.loads(await request.read())
        return self._other(request, body) or _json(wire.embeddings(body))

    async def _transcription(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        sound = form["file"]
        assert isinstance(sound, web.FileField)  # noqa: S101  for the type checker
        body: dict[str, Any] = {name: str(value) for name, value in form.items() if name != "file"}
        body |= {"bytes": len(sound.file.read()), "filename": sound.filename}
        return self._other(request, body) or _json(wire.transcription(body))

    async def _speech(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = orjson.loads(await request.read())
        return self._other(request, body) or web.Response(body=wire.SOUND, content_type="audio/mpeg")

    def _other(self, request: web.Request, body: dict[str, Any]) -> web.Response | None:
        """Note a request that is no conversation; return what refuses it."""
        model = str(body.get("model", ""))
        seen = Seen(request.path, model, body, dict(request.headers), time.monotonic(), ended_at=time.monotonic())
        self.seen.append(seen)
        refusal = self._refusal(scripts.read(model, str(body.get("prompt") or body.get("input") or "")), seen, body)
        seen.status = refusal.status if refusal else 200
        return refusal

    async def _answer(self, request: web.Request, form: wire.Format) -> web.StreamResponse:
        raw = await request.read()
        body: dict[str, Any] = orjson.loads(raw)
        seen = Seen(request.path, body.get("model", ""), body, dict(request.headers), time.monotonic())
        self.seen.append(seen)
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            script = scripts.read(seen.model, _last_user_text(body))
            self._adapt(script, seen, body)
            refusal = self._refusal(script, seen, body)
            if refusal:
                seen.status = refusal.status
                return refusal
            if script.has("hang"):
                await asyncio.Event().wait()
            seen.status = 200
            tokens = wire.prompt_tokens(body)
            if not body.get("stream"):
                return await self._whole(script, form, seen.model, tokens)
            include_usage = bool((body.get("stream_options") or {}).get("include_usage"))
            return await self._stream(
                request, script, _answer_of(script, form, seen.model, tokens, include_usage), seen
            )
        except (asyncio.CancelledError, ConnectionError):
            seen.hung_up_at = time.monotonic()
            raise
        finally:
            seen.ended_at = time.monotonic()
            self.open_now -= 1

    def _adapt(self, script: Script, seen: Seen, body: dict[str, Any]) -> None:
        """Settle what depends on what was asked before."""
        if script.has("once") and _has_tool_result(body):
            script.words.discard("tools")
        if script.wrong_times:
            self._wrong[seen.model] += 1
            if self._wrong[seen.model] <= script.wrong_times:
                script.words.add("wrong")

    def _refusal(self, script: Script, seen: Seen, body: dict[str, Any]) -> web.Response | None:
        named = next((name for name in BODIES if script.has(name)), None)
        if named:
            status, error = BODIES[named]
            return web.json_response({"type": "error", "error": error}, status=status)
        if script.has("echokey"):  # as some vendors do
            error = {"message": f"Incorrect API key provided: {_key_in(seen)}", "type": "invalid_request_error"}
            return web.json_response({"error": error}, status=401)
        if script.has("noschema") and "response_format" in body:
            error = {"message": "response_format is not supported here", "type": "invalid_request_error"}
            return web.json_response({"error": error}, status=400)
        if script.has("nooptions") and "stream_options" in body:
            error = {
                "message": "Unrecognized request argument supplied: stream_options",
                "type": "invalid_request_error",
            }
            return web.json_response({"error": error}, status=400)
        if script.status:
            self._failed[seen.model] += 1
            if script.status_times and self._failed[seen.model] > script.status_times:
                return None
            headers = {} if script.retry_after is None else {"Retry-After": str(script.retry_after)}
            if script.has("html"):
                return web.Response(text=HTML, content_type="text/html", status=script.status, headers=headers)
            error = {"message": f"Scripted status {script.status}", "type": "server_error", "code": None}
            return web.json_response({"type": "error", "error": error}, status=script.status, headers=headers)
        return None

    async def _whole(self, script: Script, form: wire.Format, model: str, tokens: int) -> web.Response:
        if script.first_ms or script.rate:
            await asyncio.sleep(script.first_ms / 1000 + (script.tokens / script.rate if script.rate else 0))
        if script.has("html"):
            return web.Response(text=HTML, content_type="text/html")
        if script.has("garbage"):
            return web.Response(text="\x00not json{", content_type="application/json")
        if form == "chat":
            return _json(wire.chat_whole(script, model, tokens))
        if form == "anthropic":
            return _json(wire.anthropic_whole(script, model, tokens))
        return _json(wire.responses_whole(script, model, tokens))

    async def _stream(
        self, request: web.Request, script: Script, answer: wire.Answer, seen: Seen
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        if script.has("html"):
            response.content_type = "text/html"
        await response.prepare(request)
        if script.has("html") or script.has("garbage"):
            await response.write(HTML.encode() if script.has("html") else b"\x00\xff\xfe garbage {]\n\n" * 3)
            return response
        broken = bool(script.words & {"cut", "cut0", "oops", "oops0", "end", "stall", "hush"})
        if not script.has("hush"):
            await write(response, script, answer.head)
        if script.first_ms:
            await asyncio.sleep(script.first_ms / 1000)
        await self._tokens(request, response, script, answer.tokens, seen, broken)
        if script.words & {"stall", "hush"}:
            await asyncio.Event().wait()
        if script.words & {"cut", "cut0"} and request.transport:
            request.transport.close()
            return response
        if script.words & {"oops", "oops0"}:
            await response.write(answer.error)
        elif not broken:
            await write(response, script, answer.tail)
        await response.write_eof()
        return response

    async def _tokens(
        self,
        request: web.Request,
        response: web.StreamResponse,
        script: Script,
        tokens: list[bytes],
        seen: Seen,
        broken: bool,
    ) -> None:
        half = 0 if script.words & {"cut0", "oops0", "hush"} else len(tokens) // 2
        held = script.has("held")
        await paced(request, response, script, tokens[:half] if broken or held else tokens, seen)
        if held:
            while not self._may_go_on.is_set():  # noqa: ASYNC110  another thread sets it
                await asyncio.sleep(0.005)
            await paced(request, response, script, tokens[half:], seen)


def _answer_of(script: Script, form: wire.Format, model: str, tokens: int, include_usage: bool) -> wire.Answer:
    if form == "chat":
        return wire.chat(script, model, tokens, include_usage)
    if form == "anthropic":
        return wire.anthropic(script, model, tokens)
    return wire.responses(script, model, tokens)


def _key_in(seen: Seen) -> str:
    return next((value for name, value in seen.headers.items() if name.lower() == "authorization"), "")


def _json(value: dict[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")


def _last_user_text(body: dict[str, Any]) -> str:
    messages = body.get("messages") or body.get("input") or []
    if isinstance(messages, str):
        return messages
    for message in reversed(messages):
        if message.get("role") == "user":
            content = message.get("content")
            if isinstance(content, str):
                return content
            return "".join(str(part.get("text", "")) for part in content or [])
    return ""


def _has_tool_result(body: dict[str, Any]) -> bool:
    """In the words of each of the three wire formats."""
    for message in body.get("messages") or body.get("input") or []:
        if message.get("role") == "tool" or message.get("type") == "function_call_output":
            return True
        content = message.get("content")
        if isinstance(content, list) and any(part.get("type") == "tool_result" for part in content):
            return True
    return False


async def serve(server: FakeServer, port: int) -> web.AppRunner:
    # Without cancellation a handler that waits would never notice the hang-up.
    runner = web.AppRunner(server.app(), handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    return runner


@contextlib.contextmanager
def running(port: int = 0) -> Iterator[FakeServer]:
    """Serve in a thread of this process while the block runs."""
    server, loop, ready = FakeServer(), asyncio.new_event_loop(), threading.Event()
    runner: web.AppRunner | None = None

    async def begin() -> None:
        nonlocal runner
        runner = await serve(server, port)
        ready.set()

    def run() -> None:
        loop.create_task(begin())
        loop.run_forever()

    thread = threading.Thread(target=run, name="fake-models", daemon=True)
    thread.start()
    try:
        if not ready.wait(10):
            raise RuntimeError("The scripted model server did not start.")
        yield server
    finally:
        if runner:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
