// The sidebar's threads, of one team: paged from the server by key, kept live by events.
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
  private readonly url: string;

  constructor(
    url: string,
    private readonly teamId: string,
    first: ThreadPage,
    private readonly listener: Listener,
  ) {
    this.url = `${url}?team=${teamId}`;
    this.rows = first.threads;
    this.next = first.next;
  }

  /** The person has lost the team. */
  clear(): void {
    this.rows = [];
    this.next = null;
  }

  apply(event: ListEvent): void {
    if ("team_id" in event && event.team_id && event.team_id !== this.teamId) return;
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
      const page = await getJson<ThreadPage>(`${this.url}&before=${encodeURIComponent(before)}`);
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
