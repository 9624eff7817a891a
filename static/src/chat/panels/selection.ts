// Several threads of the sidebar at once: ticked, counted, and then changed together.

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { showToast } from "../../controllers/toasts";
import { t, tn } from "../../i18n";
import type { ThreadRow } from "../page_data";
import type { ThreadList, ThreadsChange } from "../thread_list";
import { icon } from "../views/icon";
import { titleOf } from "../views/thread_menu";

/** As many as the server changes at once. */
export const MOST = 100;

interface Doors {
  changed(): void;
  deleted(ids: readonly string[]): void;
  tags(rows: readonly ThreadRow[]): void;
}

export class Selection {
  isOn = false;
  private readonly ids = new Set<string>();
  private last: string | null = null;
  /** Where a range that is made with the keys begins. */
  private anchor: string | null = null;

  constructor(
    private readonly list: Pick<ThreadList, "rows" | "archived" | "change">,
    private readonly doors: Doors,
  ) {
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.isOn && !document.querySelector("dialog[open]")) this.leave();
    });
  }

  /** The rows that are selected and still listed: another tab may have taken some away. */
  get rows(): readonly ThreadRow[] {
    return this.list.rows.filter((row) => this.ids.has(row.thread_id));
  }

  /** Select one more, from the last one on if there was one; with the keys also the one `step` rows on. */
  pick(threadId: string, step = 0): void {
    this.isOn = true;
    this.tick(threadId, true, true);
    if (step) this.extend(threadId, step);
    const here = step ? (this.beside(threadId, step) ?? threadId) : threadId;
    requestAnimationFrame(() => focusRow(here)); // once the rows have their boxes
  }

  leave(): void {
    this.isOn = false;
    this.ids.clear();
    this.last = this.anchor = null;
    this.doors.changed();
  }

  bar(): TemplateResult | typeof nothing {
    if (!this.isOn) return nothing;
    const { rows } = this;
    const none = rows.length === 0;
    const isPinned = rows.every((row) => row.pinned);
    const all = Math.min(this.list.rows.length, MOST);
    const action = (name: string, label: string, run: () => void, tone = "") =>
      html`<button class="button button-quiet button-small button-icon ${tone}" aria-label=${label} title=${label} ?disabled=${none} @click=${run}>${icon(name)}</button>`;
    return html`<div class="thread-selection" role="toolbar" aria-label=${t("Selected conversations")}>
      <p class="thread-selected" role="status">${t("%(n)s selected", { n: rows.length })}</p>
      <button class="button button-quiet button-small" ?disabled=${rows.length >= all} @click=${() => this.all()}>${t("Select all")}</button>
      <button class="button button-quiet button-small button-icon" aria-label=${t("Stop selecting")} title=${t("Stop selecting")} @click=${() => this.leave()}>${icon("close")}</button>
      <div class="thread-selection-actions">
        ${this.list.archived ? nothing : action("pin", isPinned && !none ? t("Unpin") : t("Pin"), () => this.pin(!isPinned))}
        ${action("tag", t("Tags"), () => this.doors.tags(this.rows))}
        ${
          this.list.archived
            ? action("archive", t("Move back to the list"), () =>
                this.do({ archived: false }, { archived: true }, (n) =>
                  tn("%(n)s conversation is back in the list.", "%(n)s conversations are back in the list.", n),
                ),
              )
            : action("archive", t("Archive"), () =>
                this.do({ archived: true }, { archived: false }, (n) =>
                  tn("%(n)s conversation is archived.", "%(n)s conversations are archived.", n),
                ),
              )
        }
        ${action("trash", t("Delete"), () => this.do({ deleted: true }, { deleted: false }, (n) => tn("%(n)s conversation is deleted.", "%(n)s conversations are deleted.", n)), "tone-danger")}
      </div>
    </div>`;
  }

  row(row: ThreadRow, tags: unknown): TemplateResult {
    return html`<label class="thread-row thread-tick" title=${titleOf(row)} @click=${(event: MouseEvent) => this.onClick(row, event)}>
      <span class="truncate">${titleOf(row)}</span>${tags}
      <input type="checkbox" data-tick=${row.thread_id} .checked=${live(this.ids.has(row.thread_id))}
        @keydown=${(event: KeyboardEvent) => this.onKey(row.thread_id, event)}
        @change=${(event: Event) => this.tick(row.thread_id, (event.target as HTMLInputElement).checked, false)} />
    </label>`;
  }

  private onClick(row: ThreadRow, event: MouseEvent): void {
    if (!event.shiftKey) return;
    event.preventDefault();
    this.tick(row.thread_id, true, true);
  }

  /** Arrows go from row to row, with Shift they select on the way; Shift and Space select all from the last one on. */
  private onKey(threadId: string, event: KeyboardEvent): void {
    const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
    if (altKey || ctrlKey || metaKey) return;
    const step = stepOf(key);
    if (key === " " && shiftKey) this.tick(threadId, true, true);
    else if (step) {
      if (shiftKey) this.extend(threadId, step);
      else this.anchor = null;
      focusRow(this.beside(threadId, step) ?? threadId);
    } else return;
    event.preventDefault();
  }

  /** Take the next row in, or, on the way back to where the range began, let go of this one. */
  private extend(threadId: string, step: number): void {
    const next = this.beside(threadId, step);
    this.anchor ??= threadId;
    const order = this.list.rows.map((row) => row.thread_id);
    const from = (id: string) => Math.abs(order.indexOf(id) - order.indexOf(this.anchor ?? id));
    const { anchor } = this;
    if (next && from(next) < from(threadId)) this.tick(threadId, false, false);
    else for (const id of next ? [threadId, next] : [threadId]) this.tick(id, true, false);
    this.anchor = anchor;
  }

  private beside(threadId: string, step: number): string | undefined {
    const { rows } = this.list;
    const at = rows.findIndex((row) => row.thread_id === threadId) + step;
    return at < 0 ? undefined : rows[at]?.thread_id;
  }

  private tick(threadId: string, isOn: boolean, isRange: boolean): void {
    const order = this.list.rows.map((row) => row.thread_id);
    const from = isRange && this.last ? order.indexOf(this.last) : -1;
    const to = order.indexOf(threadId);
    const range = from < 0 ? [threadId] : order.slice(Math.min(from, to), Math.max(from, to) + 1);
    for (const id of range) {
      if (!isOn) this.ids.delete(id);
      else if (this.rows.length < MOST) this.ids.add(id);
      else {
        showToast(t("At most %(n)s conversations can be changed at once.", { n: MOST }), "warning");
        break;
      }
    }
    this.last = threadId;
    if (!isRange) this.anchor = threadId;
    this.doors.changed();
  }

  private all(): void {
    for (const { thread_id } of this.list.rows.slice(0, MOST)) this.ids.add(thread_id);
    this.doors.changed();
  }

  /** Change all that are selected. They leave this list, and the way back is offered. */
  private async do(change: ThreadsChange, back: ThreadsChange, said: (n: number) => string): Promise<void> {
    const ids = this.rows.map((row) => row.thread_id);
    if (!(await this.list.change(ids, change))) return;
    if (change.deleted) this.doors.deleted(ids);
    this.leave();
    this.offerBack(ids, back, said);
  }

  /** Those that were pinned before, or were not, stay so when it is taken back. */
  private async pin(pinned: boolean): Promise<void> {
    const ids = this.rows.filter((row) => row.pinned !== pinned).map((row) => row.thread_id);
    if (!(await this.list.change(ids, { pinned }))) return;
    this.offerBack(ids, { pinned: !pinned }, (n) =>
      pinned
        ? tn("%(n)s conversation is pinned.", "%(n)s conversations are pinned.", n)
        : tn("%(n)s conversation is no longer pinned.", "%(n)s conversations are no longer pinned.", n),
    );
  }

  private offerBack(ids: readonly string[], back: ThreadsChange, said: (n: number) => string): void {
    showToast(said(ids.length), "info", { label: t("Undo"), run: () => void this.list.change(ids, back) });
  }
}

/** Which way an arrow leads in the list; 0 for any other key. */
function stepOf(key: string): number {
  return key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
}

function focusRow(threadId: string): void {
  document.querySelector<HTMLElement>(`[data-tick="${threadId}"]`)?.focus();
}
