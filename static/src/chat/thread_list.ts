// The sidebar's threads, of one team: paged from the server by key, kept live by events.
import { t } from "../i18n";
import { getJson, HttpError, postJson } from "../shared/http";
import type { Tag, TagsChanged } from "../shared/protocol";
import type { ThreadPage, ThreadRow } from "./page_data";
import { applyToRows, type ListEvent, withFirstPage, withPage, withTags } from "./thread_rows";

interface Listener {
  changed(): void;
  notice(text: string): void;
}

/** What becomes of threads; what is not named stays as it is. */
export interface ThreadsChange {
  title?: string;
  pinned?: boolean;
  archived?: boolean;
  deleted?: boolean;
  tagged?: string[];
  untagged?: string[];
}

export interface ThreadAddresses {
  threads: string;
  change_threads: string;
}

export class ThreadList {
  rows: readonly ThreadRow[];
  next: string | null;
  loading = false;
  /** Whether the list shows what was put away instead of the rest. */
  archived = false;
  /** The tag whose threads are shown alone. */
  tag: Tag | null = null;

  constructor(
    private readonly urls: ThreadAddresses,
    private readonly teamId: string,
    first: ThreadPage,
    private readonly listener: Listener,
  ) {
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
    const rows = applyToRows(this.rows, event, this.archived, this.tag?.id);
    if (rows) this.rows = rows;
    else void this.refresh();
    this.listener.changed();
  }

  applyTags({ team_id, tags }: TagsChanged): void {
    if (team_id !== this.teamId) return;
    this.rows = withTags(this.rows, tags);
    const shown = this.tag;
    if (shown) this.tag = tags.find(({ id }) => id === shown.id) ?? null;
    if (shown && !this.tag) void this.show(this.archived);
    this.listener.changed();
  }

  async show(archived: boolean, tag: Tag | null = null): Promise<void> {
    this.archived = archived;
    this.tag = tag;
    this.clear();
    await this.ask("", (page) => this.add(page), t("The conversations could not be loaded."));
  }

  async loadMore(): Promise<void> {
    const before = this.next;
    if (!before || this.loading) return;
    const query = `&before=${encodeURIComponent(before)}`;
    await this.ask(query, (page) => this.add(page), t("More conversations could not be loaded."));
  }

  /** Catch up with the newest threads after time away. Should it fail, the next event or reconnect asks again. */
  async refresh(): Promise<void> {
    const before = this.rows;
    await this.ask("", (page) => {
      this.rows = withFirstPage(this.rows, page, before);
    });
  }

  /** Have the server change threads; every tab, this one too, learns of it by an event. False if it would not. */
  async change(ids: readonly string[], change: ThreadsChange): Promise<boolean> {
    try {
      await postJson(this.urls.change_threads, { ids, ...change });
      return true;
    } catch (error) {
      const said = error instanceof HttpError && error.status < 500 ? error.message : "";
      this.listener.notice(said || t("That could not be done. Try again in a moment."));
      return false;
    }
  }

  private add(page: ThreadPage): void {
    this.rows = withPage(this.rows, page);
    this.next = page.next;
  }

  /** Ask for a page of the list as it is now; where a person waits for it, `failure` says that it did not come. */
  private async ask(query: string, take: (page: ThreadPage) => void, failure = ""): Promise<void> {
    const { archived, tag } = this;
    this.loading ||= failure !== "";
    this.listener.changed();
    try {
      const kind = `${archived ? "&archived" : ""}${tag ? `&tag=${tag.id}` : ""}`;
      const page = await getJson<ThreadPage>(`${this.urls.threads}?team=${this.teamId}${kind}${query}`);
      if (this.archived === archived && this.tag?.id === tag?.id) take(page);
    } catch {
      if (failure) this.listener.notice(failure);
    }
    if (failure) this.loading = false;
    this.listener.changed();
  }
}
