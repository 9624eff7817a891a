// What stands around the prompt and its answers: the page's head, its notes and its buttons.
import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "../../chat/views/icon";
import { t, tn } from "../../i18n";
import { answers } from "./answers";
import { editor } from "./editor";
import type { Page } from "./page";

export function frame(page: Page): TemplateResult {
  const { hidesPrompt } = page.state;
  return html`
    ${head(page)}
    ${page.data.notes.length > 0 ? notes(page) : nothing}
    <div class="play-layout ${hidesPrompt ? "play-wide" : ""}">
      <section class="play-prompt" aria-label=${t("Prompt")} ?hidden=${hidesPrompt}>${editor(page)}</section>
      <section class="play-answers" aria-label=${t("Answers")}>
        <div class="play-run">${bar(page)}</div>
        ${answers(page)}
      </section>
    </div>`;
}

function head(page: Page): TemplateResult {
  const { teams, team, kept } = page.data;
  return html`<div class="operations-head">
    <div>
      <h1 class="page-title">${kept ? kept.name : t("Playground")}${page.isUnsaved ? html` <span class="badge tone-warning">${t("not saved")}</span>` : nothing}</h1>
      <p class="page-lead">${lead(page)}</p>
    </div>
    <div class="operations-actions play-head-actions">
      ${
        teams.length > 1
          ? html`<div class="select play-team"><select class="input" aria-label=${t("Team that pays")} @change=${(event: Event) => page.switchTeam((event.target as HTMLSelectElement).value)}>
            ${teams.map(({ id, name }) => html`<option value=${id} ?selected=${id === team}>${name}</option>`)}</select>${icon("chevron-down")}</div>`
          : nothing
      }
      ${page.keeping.buttons()}
    </div>
  </div>`;
}

function lead(page: Page): string {
  const here = page.data.teams.find(({ id }) => id === page.data.team);
  const pays =
    !here || here.is_personal
      ? t("What it costs counts on your own budgets.")
      : t("What it costs counts on the budgets of %(team)s.", { team: here.name });
  if (page.data.original) return `${t("A logged call, to ask again.")} ${pays}`;
  return `${t("Try a prompt with up to four models side by side.")} ${pays}`;
}

function notes(page: Page): TemplateResult {
  return html`<div class="alert tone-warning mt-4" role="note">${icon("warning")}<div><p class="alert-title">${t("Not everything of the call is here")}</p>
    <ul class="play-notes">${page.data.notes.map((note) => html`<li>${note}</li>`)}</ul></div></div>`;
}

function bar(page: Page): TemplateResult {
  const { columns, hidesPrompt } = page.state;
  const isFull = columns.length + (page.data.original ? 1 : 0) >= page.data.most_models;
  const faults = Object.keys(page.faults).length;
  return html`
    ${
      page.isRunning
        ? html`<button type="button" class="button button-primary" @click=${() => page.stopAll()}>${icon("stop")}${t("Stop all")}</button>`
        : html`<button type="button" class="button button-primary" title=${t("Ctrl + Enter")} @click=${() => page.run(columns)}>${icon("play")}${tn("Run", "Run %(n)s models", columns.length)}</button>`
    }
    <button type="button" class="button button-secondary" ?disabled=${isFull || !(page.catalogue || page.modelsFailed)} @click=${() => page.addColumn()}>${icon("plus")}${t("Add a model")}</button>
    <button type="button" class="button button-quiet" @click=${() => page.togglePrompt()}>${icon("sidebar")}${hidesPrompt ? t("Show the prompt") : t("Hide the prompt")}</button>
    ${faults > 0 ? html`<p class="field-error play-faults" role="alert">${icon("alert")}<span>${faultWords(page)}</span></p>` : nothing}`;
}

function faultWords(page: Page): string {
  if (page.faults[""]) return page.faults[""];
  const places = Object.keys(page.faults);
  return places.length === 1 ? (Object.values(page.faults)[0] ?? "") : t("Look at what is marked in the prompt.");
}
