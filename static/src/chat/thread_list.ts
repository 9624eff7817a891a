// The sidebar's threads: paged from the server by key, kept live by events.
import { getJson } from "../shared/http";
import type { ThreadPage, ThreadRow } from "./page_data";
import { applyToRows, type ListEvent, withPage } from "./thread_rows";

interface Listener {
  changed(): void;
  notice(text: string): void;
}

export class ThreadList {
  rows: readonly ThreadRow[];
  next: string | null;
  loading = false;

  constructor(
    private readonly url: string,
    first: ThreadPage,
    private readonly listener: Listener,
  ) {
    this.rows = first.threads;
    this.next = first.next;
  }

  apply(event: ListEvent): void {
    const rows = applyToRows(this.rows, event);
    if (rows) this.rows = rows;
    else void this.refresh();
    this.listener.changed();
  }

  async loadMore(): Promise<void> {
    const before = this.next;
    if (!before || this.loading) return;
    this.loading = true;
    this.listener.changed();
    try {
      const page = await getJson<ThreadPage>(`${this.url}?before=${encodeURIComponent(before)}`);
      this.rows = withPage(this.rows, page);
      this.next = page.next;
    } catch {
      this.listener.notice("More conversations could not be loaded.");
    } finally {
      this.loading = false;
      this.listener.changed();
    }
  }

  /** Catch up with the newest threads after time away. */
  async refresh(): Promise<void> {
    try {
      const page = await getJson<ThreadPage>(this.url);
      this.rows = withPage(this.rows, page);
      this.listener.changed();
    } catch {
      // The list stays as it is; the next event or reconnect asks again.
    }
  }
}
