// Frames and rows for tests, complete and valid, so that each test names only what it is about.
import type {
  Final,
  Message,
  MessageCreated,
  MessageUpdated,
  ResponseCreated,
  StreamEvent,
  ThreadSnapshot,
  ThreadUpdated,
} from "../shared/protocol";
import type { History, PageData, ThreadRow } from "./page_data";

export const THREAD = "thread";

export function message(id: string, parent_id: string | null, change: Partial<Message> = {}): Message {
  return {
    id,
    thread_id: THREAD,
    parent_id,
    role: id.startsWith("q") ? "user" : "assistant",
    content: id.startsWith("q") ? `question ${id}` : `answer ${id}`,
    reasoning: "",
    tools: [],
    status: "complete",
    error: null,
    model: "",
    usage: null,
    attachments: [],
    siblings: [],
    created_at: "2026-11-21T10:00:00Z",
    feedback: null,
    ...change,
  };
}

export function row(thread_id: string, change: Partial<ThreadRow> = {}): Required<ThreadRow> {
  const last_message_at = "2026-11-21T10:00:00Z";
  return {
    thread_id,
    title: "",
    model: "",
    rev: 1,
    last_message_at,
    pinned: false,
    archived: false,
    temporary: false,
    tags: [],
    ...change,
  };
}

export function history(messages: Message[], rev: number, change: Partial<History> = {}): History {
  return { thread: row(THREAD, { rev }), messages, older: null, turn: null, queued: [], ...change };
}

export function created(rev: number, turn_id: string, its: Message): MessageCreated {
  return { type: "message.created", thread_id: THREAD, rev, message: its, turn_id, status: its.status };
}

export function updated(rev: number, turn_id: string, its: Message): MessageUpdated {
  return { ...created(rev, turn_id, its), type: "message.updated" };
}

export function begun(turn_id: string, message_id: string): ResponseCreated {
  return { type: "response.created", thread_id: THREAD, turn_id, message_id, seq: 1, model: "demo/parley" };
}

export function delta(turn_id: string, seq: number, text: string): StreamEvent {
  return { type: "response.output_text.delta", turn_id, seq, delta: text };
}

export function final(rev: number, turn_id: string, seq: number, its: Message): Final {
  const status = its.status as Final["status"];
  return { type: "final", thread_id: THREAD, turn_id, message_id: its.id, seq, rev, status, message: its, usage: null };
}

export function snapshot(rev: number, change: Partial<ThreadSnapshot> = {}): ThreadSnapshot {
  return {
    type: "thread.snapshot",
    thread_id: THREAD,
    rev,
    title: "",
    model: "",
    messages: [],
    reset: false,
    turn: null,
    queued: [],
    settings: null,
    summary_up_to: null,
    ...change,
  };
}

export function threadUpdated(thread_id: string, rev: number, change: Partial<ThreadUpdated> = {}): ThreadUpdated {
  return {
    type: "thread.updated",
    thread_id,
    team_id: null,
    rev,
    model: null,
    last_message_at: null,
    pinned: null,
    archived: null,
    leaf_id: null,
    settings: null,
    summary_up_to: null,
    tags: null,
    left: null,
    ...change,
  };
}

export function pageData(change: Partial<PageData> = {}): PageData {
  return {
    user: { id: 7, email: "ada@example.com", name: "Ada" },
    team: { id: "otters", name: "Otters" },
    site_name: "Parley",
    models: [
      { id: "demo/parley", label: "Demo", provider: "Demo", budget: 20_000 },
      { id: "openai/other", label: "Other", provider: "OpenAI", budget: 6_000 },
    ],
    default_model: "demo/parley",
    limits: {
      max_text: 75_000,
      max_frame: 262_144,
      message_interval: 1,
      file_mb: 20,
      files: 10,
    },
    urls: {
      home: "/chat/",
      threads: "/chat/api/threads/",
      change_threads: "/chat/api/threads/change/",
      search: "/chat/api/search/",
      tags: "/chat/api/tags/",
      socket: "/ws/chat/",
      logout: "/accounts/logout/",
    },
    threads: { threads: [], next: null },
    thread_id: null,
    history: null,
    ...change,
  };
}
