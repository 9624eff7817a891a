// The columns: one model each, its answer as it is written, and what it took.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { duration, exactTime, money } from "../../chat/format";
import { icon } from "../../chat/views/icon";
import { copyText } from "../../controllers/copy";
import { number, t } from "../../i18n";
import type { Piece } from "./changes";
import { isJson, type Numbers, type Original, type ToolCall } from "./data";
import { leftOut } from "./editor";
import type { Page } from "./page";
import { prose } from "./prose";
import type { Column } from "./state";
import type { Answer, Status } from "./stream";

export function answers(page: Page): TemplateResult {
  const { columns } = page.state;
  const original = page.data.original;
  const count = columns.length + (original ? 1 : 0);
  return html`
    <div class="play-switches">${count > 1 ? changesSwitch(page) : nothing}${original || columns.some(({ answer }) => answer) ? plainSwitch(page) : nothing}</div>
    <div class="play-columns" data-count=${count}>
      ${original ? originalColumn(page, original) : nothing}
      ${repeat(
        columns,
        ({ key }) => key,
        (column, at) => columnOf(page, column, at),
      )}
    </div>
    ${columns.some(({ answer }) => answer) ? nothing : html`<p class="play-hint">${original ? t("Change what you like and run it: the new answer stands beside the original.") : t("Write a message and run it. Each model answers in a column of its own.")}</p>`}`;
}

function changesSwitch(page: Page): TemplateResult {
  const label = page.data.original
    ? t("Mark what differs from the original")
    : t("Mark what differs from the first answer");
  return html`<label class="checkbox"><input type="checkbox" .checked=${page.state.showsChanges} @change=${(
    event: Event,
  ) => {
    page.state.showsChanges = (event.target as HTMLInputElement).checked;
    page.changed();
  }}><span>${label}</span></label>`;
}

function plainSwitch(page: Page): TemplateResult {
  return html`<label class="checkbox"><input type="checkbox" .checked=${page.state.showsPlain === true} @change=${(
    event: Event,
  ) => {
    page.state.showsPlain = (event.target as HTMLInputElement).checked;
    page.changed();
  }}><span>${t("Show answers as plain text")}</span></label>`;
}

function originalColumn(page: Page, original: Original): TemplateResult {
  return html`<section class="play-column play-original" aria-label=${t("The original")}>
    <header class="play-column-head">
      <div class="min-w-0"><p class="play-column-title">${t("The original")}</p><p class="play-column-model" title=${original.model}>${original.model}</p></div>
      <a class="button button-quiet button-icon" href=${original.url} aria-label=${t("The call in the log")} title=${t("The call in the log")}>${icon("external")}</a>
    </header>
    <p class="play-status">${exactTime(original.created_at)}${original.error ? html` · <span class="text-danger">${original.error}</span>` : nothing}</p>
    ${reasoningOf(original, original.reasoning, page.state.showsPlain === true)}
    ${textOf(original, original.text, false, page.state.showsPlain === true || isJson(page.data.content?.answer_schema))}
    ${toolCalls(original.tool_calls)}
    ${original.text || original.tool_calls.length > 0 ? nothing : noText()}
    ${figures(original.numbers)}
  </section>`;
}

function columnOf(page: Page, column: Column, at: number): TemplateResult {
  const { answer } = column;
  const isRunning = answer?.status === "running";
  const base = baseFor(page, at);
  const isMarked = page.state.showsChanges && base !== null && answer !== null && !isRunning && answer.text !== "";
  const unused = leftOut(page, column.model);
  return html`<section class="play-column" aria-label=${t("Answer %(n)s", { n: at + 1 })} aria-busy=${isRunning ? "true" : "false"}>
    <header class="play-column-head">
      ${modelSelect(page, column, at)}
      ${
        isRunning
          ? html`<button type="button" class="button button-secondary button-icon" aria-label=${t("Stop this answer")} title=${t("Stop this answer")} @click=${() => page.stop(column)}>${icon("stop")}</button>`
          : html`<button type="button" class="button button-quiet button-icon" aria-label=${t("Run this model alone")} title=${t("Run this model alone")} @click=${() => page.run([column])}>${icon("play")}</button>`
      }
      <button type="button" class="button button-quiet button-icon" aria-label=${t("Remove this model")} title=${t("Remove this model")} ?disabled=${isRunning || page.state.columns.length === 1} @click=${() => page.removeColumn(column)}>${icon("close")}</button>
    </header>
    ${unused ? html`<p class="field-help">${unused}</p>` : nothing}
    <p class="play-status" role="status">${answer ? statusOf(answer) : t("Not run yet")}</p>
    ${answer?.error ? html`<p class="play-fault">${icon("alert")}<span>${answer.error}</span></p>` : nothing}
    ${answer ? body(page, answer, isMarked ? page.marked(base, answer.text) : null) : nothing}
    ${answer?.check ? checkOf(answer.check.fits, answer.check.problem) : nothing}
    ${answer?.numbers ? figures(answer.numbers) : nothing}
    ${answer && !isRunning ? actions(page, answer) : nothing}
  </section>`;
}

/** The text an answer is held against: the original's, or else the first column's. */
function baseFor(page: Page, at: number): string | null {
  if (page.data.original) return page.data.original.text;
  const first = page.state.columns[0]?.answer;
  return at > 0 && first && first.status !== "running" ? first.text : null;
}

function modelSelect(page: Page, column: Column, at: number): TemplateResult {
  const models = page.catalogue?.models ?? [];
  const groups = [...new Set(models.map(({ provider }) => provider))];
  const isKnown = models.some(({ id }) => id === column.model);
  return html`<div class="select play-model"><select class="input" aria-label=${t("Model of answer %(n)s", { n: at + 1 })} ?disabled=${column.answer?.status === "running"} @change=${(
    event: Event,
  ) => {
    column.model = (event.target as HTMLSelectElement).value;
    page.changed();
  }}>
      ${isKnown ? nothing : html`<option value=${column.model} selected>${page.catalogue ? t("%(model)s (not available)", { model: column.model }) : column.model}</option>`}
      ${groups.map((group) => html`<optgroup label=${group}>${models.filter(({ provider }) => provider === group).map(({ id, label }) => html`<option value=${id} ?selected=${id === column.model}>${label}</option>`)}</optgroup>`)}
    </select>${icon("chevron-down")}</div>`;
}

function statusOf(answer: Answer): string {
  if (answer.status === "running" && !answer.text && !answer.tools.length)
    return answer.reasoning ? t("Thinking") : t("Waiting for the first word");
  const words: Record<Status, string> = {
    running: t("Answering"),
    success: answer.numbers?.finish_reason === "length" ? t("Cut off at the longest reply") : t("Done"),
    error: t("Failed"),
    cancelled: t("Stopped"),
    blocked: t("Not sent"),
  };
  return words[answer.status];
}

function body(page: Page, answer: Answer, marked: Piece[] | null): TemplateResult {
  const isRunning = answer.status === "running";
  const isPlain = page.state.showsPlain === true;
  const isEmpty = !answer.text && !isRunning && !answer.error && answer.tools.length === 0;
  return html`
    ${reasoningOf(answer, answer.reasoning, isPlain)}
    ${marked ? markedText(marked) : textOf(answer, answer.text, isRunning, isPlain || answer.isJson === true)}
    ${toolCalls(answer.tools)}
    ${isEmpty ? noText() : nothing}`;
}

function reasoningOf(owner: object, reasoning: string, isPlain: boolean): TemplateResult | typeof nothing {
  if (!reasoning) return nothing;
  return html`<details class="disclosure play-reasoning"><summary><span>${t("Reasoning")}</span>${icon("chevron-down")}</summary>
    ${isPlain ? html`<div class="play-text">${reasoning}</div>` : html`<div class="play-text play-set">${prose(owner, "reasoning", reasoning, false)}</div>`}</details>`;
}

/** What is no prose, as JSON that follows a schema, stands as it came. */
function textOf(owner: object, text: string, isRunning: boolean, isPlain: boolean): TemplateResult | typeof nothing {
  if (!text && !isRunning) return nothing;
  return isPlain
    ? html`<div class="play-text ${isRunning ? "play-writing" : ""}" tabindex="0" role="group" aria-label=${t("Answer")}>${text}</div>`
    : html`<div class="play-text play-set" tabindex="0" role="group" aria-label=${t("Answer")}>${prose(owner, "text", text, isRunning)}</div>`;
}

function markedText(pieces: Piece[]): TemplateResult {
  return html`<div class="play-text" tabindex="0" role="group" aria-label=${t("Answer")}>${pieces.map(({ kind, text }) => (kind === "same" ? text : kind === "added" ? html`<ins>${text}</ins>` : html`<del>${text}</del>`))}</div>`;
}

function toolCalls(calls: readonly ToolCall[]): TemplateResult[] {
  return calls.map(
    (call) =>
      html`<div class="play-call"><p class="play-call-name">${icon("tool")}<span>${call.name}</span> <code>${call.id}</code></p><pre class="call-json" tabindex="0">${indented(call.arguments)}</pre></div>`,
  );
}

function noText(): TemplateResult {
  return html`<p class="text-muted">${t("No text came back.")}</p>`;
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json; // still being written, or no JSON at all
  }
}

function checkOf(fits: boolean, problem: string): TemplateResult {
  return fits
    ? html`<p class="play-check tone-success">${icon("check")}<span>${t("Follows the schema")}</span></p>`
    : html`<p class="play-check tone-danger">${icon("alert")}<span>${problem}</span></p>`;
}

function figures(found: Numbers): TemplateResult {
  const about = found.is_estimated ? "≈ " : "";
  const tokens = (count: number | null) => (count === null ? "–" : about + number(count));
  const rows: [string, string][] = [
    [t("First token"), found.first_ms === null ? "–" : duration(found.first_ms)],
    [t("Took"), found.took_ms === null ? "–" : duration(found.took_ms)],
    [
      t("Tokens in"),
      tokens(found.input_tokens) + (found.cached_tokens ? ` (${t("%(n)s cached", { n: found.cached_tokens })})` : ""),
    ],
    [
      t("Tokens out"),
      tokens(found.output_tokens) +
        (found.reasoning_tokens ? ` (${t("%(n)s reasoning", { n: found.reasoning_tokens })})` : ""),
    ],
    [t("Speed"), found.speed === null ? "–" : t("%(n)s tokens a second", { n: Math.round(found.speed) })],
    [t("Cost"), found.cost_usd === null ? t("unknown") : about + money(found.cost_usd)],
  ];
  return html`<dl class="play-figures">${rows.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function actions(page: Page, answer: Answer): TemplateResult {
  return html`<div class="play-actions">
    ${answer.text || answer.tools.length > 0 ? html`<button type="button" class="button button-quiet button-small" @click=${() => page.goOnWith(answer)}>${icon("plus")}${t("Go on with it")}</button>` : nothing}
    ${answer.text ? html`<button type="button" class="button button-quiet button-small" @click=${() => copyText(answer.text)}>${icon("copy")}${t("Copy")}</button>` : nothing}
    ${inLog(answer)}
  </div>`;
}

/** The region is there from the start, so that what it says later is read out. */
function inLog({ log }: Answer): TemplateResult {
  const word =
    log === "late"
      ? t("Not in the log yet. The link comes with it.")
      : log === "missing"
        ? t("Its call did not come into the log.")
        : nothing;
  return html`
    ${typeof log === "object" ? html`<a class="button button-quiet button-small" href=${log.url}>${icon("external")}${t("In the log")}</a>` : nothing}
    <span class="text-muted" aria-live="polite">${word}</span>`;
}
