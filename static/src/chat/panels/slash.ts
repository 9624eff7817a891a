// What can be chosen by typing "/" at the start of a message. The field stays a field: what is listed is a suggestion,
// Escape sends it away, and what begins with a slash can be sent like any other text.

import { html, nothing, render } from "lit-html";
import { t, tn } from "../../i18n";
import type { ModelOption } from "../page_data";
import { loadPrompts, type Prompt } from "../prompts";
import { icon } from "../views/icon";

export interface SlashHost {
  readonly teamId: string;
  readonly models: readonly ModelOption[];
  newChat(): void;
  chooseModel(id: string): void;
  attach(): void;
  library(): void;
  use(prompt: Prompt): void;
  /** Empty the field: what stood in it was a command. */
  clear(): void;
  say(text: string): void;
}

interface Option {
  readonly name: string;
  readonly about: string;
  readonly icon: string;
  run(): void;
}

const MOST = 12;
const LONGEST = 60;

export class Slash {
  private readonly element = document.createElement("div");
  private options: Option[] = [];
  private active = 0;
  private isDismissed = false;
  private prompts: readonly Prompt[] = [];

  constructor(
    private readonly field: HTMLTextAreaElement,
    private readonly host: SlashHost,
  ) {
    this.element.className = "menu-list slash-list";
    this.element.hidden = true;
    const form = field.closest("form");
    form?.append(this.element);
    form?.addEventListener("keydown", (event) => event.target === field && this.onKey(event), true);
    field.addEventListener("blur", () => this.hide());
    this.refresh();
  }

  /** The commands are there without the prompts, should these not be had. */
  private refresh(): void {
    loadPrompts(this.host.teamId)
      .then((list) => {
        this.prompts = list.prompts;
        if (document.activeElement === this.field) this.update();
      })
      .catch(() => undefined);
  }

  /** Something was typed; a slash alone begins anew. */
  typed(): void {
    if (this.field.value === "/") this.refresh();
    this.update();
  }

  update(): void {
    const text = this.field.value;
    const isOne = text.startsWith("/") && !text.includes("\n") && text.length <= LONGEST;
    if (!isOne) this.isDismissed = false;
    const found = isOne && !this.isDismissed ? this.matching(text.slice(1).toLowerCase()) : [];
    if (found.length > 0 && this.options.length === 0)
      this.host.say(
        tn("%(n)s command. Choose with the arrow keys.", "%(n)s commands. Choose with the arrow keys.", found.length),
      );
    if (found.map(({ name }) => name).join() !== this.options.map(({ name }) => name).join()) this.active = 0;
    this.options = found;
    this.draw();
  }

  private matching(words: string): Option[] {
    const model = /^model\s+(.*)$/.exec(words);
    if (model) {
      const wished = model[1] ?? "";
      return this.host.models
        .filter(({ id, label }) => `${id} ${label}`.toLowerCase().includes(wished))
        .slice(0, MOST)
        .map(({ id, label, provider }) => ({
          name: label,
          about: provider,
          icon: "model",
          run: () => this.host.chooseModel(id),
        }));
    }
    const { host } = this;
    const commands: Option[] = [
      { name: "/new", about: t("Start a new chat"), icon: "new-chat", run: () => host.newChat() },
      { name: "/model", about: t("Choose a model"), icon: "model", run: () => this.complete("/model ") },
      { name: "/attach", about: t("Attach files"), icon: "attach", run: () => host.attach() },
      { name: "/prompts", about: t("All prompts"), icon: "message", run: () => host.library() },
    ];
    const prompts = this.prompts.map((prompt) => ({
      name: `/${prompt.title}`,
      about: prompt.text,
      icon: "edit",
      run: () => host.use(prompt),
    }));
    return [...commands, ...prompts].filter(({ name }) => name.slice(1).toLowerCase().startsWith(words)).slice(0, MOST);
  }

  private complete(text: string): void {
    this.field.value = text;
    this.field.setSelectionRange(text.length, text.length);
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  private onKey(event: KeyboardEvent): void {
    if (this.options.length === 0 || event.isComposing) return;
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const move = moves[event.key];
    if (move !== undefined) {
      this.active = (this.active + move + this.options.length) % this.options.length;
      this.draw();
    } else if (event.key === "Escape") {
      this.isDismissed = true;
      this.update();
    } else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") this.choose(this.active);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private choose(place: number): void {
    const option = this.options[place];
    if (!option) return;
    this.hide();
    if (option.name !== "/model") this.host.clear();
    option.run();
  }

  private hide(): void {
    this.options = [];
    this.draw();
  }

  private draw(): void {
    const { field, options, active } = this;
    this.element.hidden = options.length === 0;
    const state = {
      "aria-haspopup": "listbox",
      "aria-autocomplete": "list",
      "aria-controls": "slash-list",
      "aria-activedescendant": `slash-${active}`,
    };
    for (const [name, value] of Object.entries(state)) {
      if (options.length > 0) field.setAttribute(name, value);
      else field.removeAttribute(name);
    }
    render(
      options.length === 0
        ? nothing
        : html`<div id="slash-list" role="listbox" aria-label=${t("Commands")}>${options.map(
            (
              option,
              place,
            ) => html`<div class="menu-item slash-option" role="option" id="slash-${place}" aria-selected=${place === active ? "true" : "false"}
              @pointerdown=${(event: Event) => {
                event.preventDefault(); // the field keeps the focus
                this.choose(place);
              }}>${icon(option.icon)}<span class="slash-name truncate" dir="auto">${option.name}</span><span class="slash-about truncate" dir="auto">${option.about}</span></div>`,
          )}</div>`,
      this.element,
    );
    document.getElementById(`slash-${active}`)?.scrollIntoView?.({ block: "nearest" });
  }
}
