import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { exactTime } from "../format";
import type { ThreadRow } from "../page_data";
import type { Session } from "../session";
import { grouped } from "../thread_rows";
import { icon } from "./icon";

export const UNTITLED = "New chat";

export interface SidebarActions {
  open(threadId: string): void;
  newChat(): void;
}

export function sidebar(session: Session, actions: SidebarActions): TemplateResult {
  const { rows, next, loading } = session.list;
  return html`
    <a
      class="button button-quiet thread-new"
      href=${session.data.urls.home}
      aria-current=${session.thread.fresh ? "page" : nothing}
      @click=${follow(() => actions.newChat())}
      >${icon("new-chat")}New chat</a
    >
    <nav class="thread-list" aria-label="Conversations" tabindex="-1">
      ${rows.length === 0 ? html`<p class="thread-none">Your conversations will be listed here.</p>` : nothing}
      ${repeat(
        grouped(rows, new Date()),
        (group) => group.label,
        (group) => html`
          <h2 class="thread-group">${group.label}</h2>
          <ul>
            ${repeat(
              group.rows,
              (row) => row.thread_id,
              (row) => threadRow(row, session, actions),
            )}
          </ul>
        `,
      )}
      ${
        next
          ? html`<button class="button button-quiet button-small thread-more" aria-busy=${loading} data-more-threads
              @click=${() => session.list.loadMore()}>${loading ? "Loading" : "Show more"}</button>`
          : nothing
      }
    </nav>
  `;
}

function threadRow(row: ThreadRow, session: Session, actions: SidebarActions): TemplateResult {
  const isShown = row.thread_id === session.thread.id;
  const title = row.title || UNTITLED;
  return html`<li>
    <a
      class="thread-row"
      href="${session.data.urls.home}${row.thread_id}/"
      title="${title} · ${exactTime(row.last_message_at)}"
      aria-current=${isShown ? "page" : nothing}
      @click=${follow(() => actions.open(row.thread_id))}
      ><span class="truncate">${title}</span
      >${isShown && session.isBusy ? html`<span class="thread-busy" role="img" aria-label="Replying"></span>` : nothing}</a
    >
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
