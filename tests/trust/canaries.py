"""Secrets that can be recognised wherever they turn up, and everything the product was heard to say.

Secrets of the server are made up here and given to it. Those of people are picked up where the product shows them once.
"""

import asyncio
import base64
import contextlib
import io
import json
import re
import secrets
import sqlite3
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import aiohttp
import httpx

MARK = secrets.token_hex(6)
"""Of this run: what an earlier one left in a file is no finding."""


def canary(name: str) -> str:
    return f"canary-{name.replace(' ', '-')}-{MARK}"


@dataclass(frozen=True)
class Heard:
    """A piece of what the product said: to which question, and what."""

    where: str
    text: str


@dataclass
class Canaries:
    values: dict[str, str] = field(default_factory=dict)
    shown_at: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Addresses whose answers may hold one: where it is shown once, to whom it belongs."""

    def add(self, name: str, value: str, *shown_at: str) -> str:
        assert len(value) >= 8, name
        self.values[name] = value
        self.shown_at[name] = shown_at
        return value

    def new(self, name: str) -> str:
        return self.add(name, canary(name))

    def found_in(self, text: str) -> set[str]:
        return {name for name, value in self.values.items() if _pattern(value).search(text)}

    def leaks(self, heard: list[Heard]) -> list[str]:
        """Return what was said where it should not have been."""
        found = []
        for one in heard:
            for name in self.found_in(one.text):
                is_asked_for = self.values[name] in unquote(one.where)  # the page behind a link names its link
                if not is_asked_for and not one.where.startswith(self.shown_at[name] or ("(nowhere)",)):
                    found.append(f"{name} in {one.where}: {_around(one.text, self.values[name])}")
        return found


_patterns: dict[str, re.Pattern[str]] = {}


def _pattern(value: str) -> re.Pattern[str]:
    """Match a secret as it is, in an address, and in any of its three spellings in base64; no digit more or less."""
    if value not in _patterns:
        spelled = {value, quote(value, safe="")}
        if len(value) >= 16:
            for shift in range(3):
                encoded = base64.b64encode(b"\0" * shift + value.encode()).decode()
                spelled.add(encoded[4 if shift else 0 : -4])
        words = "|".join(map(re.escape, spelled))
        _patterns[value] = re.compile(rf"(?<!\d)({words})(?!\d)" if value.isdigit() else words)
    return _patterns[value]


def _around(text: str, value: str) -> str:
    place = text.find(value)
    return text[max(0, place - 80) : place + len(value) + 40] if place >= 0 else "(spelled otherwise)"


class Browser:
    """Somebody's browser; all that it is answered is kept in `heard`."""

    def __init__(self, base: str, heard: list[Heard]) -> None:
        self.base = base
        self.heard = heard
        self._client = httpx.Client(base_url=base, timeout=30, headers={"User-Agent": "Firefox"})

    def get(self, address: str, **more: str) -> httpx.Response:
        return self._ask("GET", address, headers=more)

    def post(self, address: str, **fields: str | list[str]) -> httpx.Response:
        if "csrftoken" not in self._client.cookies:
            self.get("/accounts/login/")
        headers = {"X-CSRFToken": self._client.cookies.get("csrftoken", "")}
        return self._ask("POST", address, headers=headers, data=fields)

    def post_json(self, address: str, body: object) -> httpx.Response:
        headers = {"X-CSRFToken": self._client.cookies.get("csrftoken", "")}
        return self._ask("POST", address, headers=headers, json=body)

    def follow(self, answer: httpx.Response) -> httpx.Response:
        for _ in range(5):
            if "location" not in answer.headers:
                break
            answer = self.get(answer.headers["location"])
        return answer

    @property
    def session(self) -> str:
        return self._client.cookies.get("sessionid") or ""

    def sign_in_with(self, session: str) -> None:
        self._client.cookies.set("sessionid", session)

    def close(self) -> None:
        self._client.close()

    def _ask(self, method: str, address: str, **more: object) -> httpx.Response:
        path = address.removeprefix(self.base)
        answer = self._client.request(method, path, **more)  # type: ignore[arg-type]
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items() if name != "set-cookie")
        self.heard.append(Heard(path, headers))
        self.heard.extend(Heard(path, text) for text in _texts_of(answer.content))
        return answer


def _texts_of(content: bytes) -> Iterator[str]:
    if not content.startswith(b"PK\x03\x04"):
        yield content.decode(errors="replace")
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            yield archive.read(name).decode()


def chat(base: str, session: str, texts: list[str], heard: list[Heard]) -> list[str]:
    """Say these things through a socket, wait for the end of each, and return the types of frames that came."""
    return asyncio.run(_chat(base, session, texts, heard))


async def _chat(base: str, session: str, texts: list[str], heard: list[Heard]) -> list[str]:
    thread_id = str(uuid.uuid4())
    frames = [json.dumps({"type": "ping"}), "not json", json.dumps({"type": "message.send", "id": thread_id})]
    frames += [
        json.dumps({"type": "message.send", "id": str(uuid.uuid4()), "thread_id": thread_id, "text": text})
        for text in texts
    ]
    types: list[str] = []
    headers = {"Cookie": f"sessionid={session}", "Origin": base}
    async with (
        asyncio.timeout(40),
        aiohttp.ClientSession() as client,
        client.ws_connect(f"{base}/ws/chat/", headers=headers) as connection,
    ):
        for frame in frames:
            await connection.send_str(frame)
        while sum(type_ in ("final", "response.error") for type_ in types) < len(texts):
            text = await connection.receive_str()
            heard.append(Heard("/ws/chat/", text))
            types.append(json.loads(text)["type"])
    return types


def columns(database: Path) -> Iterator[tuple[str, str]]:
    """Yield "table.column" with each text in it, and with what a signed session in it says."""
    with contextlib.closing(sqlite3.connect(database, timeout=10)) as link:
        tables = [name for (name,) in link.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            cursor = link.execute(f'SELECT * FROM "{table}"')  # noqa: S608  the names are the database's own
            names = [column[0] for column in cursor.description]
            for row in cursor:
                for name, value in zip(names, row, strict=True):
                    if isinstance(value, bytes):
                        value = value.decode(errors="replace")
                    if isinstance(value, str):
                        yield f"{table}.{name}", value
                        yield f"{table}.{name}", _unsigned(value)


def _unsigned(value: str) -> str:
    """Return the content of what Django signed, which anybody can read."""
    packed = value.rsplit(":", 2)[0]
    is_compressed, packed = packed.startswith("."), packed.removeprefix(".")
    try:
        data = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        return (zlib.decompress(data) if is_compressed else data).decode(errors="replace")
    except (ValueError, zlib.error):
        return ""


def part_after(text: str, before: str) -> str:
    """Return what follows `before` in the link of a mail, up to the next slash."""
    link = next(word for word in text.split() if before in word)
    return urlsplit(link).path.partition(before)[2].strip("/")
