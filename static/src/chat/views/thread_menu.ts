// What a person does with a thread of the sidebar: one menu for all rows, a field in place of a row being renamed.

import { html, type TemplateResult } from "lit-html";
import { showToast } from "../../controllers/toasts";
import { t } from "../../i18n";
import type { ThreadRow } from "../page_data";
import type { ThreadList, ThreadsChange } from "../thread_list";
import { icon } from "./icon";
import { placeMenu } from "./place";

export const untitled = () => t("New chat");
const MOST_OF_A_TITLE = 200;

export const titleOf = (row: ThreadRow) => row.title || untitled();

/** What is loaded when it is chosen. */
export interface MenuDoors {
  tags(rows: readonly ThreadRow[]): void;
  select(threadId: string): void;
}

export class ThreadMenu {
  /** The row the menu is open for. */
  row: ThreadRow | null = null;
  /** The thread whose name is being typed. */
  renamed: string | null = null;
  private button: HTMLElement | null = null;

  constructor(
    private readonly list: ThreadList,
    private readonly changed: () => void,
    private readonly left: (threadId: string) => void,
    private readonly doors: MenuDoors,
  ) {}

  template(): TemplateResult {
    const { row } = this;
    const item = (name: string, label: string, action: (row: ThreadRow) => void, tone = "") =>
      html`<button class="menu-item ${tone}" role="menuitem" @click=${() => this.choose(action)}>${icon(name)}${label}</button>`;
    return html`<div class="menu-list thread-menu" id="thread-menu" role="menu" popover="auto" aria-label=${row ? t("Options for %(title)s", { title: titleOf(row) }) : t("Options")}
      @toggle=${(event: ToggleEvent) => event.newState === "closed" && this.closed()}
      @keydown=${(event: KeyboardEvent) => this.onKey(event)}
    >
      ${item("edit", t("Rename"), ({ thread_id }) => this.rename(thread_id))}
      ${row?.archived ? "" : item("pin", row?.pinned ? t("Unpin") : t("Pin"), ({ thread_id, pinned }) => this.list.change([thread_id], { pinned: !pinned }))}
      ${item("tag", t("Tags"), (chosen) => this.doors.tags([chosen]))}
      ${item("select", t("Select"), ({ thread_id }) => this.doors.select(thread_id))}
      ${item("archive", row?.archived ? t("Move back to the list") : t("Archive"), (chosen) => this.putAway(chosen))}
      ${item("trash", t("Delete"), (chosen) => this.delete(chosen), "menu-item-danger")}
    </div>`;
  }

  open(row: ThreadRow, button: HTMLElement): void {
    const popover = this.popover;
    if (this.row?.thread_id === row.thread_id) {
      popover?.hidePopover();
      return;
    }
    this.row = row;
    this.button = button;
    this.changed();
    requestAnimationFrame(() => {
      if (!popover) return;
      popover.showPopover();
      placeMenu(popover, button.getBoundingClientRect());
      this.items()[0]?.focus({ preventScroll: true });
    });
  }

  async keep(row: ThreadRow, typed: string): Promise<void> {
    if (this.renamed !== row.thread_id) return;
    const title = typed.trim();
    if (title && title !== row.title && !(await this.list.change([row.thread_id], { title }))) return;
    this.leaveName(row.thread_id);
  }

  leaveName(threadId: string): void {
    if (this.renamed !== threadId) return;
    this.renamed = null;
    this.changed();
  }

  private rename(threadId: string): void {
    this.renamed = threadId;
    this.changed();
    requestAnimationFrame(() => document.querySelector<HTMLInputElement>("[data-thread-name]")?.select());
  }

  private async putAway(row: ThreadRow): Promise<void> {
    const archived = !row.archived;
    const title = titleOf(row);
    const said = archived ? t("“%(title)s” is archived.", { title }) : t("“%(title)s” is back in the list.", { title });
    await this.changeWithUndo(row, { archived }, { archived: !archived }, said);
  }

  private async delete(row: ThreadRow): Promise<void> {
    const said = t("“%(title)s” is deleted.", { title: titleOf(row) });
    if (await this.changeWithUndo(row, { deleted: true }, { deleted: false }, said)) this.left(row.thread_id);
  }

  private async changeWithUndo(row: ThreadRow, change: ThreadsChange, back: ThreadsChange, text: string) {
    const done = await this.list.change([row.thread_id], change);
    const undo = () => void this.list.change([row.thread_id], back);
    if (done) showToast(text, "info", { label: t("Undo"), run: undo });
    return done;
  }

  private choose(action: (row: ThreadRow) => void): void {
    const { row } = this;
    this.popover?.hidePopover();
    if (row) action(row);
  }

  private closed(): void {
    const hadFocus = this.popover?.contains(document.activeElement) || document.activeElement === document.body;
    if (hadFocus) this.button?.focus({ preventScroll: true });
    this.row = this.button = null;
    this.changed();
  }

  private onKey(event: KeyboardEvent): void {
    const items = this.items();
    const here = items.indexOf(document.activeElement as HTMLElement);
    const moves: Record<string, number> = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 };
    const to = moves[event.key];
    if (event.key === "Tab") this.popover?.hidePopover();
    if (to === undefined) return;
    event.preventDefault();
    items.at(to % items.length)?.focus();
  }

  private get popover(): HTMLElement | null {
    return document.getElementById("thread-menu");
  }

  private items(): HTMLElement[] {
    return [...(this.popover?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  }
}

export function renameField(row: ThreadRow, menu: ThreadMenu): TemplateResult {
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const field = event.currentTarget as HTMLInputElement;
    if (event.key === "Enter") void menu.keep(row, field.value);
    if (event.key === "Escape") menu.leaveName(row.thread_id);
  };
  return html`<input
    class="input thread-name"
    data-thread-name
    aria-label=${t("Name of the conversation")}
    maxlength=${MOST_OF_A_TITLE}
    .value=${titleOf(row)}
    @keydown=${onKey}
    @blur=${(event: FocusEvent) => menu.keep(row, (event.target as HTMLInputElement).value)}
  />`;
}
