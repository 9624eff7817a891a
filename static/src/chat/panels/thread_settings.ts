// The side panel of a conversation: its model, instructions, parameters, presets, context and cost. Saves by itself.

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { showToast } from "../../controllers/toasts";
import { t, tWith } from "../../i18n";
import { HttpError, postJson } from "../../shared/http";
import { room } from "../format";
import type { Preset } from "../page_data";
import type { Session } from "../session";
import { asSettings, type Settings, type Thread } from "../store";
import { icon } from "../views/icon";
import { askContext, type ContextValue, details } from "./context";
import { Dialog } from "./dialog";
import { abilityWords, type Catalogue, loadModels, type ModelDetails, sizeAndPrice } from "./models";
import { Presets } from "./presets";
import { parameterFields, type Value } from "./settings_fields";

const SAVE_AFTER_MS = 800;
const MOST_INSTRUCTIONS = 4000;
/** Call logs are written a moment after a reply ends. */
const ASK_AFTER_MS = 500;

interface Wish extends Partial<Settings> {
  model?: string;
}

interface Stored {
  rev: number;
  model: string;
  settings: Settings;
}

let open: SettingsPanel | null = null;

export function openSettings(session: Session): void {
  open ??= new SettingsPanel(session, () => {
    open = null;
  });
}

/** Follow what other tabs and devices change meanwhile. */
export function updateSettings(): void {
  open?.follow();
}

class SettingsPanel {
  private readonly dialog: Dialog;
  private readonly presets: Presets;
  private readonly threadId: string;
  /** The panel's own conversation as it was last known: by the time of a save another one may be shown. */
  private known: Thread;
  private catalogue: Catalogue | null = null;
  private isFailed = false;
  private context: ContextValue | null = null;
  private contextOf = "";
  private faults: Record<string, string> = {};
  private typed: Record<string, string> = {};
  private draft: string | null = null;
  /** The draft that is on its way: leaving the field and closing the panel both keep it. */
  private keeping: string | null = null;
  private draftTimer: ReturnType<typeof setTimeout> | undefined;
  private word = "";
  private isBad = false;
  private saving: Promise<void> = Promise.resolve();

  constructor(
    private readonly session: Session,
    closed: () => void,
  ) {
    this.threadId = session.thread.id;
    this.known = session.thread;
    this.dialog = new Dialog(t("Conversation settings"), "panel-side settings-panel", () => {
      this.keepDraft();
      closed();
    });
    this.presets = new Presets({
      session,
      current: () => ({ ...this.own.settings, model: session.model }),
      use: (preset) => this.use(preset),
      redraw: () => this.draw(),
      say: (word) => this.say(word),
    });
    this.draw();
    void this.load();
    void this.presets.load();
    this.askContext();
  }

  follow(): void {
    if (!this.isShown) {
      this.dialog.close();
      return;
    }
    this.askContext();
    this.presets.follow();
    this.draw();
  }

  private get isShown(): boolean {
    return this.session.thread.id === this.threadId;
  }

  private get own(): Thread {
    const { thread } = this.session;
    if (this.isShown && thread.rev >= this.known.rev) this.known = thread;
    return this.known;
  }

  private async load(): Promise<void> {
    this.isFailed = false;
    try {
      this.catalogue = await loadModels(this.session.data.urls.models ?? "");
    } catch {
      this.isFailed = true;
    }
    this.draw();
  }

  private askContext(): void {
    const { thread, model } = this.session;
    const of = JSON.stringify([thread.rev, model]);
    if (thread.fresh || of === this.contextOf) return;
    this.contextOf = of;
    setTimeout(
      async () => {
        const value = await askContext(this.session.data.urls.threads, thread.id, model).catch(() => null);
        if (of !== this.contextOf || !value) return;
        this.context = value;
        this.draw();
      },
      this.context ? ASK_AFTER_MS : 0,
    );
  }

  private draw(): void {
    this.dialog.draw(this.template());
  }

  private template(): TemplateResult {
    const model = this.catalogue?.models.find((one) => one.id === this.session.model);
    return html`
      <p class="settings-word ${this.isBad ? "tone-danger" : ""}" role="status" data-is-empty=${this.word === ""}>${this.word}</p>
      <section class="settings-part">${this.modelField(model)}</section>
      <section class="settings-part">${this.instructionsField()}</section>
      <section class="settings-part"><h3 class="settings-title">${t("Parameters")}</h3>${this.parameters(model)}</section>
      <section class="settings-part"><h3 class="settings-title">${t("Presets")}</h3>${this.presets.template()}</section>
      ${
        this.own.fresh
          ? nothing
          : html`<section class="settings-part"><h3 class="settings-title">${t("Context and cost")}</h3>${
              this.context ? details(this.context) : html`<p class="field-help" role="status">${t("Loading")}</p>`
            }</section>`
      }`;
  }

  private modelField(model: ModelDetails | undefined): TemplateResult {
    const { models } = this.session.data;
    const providers = [...new Set(models.map((option) => option.provider))];
    return html`<div class="field">
      <div class="field-label"><label for="setting-model">${t("Model")}</label></div>
      <div class="select"><select id="setting-model" @change=${(event: Event) => this.save({ model: (event.target as HTMLSelectElement).value })}>
        ${providers.map(
          (provider) =>
            html`<optgroup label=${provider}>${models
              .filter((option) => option.provider === provider)
              .map(
                (option) =>
                  html`<option value=${option.id} ?selected=${live(option.id === this.session.model)}>${option.label}</option>`,
              )}</optgroup>`,
        )}
      </select>${icon("chevron-down")}</div>
      ${model ? html`<p class="field-help">${[...sizeAndPrice(model.abilities), ...abilityWords(model.abilities)].join(" · ")}</p>` : nothing}
      ${this.error("model")}
    </div>`;
  }

  private instructionsField(): TemplateResult {
    const text = this.draft ?? this.own.settings.instructions;
    const left = MOST_INSTRUCTIONS - text.length;
    const { preferences } = this.session.data.urls;
    return html`<div class="field">
      <div class="field-label"><label for="setting-instructions">${t("Instructions")}</label>
        ${left < MOST_INSTRUCTIONS / 5 ? html`<span class="field-optional">${room(left)}</span>` : nothing}</div>
      <textarea id="setting-instructions" rows="5" dir="auto" placeholder=${t("How the model should answer in this conversation")}
        aria-describedby="setting-instructions-help" aria-invalid=${this.faults.instructions ? "true" : nothing} .value=${live(text)}
        @input=${(event: Event) => this.write((event.target as HTMLTextAreaElement).value)} @blur=${() => this.keepDraft()}></textarea>
      <p class="field-help" id="setting-instructions-help">${tWith(
        "Read after your %(link)s; where they differ, these count.",
        {
          link: preferences
            ? html`<a class="link" href=${preferences}>${t("instructions for every conversation")}</a>`
            : t("instructions for every conversation"),
        },
      )}</p>
      ${this.error("instructions")}
    </div>`;
  }

  private parameters(model: ModelDetails | undefined): TemplateResult {
    if (this.isFailed) {
      return html`<p class="field-help">${t("What can be set could not be loaded.")}
        <button type="button" class="button button-quiet button-small" @click=${() => this.load()}>${t("Try again")}</button></p>`;
    }
    if (!this.catalogue) return html`<p class="field-help" role="status">${t("Loading")}</p>`;
    if (!model) return html`<p class="field-help">${t("What can be set for this model is not known.")}</p>`;
    return html`${parameterFields(model, this.catalogue.rules, {
      values: this.own.settings.parameters,
      faults: this.faults,
      typed: this.typed,
      set: (name, value) => this.setParameter(name, value),
      wrong: (name, typed, fault) => this.wrong(name, typed, fault),
    })}`;
  }

  private error(field: string): TemplateResult | typeof nothing {
    const fault = this.faults[field];
    return fault ? html`<p class="field-error" role="alert">${icon("alert")}<span>${fault}</span></p>` : nothing;
  }

  private write(text: string): void {
    this.draft = text;
    clearTimeout(this.draftTimer);
    this.draftTimer = setTimeout(() => this.keepDraft(), SAVE_AFTER_MS);
    this.draw();
  }

  private keepDraft(): void {
    clearTimeout(this.draftTimer);
    const { draft } = this;
    if (draft === null || draft === this.keeping) return;
    if (draft === this.own.settings.instructions) this.draft = null;
    else {
      this.keeping = draft;
      void this.save({ instructions: draft }).then(() => {
        if (this.keeping === draft) this.keeping = null;
      });
    }
  }

  private setParameter(name: string, value: Value | null): void {
    delete this.faults[name];
    delete this.typed[name];
    void this.save(() => {
      const { [name]: _, ...others } = this.own.settings.parameters;
      return { parameters: value === null ? others : { ...others, [name]: value } };
    });
  }

  private wrong(name: string, typed: string, fault: string): void {
    this.faults[name] = fault;
    this.typed[name] = typed;
    this.say(t("Not saved yet"), true);
  }

  private use(preset: Preset): void {
    this.draft = null;
    this.faults = {};
    this.typed = {};
    const { instructions, parameters, model } = preset;
    const isOffered = this.session.data.models.some((option) => option.id === model);
    void this.save({ instructions, parameters, ...(isOffered ? { model } : {}) });
  }

  /** One at a time, each from what is stored by then: two quick changes must not undo each other. */
  private save(wish: Wish | (() => Wish)): Promise<void> {
    this.saving = this.saving.then(() => this.saveNow(typeof wish === "function" ? wish() : wish));
    return this.saving;
  }

  private async saveNow(wish: Wish): Promise<void> {
    const { session, threadId, own } = this;
    if (own.fresh) {
      if (!this.isShown) return;
      const settings = asSettings({ ...own.settings, ...wish });
      const isTooLong = settings.instructions.length > MOST_INSTRUCTIONS;
      if (isTooLong) {
        this.faults.instructions = t("At most %(n)s characters go in here. Shorten them a little.", {
          n: MOST_INSTRUCTIONS,
        });
        this.say(t("Not saved yet"), true);
        return;
      }
      session.hold(threadId, settings, wish.model ?? "");
      this.saved(wish, t("Kept for your first message"));
      return;
    }
    this.say(t("Saving"));
    try {
      const stored = await postJson<Stored>(`${session.data.urls.threads}${threadId}/settings/`, wish);
      if (stored.rev >= this.own.rev) this.keep(stored, wish.model ? stored.model : "");
      this.saved(wish, t("Saved"));
    } catch (error) {
      this.failed(wish, error instanceof HttpError ? error : null);
    }
  }

  private keep({ rev, settings }: Stored, model: string): void {
    if (this.isShown) this.session.hold(this.threadId, settings, model);
    else {
      if (model) this.session.chosenModels.set(this.threadId, model);
      this.known = { ...this.known, rev, settings };
    }
  }

  private failed(wish: Wish, known: HttpError | null): void {
    const faults = Object.values(known?.faults ?? {});
    const sentence = known?.message || t("This could not be saved. Check your connection and try again.");
    Object.assign(this.faults, known?.faults);
    this.say(faults.length > 0 ? t("Not saved yet") : sentence, true);
    if (!this.dialog.isClosed) return;
    const again = { label: t("Try again"), run: () => void this.save(wish) };
    showToast(`${t("Conversation settings")}: ${faults[0] ?? sentence}`, "error", again);
  }

  private saved(wish: Wish, word: string): void {
    if (wish.instructions !== undefined) {
      delete this.faults.instructions;
      if (this.draft === wish.instructions) this.draft = null;
    }
    if (wish.model) delete this.faults.model;
    this.say(Object.keys(this.faults).length > 0 ? t("Not saved yet") : word, Object.keys(this.faults).length > 0);
  }

  private say(word: string, isBad = false): void {
    this.word = word;
    this.isBad = isBad;
    this.draw();
  }
}
