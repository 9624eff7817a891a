// The palette: whatever can be done on the page, its conversations and its models, found by typing a few letters.

import { html, nothing, render, type TemplateResult } from "lit-html";
import { t } from "../../i18n";
import type { Shortcuts } from "../shortcuts";
import { icon } from "../views/icon";
import { untitled } from "../views/thread_menu";
import { type Command, commands, type Doings, showShortcuts } from "./commands";

const MOST_CONVERSATIONS = 8;

interface Group {
  readonly label: string;
  readonly commands: readonly Command[];
}

export function open(doings: Doings, shortcuts: Shortcuts): void {
  new Palette(doings, shortcuts).show();
}

class Palette {
  private readonly element = document.createElement("dialog");
  private text = "";
  private active = 0;

  constructor(
    private readonly doings: Doings,
    private readonly shortcuts: Shortcuts,
  ) {
    this.element.className = "dialog panel search-panel palette";
    this.element.setAttribute("aria-label", t("Commands"));
    this.element.addEventListener("close", () => this.element.remove());
  }

  show(): void {
    document.body.append(this.element);
    this.draw();
    this.element.showModal();
  }

  private draw(): void {
    const groups = this.groups();
    const flat = groups.flatMap((group) => group.commands);
    this.active = Math.max(0, Math.min(this.active, flat.length - 1));
    const chosen = flat[this.active];
    render(
      html`<div class="search-head">
          ${icon("search")}
          <input class="search-field" placeholder=${t("What do you want to do?")} autocomplete="off" spellcheck="false"
            role="combobox" aria-label=${t("What do you want to do?")} aria-expanded="true" aria-controls="palette-list"
            aria-autocomplete="list" aria-activedescendant=${chosen ? `palette-${this.active}` : nothing} maxlength="200"
            @input=${(event: InputEvent) => this.onInput(event)} @keydown=${(event: KeyboardEvent) => this.onKey(event, flat)} />
          <button type="button" class="button button-quiet button-icon" data-dialog-close aria-label=${t("Close")}>${icon("close")}</button>
        </div>
        <div class="search-results" id="palette-list" role="listbox" aria-label=${t("Commands")} ?hidden=${flat.length === 0}>
          ${groups.map((group) => this.groupTemplate(group, flat, chosen))}
        </div>
        ${flat.length === 0 ? html`<div class="search-state"><p>${t("Nothing here is called that.")}</p></div>` : nothing}`,
      this.element,
    );
  }

  private groupTemplate(group: Group, flat: readonly Command[], chosen: Command | undefined): TemplateResult {
    return html`<div role="group" aria-label=${group.label}>
      <p class="palette-group" aria-hidden="true">${group.label}</p>
      ${group.commands.map((command) => {
        const place = flat.indexOf(command);
        return html`<div class="palette-option" role="option" id="palette-${place}"
          aria-selected=${command === chosen ? "true" : "false"}
          @click=${() => this.choose(command)} @pointermove=${() => this.activate(place)}>
          ${icon(command.icon)}<span class="truncate" dir="auto">${command.label}</span>${command.key ? html`<kbd aria-hidden="true">${command.key}</kbd>` : nothing}
        </div>`;
      })}
    </div>`;
  }

  private groups(): Group[] {
    const { session, open } = this.doings;
    const words = this.text.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = ({ label }: Command) => words.every((word) => label.toLowerCase().includes(word));
    const list: Command = {
      label: t("Keyboard shortcuts"),
      icon: "help",
      key: "?",
      run: () => showShortcuts(this.shortcuts),
    };
    const conversations = session.list.rows
      .map(({ thread_id, title }) => ({ label: title || untitled(), icon: "message", run: () => open(thread_id) }))
      .filter(fits);
    const models = session.data.models
      .map(({ id, label }) => ({
        label: t("Use %(name)s", { name: label }),
        icon: "model",
        run: () => session.chooseModel(id),
      }))
      .filter(fits);
    return [
      { label: t("Commands"), commands: [...commands(this.doings), list].filter(fits) },
      { label: t("Models"), commands: words.length > 0 ? models : [] },
      { label: t("Conversations"), commands: conversations.slice(0, MOST_CONVERSATIONS) },
    ].filter((group) => group.commands.length > 0);
  }

  private choose(command: Command): void {
    this.element.close();
    command.run();
  }

  private onInput(event: InputEvent): void {
    this.text = (event.currentTarget as HTMLInputElement).value;
    this.active = 0;
    this.draw();
  }

  private onKey(event: KeyboardEvent, flat: readonly Command[]): void {
    if (event.isComposing) return;
    const moves: Record<string, number> = { ArrowDown: this.active + 1, ArrowUp: this.active - 1 };
    const to = moves[event.key];
    const chosen = flat[this.active];
    if (event.key === "Enter" && chosen) {
      event.preventDefault();
      this.choose(chosen);
    } else if (to !== undefined && flat.length > 0) {
      event.preventDefault();
      this.activate((to + flat.length) % flat.length);
      this.element.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
    }
  }

  private activate(place: number): void {
    if (place === this.active) return;
    this.active = place;
    this.draw();
  }
}
