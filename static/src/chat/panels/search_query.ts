// What is being searched for and what was found: the latest answer wins, whatever the order they come in.
import { getJson } from "../../shared/http";

/** Plain text, and whether it was searched for. */
export type Piece = readonly [text: string, marked: boolean];

export interface Found {
  readonly message_id: string;
  readonly role: string;
  readonly created_at: string;
  readonly text: readonly Piece[];
}

export interface FoundThread {
  readonly thread_id: string;
  readonly title: readonly Piece[];
  readonly archived: boolean;
  readonly last_message_at: string;
  readonly found: readonly Found[];
  /** Finds of this thread that are not listed. */
  readonly more: number;
}

export interface FoundPage {
  readonly results: FoundThread[];
  readonly next: string | null;
}

/** A conversation that alone is searched. */
export interface Within {
  readonly threadId: string;
  readonly title: string;
}

const PAUSE_MS = 120;
const SLOW_MS = 250;

export class SearchQuery {
  text = "";
  within: Within | null = null;
  results: readonly FoundThread[] = [];
  next: string | null = null;
  state: "idle" | "ready" | "failed" = "idle";
  /** An answer has been awaited for so long that somebody wonders. */
  slow = false;
  /** What the results are for. */
  answered = "";
  private asking = new AbortController();
  private pause: ReturnType<typeof setTimeout> | undefined;
  private wait: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: string,
    private readonly teamId: string,
    private readonly changed: () => void,
  ) {}

  type(text: string): void {
    this.text = text;
    this.stop();
    if (text.trim()) this.pause = setTimeout(() => void this.ask(null), PAUSE_MS);
    else this.clear();
    this.changed();
  }

  /** Search one conversation alone, or all of them again. */
  narrow(within: Within | null): void {
    this.within = within;
    this.stop();
    if (this.text.trim()) void this.ask(null);
    this.changed();
  }

  again(): void {
    void this.ask(this.state === "failed" && this.results.length > 0 && this.text === this.answered ? this.next : null);
  }

  more(): void {
    if (this.text !== this.answered) return; // what comes next would be of the words before
    if (this.next && !this.wait && this.state === "ready") void this.ask(this.next);
  }

  /** Nothing is awaited any more. */
  stop(): void {
    this.asking.abort();
    clearTimeout(this.pause);
    this.settle();
  }

  private clear(): void {
    this.results = [];
    this.next = null;
    this.state = "idle";
    this.answered = "";
  }

  private settle(): void {
    clearTimeout(this.wait);
    this.wait = undefined;
    this.slow = false;
  }

  private async ask(before: string | null): Promise<void> {
    this.stop();
    const asking = new AbortController();
    this.asking = asking;
    this.wait = setTimeout(() => {
      this.slow = true;
      this.changed();
    }, SLOW_MS);
    const asked = this.text;
    const query = new URLSearchParams({ team: this.teamId, q: asked });
    if (this.within) query.set("thread", this.within.threadId);
    if (before) query.set("before", before);
    try {
      const page = await getJson<FoundPage>(`${this.url}?${query}`, asking.signal);
      if (asking.signal.aborted) return;
      this.results = before ? withMore(this.results, page.results) : page.results;
      this.next = page.next;
      this.state = "ready";
      this.answered = asked;
    } catch {
      if (asking.signal.aborted) return;
      this.state = "failed";
    }
    this.settle();
    this.changed();
  }
}

/** Add a page. A thread that is listed already gets further finds where it stands. */
export function withMore(listed: readonly FoundThread[], page: readonly FoundThread[]): readonly FoundThread[] {
  const byId = new Map(listed.map((thread) => [thread.thread_id, thread]));
  for (const thread of page) {
    const known = byId.get(thread.thread_id);
    byId.set(thread.thread_id, known ? { ...known, more: known.more + thread.more + thread.found.length } : thread);
  }
  return [...byId.values()];
}

/** The words of a text that were searched for, as they stand there. */
export function marked(pieces: readonly Piece[]): string[] {
  return [...new Set(pieces.filter(([, isMarked]) => isMarked).map(([text]) => text))];
}
