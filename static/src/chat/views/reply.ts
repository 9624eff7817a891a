// One reply: reasoning, tools, text. Drawn from its message as often as needed.

import { html, nothing, render, type TemplateResult } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { repeat } from "lit-html/directives/repeat.js";
import { t } from "../../i18n";
import type { Message, ToolCall } from "../../shared/protocol";
import { duration, tokens } from "../format";
import { LazyMarkdown } from "../markdown/lazy";
import { icon } from "./icon";

const patience = () =>
  html`<p class="message-note reply-patience">${t("The model has not answered yet. Stop works at any time.")}</p>`;

export class ReplyView {
  private readonly head = document.createElement("div");
  private readonly foot = document.createElement("div");
  private readonly text: LazyMarkdown;
  private readonly reasoning = new LazyMarkdown(proseElement("prose-reply prose-small reasoning-text"));
  private thinkingSince = 0;
  private thoughtFor = 0;

  constructor(element: HTMLElement) {
    this.head.className = "reply-head";
    this.text = new LazyMarkdown(proseElement("prose-reply"));
    element.append(this.head, this.text.element, this.foot);
  }

  draw(message: Message, live: boolean, step: string | null): void {
    this.time(message, live);
    render(this.headOf(message, live, step), this.head);
    render(live && isBlank(message) ? patience() : nothing, this.foot);
    this.reasoning.update(message.reasoning, false);
    // The caret waits below the tools and the reasoning; with neither it is the first sign of life.
    this.text.update(message.content, live);
  }

  get plainText(): string {
    return this.text.element.innerText ?? this.text.element.textContent ?? "";
  }

  /** How long the model reasoned, as seen from here; unknown for a reply that was complete before. */
  private time(message: Message, live: boolean): void {
    const isThinking = live && message.reasoning !== "" && message.content === "";
    if (isThinking) this.thinkingSince ||= performance.now();
    else if (this.thinkingSince && !this.thoughtFor) this.thoughtFor = performance.now() - this.thinkingSince;
  }

  private headOf(message: Message, live: boolean, step: string | null): TemplateResult {
    const isWaiting = live && message.content === "";
    return html`
      ${message.reasoning ? this.reasoningOf(message, isWaiting) : nothing}
      ${repeat(
        message.tools,
        (call) => call.call_id,
        (call) => guard([call], () => toolCall(call)),
      )}
      ${step && live ? html`<p class="message-note reply-step">${step}</p>` : nothing}
    `;
  }

  private reasoningOf(message: Message, isThinking: boolean): TemplateResult {
    return html`<details class="reasoning">
      <summary>${icon("reasoning")}<span class=${isThinking ? "shimmer" : ""}>${this.reasoningLabel(message, isThinking)}</span
        >${icon("chevron-down")}</summary>
      ${this.reasoning.element}
    </details>`;
  }

  private reasoningLabel(message: Message, isThinking: boolean): string {
    if (isThinking) return t("Thinking");
    const measured = message.usage?.reasoning_ms;
    if (measured != null) return thoughtFor(measured);
    if (this.thoughtFor) return thoughtFor(this.thoughtFor);
    const count = message.usage?.reasoning_tokens;
    return count ? `${t("Reasoning")} · ${tokens(count)}` : t("Reasoning");
  }
}

function thoughtFor(ms: number): string {
  return ms < 1000 ? t("Thought for a moment") : t("Thought for %(time)s", { time: duration(ms) });
}

function isBlank(message: Message): boolean {
  return message.content === "" && message.reasoning === "" && message.tools.length === 0;
}

function toolCall(call: ToolCall): TemplateResult {
  const isRunning = call.result === null && call.error === null;
  const state = isRunning
    ? html`<span class="spinner" role="img" aria-label=${t("Running")}></span>`
    : call.error === null
      ? html`<span class="tool-state tone-success">${icon("check")}<span class="sr-only">${t("Done")}</span></span>`
      : html`<span class="tool-state tone-danger">${icon("alert")}${t("Failed")}</span>`;
  return html`<details class="tool">
    <summary>${icon("tool")}<span class="tool-label">${call.label || call.name}</span>${state}${icon("chevron-down")}</summary>
    <div class="tool-body">
      ${part(t("Asked"), call.arguments)}
      ${call.result === null ? nothing : part(t("Answer"), call.result)}
      ${call.error === null ? nothing : part(t("Error"), call.error)}
    </div>
  </details>`;
}

function part(label: string, text: string): TemplateResult {
  const json = asJson(text);
  // Words are read in their own direction; the marks of JSON stand where they always do.
  return html`<p class="tool-part">${label}</p><pre tabindex="0" dir=${json === null ? "auto" : "ltr"}>${json ?? text}</pre>`;
}

/** JSON with line breaks; null for anything else, half-written JSON too, which is shown as it came. */
function asJson(text: string): string | null {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}

function proseElement(className: string): HTMLElement {
  return Object.assign(document.createElement("div"), { className });
}
