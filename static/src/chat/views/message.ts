// One message of the list and what can be done with it.
import { html, nothing, type TemplateResult } from "lit-html";
import { copyText } from "../../controllers/copy";
import type { Message, Usage } from "../../shared/protocol";
import { duration, exactTime, modelName, money, tokens } from "../format";
import type { Session } from "../session";
import { icon } from "./icon";
import { reply } from "./live";

const COST_SOURCES: Record<Usage["cost_source"], string> = {
  provider: "stated by the provider",
  litellm: "from the price list",
  table: "from your price table",
  estimated: "estimated",
  unknown: "",
};

export function userMessage(message: Message, note: TemplateResult | typeof nothing): TemplateResult {
  return html`<article class="message message-from-user" data-message=${message.id} aria-label="You">
    <div class="message-user">${message.content}</div>
    ${
      note !== nothing
        ? note
        : html`<div class="message-actions message-actions-end">
            <time class="message-time" datetime=${message.created_at}>${exactTime(message.created_at)}</time>
            ${copyButton(() => message.content)}
          </div>`
    }
  </article>`;
}

export interface ReplyState {
  readonly live: boolean;
  /** Only the last reply offers another one: elsewhere it would take what follows out of sight. */
  readonly latest: boolean;
  /** A new answer was asked for and is not there yet. */
  readonly superseded: boolean;
  readonly detailed: boolean;
}

export function replyMessage(
  message: Message,
  state: ReplyState,
  session: Session,
  toggle: () => void,
): TemplateResult {
  const classes = `message message-from-model${state.latest ? " message-latest" : ""}${state.superseded ? " message-superseded" : ""}`;
  return html`<article class=${classes} data-message=${message.id} aria-label="Reply" aria-busy=${state.live}>
    <div class="message-reply" data-reply=${message.id} ${reply(message, state.live)}></div>
    ${state.live ? nothing : html`${ending(message, state, session)}${actions(message, state, session, toggle)}`}
    ${state.detailed ? details(message, session) : nothing}
  </article>`;
}

function ending(message: Message, { latest }: ReplyState, session: Session): TemplateResult | typeof nothing {
  switch (message.status) {
    case "error":
      return html`<div class="alert tone-danger reply-ending" role="group" aria-label="Error">
        ${icon("alert")}
        <div class="alert-body">
          <p>${message.error?.message ?? "The reply could not be finished."}</p>
          ${latest ? waysOn(message, session) : nothing}
        </div>
      </div>`;
    case "stopped":
    case "interrupted":
      return html`<div class="message-note reply-ending">
        <span>${message.status === "stopped" ? "You stopped this reply." : "The server went away during this reply. What had arrived is kept."}</span>
        ${latest && message.content ? continueButton(message, session) : nothing}
      </div>`;
    default:
      return nothing;
  }
}

function waysOn(message: Message, session: Session): TemplateResult {
  return html`<div class="reply-ways">
    <button class="button button-secondary button-small" @click=${() => session.regenerate(message.id, "retry")}>
      ${icon("refresh")}Try again</button>
    ${message.content ? continueButton(message, session) : nothing}
  </div>`;
}

function continueButton(message: Message, session: Session): TemplateResult {
  return html`<button class="button button-secondary button-small" @click=${() => session.regenerate(message.id, "continue")}>
    ${icon("arrow-down")}Continue</button>`;
}

function actions(message: Message, state: ReplyState, session: Session, toggle: () => void): TemplateResult {
  return html`<div class="message-actions" role="group" aria-label="Reply actions">
    ${message.content ? copyButton(() => message.content) : nothing}
    ${state.latest && message.status !== "error" ? regenerateButton(message, session) : nothing}
    <button class="button button-quiet button-icon button-small" aria-label="Details" data-tooltip="Details"
      aria-expanded=${state.detailed} @click=${toggle}>${icon("details")}</button>
    <span class="message-model">${modelName(message.model, session.data.models)}</span>
  </div>`;
}

function regenerateButton(message: Message, session: Session): TemplateResult {
  return html`<button class="button button-quiet button-icon button-small" aria-label="Regenerate" data-tooltip="Regenerate"
    @click=${() => session.regenerate(message.id, "retry")}>${icon("refresh")}</button>`;
}

function copyButton(text: () => string): TemplateResult {
  return html`<button class="button button-quiet button-icon button-small" aria-label="Copy" data-tooltip="Copy"
    @click=${(event: Event) => copyText(text(), event.currentTarget as HTMLElement)}>${icon("copy")}</button>`;
}

function details(message: Message, session: Session): TemplateResult {
  const { usage } = message;
  const estimate = usage?.usage_source === "estimated" ? " (estimated)" : "";
  return html`<dl class="reply-details">
    ${row("Model", modelName(message.model, session.data.models), message.model)}
    ${row("Read", usage?.input_tokens != null ? tokens(usage.input_tokens) + cached(usage) + estimate : null)}
    ${row("Wrote", usage?.output_tokens != null ? tokens(usage.output_tokens) + reasoned(usage) + estimate : null)}
    ${row("Cost", cost(usage))}
    ${row("First word after", usage?.time_to_first_token_ms != null ? duration(usage.time_to_first_token_ms) : null)}
    ${row("Took", usage?.duration_ms != null ? duration(usage.duration_ms) : null)}
    ${row("Asked", exactTime(message.created_at))}
  </dl>`;
}

function row(label: string, value: string | null, hint = ""): TemplateResult | typeof nothing {
  return value ? html`<div><dt>${label}</dt><dd title=${hint || nothing}>${value}</dd></div>` : nothing;
}

function cost(usage: Usage | null): string {
  if (usage?.cost_usd == null) return "unknown";
  const source = COST_SOURCES[usage.cost_source];
  return source ? `${money(usage.cost_usd)}, ${source}` : money(usage.cost_usd);
}

function cached(usage: Usage): string {
  return usage.cached_tokens ? `, ${usage.cached_tokens.toLocaleString("en")} of them cached` : "";
}

function reasoned(usage: Usage): string {
  return usage.reasoning_tokens ? `, ${usage.reasoning_tokens.toLocaleString("en")} of them reasoning` : "";
}
