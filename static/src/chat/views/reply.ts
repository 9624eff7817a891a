// One reply: reasoning, tools, text. Drawn from its message as often as needed, once per frame at most.
import { html, nothing, render, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Message, ToolCall } from "../../shared/protocol";
import { duration, tokens } from "../format";
import { MarkdownView } from "../markdown";
import { icon } from "./icon";

const PATIENCE = html`<p class="message-note reply-patience">The model has not answered yet. Stop works at any time.</p>`;

export class ReplyView {
  private readonly head = document.createElement("div");
  private readonly foot = document.createElement("div");
  private readonly text: MarkdownView;
  private readonly reasoning = new MarkdownView(proseElement("prose-reply prose-small reasoning-text"));
  private thinkingSince = 0;
  private thoughtFor = 0;

  constructor(element: HTMLElement) {
    this.head.className = "reply-head";
    this.text = new MarkdownView(proseElement("prose-reply"));
    element.append(this.head, this.text.element, this.foot);
  }

  draw(message: Message, live: boolean, step: string | null): void {
    this.time(message, live);
    render(this.headOf(message, live, step), this.head);
    render(live && isBlank(message) ? PATIENCE : nothing, this.foot);
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
      ${repeat(message.tools, (call) => call.call_id, toolCall)}
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
    if (isThinking) return "Thinking";
    if (this.thoughtFor) return `Thought for ${this.thoughtFor < 1000 ? "a moment" : duration(this.thoughtFor)}`;
    const count = message.usage?.reasoning_tokens;
    return count ? `Reasoning · ${tokens(count)}` : "Reasoning";
  }
}

function isBlank(message: Message): boolean {
  return message.content === "" && message.reasoning === "" && message.tools.length === 0;
}

function toolCall(call: ToolCall): TemplateResult {
  const isRunning = call.result === null && call.error === null;
  const state = isRunning
    ? html`<span class="spinner" role="img" aria-label="Running"></span>`
    : call.error === null
      ? html`<span class="tool-state tone-success">${icon("check")}<span class="sr-only">Done</span></span>`
      : html`<span class="tool-state tone-danger">${icon("alert")}Failed</span>`;
  return html`<details class="tool">
    <summary>${icon("tool")}<span class="tool-label">${call.label || call.name}</span>${state}${icon("chevron-down")}</summary>
    <div class="tool-body">
      ${part("Asked", readable(call.arguments))}
      ${call.result === null ? nothing : part("Answer", readable(call.result))}
      ${call.error === null ? nothing : part("Error", call.error)}
    </div>
  </details>`;
}

function part(label: string, text: string): TemplateResult {
  return html`<p class="tool-part">${label}</p><pre tabindex="0">${text}</pre>`;
}

/** JSON with line breaks; anything else, half-written JSON too, as it came. */
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function proseElement(className: string): HTMLElement {
  return Object.assign(document.createElement("div"), { className });
}
