// What a reply took: known from the message itself at once, and call by call when the server has told.

import { html, nothing, render, type TemplateResult } from "lit-html";
import { number, t, tn } from "../../i18n";
import { getJson } from "../../shared/http";
import type { Message, Usage } from "../../shared/protocol";
import { duration, exactTime, modelName, money, tokens } from "../format";
import type { ModelOption } from "../page_data";
import { icon } from "../views/icon";

interface Call {
  id: string;
  created_at: string;
  model: string;
  status: string;
  input_tokens: number | null;
  output_tokens: number | null;
  cost_usd: string | null;
  cost_source: Usage["cost_source"];
  duration_ms: number | null;
  attempts: number;
  log: string | null;
}

function sourceOf(cost: Usage["cost_source"]): string {
  const sources: Record<Usage["cost_source"], string> = {
    provider: t("stated by the provider"),
    litellm: t("from the price list"),
    table: t("from your price table"),
    estimated: t("estimated"),
    unknown: "",
  };
  return sources[cost];
}

function outcome({ status }: Call): string {
  const outcomes: Readonly<Record<string, string>> = {
    success: t("answered"),
    error: t("failed"),
    cancelled: t("stopped"),
    blocked: t("not sent"),
  };
  return outcomes[status] ?? status;
}

export async function showDetails(place: HTMLElement, message: Message, models: readonly ModelOption[]): Promise<void> {
  render(html`${facts(message, models)}`, place);
  try {
    const calls = await callsOf(message, place);
    if (place.isConnected) render(html`${facts(message, models, calls)}${listOf(calls)}`, place);
  } catch {
    // The message's own facts stand; what is missing says so.
    if (place.isConnected)
      render(html`${facts(message, models)}<p class="reply-calls">${t("The calls could not be loaded.")}</p>`, place);
  }
}

/** The log is written beside the reply and may come a moment after it. */
async function callsOf(message: Message, place: HTMLElement): Promise<Call[]> {
  for (const pause of [700, 2_000, 0]) {
    const { calls } = await getJson<{ calls: Call[] }>(`/chat/api/messages/${message.id}/details/`);
    if (calls.length > 0 || !message.usage || !pause || !place.isConnected) return calls;
    await new Promise((resume) => setTimeout(resume, pause));
  }
  return [];
}

function facts(message: Message, models: readonly ModelOption[], calls: readonly Call[] = []): TemplateResult {
  const { usage } = message;
  const estimate = usage?.usage_source === "estimated" ? ` (${t("estimated")})` : "";
  const tries = calls.reduce((sum, call) => sum + call.attempts, 0);
  return html`<dl>
    ${row(t("Model"), modelName(message.model, models), message.model)}
    ${row(t("Read"), usage?.input_tokens != null ? tokens(usage.input_tokens) + cached(usage) + estimate : null)}
    ${row(t("Wrote"), usage?.output_tokens != null ? tokens(usage.output_tokens) + reasoned(usage) + estimate : null)}
    ${row(t("Cost"), cost(usage?.cost_usd, usage?.cost_source))}
    ${row(t("First word after"), time(usage?.time_to_first_token_ms))}
    ${row(t("Reasoned for"), time(usage?.reasoning_ms))}
    ${row(t("Speed"), usage ? speed(usage) : null)}
    ${row(t("Took"), time(usage?.duration_ms))}
    ${row(t("Tries"), tries > calls.length ? tn("%(tries)s requests for %(n)s call", "%(tries)s requests for %(n)s calls", calls.length, { tries }) : null)}
    ${row(t("Asked"), exactTime(message.created_at), message.created_at)}
  </dl>`;
}

/** One call is the reply itself and needs no line, unless it leads to the log. */
function listOf(calls: readonly Call[]): TemplateResult | typeof nothing {
  if (calls.length < 2 && !calls.some((call) => call.log)) return nothing;
  return html`<ul class="reply-calls" aria-label=${t("Calls")}>
    ${calls.map(
      (call) => html`<li>
        <span title=${call.model}>${modelName(call.model, [])} ${outcome(call)}</span>
        ${call.output_tokens == null ? nothing : html`<span>${tokens((call.input_tokens ?? 0) + call.output_tokens)}</span>`}
        ${call.cost_usd == null ? nothing : html`<span>${money(call.cost_usd)}</span>`}
        ${call.duration_ms == null ? nothing : html`<span>${duration(call.duration_ms)}</span>`}
        ${call.attempts > 1 ? html`<span>${tn("%(n)s try", "%(n)s tries", call.attempts)}</span>` : nothing}
        ${call.log ? html`<a class="link" href=${call.log} target="_blank" rel="noopener">${t("Call log")}${icon("external")}</a>` : nothing}
      </li>`,
    )}
  </ul>`;
}

function row(label: string, value: string | null, hint = ""): TemplateResult | typeof nothing {
  return value ? html`<div><dt>${label}</dt><dd title=${hint || nothing}>${value}</dd></div>` : nothing;
}

function time(ms: number | null | undefined): string | null {
  return ms == null ? null : duration(ms);
}

function cost(usd: string | null | undefined, from: Usage["cost_source"] = "unknown"): string {
  if (usd == null) return t("unknown");
  return sourceOf(from) ? `${money(usd)}, ${sourceOf(from)}` : money(usd);
}

/** Tokens a second from the first word on; too few or too fast to measure says nothing. */
export function speed({ output_tokens, time_to_first_token_ms, duration_ms }: Usage): string | null {
  const seconds = ((duration_ms ?? 0) - (time_to_first_token_ms ?? 0)) / 1000;
  if (output_tokens == null || output_tokens < 2 || duration_ms == null || seconds < 0.05) return null;
  const each = output_tokens / seconds;
  const digits = each < 10 ? 1 : 0;
  const rate = number(each, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return t("%(rate)s tokens per second", { rate });
}

function cached(usage: Usage): string {
  return usage.cached_tokens ? `, ${t("%(n)s of them cached", { n: usage.cached_tokens })}` : "";
}

function reasoned(usage: Usage): string {
  return usage.reasoning_tokens ? `, ${t("%(n)s of them reasoning", { n: usage.reasoning_tokens })}` : "";
}
