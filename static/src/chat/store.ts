// Folds server events into what one thread shows. Pure: no I/O, no clock; the server folds the same way.
import type {
  Message,
  MessageCreated,
  MessageUpdated,
  QueuedTurn,
  ResponseCreated,
  RunningTurn,
  ServerEvent,
  StreamEvent,
  TerminalEvent,
  ThreadSettings,
  ThreadSnapshot,
} from "../shared/protocol";
import type { History } from "./page_data";

export interface LiveTurn extends RunningTurn {
  /** Label of the pipeline node at work, if any. */
  readonly step: string | null;
}

export interface Thread {
  readonly id: string;
  readonly title: string;
  readonly model: string;
  readonly rev: number;
  readonly settings: Settings;
  /** The message that its newest summary reaches, on whichever branch. */
  readonly summaryUpTo: string | null;
  /** The shown path, oldest first, as far back as it is loaded. */
  readonly path: readonly Message[];
  /** The oldest loaded message, when there are older ones to ask for. */
  readonly older: string | null;
  readonly turn: LiveTurn | null;
  readonly queued: readonly QueuedTurn[];
  /** Turns known to have ended; what still arrives of them is late. */
  readonly ended: readonly string[];
  /** Not stored by the server yet: nobody has said anything. */
  readonly fresh: boolean;
  /** In no list, and erased when its person leaves it. */
  readonly temporary: boolean;
  readonly gone: boolean;
}

/** What the caller must do for the thread to be right again. */
export type Need = "nothing" | "subscribe" | "reload";

export interface Outcome {
  readonly thread: Thread;
  readonly need: Need;
}

export type ThreadScopedEvent = Exclude<
  Extract<ServerEvent, { thread_id: string }>,
  { type: "message.accepted" | "thread.created" }
>;

const REMEMBERED_ENDS = 64;

export type Settings = Required<ThreadSettings>;

export const NO_SETTINGS: Settings = { instructions: "", parameters: {} };

/** Settings with nothing left open, and nothing else in them. */
export function asSettings(value: Partial<ThreadSettings> | null | undefined): Settings {
  return { instructions: value?.instructions ?? "", parameters: value?.parameters ?? {} };
}

export function freshThread(id: string, model: string, settings: Settings = NO_SETTINGS): Thread {
  return {
    id,
    title: "",
    model,
    rev: 0,
    settings,
    summaryUpTo: null,
    path: [],
    older: null,
    turn: null,
    queued: [],
    ended: [],
    fresh: true,
    temporary: false,
    gone: false,
  };
}

export function threadFromHistory(history: History): Thread {
  const { thread, messages, older, turn, queued } = history;
  return {
    ...freshThread(thread.thread_id, thread.model, asSettings(thread.settings)),
    summaryUpTo: thread.summary_up_to ?? null,
    title: thread.title,
    rev: thread.rev,
    path: messages,
    older,
    turn: turn && { ...turn, step: null },
    queued,
    fresh: false,
    temporary: thread.temporary ?? false,
  };
}

/** Put an older page in front of what is loaded. */
export function withOlder(thread: Thread, page: History): Thread {
  const known = new Set(thread.path.map((message) => message.id));
  const added = page.messages.filter((message) => !known.has(message.id));
  return { ...thread, path: [...added, ...thread.path], older: page.older };
}

/** Let go of all but the newest messages; older ones can be asked for again. */
export function withNewest(thread: Thread, most: number): Thread {
  const path = thread.path.slice(-most);
  const first = path[0];
  return first && path.length < thread.path.length ? { ...thread, path, older: first.id } : thread;
}

export function applyEvent(thread: Thread, event: ThreadScopedEvent): Outcome {
  switch (event.type) {
    case "message.created":
    case "message.updated":
      return inOrder(thread, event.rev, (current) => applyMessage(current, event));
    case "message.deleted":
      return inOrder(thread, event.rev, (current) => ({ thread: current, need: "reload" }));
    case "response.created":
      return beginTurn(thread, event);
    case "final":
    case "response.error":
      return endTurn(thread, event);
    case "thread.snapshot":
      return applySnapshot(thread, event);
    case "thread.updated":
      return inOrder(thread, event.rev, (current) => ({
        thread: {
          ...current,
          model: event.model ?? current.model,
          settings: event.settings ? asSettings(event.settings) : current.settings,
          summaryUpTo: event.summary_up_to ?? current.summaryUpTo,
        },
        // Its person turned to another branch, here or elsewhere, and what is on it may not be loaded.
        need:
          event.leaf_id && event.leaf_id !== current.path.at(-1)?.id ? "reload" : event.left ? "subscribe" : "nothing",
      }));
    case "thread.title.updated":
      return inOrder(thread, event.rev, (current) => fine({ ...current, title: event.title }));
    case "thread.deleted":
      return fine({ ...thread, gone: true, turn: null, queued: [] });
    default:
      return fine(thread);
  }
}

/** Fold a delta, tool or node event of the running turn; anything but the next `seq` changes nothing. */
export function applyStream(thread: Thread, event: StreamEvent): Outcome {
  const { turn } = thread;
  if (turn?.turn_id !== event.turn_id) {
    return { thread, need: thread.ended.includes(event.turn_id) ? "nothing" : "subscribe" };
  }
  if (event.seq <= turn.seq) return fine(thread);
  if (event.seq > turn.seq + 1) return { thread, need: "subscribe" };
  return fine({ ...thread, turn: { ...fold(turn, event), seq: event.seq } });
}

function fold(turn: LiveTurn, event: StreamEvent): LiveTurn {
  switch (event.type) {
    case "response.output_text.delta":
      return { ...turn, text: turn.text + event.delta };
    case "response.reasoning_text.delta":
      return { ...turn, reasoning: turn.reasoning + event.delta };
    case "response.tool_call.started": {
      const { call_id, name, label } = event;
      const call = { call_id, name, label, arguments: event.arguments, result: null, error: null };
      return { ...turn, tools: [...turn.tools, call] };
    }
    case "response.tool_call.completed":
      return {
        ...turn,
        tools: turn.tools.map((call) =>
          call.call_id === event.call_id ? { ...call, result: event.result, error: event.error } : call,
        ),
      };
    case "response.node.started":
      return { ...turn, step: event.label };
    case "response.node.completed":
      return { ...turn, step: null };
    default:
      return event satisfies never;
  }
}

/** The message as a reader should see it now: the stored one, or what its running turn has written so far. */
export function shown(thread: Thread, message: Message): Message {
  const { turn } = thread;
  if (turn?.message_id !== message.id) return message;
  return { ...message, content: turn.text, reasoning: turn.reasoning, tools: turn.tools, status: "running" };
}

/** Show a message the server has accepted before its own event arrives. */
export function withAccepted(thread: Thread, entry: QueuedTurn): Thread {
  const known =
    thread.ended.includes(entry.turn_id) ||
    thread.turn?.turn_id === entry.turn_id ||
    thread.queued.some((turn) => turn.turn_id === entry.turn_id) ||
    thread.path.some((message) => message.id === entry.message?.id);
  return { ...thread, fresh: false, queued: known ? thread.queued : [...thread.queued, entry] };
}

function fine(thread: Thread): Outcome {
  return { thread, need: "nothing" };
}

/** Apply what carries the thread's present or next `rev`; ignore older, ask again when one is missing. */
function inOrder(thread: Thread, rev: number, apply: (current: Thread) => Outcome): Outcome {
  if (rev < thread.rev) return fine(thread);
  if (rev > thread.rev + 1) return { thread, need: "subscribe" };
  return apply({ ...thread, rev });
}

function applyMessage(thread: Thread, event: MessageCreated | MessageUpdated): Outcome {
  const { message } = event;
  const turnId = event.turn_id;
  if (message.status === "queued" && turnId) return fine(withQueued(thread, turnId, message));
  const onPath = thread.path.some((known) => known.id === message.id);
  // What belongs to no turn (a rating) changes a message where it is shown; only its own turn puts one on the path.
  if (!onPath && !turnId) return fine(thread);
  // Taken back while it waited: it has never been on the path and never will be.
  if (!onPath && message.status === "stopped") return fine(withEnd(withoutQueued(thread, turnId), turnId));
  const path = place(thread.path, message);
  // A turn begun from another tab, on a branch that is not shown here: what is above it is old, and no snapshot tells it.
  if (path === null) return { thread, need: "reload" };
  const placed = withPath(withoutQueued(thread, turnId), path);
  return fine(turnId && message.status === "running" ? withRunning(placed, turnId, message) : placed);
}

/** A message whose parent is shown ends the path after that parent; null when its parent is not loaded. */
function place(path: readonly Message[], message: Message): readonly Message[] | null {
  const at = path.findIndex((known) => known.id === message.id);
  if (at >= 0) return path.with(at, message);
  if (message.parent_id === null) return [message];
  const parentAt = path.findIndex((known) => known.id === message.parent_id);
  return parentAt < 0 ? null : [...path.slice(0, parentAt + 1), message];
}

function withPath(thread: Thread, path: readonly Message[]): Thread {
  return { ...thread, path, older: path[0]?.parent_id === null ? null : thread.older };
}

function withQueued(thread: Thread, turnId: string, message: Message): Thread {
  const known = thread.queued.find((turn) => turn.turn_id === turnId);
  const entry = known ?? { turn_id: turnId, message_id: "", message: null };
  const filled = message.role === "user" ? { ...entry, message } : { ...entry, message_id: message.id };
  const queued = known ? thread.queued.map((turn) => (turn === known ? filled : turn)) : [...thread.queued, filled];
  return { ...thread, fresh: false, queued };
}

function withoutQueued(thread: Thread, turnId: string | null): Thread {
  return { ...thread, fresh: false, queued: thread.queued.filter((turn) => turn.turn_id !== turnId) };
}

function withRunning(thread: Thread, turnId: string, message: Message): Thread {
  if (thread.turn?.turn_id === turnId || thread.ended.includes(turnId)) return thread;
  const { id, content, reasoning, tools } = message;
  return { ...thread, turn: { turn_id: turnId, message_id: id, seq: 0, text: content, reasoning, tools, step: null } };
}

function beginTurn(thread: Thread, event: ResponseCreated): Outcome {
  if (thread.ended.includes(event.turn_id)) return fine(thread);
  const message = thread.path.find((known) => known.id === event.message_id);
  // One that runs on another branch is known, but its message is not shown.
  if (!message && thread.turn?.turn_id !== event.turn_id) return { thread, need: "subscribe" };
  const running = message ? withRunning(thread, event.turn_id, message) : thread;
  const { turn } = running;
  if (!turn || event.seq <= turn.seq) return fine(running);
  if (event.seq > turn.seq + 1) return { thread: running, need: "subscribe" };
  const path = running.path.map((known) => (known === message ? { ...known, model: event.model } : known));
  return fine({ ...running, path, turn: { ...turn, seq: event.seq } });
}

function endTurn(thread: Thread, event: TerminalEvent): Outcome {
  const { turn_id, message, rev } = event;
  const isGap = rev > thread.rev + 1;
  const need: Need = isGap ? "subscribe" : "nothing";
  const base = { ...thread, rev: isGap ? thread.rev : Math.max(rev, thread.rev) };
  if (thread.ended.includes(turn_id)) return { thread: base, need };

  const ended = withEnd(withoutQueued(base, turn_id), turn_id);
  // What is not on the path ran on another branch or was taken back while it waited; the path stays as it is.
  return { thread: { ...ended, path: thread.path.map((known) => (known.id === message.id ? message : known)) }, need };
}

function withEnd(thread: Thread, turnId: string | null): Thread {
  if (!turnId || thread.ended.includes(turnId)) return thread;
  const ended = [...thread.ended, turnId].slice(-REMEMBERED_ENDS);
  return { ...thread, ended, turn: thread.turn?.turn_id === turnId ? null : thread.turn };
}

function applySnapshot(thread: Thread, event: ThreadSnapshot): Outcome {
  if (event.reset) return { thread, need: "reload" };
  if (event.rev < thread.rev) return fine(thread);
  let path: readonly Message[] | null = thread.path;
  for (const message of event.messages) {
    path = place(path, message);
    if (path === null) return { thread, need: "reload" };
  }
  const over =
    thread.turn && thread.turn.turn_id !== event.turn?.turn_id ? withEnd(thread, thread.turn.turn_id) : thread;
  return fine({
    ...withPath(over, path),
    rev: event.rev,
    title: event.title,
    model: event.model,
    settings: event.settings ? asSettings(event.settings) : thread.settings,
    summaryUpTo: event.summary_up_to ?? thread.summaryUpTo,
    queued: event.queued,
    fresh: false,
    turn: newer(over.turn, event.turn),
  });
}

/** A snapshot read from a checkpoint may be behind what this tab has already received. */
function newer(local: LiveTurn | null, remote: RunningTurn | null): LiveTurn | null {
  if (!remote) return null;
  if (local?.turn_id === remote.turn_id && local.seq > remote.seq) return local;
  return { ...remote, step: local?.turn_id === remote.turn_id ? local.step : null };
}
