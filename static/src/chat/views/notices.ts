// What the person should know before they write on: above the composer, a line each.

import { html, nothing, type TemplateResult } from "lit-html";
import { t } from "../../i18n";
import type { Session } from "../session";
import { icon } from "./icon";

interface Ways {
  toEnd(): void;
  showVersion(messageId: string): void;
}

export function notices(session: Session, ways: Ways): TemplateResult {
  return html`${connectionNotice(session)}${branchNotice(session, ways)}
    ${session.unsentElsewhere.map(
      (entry) => html`<p class="chat-notice">${icon("clock")}
        <span class="notice-words truncate">${t("Not sent: %(what)s", { what: entry.command.type === "message.send" ? entry.command.text : t("a new answer") })}</span>
        <span class="notice-ways"><button class="button button-quiet button-small" @click=${() => session.retrySend(entry)}>${t("Send now")}</button>
        <button class="button button-quiet button-small" @click=${() => session.outbox.remove(entry.command.id)}>${t("Discard")}</button></span>
      </p>`,
    )}`;
}

/** What is wrong, in a sentence, where it keeps the person from going on, with the way out beside it. */
function connectionNotice(session: Session): TemplateResult | typeof nothing {
  const { state } = session.connection;
  if (session.connection.isLost) {
    return html`<p class="chat-notice">${icon("alert")}<span class="notice-words">${t("No connection. What you send is kept here and goes out when it is back.")}</span>
      <span class="notice-ways"><button class="button button-secondary button-small" @click=${() => session.connection.reconnect()}>${t("Reconnect")}</button></span></p>`;
  }
  if (state.kind === "refused") {
    return html`<p class="chat-notice">${icon("sign-out")}<span class="notice-words">${t("You have been signed out. Your text is kept in this browser.")}</span>
      <span class="notice-ways"><a class="button button-secondary button-small" href=${location.pathname}>${t("Sign in")}</a></span></p>`;
  }
  return nothing;
}

function branchNotice({ reading }: Session, ways: Ways): TemplateResult | typeof nothing {
  const last = reading.excerpt?.path.at(-1);
  if (reading.excerpt?.isShown !== false || !last) return nothing;
  return html`<p class="chat-notice">${icon("branch")}<span class="notice-words">${t("This is a version of the conversation that is not shown now.")}</span>
    <span class="notice-ways"><button class="button button-quiet button-small" @click=${() => ways.toEnd()}>${t("Go to the shown one")}</button>
    <button class="button button-quiet button-small" @click=${() => ways.showVersion(last.id)}>${t("Show this one")}</button></span></p>`;
}
