"""The reducer: what a message looks like after each event of its turn. No I/O; server, tests and channels share it."""

from dataclasses import dataclass, field

from realtime import events


@dataclass(slots=True)
class Draft:
    """A message being written. Text is kept in pieces, so that a long reply does not copy itself with every token."""

    seq: int = 0
    text_pieces: list[str] = field(default_factory=list)
    reasoning_pieces: list[str] = field(default_factory=list)
    tools: dict[str, events.ToolCall] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return _joined(self.text_pieces)

    @property
    def reasoning(self) -> str:
        return _joined(self.reasoning_pieces)


def _joined(pieces: list[str]) -> str:
    if len(pieces) > 1:
        pieces[:] = ["".join(pieces)]
    return pieces[0] if pieces else ""


def fold(draft: Draft, event: events.TurnEvent) -> Draft:
    """Add one event to the message. Events come in the order of their `seq`."""
    match event:
        case events.TextDelta():
            draft.text_pieces.append(event.delta)
        case events.ReasoningDelta():
            draft.reasoning_pieces.append(event.delta)
        case events.ToolCallStarted():
            draft.tools[event.call_id] = events.ToolCall(
                call_id=event.call_id, name=event.name, label=event.label, arguments=event.arguments
            )
        case events.ToolCallCompleted():  # results arrive in any order; only the call id links them
            call = draft.tools[event.call_id]
            draft.tools[event.call_id] = call.model_copy(update={"result": event.result, "error": event.error})
        case events.Final() | events.ResponseError():
            draft.text_pieces = [event.message.content]
            draft.reasoning_pieces = [event.message.reasoning]
            draft.tools = {call.call_id: call for call in event.message.tools}
        case events.ResponseCreated() | events.NodeStarted() | events.NodeCompleted():
            pass
    draft.seq = event.seq
    return draft
