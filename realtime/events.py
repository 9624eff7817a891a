"""The one vocabulary of what happens in a turn or a thread, and of what a client may ask.

Every frame on a socket is one of these classes as JSON. TypeScript types are generated from them (`make types`).
Names and fields are a public contract: change them only by adding.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr, TypeAdapter

Status = Literal["queued", "running", "complete", "stopped", "interrupted", "error"]
Role = Literal["user", "assistant", "system", "tool"]
EndStatus = Literal["complete", "stopped", "interrupted"]

MAX_TEXT = 75_000
"""Longest message text, in characters."""
MAX_FRAME = 256 * 1024
"""Longest client frame, in bytes."""


class Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# --- Values ---------------------------------------------------------------------------------------------------------


class Usage(Frame):
    """What one reply used. Times in milliseconds; an unknown cost is null, never 0."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost_usd: Decimal | None = None
    cost_source: Literal["provider", "litellm", "table", "estimated", "unknown"] = "unknown"
    usage_source: Literal["exact", "estimated"] = "estimated"
    time_to_first_token_ms: int | None = None
    duration_ms: int | None = None
    reasoning_ms: int | None = None
    """How long the model reasoned; null where it did not, or nobody measured."""


class ToolCall(Frame):
    """A tool the model used, as the reader sees it. `result` and `error` are null while it runs."""

    call_id: str
    name: str
    label: str
    arguments: str
    result: str | None = None
    error: str | None = None


class MessageError(Frame):
    """Why a reply failed: a code of the LLM error tree, a sentence for people, and whether trying again can help."""

    code: str
    message: str
    retryable: bool
    retry_after: float | None = None
    """Seconds after which it can, where the vendor or a limit said so."""
    retry_at: datetime | None = None
    """The same by the server's clock, for whoever learns of the error later."""
    mended_by: list[Literal["edit", "model"]] = []
    """What else can help: other words, or another model."""


class Message(Frame):
    id: UUID
    thread_id: UUID
    parent_id: UUID | None
    role: Role
    content: str
    reasoning: str = ""
    tools: list[ToolCall] = []
    status: Status
    error: MessageError | None = None
    model: str = ""
    usage: Usage | None = None
    attachments: list[dict[str, Any]] = []
    siblings: list[UUID] = []
    """All versions of it, itself among them, in order of creation; empty when it is the only one."""
    created_at: datetime
    feedback: Literal["up", "down"] | None = None


class ThreadSettings(Frame):
    """What holds in one conversation: words the model keeps in mind, and parameters by our own names."""

    instructions: str = ""
    parameters: dict[str, StrictInt | StrictFloat | StrictStr] = {}


class Tag(Frame):
    """A word a person puts on threads of theirs."""

    id: UUID
    name: str
    colour: str


class RunningTurn(Frame):
    """A turn being written, as far as `seq`."""

    turn_id: UUID
    message_id: UUID
    seq: int
    text: str
    reasoning: str
    tools: list[ToolCall]


class QueuedTurn(Frame):
    """A turn that waits for the one before it, with the user's message (null for a regenerate)."""

    turn_id: UUID
    message_id: UUID
    message: Message | None


# --- From the server: a turn ----------------------------------------------------------------------------------------


class ResponseCreated(Frame):
    """A runner has begun the turn."""

    type: Literal["response.created"] = "response.created"
    thread_id: UUID
    turn_id: UUID
    message_id: UUID
    seq: int
    model: str


class TextDelta(Frame):
    """More text of the reply."""

    type: Literal["response.output_text.delta"] = "response.output_text.delta"
    turn_id: UUID
    seq: int
    delta: str


class ReasoningDelta(Frame):
    """More of the model's reasoning."""

    type: Literal["response.reasoning_text.delta"] = "response.reasoning_text.delta"
    turn_id: UUID
    seq: int
    delta: str


class ToolCallStarted(Frame):
    """The model has asked for a tool; `arguments` is the JSON text it wrote."""

    type: Literal["response.tool_call.started"] = "response.tool_call.started"
    turn_id: UUID
    seq: int
    call_id: str
    name: str
    label: str
    arguments: str


class ToolCallCompleted(Frame):
    """A tool has answered. Results come in any order; only `call_id` links them."""

    type: Literal["response.tool_call.completed"] = "response.tool_call.completed"
    turn_id: UUID
    seq: int
    call_id: str
    name: str
    label: str
    result: str | None
    error: str | None


class NodeStarted(Frame):
    """A pipeline node has begun."""

    type: Literal["response.node.started"] = "response.node.started"
    turn_id: UUID
    seq: int
    node_id: str
    label: str


class NodeCompleted(Frame):
    """A pipeline node has ended."""

    type: Literal["response.node.completed"] = "response.node.completed"
    turn_id: UUID
    seq: int
    node_id: str
    label: str
    output: str


class ResponseError(Frame):
    """The turn ended in an error. Terminal: the whole message is in it."""

    type: Literal["response.error"] = "response.error"
    thread_id: UUID
    turn_id: UUID
    message_id: UUID
    seq: int
    rev: int
    code: str
    message: Message
    error: str
    retryable: bool
    retry_after: float | None = None


class Final(Frame):
    """The turn ended. Terminal: the whole message is in it."""

    type: Literal["final"] = "final"
    thread_id: UUID
    turn_id: UUID
    message_id: UUID
    seq: int
    rev: int
    status: EndStatus
    message: Message
    usage: Usage | None


# --- From the server: a thread --------------------------------------------------------------------------------------


class MessageAccepted(Frame):
    """The answer to a send or regenerate: it is stored, and will be answered by this turn."""

    type: Literal["message.accepted"] = "message.accepted"
    id: UUID
    thread_id: UUID
    turn_id: UUID
    assistant_message_id: UUID
    status: Status
    rev: int


class MessageCreated(Frame):
    """A message was added; `status` is its turn's."""

    type: Literal["message.created"] = "message.created"
    thread_id: UUID
    rev: int
    message: Message
    turn_id: UUID | None = None
    status: Status | None = None


class MessageUpdated(Frame):
    """A message changed its place or state."""

    type: Literal["message.updated"] = "message.updated"
    thread_id: UUID
    rev: int
    message: Message
    turn_id: UUID | None = None
    status: Status | None = None


class MessageDeleted(Frame):
    """A message is gone."""

    type: Literal["message.deleted"] = "message.deleted"
    thread_id: UUID
    rev: int
    message_id: UUID
    turn_id: UUID | None = None
    status: Status | None = None


class ThreadSnapshot(Frame):
    """The answer to a subscribe: what changed since the client's `rev`; `reset` means reload the history instead."""

    type: Literal["thread.snapshot"] = "thread.snapshot"
    thread_id: UUID
    rev: int
    title: str
    model: str
    messages: list[Message]
    reset: bool
    turn: RunningTurn | None
    queued: list[QueuedTurn]
    settings: ThreadSettings | None = None
    summary_up_to: UUID | None = None


class ThreadCreated(Frame):
    """A thread of this person was started."""

    type: Literal["thread.created"] = "thread.created"
    thread_id: UUID
    team_id: UUID
    rev: int
    title: str
    model: str
    last_message_at: datetime
    pinned: bool = False
    archived: bool = False
    tags: list[Tag] = []


class ThreadUpdated(Frame):
    """A thread changed; only the changed fields are set. Of a temporary one those who watch it are told alone."""

    type: Literal["thread.updated"] = "thread.updated"
    thread_id: UUID
    team_id: UUID | None = None
    rev: int
    model: str | None = None
    last_message_at: datetime | None = None
    pinned: bool | None = None
    archived: bool | None = None
    leaf_id: UUID | None = None
    """Set when its person turned to another branch: where the path they see ends now."""
    settings: ThreadSettings | None = None
    summary_up_to: UUID | None = None
    tags: list[Tag] | None = None
    left: bool | None = None
    """A temporary one was closed in some tab and soon ends: a tab that shows it subscribes again, and it stays."""


class ThreadTitleUpdated(Frame):
    """A thread has a new title."""

    type: Literal["thread.title.updated"] = "thread.title.updated"
    thread_id: UUID
    rev: int
    title: str


class ThreadDeleted(Frame):
    """A thread is gone."""

    type: Literal["thread.deleted"] = "thread.deleted"
    thread_id: UUID
    rev: int


class TagsChanged(Frame):
    """A person's tags in a team, all of them, after one was made, changed or deleted."""

    type: Literal["tags.changed"] = "tags.changed"
    team_id: UUID
    tags: list[Tag]


class PresetsChanged(Frame):
    """A preset this person can use in a team was made, changed or deleted, or is their default now or no longer."""

    type: Literal["presets.changed"] = "presets.changed"
    team_id: UUID


class TeamLeft(Frame):
    """This person is no longer in a team, or it is gone; nothing more is told of its threads."""

    type: Literal["team.left"] = "team.left"
    team_id: UUID


class ErrorFrame(Frame):
    """A frame was refused. `id` is that of the refused frame's message, `retry_after` is in seconds."""

    type: Literal["error"] = "error"
    code: Literal[
        "bad_frame",
        "unknown_type",
        "too_large",
        "too_long",
        "rate_limited",
        "not_found",
        "id_taken",
        "model_not_allowed",
        "budget_exceeded",
        "restarting",
        "unavailable",
    ]
    message: str
    id: UUID | None = None
    retry_after: float | None = None


class Pong(Frame):
    """The answer to a ping."""

    type: Literal["pong"] = "pong"


TurnEvent = (
    ResponseCreated
    | TextDelta
    | ReasoningDelta
    | ToolCallStarted
    | ToolCallCompleted
    | NodeStarted
    | NodeCompleted
    | ResponseError
    | Final
)
TerminalEvent = Final | ResponseError
ThreadEvent = (
    MessageCreated
    | MessageUpdated
    | MessageDeleted
    | ThreadCreated
    | ThreadUpdated
    | ThreadTitleUpdated
    | ThreadDeleted
)
ServerEvent = Annotated[
    TurnEvent
    | ThreadEvent
    | TagsChanged
    | PresetsChanged
    | TeamLeft
    | MessageAccepted
    | ThreadSnapshot
    | ErrorFrame
    | Pong,
    Field(discriminator="type"),
]


# --- From the client ------------------------------------------------------------------------------------------------


class SendMessage(Frame):
    """Say something; without `parent_id` the message goes to the thread's end.

    A fresh `thread_id` starts a thread, in the team `team_id` or else in the person's current one. `temporary` counts
    for the first message alone: the thread is in no list and is erased when its person leaves it. So does `settings`: a
    thread that exists keeps its own.
    """

    type: Literal["message.send"] = "message.send"
    id: UUID
    thread_id: UUID
    text: str
    team_id: UUID | None = None
    parent_id: UUID | None = None
    model: str | None = None
    bot_id: UUID | None = None
    attachments: list[UUID] = []
    temporary: bool = False
    settings: ThreadSettings | None = None


class RegenerateMessage(Frame):
    """Answer again (`retry`) or go on where a reply broke off (`continue`); `id` is the new assistant message's."""

    type: Literal["message.regenerate"] = "message.regenerate"
    id: UUID
    message_id: UUID
    mode: Literal["retry", "continue"]
    model: str | None = None


class StopTurn(Frame):
    """End a running turn with the text shown so far, or take a queued one back."""

    type: Literal["turn.stop"] = "turn.stop"
    turn_id: UUID


class Subscribe(Frame):
    """Watch a thread. `rev` is what the client has; `turn_id` a turn whose end it may have missed."""

    type: Literal["thread.subscribe"] = "thread.subscribe"
    thread_id: UUID
    rev: int | None = None
    turn_id: UUID | None = None


class Unsubscribe(Frame):
    """Watch a thread no longer."""

    type: Literal["thread.unsubscribe"] = "thread.unsubscribe"
    thread_id: UUID


class Ack(Frame):
    """The last event received of a turn, about once a second while it streams."""

    type: Literal["turn.ack"] = "turn.ack"
    turn_id: UUID
    seq: int


class Ping(Frame):
    """Are you there."""

    type: Literal["ping"] = "ping"


ClientCommand = Annotated[
    SendMessage | RegenerateMessage | StopTurn | Subscribe | Unsubscribe | Ack | Ping, Field(discriminator="type")
]
CLIENT_COMMAND: TypeAdapter[ClientCommand] = TypeAdapter(ClientCommand)
SERVER_EVENT: TypeAdapter[ServerEvent] = TypeAdapter(ServerEvent)
COMMAND_TYPES = frozenset(
    command.model_fields["type"].default
    for command in (SendMessage, RegenerateMessage, StopTurn, Subscribe, Unsubscribe, Ack, Ping)
)
