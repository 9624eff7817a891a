// Where in a thread the reader is: further and further up from its end, or at a message that was searched for. That one may
// be far above, or on a branch the thread does not show; what the thread holds goes on beside it and is joined when reached.
import { t } from "../i18n";
import { getJson } from "../shared/http";
import type { Message } from "../shared/protocol";
import { isAbort } from "./loading";
import type { ExcerptPage, History } from "./page_data";
import { type Thread, withOlder } from "./store";

export interface Excerpt {
  readonly threadId: string;
  readonly path: readonly Message[];
  readonly older: string | null;
  readonly newer: string | null;
  /** False where it is of a branch that the thread does not show. */
  readonly isShown: boolean;
}

interface Host {
  readonly thread: Thread;
  keep(thread: Thread): void;
  historyUrl(threadId: string): string;
}

interface Listener {
  changed(): void;
  notice(text: string): void;
}

export class Reading {
  excerpt: Excerpt | null = null;
  loadingOlder = false;
  private loadingNewer = false;
  private visit = new AbortController();

  constructor(
    private readonly host: Host,
    private readonly listener: Listener,
  ) {}

  /** The thread as the reader sees it. */
  over(thread: Thread): Thread {
    const { excerpt } = this;
    if (excerpt?.threadId !== thread.id) return thread;
    return { ...thread, path: excerpt.path, older: excerpt.older, queued: [] };
  }

  /** Go to the messages around one. False if they could not be had. */
  async goTo(threadId: string, messageId: string): Promise<boolean> {
    try {
      const page = await this.ask<ExcerptPage>(threadId, "around", messageId);
      if (threadId !== this.host.thread.id) return false;
      const { messages: path, older, newer, is_shown: isShown } = page;
      this.take({ threadId, path, older, newer, isShown });
      return true;
    } catch {
      return false;
    } finally {
      this.listener.changed();
    }
  }

  async loadOlder(): Promise<void> {
    const { host } = this;
    const before = this.over(host.thread);
    if (!before.older || this.loadingOlder) return;
    this.loadingOlder = true;
    this.listener.changed();
    try {
      const page = await this.ask<History>(before.id, "before", before.older);
      const now = this.over(host.thread);
      if (now.id !== before.id || now.older !== before.older) return;
      const { path, older } = withOlder(now, page);
      if (this.excerpt) this.excerpt = { ...this.excerpt, path, older };
      else host.keep({ ...host.thread, path, older });
    } catch (error) {
      if (!isAbort(error)) this.listener.notice(t("Older messages could not be loaded. Scroll up to try again."));
    } finally {
      this.loadingOlder = false;
      this.listener.changed();
    }
  }

  async loadNewer(): Promise<void> {
    const before = this.excerpt;
    if (!before?.newer || this.loadingNewer) return;
    this.loadingNewer = true;
    try {
      const page = await this.ask<ExcerptPage>(before.threadId, "after", before.newer);
      const now = this.excerpt;
      if (now?.newer !== before.newer) return;
      const known = new Set(now.path.map(({ id }) => id));
      const path = [...now.path, ...page.messages.filter(({ id }) => !known.has(id))];
      this.take({ ...now, path, newer: page.newer, isShown: page.is_shown });
    } catch (error) {
      if (!isAbort(error)) this.listener.notice(t("Newer messages could not be loaded. Scroll down to try again."));
    } finally {
      this.loadingNewer = false;
      this.listener.changed();
    }
  }

  /** A message changed where it stands. */
  apply(message: Message): void {
    const { excerpt } = this;
    const at = excerpt?.path.findIndex(({ id }) => id === message.id) ?? -1;
    if (excerpt && at >= 0) this.excerpt = { ...excerpt, path: excerpt.path.with(at, message) };
  }

  /** Back to what the thread shows. */
  leave(): void {
    this.visit.abort();
    this.visit = new AbortController();
    this.excerpt = null;
    this.loadingOlder = this.loadingNewer = false;
  }

  private take(excerpt: Excerpt): void {
    const { thread } = this.host;
    const whole = thread.id === excerpt.threadId ? joined(thread, excerpt) : null;
    if (whole) this.host.keep(whole);
    this.excerpt = whole ? null : excerpt;
  }

  private ask<T>(threadId: string, where: string, messageId: string): Promise<T> {
    return getJson<T>(`${this.host.historyUrl(threadId)}?${where}=${messageId}`, this.visit.signal);
  }
}

/** The thread with what was read above it, once both hold the same message; null as long as they do not. */
export function joined(thread: Thread, excerpt: Excerpt): Thread | null {
  if (!excerpt.isShown) return null;
  const places = new Map(thread.path.map(({ id }, place) => [id, place]));
  const at = excerpt.path.findIndex(({ id }) => places.has(id));
  const met = excerpt.path[at];
  if (!met) return null;
  if (at === 0) return thread;
  return {
    ...thread,
    path: [...excerpt.path.slice(0, at), ...thread.path.slice(places.get(met.id))],
    older: excerpt.older,
  };
}
