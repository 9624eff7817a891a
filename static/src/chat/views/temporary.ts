// What tells a temporary chat from others: the choice before its first message, and a mark as long as it is there.

import { html, nothing, type TemplateResult } from "lit-html";
import { t } from "../../i18n";
import type { Session } from "../session";
import { icon } from "./icon";

/** Offered where a chat has not begun. */
export function temporaryChoice(session: Session): TemplateResult {
  const { temporary } = session.thread;
  return html`<div class="temporary-choice">
    <button class="button ${temporary ? "button-secondary" : "button-quiet"} button-small" aria-pressed=${temporary ? "true" : "false"}
      @click=${() => session.makeTemporary(!temporary)}>${icon("temporary")}${t("Temporary chat")}</button>
    <p role="status">${
      temporary
        ? t("Not kept: it is in no list and no search, and is erased when you leave it, after 24 hours at the latest.")
        : ""
    }</p>
  </div>`;
}

export function temporaryMark({ thread }: Session): TemplateResult | typeof nothing {
  if (!thread.temporary) return nothing;
  return html`<span class="temporary-mark" title=${t("It is erased when you leave it, after 24 hours at the latest.")}
    >${icon("temporary")}<span>${t("Temporary chat")}<span class="temporary-more">${t(": not kept")}</span></span></span>`;
}
