"""How many frames a client may send."""

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
