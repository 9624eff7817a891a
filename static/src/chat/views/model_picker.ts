// Chooses the model of a thread: a button that opens a list one can type into.
import { html, nothing, type TemplateResult } from "lit-html";
import type { ModelOption } from "../page_data";
import type { Session } from "../session";
import { icon } from "./icon";

/** From this many on, a field to filter by is worth its place. */
const FILTER_FROM = 8;

export class ModelPicker {
  private isOpen = false;
  private filter = "";

  constructor(
    private readonly session: Session,
    private readonly redraw: () => void,
  ) {
    document.addEventListener("pointerdown", (event) => {
      if (this.isOpen && !(event.target as Element).closest(".model-picker")) this.close(false);
    });
  }

  template(): TemplateResult {
    const { models } = this.session.data;
    const chosen = models.find((option) => option.id === this.session.model);
    return html`<div class="menu model-picker" @keydown=${this.onKey} @focusout=${this.onFocusOut}>
      <button class="button button-quiet button-small model-button" type="button" aria-haspopup="listbox"
        aria-expanded=${this.isOpen} aria-label="Model: ${chosen?.label ?? "none"}" ?disabled=${models.length === 0}
        @click=${() => (this.isOpen ? this.close(true) : this.open())}
      ><span class="truncate">${chosen?.label ?? "No model"}</span>${icon("chevron-down")}</button>
      ${this.isOpen ? this.list(models) : nothing}
    </div>`;
  }

  private list(models: readonly ModelOption[]): TemplateResult {
    const words = this.filter.toLowerCase();
    const matching = models.filter(({ id, label }) => `${id} ${label}`.toLowerCase().includes(words));
    const providers = [...new Set(matching.map((option) => option.provider))];
    return html`<div class="menu-list menu-list-up menu-list-start model-list">
      ${
        models.length >= FILTER_FROM
          ? html`<input class="input model-filter" type="search" placeholder="Find a model" aria-label="Find a model"
              .value=${this.filter} @input=${(event: Event) => this.narrow((event.target as HTMLInputElement).value)}>`
          : nothing
      }
      <div class="model-options" role="listbox" aria-label="Model">
        ${providers.map(
          (provider) => html`<div role="group" aria-label=${provider}>
            <p class="menu-head" aria-hidden="true">${provider}</p>
            ${matching.filter((option) => option.provider === provider).map((option) => this.option(option))}
          </div>`,
        )}
        ${matching.length === 0 ? html`<p class="menu-head">No model is called that.</p>` : nothing}
      </div>
    </div>`;
  }

  private option(option: ModelOption): TemplateResult {
    const isChosen = option.id === this.session.model;
    return html`<button class="menu-item model-option" type="button" role="option" aria-selected=${isChosen} tabindex="-1"
      title=${option.id} @click=${() => this.choose(option.id)}><span class="truncate">${option.label}</span>${isChosen ? icon("check") : nothing}</button>`;
  }

  private open(): void {
    this.isOpen = true;
    this.filter = "";
    this.redraw();
    const first = this.find(".model-filter") ?? this.find("[aria-selected=true]") ?? this.find("[role=option]");
    first?.focus();
  }

  private close(refocus: boolean): void {
    this.isOpen = false;
    this.redraw();
    if (refocus) this.find(".model-button")?.focus();
  }

  private choose(model: string): void {
    this.session.chooseModel(model);
    this.close(true);
  }

  private narrow(words: string): void {
    this.filter = words;
    this.redraw();
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (!this.isOpen) return;
    const options = [...document.querySelectorAll<HTMLElement>(".model-picker [role=option]")];
    const here = options.indexOf(document.activeElement as HTMLElement);
    const moves: Record<string, number> = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 };
    if (event.key === "Escape") {
      event.stopPropagation();
      this.close(true);
    } else if (event.key in moves && !(here < 0 && event.key !== "ArrowDown")) {
      event.preventDefault();
      options.at((moves[event.key] ?? 0) % options.length)?.focus();
    } else if (event.key.length === 1 && here >= 0) {
      const next = [...options.slice(here + 1), ...options].find((option) =>
        option.textContent?.trim().toLowerCase().startsWith(event.key.toLowerCase()),
      );
      next?.focus();
    }
  };

  private readonly onFocusOut = ({ relatedTarget }: FocusEvent): void => {
    if (this.isOpen && relatedTarget instanceof Element && !relatedTarget.closest(".model-picker")) this.close(false);
  };

  private find(selector: string): HTMLElement | null {
    return document.querySelector<HTMLElement>(`.model-picker ${selector}`);
  }
}
