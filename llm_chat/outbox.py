"""What waits to reach one socket, bounded by what its client has acknowledged.

A server that only hands bytes to the network would buffer without end for a tab that stopped reading. So every client
acknowledges turn events; past `UNACKED_LIMIT` nothing but ends of turns passes, and the client gets one fresh snapshot
when it is back.
"""

import time
from collections import deque

from realtime.hub import Packet

UNACKED_LIMIT = 256 * 1024
TERMINAL_LIMIT = 2 * UNACKED_LIMIT
STALLED_SECONDS = 30.0


class Outbox:
    """Byte accounting of one socket. `put` says whether the packet may go; the caller sends it."""

    def __init__(self) -> None:
        self.sent = 0
        self._acked = 0
        self._marks: dict[str, deque[tuple[int, int]]] = {}
        self._over_since: float | None = None
        self._skipped: set[str] = set()

    def put(self, packet: Packet) -> bool:
        """Count a packet in, or refuse it because its reader is too far behind."""
        size = len(packet.text) if packet.text.isascii() else len(packet.text.encode())
        if self._marks and self.sent + size - self._acked > (TERMINAL_LIMIT if packet.terminal else UNACKED_LIMIT):
            if self._over_since is None:
                self._over_since = time.monotonic()
            self._skipped.add(packet.thread_id)
            return False
        if self._over_since is not None and not packet.terminal and packet.thread_id in self._skipped:
            return False  # a gap is already there: the snapshot will fill it
        self.sent += size
        # Nobody has to acknowledge an end: a tab that has read all before it owes nothing.
        if packet.turn_id and not packet.terminal:
            self._marks.setdefault(packet.turn_id, deque()).append((packet.seq, self.sent))
        return True

    def acknowledge(self, turn_id: str, seq: int) -> set[str]:
        """Take an ack; return the threads that missed something and can catch up now."""
        marks = self._marks.get(turn_id)
        while marks and marks[0][0] <= seq:
            self._acked = max(self._acked, marks.popleft()[1])
        if marks is not None and not marks:
            del self._marks[turn_id]
        if not self._marks:
            self._acked = self.sent
        if self._over_since is None or self.sent - self._acked > UNACKED_LIMIT // 2:
            return set()
        self._over_since = None
        caught_up, self._skipped = self._skipped, set()
        return caught_up

    def has_gap_in(self, thread_id: str) -> bool:
        """Whether something of this thread was refused and no snapshot has been due since."""
        return thread_id in self._skipped

    @property
    def stalled(self) -> bool:
        """Whether the client has been too far behind for too long."""
        return self._over_since is not None and time.monotonic() - self._over_since > STALLED_SECONDS
