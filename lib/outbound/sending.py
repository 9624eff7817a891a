"""One request to an address that a person named, bounded in time and size."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx

from lib.outbound import guard

SECONDS = 10.0
LARGEST = 1024 * 1024


class TooLarge(httpx.HTTPError):
    """The answer is longer than we read."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


async def send(
    method: str,
    url: str,
    *,
    content: bytes | None = None,
    json: Any = None,
    headers: dict[str, str] | None = None,
    seconds: float = SECONDS,
    largest: int = LARGEST,
) -> Answer:
    """Send one request and return its answer, also one that says no or points elsewhere.

    `seconds` bounds the whole exchange, `largest` the bytes of the answer once unpacked. Raises `guard.AddressRefused`
    before anything is sent, TimeoutError, TooLarge, or another `httpx.HTTPError`.
    """
    async with (
        asyncio.timeout(seconds),
        guard.client(timeout=seconds) as client,
        client.stream(method, url, content=content, json=json, headers=headers) as response,
    ):
        read = bytearray()
        async for piece in response.aiter_bytes(64 * 1024):
            read += piece
            if len(read) > largest:
                raise TooLarge(f"The answer is longer than {largest} bytes.")
        return Answer(response.status_code, dict(response.headers), bytes(read))
