import { html, nothing, type TemplateResult } from "lit-html";
import type { Session } from "../session";
import { icon } from "./icon";
import { UNTITLED } from "./thread_menu";

export function header(session: Session, newChat: () => void): TemplateResult {
  const title = session.thread.fresh ? "" : session.thread.title || UNTITLED;
  return html`
    <button class="button button-quiet button-icon chat-toggle" data-sidebar-toggle aria-label="Conversations"
      aria-controls="sidebar">${icon("sidebar")}</button>
    ${title ? html`<h1 class="chat-title" title=${title}>${title}</h1>` : html`<span class="chat-title"></span>`}
    ${connection(session)}
    <button class="button button-quiet button-icon chat-new" aria-label="New chat" @click=${newChat}>${icon("new-chat")}</button>
  `;
}

function connection(session: Session): TemplateResult {
  const { state } = session.connection;
  switch (state.kind) {
    case "online":
      return html`<span class="status tone-success" title="Connected"
        ><span class="status-dot"></span><span class="sr-only">Connected</span></span
      >`;
    case "connecting":
    case "waiting":
      return html`<span class="status"><span class="spinner" aria-hidden="true"></span>${
        state.kind === "connecting" ? "Connecting" : "Reconnecting"
      }</span>`;
    case "lost":
      return html`<span class="status tone-danger"><span class="status-dot"></span>Offline</span>
        <button class="button button-secondary button-small" @click=${() => session.connection.reconnect()}>Reconnect</button>`;
    case "refused":
      return html`<span class="status tone-danger"><span class="status-dot"></span>Signed out</span>
        <a class="button button-secondary button-small" href=${location.pathname}>Sign in</a>`;
    default:
      return state satisfies never;
  }
}

/** What is wrong, in a sentence, where it keeps the person from going on. */
export function connectionNotice(session: Session): TemplateResult | typeof nothing {
  const { state } = session.connection;
  if (state.kind === "lost") {
    return html`<p class="chat-notice">No connection. What you send is kept here and goes out when it is back.</p>`;
  }
  if (state.kind === "refused") {
    return html`<p class="chat-notice">You have been signed out. Your text is kept in this browser.</p>`;
  }
  return nothing;
}
