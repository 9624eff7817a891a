// What was sent and not yet accepted. Entries keep their client-chosen id however often they go out, which makes the
// server store each exactly once; one at a time per thread keeps their order.
import { newId } from "../shared/ids";
import type { ErrorFrame, MessageAccepted, OutboxCommand, QueuedTurn } from "../shared/protocol";
import type { Carried } from "./attachments";
import type { PersonalStorage } from "./storage";

export interface OutboxEntry {
  readonly command: OutboxCommand;
  readonly thread_id: string;
  readonly queued_at: number;
  readonly state: "waiting" | "sent" | "refused" | "held";
  readonly attempts: number;
  /** Not before this moment (ms since the epoch). */
  readonly notBefore: number;
  /** What the page knows of the files, whose ids are in the command. */
  readonly files?: Carried;
  readonly error: { readonly code: ErrorFrame["code"]; readonly message: string } | null;
}

/** Older than this when a page opens, and it is offered instead of sent: nobody expects it any more. */
export const HELD_AFTER_MS = 60 * 60 * 1000;
const PREFIX = "outbox:";
const ANOTHER_TAB_MS = 15_000;
const ANSWER_WITHIN_MS = 10_000;
const MAX_ATTEMPTS_UNAVAILABLE = 4;

export interface OutboxOptions {
  storage: PersonalStorage;
  messageIntervalMs: number;
  /** Hand a command to the socket; false when there is none. */
  transmit(command: OutboxCommand): boolean;
  onChange(): void;
}

export class Outbox {
  private kept: OutboxEntry[];
  private readonly acceptedAt = new Map<string, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: OutboxOptions) {
    const { storage } = options;
    this.kept = storage
      .names(PREFIX)
      .flatMap((name) => parsed(storage.read(name)))
      .map((entry) => ({ ...entry, state: stateAtStart(entry), notBefore: 0 }))
      .sort((one, other) => one.queued_at - other.queued_at);
    addEventListener("storage", this.onStorage);
  }

  get entries(): readonly OutboxEntry[] {
    return this.kept;
  }

  /** The first message of a thread of this team that is not among those `listed`. */
  beginningOf(teamId: string, listed: ReadonlySet<string>): OutboxEntry | undefined {
    return this.kept.find(
      ({ command, state, thread_id }) =>
        command.type === "message.send" &&
        [undefined, teamId].includes(command.team_id ?? undefined) &&
        state === "waiting" &&
        !listed.has(thread_id),
    );
  }

  add(command: OutboxCommand, threadId: string, files: Carried = []): void {
    const entry: OutboxEntry = {
      command,
      thread_id: threadId,
      queued_at: Date.now(),
      state: "waiting",
      attempts: 0,
      notBefore: 0,
      files,
      error: null,
    };
    this.kept = [...this.kept, entry];
    this.keep(entry);
    this.flush();
  }

  /** Send what may go now, and come back when the next may. */
  flush(): void {
    clearTimeout(this.timer);
    const now = Date.now();
    let next = Number.POSITIVE_INFINITY;
    const seen = new Set<string>();
    for (const entry of this.kept) {
      if (entry.state === "refused" || entry.state === "held" || seen.has(entry.thread_id)) continue;
      seen.add(entry.thread_id);
      const due = this.dueAt(entry);
      if (due > now) next = Math.min(next, due);
      else if (this.options.transmit(entry.command)) {
        this.update(entry, { state: "sent", attempts: entry.attempts + 1, notBefore: now + ANSWER_WITHIN_MS });
        next = Math.min(next, now + ANSWER_WITHIN_MS);
      }
    }
    if (next < Number.POSITIVE_INFINITY) this.timer = setTimeout(() => this.flush(), next - now);
  }

  /** The socket is new: what went out on the old one may never have arrived. */
  resend(): void {
    for (const entry of this.kept) if (entry.state === "sent") this.update(entry, { state: "waiting", notBefore: 0 });
    this.flush();
  }

  accepted(id: string): OutboxEntry | null {
    const entry = this.find(id);
    if (!entry) return null;
    this.acceptedAt.set(entry.thread_id, Date.now());
    this.remove(id);
    this.flush();
    return entry;
  }

  /** The server said no. Passing reasons keep the entry's place; others wait for the person. */
  refused(error: ErrorFrame): OutboxEntry | null {
    const entry = error.id ? this.find(error.id) : null;
    if (!entry) return null;
    const retryMs = retryDelay(error, entry.attempts);
    if (retryMs === null) {
      this.update(entry, { state: "refused", error: { code: error.code, message: error.message } });
    } else {
      this.update(entry, { state: "waiting", notBefore: Date.now() + retryMs });
    }
    this.flush();
    return entry;
  }

  /** Send a refused or held entry after all, changed if that helps. */
  retry(id: string, change: (command: OutboxCommand) => OutboxCommand = (command) => command): void {
    const entry = this.find(id);
    if (!entry) return;
    const command = change(entry.command);
    if (command.id !== id) this.options.storage.write(PREFIX + id, null);
    this.update(entry, { command, state: "waiting", attempts: 0, notBefore: 0, error: null });
    this.flush();
  }

  remove(id: string): void {
    this.kept = this.kept.filter((entry) => entry.command.id !== id);
    this.options.storage.write(PREFIX + id, null);
    this.options.onChange();
  }

  close(): void {
    clearTimeout(this.timer);
    removeEventListener("storage", this.onStorage);
  }

  private find(id: string): OutboxEntry | undefined {
    return this.kept.find((entry) => entry.command.id === id);
  }

  private dueAt(entry: OutboxEntry): number {
    const last = this.acceptedAt.get(entry.thread_id);
    const paced = last === undefined ? 0 : last + this.options.messageIntervalMs;
    return Math.max(entry.notBefore, entry.state === "waiting" ? paced : 0);
  }

  private update(entry: OutboxEntry, change: Partial<OutboxEntry>): void {
    const changed = { ...entry, ...change };
    this.kept = this.kept.map((known) => (known.command.id === entry.command.id ? changed : known));
    this.keep(changed);
  }

  private keep(entry: OutboxEntry): void {
    this.options.storage.write(PREFIX + entry.command.id, JSON.stringify(entry));
    this.options.onChange();
  }

  /** Another tab of this person changed an entry; one it removed was accepted or discarded there. */
  private readonly onStorage = ({ key, newValue }: StorageEvent): void => {
    const prefix = this.options.storage.key(PREFIX);
    if (!key?.startsWith(prefix)) return;
    const id = key.slice(prefix.length);
    if (newValue === null) this.kept = this.kept.filter((entry) => entry.command.id !== id);
    else if (!this.find(id)) this.kept = [...this.kept, ...parsed(newValue).map(leftToItsTab)];
    this.options.onChange();
    this.flush();
  };
}

function parsed(text: string | null): OutboxEntry[] {
  try {
    const entry: unknown = JSON.parse(text ?? "null");
    return typeof entry === "object" && entry !== null && "command" in entry ? [entry as OutboxEntry] : [];
  } catch {
    return [];
  }
}

function stateAtStart(entry: OutboxEntry): OutboxEntry["state"] {
  if (entry.state === "refused") return "refused";
  return Date.now() - entry.queued_at > HELD_AFTER_MS ? "held" : "waiting";
}

/** The tab it was typed in sends it; this one steps in only if that tab is gone. */
function leftToItsTab(entry: OutboxEntry): OutboxEntry {
  return { ...entry, notBefore: Date.now() + ANOTHER_TAB_MS };
}

/** Milliseconds until the same frame may be tried again; null when trying again by itself cannot help. */
function retryDelay(error: ErrorFrame, attempts: number): number | null {
  const stated = error.retry_after === null || error.retry_after === undefined ? null : error.retry_after * 1000;
  switch (error.code) {
    case "rate_limited":
      return stated ?? 1000;
    case "restarting":
      return stated ?? 2000;
    case "unavailable":
      return attempts < MAX_ATTEMPTS_UNAVAILABLE ? (stated ?? 1000 * 2 ** attempts) : null;
    default:
      return null;
  }
}

/** How a refused command goes out once more: changed where what was wrong with it is known. */
export function mended({ error }: OutboxEntry, model: string): (command: OutboxCommand) => OutboxCommand {
  // An id that is taken belongs to another message for good; the same words go out under a new one.
  const fresh = error?.code === "id_taken" ? { id: newId() } : {};
  const chosen = error?.code === "model_not_allowed" ? { model } : {};
  return (command): OutboxCommand => ({ ...command, ...fresh, ...chosen });
}

/** Refused for what is in it: sent once more, it would be refused once more. */
export function isRefusedForGood({ command, error }: OutboxEntry, model: string): boolean {
  if (error?.code === "model_not_allowed") return (command.model ?? model) === model;
  return error?.code === "too_long" || error?.code === "too_large" || error?.code === "bad_frame";
}

/** What an accepted entry looks like in its thread until the server's own event tells. */
export function asQueued({ command, queued_at, files = [] }: OutboxEntry, event: MessageAccepted): QueuedTurn {
  const turn = { turn_id: event.turn_id, message_id: event.assistant_message_id };
  if (command.type !== "message.send") return { ...turn, message: null };
  const { id, thread_id, text, parent_id = null } = command;
  const nothingYet = {
    reasoning: "",
    tools: [],
    error: null,
    model: "",
    usage: null,
    attachments: [...files],
    feedback: null,
    siblings: [],
  };
  const created_at = new Date(queued_at).toISOString();
  return {
    ...turn,
    message: { ...nothingYet, id, thread_id, parent_id, role: "user", content: text, status: "queued", created_at },
  };
}
