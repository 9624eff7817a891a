import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { exactTime } from "../format";
import type { ThreadRow } from "../page_data";
import type { Session } from "../session";
import { grouped } from "../thread_rows";
import { icon } from "./icon";
import { renameField, type ThreadMenu, titleOf } from "./thread_menu";

export interface SidebarActions {
  open(threadId: string): void;
  newChat(): void;
}

export function sidebar(session: Session, menu: ThreadMenu, actions: SidebarActions): TemplateResult {
  const { list } = session;
  return html`
    <a
      class="button button-quiet thread-new"
      href=${session.data.urls.home}
      aria-current=${session.thread.fresh ? "page" : nothing}
      @click=${follow(() => actions.newChat())}
      >${icon("new-chat")}New chat</a
    >
    ${list.archived ? html`<h2 class="thread-kind">Archived</h2>` : nothing}
    <nav class="thread-list" aria-label=${list.archived ? "Archived conversations" : "Conversations"} tabindex="-1">
      ${list.rows.length === 0 && !list.loading ? html`<p class="thread-none">${noneText(list.archived)}</p>` : nothing}
      ${repeat(
        grouped(list.rows, new Date()),
        (group) => group.label,
        (group) => html`
          <h2 class="thread-group">${group.label}</h2>
          <ul>
            ${repeat(
              group.rows,
              (row) => row.thread_id,
              (row) => threadRow(row, session, menu, actions),
            )}
          </ul>
        `,
      )}
      ${
        list.next
          ? html`<button class="button button-quiet button-small thread-more" aria-busy=${list.loading} data-more-threads
              @click=${() => list.loadMore()}>${list.loading ? "Loading" : "Show more"}</button>`
          : nothing
      }
    </nav>
    <button class="button button-quiet button-small thread-other-kind" @click=${() => list.show(!list.archived)}>
      ${list.archived ? html`${icon("arrow-left")}All conversations` : html`${icon("archive")}Archived`}
    </button>
    ${menu.template()}
  `;
}

function noneText(archived: boolean): string {
  return archived ? "What you archive is kept here, out of the way." : "Your conversations will be listed here.";
}

function threadRow(row: ThreadRow, session: Session, menu: ThreadMenu, actions: SidebarActions): TemplateResult {
  const isShown = row.thread_id === session.thread.id;
  const title = titleOf(row);
  if (menu.renamed === row.thread_id) return html`<li>${renameField(row, menu)}</li>`;
  return html`<li class="thread-item">
    <a
      class="thread-row"
      href="${session.data.urls.home}${row.thread_id}/"
      title="${title} · ${exactTime(row.last_message_at)}"
      aria-current=${isShown ? "page" : nothing}
      @click=${follow(() => actions.open(row.thread_id))}
      ><span class="truncate">${title}</span
      >${isShown && session.isBusy ? html`<span class="thread-busy" role="img" aria-label="Replying"></span>` : nothing}</a
    >
    <button
      class="button button-quiet button-small button-icon thread-options"
      aria-label="Options for ${title}"
      aria-haspopup="menu"
      aria-expanded=${menu.row?.thread_id === row.thread_id ? "true" : "false"}
      @click=${(event: MouseEvent) => menu.open(row, event.currentTarget as HTMLElement)}
    >${icon("more")}</button>
  </li>`;
}

/** Take over a plain click; a middle click or a modifier keeps what links do. */
function follow(action: () => void): (event: MouseEvent) => void {
  return (event) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    action();
  };
}
