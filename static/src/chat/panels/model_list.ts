// The list of models, with what each can do, holds and costs; one can type into it when there are many.

import { html, nothing, type TemplateResult } from "lit-html";
import { t } from "../../i18n";
import type { ModelOption } from "../page_data";
import type { Session } from "../session";
import { icon } from "../views/icon";
import { abilityWords, loadModels, type ModelDetails, sizeAndPrice } from "./models";

/** From this many on, a field to filter by is worth its place. */
const FILTER_FROM = 8;

export class ModelList {
  private filter = "";
  private known = new Map<string, ModelDetails>();

  constructor(
    private readonly session: Session,
    private readonly redraw: () => void,
    private readonly chosen: (model: string | null) => void,
  ) {
    const { models } = session.data.urls;
    if (models) void this.load(models);
  }

  template(): TemplateResult {
    const { models } = this.session.data;
    const matching = this.matching();
    const providers = [...new Set(matching.map((option) => option.provider))];
    return html`<div class="menu-list menu-list-up menu-list-start model-list">
      ${
        models.length >= FILTER_FROM
          ? html`<input class="input model-filter" type="search" placeholder=${t("Find a model")} aria-label=${t("Find a model")}
              .value=${this.filter} @input=${(event: Event) => this.narrow((event.target as HTMLInputElement).value)}>`
          : nothing
      }
      <div class="model-options" role="listbox" aria-label=${t("Model")}>
        ${providers.map(
          (provider) => html`<div role="group" aria-label=${provider}>
            <p class="menu-head" aria-hidden="true">${provider}</p>
            ${matching.filter((option) => option.provider === provider).map((option) => this.option(option))}
          </div>`,
        )}
      </div>
      ${matching.length === 0 ? html`<p class="menu-head" role="status">${t("No model is called that.")}</p>` : nothing}
    </div>`;
  }

  focus(): void {
    const first = find(".model-filter") ?? find("[aria-selected=true]") ?? find("[role=option]");
    first?.focus();
    find("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  onKey(event: KeyboardEvent): void {
    const options = [...document.querySelectorAll<HTMLElement>(".model-picker [role=option]")];
    const here = options.indexOf(document.activeElement as HTMLElement);
    const isTyping = document.activeElement?.matches(".model-filter") ?? false;
    const { key } = event;
    if (key === "Escape") {
      event.stopPropagation();
      this.chosen(null);
    } else if (isTyping && key === "Enter") {
      event.preventDefault(); // it must not send the message
      const first = this.matching()[0];
      if (first) this.chosen(first.id);
    } else if (key === "ArrowDown") {
      event.preventDefault();
      options.at((here + 1) % options.length)?.focus();
    } else if (key === "ArrowUp" && !isTyping) {
      event.preventDefault();
      (here > 0 ? options[here - 1] : (find(".model-filter") ?? options.at(-1)))?.focus();
    } else if ((key === "Home" || key === "End") && !isTyping) {
      event.preventDefault();
      options.at(key === "Home" ? 0 : -1)?.focus();
    } else if (key.length === 1 && here >= 0 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const starts = (option: HTMLElement) => option.textContent?.trim().toLowerCase().startsWith(key.toLowerCase());
      [...options.slice(here + 1), ...options].find(starts)?.focus();
    }
  }

  private matching(): ModelOption[] {
    const words = this.filter.toLowerCase().split(/\s+/);
    return this.session.data.models.filter(({ id, label, provider }) => {
      const text = `${id} ${label} ${provider}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }

  private option(option: ModelOption): TemplateResult {
    const isChosen = option.id === this.session.model;
    const details = this.known.get(option.id);
    return html`<button class="menu-item model-option" type="button" role="option" aria-selected=${isChosen} tabindex="-1"
      title=${option.id} @click=${() => this.chosen(option.id)}>
      <span class="model-words"><span class="truncate">${option.label}</span>${details ? facts(details) : nothing}</span>
      ${isChosen ? icon("check") : nothing}</button>`;
  }

  private narrow(words: string): void {
    this.filter = words;
    this.redraw();
  }

  private async load(url: string): Promise<void> {
    try {
      const { models } = await loadModels(url);
      this.known = new Map(models.map((model) => [model.id, model]));
      this.redraw();
    } catch {
      // The names are there to choose from; what else is known of them was an extra.
    }
  }
}

function facts({ abilities, note }: ModelDetails): TemplateResult {
  const lines = [sizeAndPrice(abilities), abilityWords(abilities)].filter((words) => words.length > 0);
  return html`${note ? html`<span class="model-facts model-note">${note}</span>` : nothing}${lines.map((words) => html`<span class="model-facts">${words.join(" · ")}</span>`)}`;
}

function find(selector: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`.model-picker ${selector}`);
}
