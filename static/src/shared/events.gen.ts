// Generated from realtime/events.py by `manage.py export_event_types`. Do not edit.

export type Frame = ServerEvent | ClientCommand;
export type ServerEvent =
  | ResponseCreated
  | TextDelta
  | ReasoningDelta
  | ToolCallStarted
  | ToolCallCompleted
  | NodeStarted
  | NodeCompleted
  | ResponseError
  | Final
  | MessageCreated
  | MessageUpdated
  | MessageDeleted
  | ThreadCreated
  | ThreadUpdated
  | ThreadTitleUpdated
  | ThreadDeleted
  | TagsChanged
  | PresetsChanged
  | TeamLeft
  | MessageAccepted
  | ThreadSnapshot
  | ErrorFrame
  | Pong;
export type ClientCommand = SendMessage | RegenerateMessage | StopTurn | Subscribe | Unsubscribe | Ack | Ping;

/**
 * A runner has begun the turn.
 */
export interface ResponseCreated {
  type: "response.created";
  thread_id: string;
  turn_id: string;
  message_id: string;
  seq: number;
  model: string;
}
/**
 * More text of the reply.
 */
export interface TextDelta {
  type: "response.output_text.delta";
  turn_id: string;
  seq: number;
  delta: string;
}
/**
 * More of the model's reasoning.
 */
export interface ReasoningDelta {
  type: "response.reasoning_text.delta";
  turn_id: string;
  seq: number;
  delta: string;
}
/**
 * The model has asked for a tool; `arguments` is the JSON text it wrote.
 */
export interface ToolCallStarted {
  type: "response.tool_call.started";
  turn_id: string;
  seq: number;
  call_id: string;
  name: string;
  label: string;
  arguments: string;
}
/**
 * A tool has answered. Results come in any order; only `call_id` links them.
 */
export interface ToolCallCompleted {
  type: "response.tool_call.completed";
  turn_id: string;
  seq: number;
  call_id: string;
  name: string;
  label: string;
  result: string | null;
  error: string | null;
}
/**
 * A pipeline node has begun.
 */
export interface NodeStarted {
  type: "response.node.started";
  turn_id: string;
  seq: number;
  node_id: string;
  label: string;
}
/**
 * A pipeline node has ended.
 */
export interface NodeCompleted {
  type: "response.node.completed";
  turn_id: string;
  seq: number;
  node_id: string;
  label: string;
  output: string;
}
/**
 * The turn ended in an error. Terminal: the whole message is in it.
 */
export interface ResponseError {
  type: "response.error";
  thread_id: string;
  turn_id: string;
  message_id: string;
  seq: number;
  rev: number;
  code: string;
  message: Message;
  error: string;
  retryable: boolean;
  retry_after: number | null;
}
export interface Message {
  id: string;
  thread_id: string;
  parent_id: string | null;
  role: "user" | "assistant" | "system" | "tool";
  content: string;
  reasoning: string;
  tools: ToolCall[];
  status: "queued" | "running" | "complete" | "stopped" | "interrupted" | "error";
  error: MessageError | null;
  model: string;
  usage: Usage | null;
  attachments: {
    [k: string]: unknown;
  }[];
  siblings: string[];
  created_at: string;
  feedback: ("up" | "down") | null;
}
/**
 * A tool the model used, as the reader sees it. `result` and `error` are null while it runs.
 */
export interface ToolCall {
  call_id: string;
  name: string;
  label: string;
  arguments: string;
  result: string | null;
  error: string | null;
}
/**
 * Why a reply failed: a code of the LLM error tree, a sentence for people, and whether trying again can help.
 */
export interface MessageError {
  code: string;
  message: string;
  retryable: boolean;
  retry_after: number | null;
  retry_at: string | null;
  mended_by: ("edit" | "model")[];
}
/**
 * What one reply used. Times in milliseconds; an unknown cost is null, never 0.
 */
export interface Usage {
  input_tokens: number | null;
  output_tokens: number | null;
  cached_tokens: number | null;
  reasoning_tokens: number | null;
  cost_usd: string | null;
  cost_source: "provider" | "litellm" | "table" | "estimated" | "unknown";
  usage_source: "exact" | "estimated";
  time_to_first_token_ms: number | null;
  duration_ms: number | null;
  reasoning_ms: number | null;
}
/**
 * The turn ended. Terminal: the whole message is in it.
 */
export interface Final {
  type: "final";
  thread_id: string;
  turn_id: string;
  message_id: string;
  seq: number;
  rev: number;
  status: "complete" | "stopped" | "interrupted";
  message: Message;
  usage: Usage | null;
}
/**
 * A message was added; `status` is its turn's.
 */
export interface MessageCreated {
  type: "message.created";
  thread_id: string;
  rev: number;
  message: Message;
  turn_id: string | null;
  status: ("queued" | "running" | "complete" | "stopped" | "interrupted" | "error") | null;
}
/**
 * A message changed its place or state.
 */
export interface MessageUpdated {
  type: "message.updated";
  thread_id: string;
  rev: number;
  message: Message;
  turn_id: string | null;
  status: ("queued" | "running" | "complete" | "stopped" | "interrupted" | "error") | null;
}
/**
 * A message is gone.
 */
export interface MessageDeleted {
  type: "message.deleted";
  thread_id: string;
  rev: number;
  message_id: string;
  turn_id: string | null;
  status: ("queued" | "running" | "complete" | "stopped" | "interrupted" | "error") | null;
}
/**
 * A thread of this person was started.
 */
export interface ThreadCreated {
  type: "thread.created";
  thread_id: string;
  team_id: string;
  rev: number;
  title: string;
  model: string;
  last_message_at: string;
  pinned: boolean;
  archived: boolean;
  tags: Tag[];
}
/**
 * A word a person puts on threads of theirs.
 */
export interface Tag {
  id: string;
  name: string;
  colour: string;
}
/**
 * A thread changed; only the changed fields are set. Of a temporary one those who watch it are told alone.
 */
export interface ThreadUpdated {
  type: "thread.updated";
  thread_id: string;
  team_id: string | null;
  rev: number;
  model: string | null;
  last_message_at: string | null;
  pinned: boolean | null;
  archived: boolean | null;
  leaf_id: string | null;
  settings: ThreadSettings | null;
  summary_up_to: string | null;
  tags: Tag[] | null;
  left: boolean | null;
}
/**
 * What holds in one conversation: words the model keeps in mind, and parameters by our own names.
 */
export interface ThreadSettings {
  instructions?: string;
  parameters?: {
    [k: string]: number | string;
  };
}
/**
 * A thread has a new title.
 */
export interface ThreadTitleUpdated {
  type: "thread.title.updated";
  thread_id: string;
  rev: number;
  title: string;
}
/**
 * A thread is gone.
 */
export interface ThreadDeleted {
  type: "thread.deleted";
  thread_id: string;
  rev: number;
}
/**
 * A person's tags in a team, all of them, after one was made, changed or deleted.
 */
export interface TagsChanged {
  type: "tags.changed";
  team_id: string;
  tags: Tag[];
}
/**
 * A preset this person can use in a team was made, changed or deleted, or is their default now or no longer.
 */
export interface PresetsChanged {
  type: "presets.changed";
  team_id: string;
}
/**
 * This person is no longer in a team, or it is gone; nothing more is told of its threads.
 */
export interface TeamLeft {
  type: "team.left";
  team_id: string;
}
/**
 * The answer to a send or regenerate: it is stored, and will be answered by this turn.
 */
export interface MessageAccepted {
  type: "message.accepted";
  id: string;
  thread_id: string;
  turn_id: string;
  assistant_message_id: string;
  status: "queued" | "running" | "complete" | "stopped" | "interrupted" | "error";
  rev: number;
}
/**
 * The answer to a subscribe: what changed since the client's `rev`; `reset` means reload the history instead.
 */
export interface ThreadSnapshot {
  type: "thread.snapshot";
  thread_id: string;
  rev: number;
  title: string;
  model: string;
  messages: Message[];
  reset: boolean;
  turn: RunningTurn | null;
  queued: QueuedTurn[];
  settings: ThreadSettings | null;
  summary_up_to: string | null;
}
/**
 * A turn being written, as far as `seq`.
 */
export interface RunningTurn {
  turn_id: string;
  message_id: string;
  seq: number;
  text: string;
  reasoning: string;
  tools: ToolCall[];
}
/**
 * A turn that waits for the one before it, with the user's message (null for a regenerate).
 */
export interface QueuedTurn {
  turn_id: string;
  message_id: string;
  message: Message | null;
}
/**
 * A frame was refused. `id` is that of the refused frame's message, `retry_after` is in seconds.
 */
export interface ErrorFrame {
  type: "error";
  code:
    | "bad_frame"
    | "unknown_type"
    | "too_large"
    | "too_long"
    | "rate_limited"
    | "not_found"
    | "id_taken"
    | "model_not_allowed"
    | "budget_exceeded"
    | "restarting"
    | "unavailable";
  message: string;
  id: string | null;
  retry_after: number | null;
}
/**
 * The answer to a ping.
 */
export interface Pong {
  type: "pong";
}
/**
 * Say something; without `parent_id` the message goes to the thread's end.
 *
 * A fresh `thread_id` starts a thread, in the team `team_id` or else in the person's current one. `temporary` counts
 * for the first message alone: the thread is in no list and is erased when its person leaves it. So does `settings`: a
 * thread that exists keeps its own.
 */
export interface SendMessage {
  type: "message.send";
  id: string;
  thread_id: string;
  text: string;
  team_id?: string | null;
  parent_id?: string | null;
  model?: string | null;
  bot_id?: string | null;
  attachments?: string[];
  temporary?: boolean;
  settings?: ThreadSettings | null;
}
/**
 * Answer again (`retry`) or go on where a reply broke off (`continue`); `id` is the new assistant message's.
 */
export interface RegenerateMessage {
  type: "message.regenerate";
  id: string;
  message_id: string;
  mode: "retry" | "continue";
  model?: string | null;
}
/**
 * End a running turn with the text shown so far, or take a queued one back.
 */
export interface StopTurn {
  type: "turn.stop";
  turn_id: string;
}
/**
 * Watch a thread. `rev` is what the client has; `turn_id` a turn whose end it may have missed.
 */
export interface Subscribe {
  type: "thread.subscribe";
  thread_id: string;
  rev?: number | null;
  turn_id?: string | null;
}
/**
 * Watch a thread no longer.
 */
export interface Unsubscribe {
  type: "thread.unsubscribe";
  thread_id: string;
}
/**
 * The last event received of a turn, about once a second while it streams.
 */
export interface Ack {
  type: "turn.ack";
  turn_id: string;
  seq: number;
}
/**
 * Are you there.
 */
export interface Ping {
  type: "ping";
}
