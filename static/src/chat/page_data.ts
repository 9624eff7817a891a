// What the server hands the page: in `#page-data` at load, and as JSON from the history and thread-list addresses.
import type { Message, QueuedTurn, RunningTurn, Tag, ThreadSettings } from "../shared/protocol";

export interface ModelOption {
  id: string;
  label: string;
  provider: string;
  /** Tokens of a thread that go with a message. */
  budget: number;
  sees_images?: boolean;
}

export interface Preset extends Required<ThreadSettings> {
  id: string;
  name: string;
  model: string;
  shared: boolean;
  is_default: boolean;
}

export interface ThreadRow {
  thread_id: string;
  title: string;
  model: string;
  rev: number;
  last_message_at: string;
  pinned: boolean;
  archived: boolean;
  temporary?: boolean;
  /** Of rows of the list alone. */
  tags?: Tag[];
}

export interface OpenThread extends ThreadRow {
  settings?: ThreadSettings;
  summary_up_to?: string | null;
}

export interface ThreadPage {
  threads: ThreadRow[];
  next: string | null;
}

export interface History {
  thread: OpenThread;
  messages: Message[];
  older: string | null;
  turn: RunningTurn | null;
  queued: QueuedTurn[];
}

/** Messages around one of them. What is not shown by the thread itself is of another branch. */
export interface ExcerptPage {
  thread: ThreadRow;
  messages: Message[];
  older: string | null;
  newer: string | null;
  is_shown: boolean;
}

export interface PageData {
  user: { id: number | string; email: string; name: string };
  team: { id: string; name: string };
  site_name: string;
  /** The server's clock when it made the page. */
  now?: string;
  /** By how many milliseconds the clock of this computer is ahead of it. */
  clock_ahead?: number;
  models: ModelOption[];
  default_model: string;
  /** The person's default for new conversations; not known yet on a page that was opened with a thread. */
  preset?: Preset | null;
  limits: { max_text: number; max_frame: number; message_interval: number; file_mb: number; files: number };
  urls: {
    home: string;
    threads: string;
    change_threads: string;
    tags: string;
    search: string;
    socket: string;
    logout: string;
  } & Partial<Record<"models" | "presets" | "change_preset" | "preferences", string>>;
  threads: ThreadPage;
  thread_id: string | null;
  history: History | null;
}

export function readPageData(): PageData {
  const element = document.getElementById("page-data");
  if (!element?.textContent) throw new Error("The page carries no #page-data.");
  const data = JSON.parse(element.textContent) as PageData;
  const ahead = Date.now() - Date.parse(data.now ?? "");
  return { ...data, clock_ahead: Number.isNaN(ahead) ? 0 : ahead };
}
