"""What a tab shows of one thread, folded from frames by the same rules as the page's store. Pure: no I/O."""

from dataclasses import dataclass, field
from typing import Any, Literal

Frame = dict[str, Any]
Need = Literal["nothing", "subscribe", "reload"]

DELTA = "response.output_text.delta"
ENDS = ("final", "response.error")
UNFINISHED = ("queued", "running")


@dataclass
class Live:
    """The running turn, as far as this tab has it."""

    turn_id: str
    message_id: str
    seq: int
    text: str


@dataclass
class View:
    """One thread in one tab. `apply` says what the tab must ask for when frames are missing."""

    id: str
    rev: int | None = None
    title: str = ""
    path: list[Frame] = field(default_factory=list)
    queued: dict[str, Frame | None] = field(default_factory=dict)
    live: Live | None = None
    ends: dict[str, Frame] = field(default_factory=dict)
    built: dict[str, str] = field(default_factory=dict)
    """Texts of ended turns as their deltas alone made them, where none was missing at the end."""
    gaps: int = 0
    snapshots: int = 0
    repeated_ends: int = 0

    def shown(self) -> list[tuple[str, str, str, str]]:
        """Return id, role, status and text of every message on the path."""
        return [
            (message["id"], message["role"], "running", self.live.text)
            if self.live and self.live.message_id == message["id"]
            else (message["id"], message["role"], message["status"], message["content"])
            for message in self.path
        ]

    def text_of(self, turn_id: str) -> str:
        """Return the text of a turn, running or ended."""
        if self.live and self.live.turn_id == turn_id:
            return self.live.text
        return str(self.ends[turn_id]["message"]["content"]) if turn_id in self.ends else ""

    def end_of(self, turn_id: str, message_id: str) -> Frame | None:
        """Return how a turn ended: its terminal event, or the message of one whose end this tab slept through."""
        if turn_id in self.ends:
            return self.ends[turn_id]
        slept = (one for one in self.path if one["id"] == message_id and one["status"] not in UNFINISHED)
        message = next(slept, None)
        return message and {"status": message["status"], "message": message}

    def apply(self, frame: Frame) -> Need:
        need = self._apply(frame)
        if need == "subscribe":
            self.gaps += 1
        return need

    def _apply(self, frame: Frame) -> Need:
        match frame["type"]:
            case "message.created" | "message.updated":
                return self._in_order(frame) or self._message(frame)
            case "thread.created" | "thread.updated":
                return self._in_order(frame) or "nothing"
            case "thread.title.updated":
                need = self._in_order(frame)
                if need is None:
                    self.title = frame["title"]
                return need or "nothing"
            case "response.created":
                return self._begin(frame)
            case "final" | "response.error":
                return self._end(frame)
            case "thread.snapshot":
                return self._snapshot(frame)
            case _:
                return self._stream(frame)

    def _in_order(self, frame: Frame) -> Need | None:
        """Take the frame's `rev`; None when the frame may be applied."""
        known = self.rev or 0
        if frame["rev"] < known:
            return "nothing"
        if frame["rev"] > known + 1:
            return "subscribe"
        self.rev = frame["rev"]
        return None

    def _message(self, frame: Frame) -> Need:
        message, turn_id = frame["message"], frame["turn_id"]
        if message["status"] == "queued" and turn_id:
            known = self.queued.get(turn_id)
            self.queued[turn_id] = message if message["role"] == "user" else known
            return "nothing"
        on_path = any(known["id"] == message["id"] for known in self.path)
        if turn_id is None and not on_path:
            return "nothing"
        self.queued.pop(turn_id, None)
        if not on_path and message["status"] == "stopped":
            return "nothing"
        if not self._place(message):
            return "subscribe"
        if turn_id and message["status"] == "running":
            self._run(turn_id, message)
        return "nothing"

    def _place(self, message: Frame) -> bool:
        """Put a message after its parent, which ends the path there; False when the parent is not here."""
        ids = [known["id"] for known in self.path]
        if message["id"] in ids:
            self.path[ids.index(message["id"])] = message
        elif message["parent_id"] is None:
            self.path = [message]
        elif message["parent_id"] in ids:
            self.path = [*self.path[: ids.index(message["parent_id"]) + 1], message]
        else:
            return False
        return True

    def _run(self, turn_id: str, message: Frame) -> None:
        if turn_id not in self.ends and not (self.live and self.live.turn_id == turn_id):
            self.live = Live(turn_id, message["id"], 0, message["content"])

    def _begin(self, frame: Frame) -> Need:
        if frame["turn_id"] in self.ends:
            return "nothing"
        message = next((known for known in self.path if known["id"] == frame["message_id"]), None)
        if message is None:
            return "subscribe"
        self._run(frame["turn_id"], message)
        return self._stream(frame)

    def _stream(self, frame: Frame) -> Need:
        if self.live is None or self.live.turn_id != frame["turn_id"]:
            return "nothing" if frame["turn_id"] in self.ends else "subscribe"
        if frame["seq"] <= self.live.seq:
            return "nothing"
        if frame["seq"] > self.live.seq + 1:
            return "subscribe"
        self.live.seq = frame["seq"]
        if frame["type"] == DELTA:
            self.live.text += frame["delta"]
        return "nothing"

    def _end(self, frame: Frame) -> Need:
        turn_id, message = frame["turn_id"], frame["message"]
        is_gap = frame["rev"] > (self.rev or 0) + 1
        if not is_gap:
            self.rev = max(frame["rev"], self.rev or 0)
        need: Need = "subscribe" if is_gap else "nothing"
        if turn_id in self.ends:
            self.repeated_ends += 1
            return need
        waited = turn_id in self.queued
        self.queued.pop(turn_id, None)
        self.ends[turn_id] = frame
        if self.live and self.live.turn_id == turn_id:
            if self.live.seq + 1 == frame["seq"]:
                self.built[turn_id] = self.live.text
            self.live = None
        on_path = any(known["id"] == message["id"] for known in self.path)
        if waited and not on_path and message["status"] == "stopped":
            return need
        return need if self._place(message) else "subscribe"

    def _snapshot(self, frame: Frame) -> Need:
        self.snapshots += 1
        if frame["reset"]:
            return "reload"
        if frame["rev"] < (self.rev or 0):
            return "nothing"
        if self.rev is None:
            self.path = frame["messages"][:1]
        for message in frame["messages"]:
            if not self._place(message):
                return "reload"
        self.rev = frame["rev"]
        self.queued = {turn["turn_id"]: turn["message"] for turn in frame["queued"]}
        remote = frame["turn"]
        if remote is None:
            self.live = None
        elif self.live is None or self.live.turn_id != remote["turn_id"] or self.live.seq <= remote["seq"]:
            self.live = Live(remote["turn_id"], remote["message_id"], remote["seq"], remote["text"])
        return "nothing"
