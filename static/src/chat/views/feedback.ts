// The thumbs under a reply. What is behind them (reason, text, taking it back) is loaded when it is asked for.

import { html, type TemplateResult } from "lit-html";
import { showToast } from "../../controllers/toasts";
import { t } from "../../i18n";
import { postJson } from "../../shared/http";
import type { Message } from "../../shared/protocol";
import { openPanel } from "../panels";
import { icon } from "./icon";

type Rating = "up" | "down";

/** Every tab, this one too, learns of a rating by the message's own event. */
export function thumbs(message: Message): TemplateResult {
  return html`${thumb(message, "up", t("Good reply"))}${thumb(message, "down", t("Bad reply"))}`;
}

function thumb(message: Message, rating: Rating, label: string): TemplateResult {
  const isGiven = message.feedback === rating;
  return html`<button class="button button-quiet button-icon button-small thumb" aria-label=${label} data-tooltip=${label}
    aria-pressed=${isGiven ? "true" : "false"}
    @click=${() => press(message, rating, isGiven)}>${icon(`thumb-${rating}`)}</button>`;
}

async function press(message: Message, rating: Rating, isGiven: boolean): Promise<void> {
  const address = feedbackAddress(message.id);
  try {
    if (!isGiven) await postJson(address, { rating });
  } catch {
    showToast(t("Your feedback could not be kept. Try again in a moment."), "warning");
    return;
  }
  if (isGiven || rating === "down") {
    await openPanel(
      () => import("../panels/feedback"),
      (panel) => panel.open(address, rating),
    );
  }
}

export function feedbackAddress(messageId: string): string {
  return `/chat/api/messages/${messageId}/feedback/`;
}
