"""What a page shows of one thread, folded from server events by the rules of the protocol and nothing else."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from llm_chat.draft import Draft, fold
from realtime import events


@dataclass(slots=True)
class Mirror:
    """Starts from a history JSON. `behind` is raised by what only a snapshot can mend."""

    thread: dict[str, Any]
    path: list[dict[str, Any]]
    older: str | None
    turn_id: str | None = None
    message_id: str | None = None
    draft: Draft = field(default_factory=Draft)
    queued: list[dict[str, Any]] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    listed_rev: int = 0
    behind: bool = False
    reset: bool = False

    @classmethod
    def of(cls, history: dict[str, Any]) -> "Mirror":
        mirror = cls(dict(history["thread"]), list(history["messages"]), history["older"])
        mirror.queued = list(history["queued"])
        mirror.listed_rev = mirror.rev
        mirror._run(history["turn"])
        return mirror

    @property
    def id(self) -> str:
        return str(self.thread["thread_id"])

    @property
    def rev(self) -> int:
        return int(self.thread["rev"])

    def as_history(self) -> dict[str, Any]:
        turn = self.turn_id and {"turn_id": self.turn_id, "message_id": self.message_id}
        return {
            "thread": self.thread,
            "messages": self.path,
            "older": self.older,
            "turn": turn or None,
            "queued": self.queued,
        }

    def apply(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind in ("error", "pong", "message.accepted") or frame.get("thread_id", self.id) != self.id:
            return
        event = events.SERVER_EVENT.validate_python(frame)
        if kind == "thread.snapshot":
            self._snapshot(frame)
        elif kind in ("final", "response.error"):
            self._end(frame)
        elif kind.startswith(("message.", "thread.")):
            self._list(frame)
            self._in_order(frame)
        elif frame["turn_id"] == self.turn_id:
            self._stream(event)  # type: ignore[arg-type]  # nothing else is left
        elif frame["turn_id"] not in self.ended:
            self.behind = True

    def _stream(self, event: events.TurnEvent) -> None:
        if event.seq == self.draft.seq + 1:
            fold(self.draft, event)
        elif event.seq > self.draft.seq:
            self.behind = True

    def _list(self, frame: dict[str, Any]) -> None:
        """Keep the sidebar's line. It has no snapshots, so it takes whatever is newer than what it shows."""
        if frame["rev"] >= self.listed_rev:
            for name in ("title", "model", "last_message_at", "pinned", "archived"):
                if frame.get(name) is not None:
                    self.thread[name] = frame[name]
                    self.listed_rev = frame["rev"]

    def _in_order(self, frame: dict[str, Any]) -> None:
        if frame["rev"] < self.rev:
            return
        if frame["rev"] > self.rev + 1:
            self.behind = True
            return
        self.thread["rev"] = frame["rev"]
        if frame.get("leaf_id") and frame["leaf_id"] not in self._ids()[-1:]:
            self.reset = True
        if frame["type"] == "thread.updated":
            self.thread |= {name: frame[name] for name in ("settings", "summary_up_to") if frame.get(name) is not None}
        if "message" in frame:
            self._message(frame["turn_id"], frame["message"])

    def _message(self, turn_id: str | None, message: dict[str, Any]) -> None:
        if message["status"] == "queued":
            entry = next((one for one in self.queued if one["turn_id"] == turn_id), None)
            if entry is None:
                entry = {"turn_id": turn_id, "message_id": None, "message": None}
                self.queued.append(entry)
            entry["message" if message["role"] == "user" else "message_id"] = (
                message if message["role"] == "user" else message["id"]
            )
            return
        if turn_id is None and message["id"] not in self._ids():
            return  # a rating moves no path
        self._unqueue(turn_id)
        if message["status"] == "stopped" and message["id"] not in self._ids():
            return  # taken back while it waited
        self._place(message)
        if message["status"] == "running" and turn_id not in self.ended:
            self.turn_id, self.message_id = turn_id, message["id"]
            self.draft = Draft(text_pieces=[message["content"]], reasoning_pieces=[message["reasoning"]])

    def _end(self, frame: dict[str, Any]) -> None:
        turn_id, message = frame["turn_id"], frame["message"]
        self._unqueue(turn_id)
        if turn_id not in self.ended and message["id"] in self._ids():  # else it ran on another branch, or never
            self._place(message)
        self.ended.add(turn_id)
        if turn_id == self.turn_id:
            self.turn_id = self.message_id = None
        if frame["rev"] > self.rev + 1:
            self.behind = True
        else:
            self.thread["rev"] = max(self.rev, frame["rev"])

    def _snapshot(self, frame: dict[str, Any]) -> None:
        if frame["reset"]:
            self.reset = True
            return
        if frame["rev"] < self.rev:
            return
        self.behind = False
        for message in frame["messages"]:
            self._place(message)
        self.thread |= {name: frame[name] for name in ("rev", "title", "model", "settings", "summary_up_to")}
        self.queued = list(frame["queued"])
        turn = frame["turn"]
        if not (turn and turn["turn_id"] == self.turn_id and turn["seq"] < self.draft.seq):
            self._run(turn)

    def _run(self, turn: dict[str, Any] | None) -> None:
        self.turn_id, self.message_id = (turn["turn_id"], turn["message_id"]) if turn else (None, None)
        self.draft = Draft()
        if turn:
            value = events.RunningTurn.model_validate(turn)
            tools = {call.call_id: call for call in value.tools}
            self.draft = Draft(value.seq, [value.text], [value.reasoning], tools)

    def _place(self, message: dict[str, Any]) -> None:
        """Put a message behind its parent and end the path with it; one that is shown is replaced where it is."""
        ids = self._ids()
        if message["id"] in ids:
            self.path[ids.index(message["id"])] = message
        elif message["parent_id"] is None:
            self.path = [message]
            self.older = None
        elif message["parent_id"] in ids:
            self.path = [*self.path[: ids.index(message["parent_id"]) + 1], message]
        else:
            self.reset = True  # of a branch that is not shown, whose other rows are old

    def _unqueue(self, turn_id: str | None) -> None:
        self.queued = [one for one in self.queued if one["turn_id"] != turn_id]

    def _ids(self) -> list[str]:
        return [one["id"] for one in self.path]


def fields_of(history: dict[str, Any]) -> dict[str, Any]:
    """Return a history without what only the live stream knows: how far a running turn has come."""
    turn = history["turn"]
    shown = {UUID(turn["message_id"])} if turn else set()
    return {
        **history,
        "turn": turn and {"turn_id": turn["turn_id"], "message_id": turn["message_id"]},
        "messages": [
            {**one, "content": "", "reasoning": "", "tools": []} if UUID(one["id"]) in shown else one
            for one in history["messages"]
        ],
    }
