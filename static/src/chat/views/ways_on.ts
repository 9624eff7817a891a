// What can be done about a reply that failed: only what can mend it, so never the same once more where that ends the same.

import { html, nothing, type TemplateResult } from "lit-html";
import { t } from "../../i18n";
import type { Message } from "../../shared/protocol";
import type { Edits } from "../edits";
import { openPanel } from "../panels";
import type { Session } from "../session";
import { icon } from "./icon";
import { retry } from "./retry";

/** The same may be asked once more, by whoever knows that what was wrong is mended: a key, a budget, a rule for a model. */
export function maySayAgain({ status, error }: Message): boolean {
  // While releases are mixed, an error may come from a process that names nothing.
  return status !== "error" || !error || error.retryable || !error.mended_by?.includes("edit");
}

/** What was in the way is no fault of the reply itself. */
export function isRetryable({ status, error }: Message): boolean {
  return status === "error" && (error?.retryable ?? true);
}

export function waysOn(message: Message, session: Session, edits: Edits): TemplateResult {
  const ways = message.error?.mended_by ?? [];
  return html`<div class="reply-ways">
    <span class="reply-retry" ${retry(message, session)}></span>
    ${message.content && isRetryable(message) ? continueButton(message, session) : nothing}
    ${ways.map((way) => (way === "edit" ? editButton(message, session, edits) : modelButton(message, session)))}
  </div>`;
}

export function continueButton(message: Message, session: Session): TemplateResult {
  return html`<button class="button button-secondary button-small" @click=${() => session.regenerate(message.id, "continue")}>
    ${icon("arrow-down")}${t("Continue")}</button>`;
}

function editButton({ parent_id }: Message, session: Session, edits: Edits): TemplateResult | typeof nothing {
  const asked = session.thread.path.find(({ id, role }) => id === parent_id && role === "user");
  if (!asked) return nothing;
  return html`<button class="button button-secondary button-small" @click=${() => edits.begin(asked)}>
    ${icon("edit")}${t("Edit the message")}</button>`;
}

function modelButton(message: Message, session: Session): TemplateResult | typeof nothing {
  const others = session.data.models.filter(({ id }) => id !== message.model);
  if (others.length === 0) return nothing;
  const choose = (event: Event) => {
    const from = event.currentTarget as HTMLElement;
    void openPanel(
      () => import("../panels/regenerate"),
      (panel) => panel.open(from, others, "", (model) => session.regenerate(message.id, "retry", model)),
    );
  };
  return html`<button class="button button-secondary button-small" aria-haspopup="menu" aria-expanded="false"
    @click=${choose}>${t("Another model")}${icon("chevron-down")}</button>`;
}
