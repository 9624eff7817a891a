// What the server hands the page: in `#page-data` at load, and as JSON from the history and thread-list addresses.
import type { Message, QueuedTurn, RunningTurn } from "../shared/protocol";

export interface ModelOption {
  id: string;
  label: string;
  provider: string;
}

export interface ThreadRow {
  thread_id: string;
  title: string;
  model: string;
  rev: number;
  last_message_at: string;
  pinned: boolean;
  archived: boolean;
}

export interface ThreadPage {
  threads: ThreadRow[];
  next: string | null;
}

export interface History {
  thread: ThreadRow;
  messages: Message[];
  older: string | null;
  turn: RunningTurn | null;
  queued: QueuedTurn[];
}

export interface PageData {
  user: { id: number | string; email: string; name: string };
  team: { id: string; name: string };
  site_name: string;
  models: ModelOption[];
  default_model: string;
  limits: { max_text: number; max_frame: number; message_interval: number };
  urls: { home: string; threads: string; change_threads: string; socket: string; logout: string };
  threads: ThreadPage;
  thread_id: string | null;
  history: History | null;
}

export function readPageData(): PageData {
  const element = document.getElementById("page-data");
  if (!element?.textContent) throw new Error("The page carries no #page-data.");
  return JSON.parse(element.textContent) as PageData;
}
