import { html, type TemplateResult } from "lit-html";
import { t } from "../../i18n";
import type { Gauge } from "../gauge";
import type { Session } from "../session";
import { icon } from "./icon";
import { settingsButton } from "./settings_button";
import { shareButton } from "./share_button";
import { temporaryMark } from "./temporary";
import { untitled } from "./thread_menu";

export function header(session: Session, gauge: Gauge, newChat: () => void): TemplateResult {
  const title = session.thread.fresh ? "" : session.thread.title || untitled();
  return html`
    <button class="button button-quiet button-icon chat-toggle" data-sidebar-toggle aria-label=${t("Conversations")}
      aria-controls="sidebar">${icon("sidebar")}</button>
    ${title ? html`<h1 class="chat-title" dir="auto" title=${title}>${title}</h1>` : html`<span class="chat-title"></span>`}
    ${temporaryMark(session)} ${connection(session)} ${shareButton(session)}
    ${settingsButton(session, gauge)}
    <button class="button button-quiet button-icon chat-new" aria-label=${t("New chat")} @click=${newChat}>${icon("new-chat")}</button>
  `;
}

function connection(session: Session): TemplateResult {
  const { state } = session.connection;
  switch (state.kind) {
    case "online":
      return html`<span class="status tone-success" title=${t("Connected")}
        ><span class="status-dot"></span><span class="sr-only">${t("Connected")}</span></span
      >`;
    case "connecting":
    case "waiting":
      return html`<span class="status"><span class="spinner" aria-hidden="true"></span>${
        state.kind === "connecting" ? t("Connecting") : t("Reconnecting")
      }</span>`;
    case "lost":
      return html`<span class="status tone-danger"><span class="status-dot"></span>${t("Offline")}</span>`;
    case "refused":
      return html`<span class="status tone-danger"><span class="status-dot"></span>${t("Signed out")}</span>`;
    default:
      return state satisfies never;
  }
}
