// One message of the list and what can be done with it.

import { html, nothing, type TemplateResult } from "lit-html";
import { copyText } from "../../controllers/copy";
import { t } from "../../i18n";
import type { Message } from "../../shared/protocol";
import type { Edits } from "../edits";
import { modelName } from "../format";
import type { Newer } from "../newer";
import { openPanel } from "../panels";
import type { Session } from "../session";
import { messageFiles } from "./attachments";
import { details } from "./details";
import { thumbs } from "./feedback";
import { icon } from "./icon";
import { reply } from "./live";
import { timeOf } from "./time";
import type { Versions } from "./versions";
import { continueButton, isRetryable, maySayAgain, waysOn } from "./ways_on";

/** What can be done with a message that has its place on the path. */
export interface Doings {
  readonly versions: Versions;
  readonly edits: Edits;
  toggleDetails(messageId: string): void;
  fork(messageId: string): void;
}

/** A message that waits, or has not left this browser yet. */
export function waitingMessage(message: Message, note: TemplateResult | typeof nothing): TemplateResult {
  return fromUser(message, "", html`${words(message)}${note === nothing ? said(message) : note}`);
}

export interface QuestionState {
  readonly superseded: boolean;
  /** The field it is edited in; null while that is loaded. */
  readonly field: HTMLElement | null | undefined;
  readonly newer: Newer | undefined;
}

export function userMessage(
  message: Message,
  { superseded, field, newer }: QuestionState,
  doings: Doings,
): TemplateResult {
  const content = field ? html`${messageFiles(message.attachments)}${field}` : words(message);
  const edit = button("edit", t("Edit"), () => doings.edits.begin(message), field === null);
  const actions = said(message, html`${edit}${forkButton(message, doings)}${doings.versions.template(message)}`);
  return fromUser(
    message,
    superseded ? "message-superseded" : "",
    html`${content}${field ? nothing : actions}${newerNote(newer)}`,
  );
}

function words({ content, attachments }: Message): TemplateResult {
  return html`${messageFiles(attachments)}${content ? html`<div class="message-user" dir="auto">${content}</div>` : nothing}`;
}

function fromUser(message: Message, kind: string, content: TemplateResult): TemplateResult {
  return html`<article class="message message-from-user ${kind}" data-message=${message.id} aria-label=${t("You")}>${content}</article>`;
}

function said(message: Message, more: TemplateResult | typeof nothing = nothing): TemplateResult {
  return html`<div class="message-actions message-actions-end" role="group" aria-label=${t("Message actions")}>
    <time class="message-time" ${timeOf(message.created_at)}></time>
    ${message.content ? copyButton(() => message.content) : nothing}${more}
  </div>`;
}

function newerNote(newer: Newer | undefined): TemplateResult | typeof nothing {
  if (!newer) return nothing;
  const told =
    newer === "before"
      ? t("Newer messages were added before this one while you wrote it.")
      : t("Newer messages exist. They are kept in the other version.");
  return html`<p class="message-note message-newer" role="status"><span class="message-why">${icon("clock")}${told}</span></p>`;
}

function forkButton(message: Message, doings: Doings): TemplateResult {
  return button("branch", t("New conversation from here"), () => doings.fork(message.id));
}

function button(name: string, label: string, press: (event: Event) => void, isBusy = false): TemplateResult {
  return html`<button class="button button-quiet button-icon button-small" aria-label=${label} data-tooltip=${label}
    aria-busy=${isBusy ? "true" : nothing} @click=${press}>${icon(name)}</button>`;
}

export interface ReplyState {
  readonly live: boolean;
  /** Only the last reply can be continued: elsewhere it would take what follows out of sight. */
  readonly latest: boolean;
  /** A new answer was asked for and is not there yet. */
  readonly superseded: boolean;
  readonly detailed: boolean;
  readonly newer: Newer | undefined;
}

export function replyMessage(message: Message, state: ReplyState, session: Session, doings: Doings): TemplateResult {
  const classes = `message message-from-model${state.latest ? " message-latest" : ""}${state.superseded ? " message-superseded" : ""}`;
  return html`<article class=${classes} data-message=${message.id} aria-label=${t("Reply")} aria-busy=${state.live}>
    <div class="message-reply" data-reply=${message.id} ${reply(message, state.live)}></div>
    ${state.live ? nothing : ending(message, state, session, doings)}${newerNote(state.newer)}
    ${state.live ? doings.versions.template(message) : actions(message, state, session, doings)}
    ${state.detailed ? html`<div class="reply-details" ${details(message, session.data.models)}></div>` : nothing}
  </article>`;
}

function ending(
  message: Message,
  { latest }: ReplyState,
  session: Session,
  { edits }: Doings,
): TemplateResult | typeof nothing {
  switch (message.status) {
    case "error":
      return html`<div class="alert tone-danger reply-ending" role="group" aria-label=${t("Error")}>
        ${icon("alert")}
        <div class="alert-body">
          <p>${message.error?.message ?? t("The reply could not be finished.")}</p>
          ${latest ? waysOn(message, session, edits) : nothing}
        </div>
      </div>`;
    case "stopped":
    case "interrupted":
      return html`<div class="message-note reply-ending">
        <span>${message.status === "stopped" ? t("You stopped this reply.") : t("The server went away during this reply. Its last words may be missing.")}</span>
        ${latest && message.content ? continueButton(message, session) : nothing}
      </div>`;
    default:
      return nothing;
  }
}

function actions(message: Message, state: ReplyState, session: Session, doings: Doings): TemplateResult {
  return html`<div class="message-actions" role="group" aria-label=${t("Reply actions")}>
    ${doings.versions.template(message)}
    ${message.content ? copyButton(() => message.content) : nothing}
    ${maySayAgain(message) && !(state.latest && isRetryable(message)) ? regenerateButtons(message, session) : nothing}
    ${message.status !== "error" ? thumbs(message) : nothing}
    ${forkButton(message, doings)}
    <button class="button button-quiet button-icon button-small" aria-label=${t("Details")} data-tooltip=${t("Details")}
      aria-expanded=${state.detailed} @click=${() => doings.toggleDetails(message.id)}>${icon("details")}</button>
    <span class="message-model">${modelName(message.model, session.data.models)}</span>
  </div>`;
}

function regenerateButtons(message: Message, session: Session): TemplateResult {
  const again = button("refresh", t("Regenerate"), () => session.regenerate(message.id, "retry"));
  const { models } = session.data;
  if (models.length < 2) return again;
  const choose = (event: Event) => {
    const from = event.currentTarget as HTMLElement;
    void openPanel(
      () => import("../panels/regenerate"),
      (panel) => panel.open(from, models, message.model, (model) => session.regenerate(message.id, "retry", model)),
    );
  };
  const label = t("Regenerate with another model");
  return html`<span class="button-pair">${again}<button class="button button-quiet button-icon button-small button-more"
    aria-label=${label} data-tooltip=${label} aria-haspopup="menu" aria-expanded="false" @click=${choose}>${icon("chevron-down")}</button></span>`;
}

function copyButton(text: () => string): TemplateResult {
  return button("copy", t("Copy"), (event) => copyText(text(), event.currentTarget as HTMLElement));
}
