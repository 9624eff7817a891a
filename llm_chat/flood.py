"""How many frames a client may send, and how many bytes of answers it may ask for."""

import asyncio
import time

BURST = 120
PER_SECOND = 20.0
FLOOD_RETRY_SECONDS = 10
ACK_COSTS = 0.05  # one a second for each running turn: a tab may watch many


class FrameBudget:
    """A token bucket: short bursts are fine, a lasting flood is not."""

    def __init__(self) -> None:
        self._left = float(BURST)
        self._at = time.monotonic()

    def spend(self) -> bool:
        """Take one frame out of the budget; False once it is overdrawn."""
        now = time.monotonic()
        self._left = min(BURST, self._left + (now - self._at) * PER_SECOND) - 1
        self._at = now
        return self._left >= 0

    def give_back(self, frames: float) -> None:
        self._left += frames


ANSWER_BURST = 8_000_000
ANSWER_BYTES_PER_SECOND = 1_000_000


class AnswerBudget:
    """Snapshots cost a client nothing to ask for and the server much to hold: whoever asks too fast waits."""

    def __init__(self) -> None:
        self._left = float(ANSWER_BURST)
        self._at = time.monotonic()

    async def room(self) -> None:
        """Wait until the answers so far are paid for."""
        now = time.monotonic()
        self._left = min(ANSWER_BURST, self._left + (now - self._at) * ANSWER_BYTES_PER_SECOND)
        self._at = now
        if self._left < 0:
            await asyncio.sleep(-self._left / ANSWER_BYTES_PER_SECOND)

    def spend(self, size: int) -> None:
        self._left -= size
