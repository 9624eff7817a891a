"""Whatever a model says: no script of it runs, nothing of it leaves, and nothing of it becomes part of the page.

The real scripts of the real page in a real browser; what a text asks for would be heard by a listener beside it.
"""

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.e2e import hostile_corpus, hostile_page
from tests.e2e.conftest import Complaints, Open
from tests.e2e.test_chat_page import finished, say

SPLITS = 2
SEED = 20261121
QUIET_MS = 1_200


@dataclass
class Trap:
    """Listens where nobody may ever call."""

    url: str = ""
    heard: list[str] = field(default_factory=list)


@pytest.fixture
def trap() -> Iterator[Trap]:
    trap = Trap()

    class Listener(BaseHTTPRequestHandler):
        def setup(self) -> None:
            trap.heard.append("connected")  # to connect is to have told something
            super().setup()

        def do_GET(self) -> None:
            trap.heard.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        do_POST = do_HEAD = do_OPTIONS = do_GET

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        trap.url = f"http://127.0.0.1:{server.server_port}"
        yield trap
        server.shutdown()


NO_HEADERS: dict[str, Any] = {"extra_http_headers": {}}
"""Headers that a test adds make a frame without an origin ask whether it may load its script, which no browser does."""


@dataclass
class Watch:
    """What a page ran and asked for that is not its own."""

    ran: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


def watched(page: Page, site: str) -> Watch:
    watch = Watch()
    page.context.expose_binding("ran", lambda source, *_: watch.ran.append(source["frame"].url))
    own = (site, site.replace("http", "ws"), "data:", "blob:")

    def asks(request: Request) -> None:
        if not request.url.startswith(own):
            watch.asked.append(request.url)

    def is_refused(request: Request) -> None:
        if request.failure in {"csp", "net::ERR_BLOCKED_BY_CSP"} and request.url in watch.asked:
            watch.asked.remove(request.url)

    page.context.on("request", asks)
    page.context.on("requestfailed", is_refused)
    return watch


DRAW = (Path(__file__).parent / "hostile_markdown.js").read_text()


def test_no_text_runs_loads_or_becomes_part_of_the_page(tab: Open, site: str, trap: Trap) -> None:
    page = tab()
    watch = watched(page, site)
    chosen = random.Random(SEED)  # noqa: S311  the same pieces each time, so that a failure can be repeated
    cases = [
        {"name": f"{group} {number}", "text": text.replace(hostile_corpus.TRAP, trap.url), "ends": pieces(chosen, text)}
        for group, texts in hostile_corpus.GROUPS.items()
        for number, text in enumerate(texts)
    ]
    assert len(cases) >= 150

    found = page.evaluate(DRAW, {"scripts": scripts_of(page), "cases": cases})
    page.wait_for_timeout(300)

    assert found["wrong"] == []
    assert found["formulas"] >= 5
    assert (watch.ran, watch.asked, trap.heard) == ([], [], [])


def test_what_a_model_really_streams_is_as_harmless(tab: Open, site: str, trap: Trap) -> None:
    page = tab()
    watch = watched(page, site)
    chosen = [texts[number] for texts in hostile_corpus.GROUPS.values() for number in (0, 3)]
    say(page, "[[fake echo]]\n\n" + "\n\n".join(chosen).replace(hostile_corpus.TRAP, trap.url).replace("\u0000", ""))
    reply = finished(page).locator(".message-reply")

    expect(reply).to_contain_text("ran()")
    expect(reply.locator("script, style, iframe, form, img, object, [onclick], [onerror]")).to_have_count(0)
    assert (watch.ran, watch.asked, trap.heard) == ([], [], [])


# Frames one of the sandbox's pages as the chat does, and passes what the page of a test says.
FRAME = """(kind) => new Promise((done) => {
  const nonce = crypto.randomUUID();
  const frame = document.createElement("iframe");
  Object.assign(frame, { src: `/sandbox/${kind}/#${nonce}`, className: "tried" });
  frame.setAttribute("sandbox", "allow-scripts");
  window.others = [];
  addEventListener("message", (event) => {
    const isReady = event.source === frame.contentWindow && event.data.nonce === nonce && event.origin === "null";
    if (!isReady) { window.others.push(String(event.data)); return; }
    window.port = event.ports[0];
    window.port.onmessage = ({ data }) => window.answered?.(data);
    done();
  });
  document.querySelector(".tried")?.remove();
  document.body.append(frame);
})"""
WHAT_MAY_RUN = """[...document.body.querySelectorAll("*")].flatMap((one) => [
  ...(one.matches("script, iframe, object, embed, form, link") ? [one.tagName] : []),
  ...[...one.attributes].filter(({ name, value }) => /^on/.test(name) || /^\\s*javascript:/i.test(value))
    .map(({ name }) => name),
])"""
ASK = """(message) => new Promise((done) => {
  window.answered = done;
  setTimeout(() => done({ type: "silence" }), 5000);
  window.port.postMessage(message);
})"""


def test_a_diagram_runs_nothing_and_asks_for_nothing(tab: Open, site: str, trap: Trap, complaints: Complaints) -> None:
    complaints.expected = ("",)  # each try is refused aloud
    page = tab(**NO_HEADERS)
    watch = watched(page, site)
    page.evaluate(FRAME, "diagram")
    frame = next(frame for frame in page.frames if "/sandbox/diagram/" in frame.url)
    colours = dict.fromkeys(("background", "surface", "line", "text", "muted", "accent", "note"), "rgb(9, 9, 9)")

    answers = []
    for text in hostile_corpus.DIAGRAMS:
        source = text.replace(hostile_corpus.TRAP, trap.url)
        answers.append(
            page.evaluate(ASK, {"type": "draw", "source": source, "dark": False, "colours": colours})["type"]
        )
        assert frame.evaluate(WHAT_MAY_RUN) == [], source
    page.wait_for_timeout(300)

    assert set(answers) <= {"drawn", "failed"}
    assert answers.count("drawn") >= 10
    assert (watch.ran, watch.asked, trap.heard) == ([], [], [])


def test_a_preview_cannot_get_a_word_out(
    tab: Open, browser: Browser, site: str, trap: Trap, complaints: Complaints
) -> None:
    complaints.expected = ("",)  # each try is refused aloud
    page = tab(**NO_HEADERS)
    source = hostile_page.document(hostile_page.TRIES, trap.url)
    page.evaluate(FRAME, "artifact")
    page.evaluate(ASK, {"type": "show", "source": source})
    page.wait_for_timeout(QUIET_MS)
    inner = page.frames[-1]
    tried = inner.evaluate("tried")

    assert trap.heard == []
    assert inner.evaluate("document.querySelectorAll('iframe, frame, object, embed, link').length") == 0
    assert inner.evaluate("typeof RTCPeerConnection + typeof webkitRTCPeerConnection") == "undefinedundefined"
    assert [said for said in page.evaluate("window.others") if "nested" in said] == []
    assert len(page.context.pages) == 1
    assert "RTCPeerConnection is not defined" in tried["rtc"]
    assert "tried" not in tried["policy-again"]
    assert page.url.startswith(site)

    # The same page in no frame at all is heard: the tries are real.
    with browser.new_context() as open_air:
        loose = open_air.new_page()
        loose.goto(f"{trap.url}/")
        trap.heard.clear()
        loose.set_content(source)
        loose.wait_for_timeout(QUIET_MS)
    heard = {path.split("/")[1].split("?")[0] for path in trap.heard if path.startswith("/")}
    assert len(heard) >= 25, sorted(heard)


def test_a_preview_cannot_go_anywhere(tab: Open, site: str, trap: Trap, complaints: Complaints) -> None:
    complaints.expected = ("",)
    page = tab(**NO_HEADERS)
    watch = watched(page, site)
    requests: list[str] = []
    page.context.on("request", lambda asked: requests.append(asked.url))
    for name, script in hostile_page.LEAVING.items():
        page.evaluate(FRAME, "artifact")
        requests.clear()
        page.evaluate(ASK, {"type": "show", "source": hostile_page.document(script, trap.url)})
        page.wait_for_timeout(250)
        assert (trap.heard, [url for url in requests if "secret" in url]) == ([], []), name
        assert [said for said in page.evaluate("window.others") if "nested" in said] == [], name
    assert (watch.ran, page.url.startswith(site)) == ([], True)


def test_only_the_frame_itself_is_believed(tab: Open) -> None:
    page = tab(**NO_HEADERS)
    say(page, "[[fake echo]]\n\n```mermaid\nflowchart LR\n  A --> B\n```")
    finished(page)
    page.evaluate(
        "for (const origin of ['*']) postMessage({ type: 'parley.sandbox.ready', nonce: 'guessed' }, origin,"
        " [new MessageChannel().port2])"
    )

    expect(page.locator(".diagram-shown")).to_have_count(1)


def pieces(chosen: random.Random, text: str) -> list[list[int]]:
    """Cut a text a few times at random, never so often that a long one takes long."""
    size = len(text.encode("utf-16-le")) // 2
    cuts = min(size, 12)
    return [sorted(chosen.sample(range(1, size + 1), cuts)) for _ in range(SPLITS)]


def scripts_of(page: Page) -> str:
    """The built scripts that set replies, as the page itself names them."""
    address = page.locator("link[rel=modulepreload][href*='/markdown-']").first.get_attribute("href")
    assert address
    return address
