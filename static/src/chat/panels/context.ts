// How full a thread's context is: a small gauge in the header, lines where the model's memory begins, and the numbers.

import { html, nothing, type TemplateResult } from "lit-html";
import { number, t, tn, tWith } from "../../i18n";
import { getJson } from "../../shared/http";
import { money } from "../format";
import { LazyMarkdown } from "../markdown/lazy";
import { icon } from "../views/icon";
import { compactNumber } from "./numbers";

export interface Spending {
  input_tokens: number;
  output_tokens: number;
  cost_usd: string;
  is_estimated: boolean;
  unpriced: number;
}

export interface ContextValue {
  model: string;
  used: number;
  budget: number;
  window: number | null;
  sent: number;
  summarised: number;
  left_out: number;
  starts_at: string | null;
  summary: { up_to: string; text: string; messages: number; model: string; created_at: string } | null;
  thread: Spending;
  month: Spending & { name: string };
}

/** The gauge is worth its place from this share on. */
const SHOWN_FROM = 0.5;

export function askContext(threads: string, threadId: string, model: string): Promise<ContextValue> {
  return getJson<ContextValue>(`${threads}${threadId}/context/?model=${encodeURIComponent(model)}`);
}

function share(value: ContextValue): number {
  return value.budget > 0 ? Math.min(1, value.used / value.budget) : 1;
}

export function pill(value: ContextValue, open: () => void): TemplateResult | typeof nothing {
  const full = share(value);
  if (full < SHOWN_FROM && value.summarised === 0 && value.left_out === 0) return nothing;
  const percent = Math.round(full * 100);
  return html`<button class="button button-quiet button-small context-pill ${value.left_out > 0 ? "tone-warning" : ""}"
    aria-label=${t("%(percent)s of the context is used. Show details", { percent: percentage(percent) })} @click=${open}>
    <svg class="context-ring" viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="7.5"/><circle
      class="context-ring-used" cx="10" cy="10" r="7.5" pathLength="100" stroke-dasharray="${percent} 100"/></svg>
    <span class="context-percent">${percentage(percent)}</span></button>`;
}

/** What stands before a message: that the model sees nothing above it, or a summary of it. */
export function lineBefore(
  value: ContextValue,
  messageId: string,
  previousId: string | undefined,
): TemplateResult | null {
  const { summary } = value;
  const isSummed = summary !== null && summary.up_to === previousId;
  const isFirstSent = value.left_out > 0 && value.starts_at === messageId;
  if (!isSummed && !isFirstSent) return null;
  return html`${isSummed ? summaryLine(summary) : nothing}${isFirstSent ? leftOutLine(value.left_out) : nothing}`;
}

function summaryLine(summary: NonNullable<ContextValue["summary"]>): TemplateResult {
  return html`<details class="context-line">
    <summary>${icon("summary")}<span>${tn("%(n)s earlier message above is summarised for the model", "%(n)s earlier messages above are summarised for the model", summary.messages)}</span>${icon("chevron-down")}</summary>
    <div class="context-summary" dir="auto">${textOf(summary)}
      <p class="context-summary-note">${t("Written by %(model)s. Your messages are all still here; only the model reads this instead.", { model: summary.model })}</p></div>
  </details>`;
}

const texts = new WeakMap<object, HTMLElement>();

/** A summary is markdown, as models write it; it is set once, however often the page is drawn. */
function textOf(summary: NonNullable<ContextValue["summary"]>): HTMLElement {
  const known = texts.get(summary);
  if (known) return known;
  const className = "prose-reply prose-small context-summary-text";
  const text = new LazyMarkdown(Object.assign(document.createElement("div"), { className }));
  text.update(summary.text, false);
  texts.set(summary, text.element);
  return text.element;
}

function leftOutLine(count: number): TemplateResult {
  return html`<p class="context-line context-left-out">${icon("alert")}<span>${tn("%(n)s earlier message above is not sent to the model.", "%(n)s earlier messages above are not sent to the model.", count)} ${t("A summary is tried again after the next reply.")}</span></p>`;
}

function percentage(percent: number): string {
  return number(percent / 100, { style: "percent" });
}

/** All of it in words, for the panel. */
export function details(value: ContextValue): TemplateResult {
  const percent = Math.round(share(value) * 100);
  const facts = [
    tn("%(n)s message goes along in full", "%(n)s messages go along in full", value.sent),
    value.summarised > 0
      ? tn("%(n)s earlier message summarised", "%(n)s earlier messages summarised", value.summarised)
      : "",
    value.left_out > 0 ? tn("%(n)s earlier message left out", "%(n)s earlier messages left out", value.left_out) : "",
  ].filter(Boolean);
  return html`<div class="context-details">
    <div class="context-bar" role="meter" aria-label=${t("Context used")} aria-valuemin="0" aria-valuemax=${value.budget}
      aria-valuenow=${Math.min(value.used, value.budget)} aria-valuetext=${percentage(percent)}>
      <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect class="context-bar-used" width=${percent} height="1"/></svg>
    </div>
    <p class="context-fact">${tWith("%(used)s of %(budget)s tokens, about %(percent)s", {
      used: html`<strong>${compactNumber(value.used)}</strong>`,
      budget: compactNumber(value.budget),
      percent: percentage(percent),
    })}</p>
    <p class="context-fact text-muted">${facts.join(", ")}.</p>
    ${
      value.window
        ? html`<p class="context-fact text-muted">${t(
            "This model can read %(window)s tokens; this server sends at most %(budget)s of a conversation.",
            {
              window: compactNumber(value.window),
              budget: compactNumber(value.budget),
            },
          )}</p>`
        : nothing
    }
    <dl class="context-costs">
      <dt>${t("This conversation")}</dt><dd>${spent(value.thread)}</dd>
      <dt>${t("All of yours in %(month)s", { month: value.month.name })}</dt><dd>${spent(value.month)}</dd>
    </dl>
  </div>`;
}

function spent(one: Spending): string {
  const read = compactNumber(one.input_tokens);
  const tokens = t("%(read)s in, %(written)s out", { read, written: compactNumber(one.output_tokens) });
  if (one.unpriced > 0 && Number(one.cost_usd) === 0) return `${tokens} · ${t("cost unknown")}`;
  const cost = money(one.cost_usd);
  const amount = one.is_estimated ? t("about %(amount)s", { amount: cost }) : cost;
  return `${tokens} · ${one.unpriced > 0 ? t("%(amount)s, and calls of unknown price", { amount }) : amount}`;
}
