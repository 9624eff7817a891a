import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { t } from "../../i18n";
import { exactTime } from "../format";
import type { ThreadRow } from "../page_data";
import type { Selection } from "../panels/selection";
import type { Session } from "../session";
import { grouped } from "../thread_rows";
import { icon } from "./icon";
import { renameField, type ThreadMenu, titleOf } from "./thread_menu";

export interface SidebarActions {
  open(threadId: string): void;
  newChat(): void;
  search(): void;
  /** Begin to select threads, or select from the last one selected up to this one. */
  select(threadId: string, step?: number): void;
  tags(): void;
}

export function sidebar(
  session: Session,
  menu: ThreadMenu,
  actions: SidebarActions,
  selection: Selection | undefined,
): TemplateResult {
  const { list } = session;
  return html`
    <a
      class="button button-quiet thread-new"
      href=${session.data.urls.home}
      aria-current=${session.thread.fresh ? "page" : nothing}
      @click=${follow(() => actions.newChat())}
      >${icon("new-chat")}${t("New chat")}</a
    >
    <button class="button button-quiet thread-new" aria-haspopup="dialog" @click=${() => actions.search()}>${icon("search")}${t("Search")}</button>
    ${list.archived ? html`<h2 class="thread-kind">${t("Archived")}</h2>` : nothing}
    ${
      list.tag
        ? html`<p class="thread-kind thread-filter"><span class="tag-dot tag-${list.tag.colour}"></span><span class="truncate">${list.tag.name}</span>
          <button class="button button-quiet button-small button-icon" aria-label=${t("Show conversations with any tag")} @click=${() => list.show(list.archived)}>${icon("close")}</button></p>`
        : nothing
    }
    ${selection?.bar() ?? nothing}
    <nav class="thread-list" aria-label=${list.archived ? t("Archived conversations") : t("Conversations")} tabindex="-1">
      ${list.rows.length === 0 && !list.loading ? html`<p class="thread-none">${noneText(list.archived, list.tag !== null)}</p>` : nothing}
      ${repeat(
        grouped(list.rows, new Date()),
        (group) => group.label,
        (group) => html`
          <h2 class="thread-group">${group.label}</h2>
          <ul>
            ${repeat(
              group.rows,
              (row) => row.thread_id,
              (row) => threadRow(row, session, menu, actions, selection),
            )}
          </ul>
        `,
      )}
      ${
        list.next
          ? html`<button class="button button-quiet button-small thread-more" aria-busy=${list.loading} data-more-threads
              @click=${() => list.loadMore()}>${list.loading ? t("Loading") : t("Show more")}</button>`
          : nothing
      }
    </nav>
    <div class="thread-other-kinds">
      <button class="button button-quiet button-small" @click=${() => list.show(!list.archived)}>
        ${list.archived ? html`${icon("arrow-left")}${t("All conversations")}` : html`${icon("archive")}${t("Archived")}`}
      </button>
      <button class="button button-quiet button-small" aria-haspopup="dialog" @click=${() => actions.tags()}>${icon("tag")}${t("Tags")}</button>
    </div>
    ${menu.template()}
  `;
}

/** Bring the row of the shown thread into the list's window, without moving anything else. */
export function showRow(sidebar: HTMLElement): void {
  const list = sidebar.querySelector(".thread-list");
  const row = list?.querySelector("[aria-current=page]");
  if (!list || !row) return;
  const at = row.getBoundingClientRect();
  const box = list.getBoundingClientRect();
  if (at.top < box.top || at.bottom > box.bottom) list.scrollTop += at.top - box.top - (box.height - at.height) / 2;
}

function noneText(archived: boolean, isTagged: boolean): string {
  if (isTagged) return t("No conversation here has this tag.");
  return archived ? t("What you archive is kept here, out of the way.") : t("Your conversations will be listed here.");
}

function threadRow(
  row: ThreadRow,
  session: Session,
  menu: ThreadMenu,
  actions: SidebarActions,
  selection: Selection | undefined,
): TemplateResult {
  const isShown = row.thread_id === session.thread.id;
  const title = titleOf(row);
  if (menu.renamed === row.thread_id) return html`<li>${renameField(row, menu)}</li>`;
  if (selection?.isOn) return html`<li class="thread-item">${selection.row(row, tagDots(row))}</li>`;
  return html`<li class="thread-item">
    <a
      class="thread-row"
      href="${session.data.urls.home}${row.thread_id}/"
      title="${title} · ${exactTime(row.last_message_at)}"
      aria-current=${isShown ? "page" : nothing}
      @click=${(event: MouseEvent) => {
        if (!event.shiftKey) return follow(() => actions.open(row.thread_id))(event);
        event.preventDefault();
        actions.select(row.thread_id);
      }}
      @keydown=${(event: KeyboardEvent) => selectByKey(event, row, actions)}
      ><span class="truncate" dir="auto">${title}</span>${tagDots(row)}${isShown && session.isBusy ? html`<span class="thread-busy" role="img" aria-label=${t("Replying")}></span>` : nothing}</a
    >
    <button
      class="button button-quiet button-small button-icon thread-options"
      aria-label=${t("Options for %(title)s", { title })}
      aria-haspopup="menu"
      aria-expanded=${menu.row?.thread_id === row.thread_id ? "true" : "false"}
      @click=${(event: MouseEvent) => menu.open(row, event.currentTarget as HTMLElement)}
    >${icon("more")}</button>
  </li>`;
}

function tagDots({ tags }: ThreadRow): TemplateResult | typeof nothing {
  if (!tags?.length) return nothing;
  const names = tags.map(({ name }) => name).join(", ");
  return html`<span class="thread-tags" role="img" aria-label=${t("Tags: %(names)s", { names })} title=${names}>${tags
    .slice(0, 3)
    .map(({ colour }) => html`<span class="tag-dot tag-${colour}"></span>`)}</span>`;
}

/** Shift with an arrow or Space on a conversation begins to select. */
function selectByKey(event: KeyboardEvent, row: ThreadRow, actions: SidebarActions): void {
  const step = { ArrowDown: 1, ArrowUp: -1, " ": 0 }[event.key];
  if (step === undefined || !event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  actions.select(row.thread_id, step);
}

/** Take over a plain click; a middle click or a modifier keeps what links do. */
function follow(action: () => void): (event: MouseEvent) => void {
  return (event) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    action();
  };
}
