// Named settings in the panel: used with a press, kept from what is set now, changed, made the default, let go.

import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { showToast } from "../../controllers/toasts";
import { t } from "../../i18n";
import { getJson, HttpError, postJson } from "../../shared/http";
import { newId } from "../../shared/ids";
import type { Preset } from "../page_data";
import type { Session } from "../session";
import type { Settings } from "../store";
import { icon } from "../views/icon";

interface PresetPage {
  may_share: boolean;
  presets: Preset[];
}

export interface PresetsOwner {
  session: Session;
  /** What is set now. */
  current(): Settings & { model: string };
  use(preset: Preset): void;
  redraw(): void;
  say(word: string): void;
}

export class Presets {
  private page: PresetPage | null = null;
  private isFailed = false;
  /** What is being named: something new, or the preset that gets another name. */
  private naming: Preset | "new" | null = null;
  /** The id of something new, made once for its form: a second press saves the same one. */
  private idOfNew = "";
  private fault = "";
  private rev = -1;
  private asked = 0;

  constructor(private readonly owner: PresetsOwner) {}

  async load(): Promise<void> {
    const { session } = this.owner;
    this.rev = session.presetsRev;
    this.asked += 1;
    const { asked } = this;
    try {
      const page = await getJson<PresetPage>(`${session.data.urls.presets}?team=${session.data.team.id}`);
      if (asked !== this.asked) return; // a later question is under way, and knows more
      this.show(page);
    } catch {
      this.isFailed = !this.page;
    }
    this.owner.redraw();
    this.keepFocus();
  }

  /** Look again if another tab, or somebody else in the team, changed something. */
  follow(): void {
    if (this.rev !== this.owner.session.presetsRev) void this.load();
  }

  private show(page: PresetPage): void {
    const { naming } = this;
    this.page = page;
    this.isFailed = false;
    this.owner.session.data.preset = page.presets.find((preset) => preset.is_default) ?? null;
    if (!naming || naming === "new" || page.presets.some(({ id }) => id === naming.id)) return;
    this.naming = null;
    this.owner.say(t("%(name)s is deleted", { name: naming.name }));
  }

  /** Where the focus was on a preset that is gone, the next press must not begin at the top of the page. */
  private keepFocus(): void {
    if (document.activeElement === document.body) document.getElementById("preset-new")?.focus();
  }

  template(): TemplateResult {
    if (this.isFailed)
      return html`<p class="field-help">${t("Your presets could not be loaded. Open this panel again to try once more.")}</p>`;
    if (!this.page) return html`<p class="field-help" role="status">${t("Loading")}</p>`;
    const { presets } = this.page;
    return html`
      ${presets.length === 0 ? html`<p class="field-help">${t("Keep the model, instructions and parameters above under a name, to use them in other conversations.")}</p>` : nothing}
      <ul class="preset-list">${repeat(
        presets,
        ({ id }) => id,
        (preset) => this.row(preset),
      )}</ul>
      ${this.naming === "new" ? this.form(null) : html`<button type="button" id="preset-new" class="button button-secondary button-small" @click=${() => this.name("new")}>${icon("plus")}${t("Save as a preset")}</button>`}
      ${this.fault ? html`<p class="field-error" role="alert">${icon("alert")}<span>${this.fault}</span></p>` : nothing}`;
  }

  private row(preset: Preset): TemplateResult {
    if (this.naming !== "new" && this.naming?.id === preset.id) return html`<li>${this.form(preset)}</li>`;
    const isUsed = this.isUsed(preset);
    return html`<li class="preset">
      <span class="preset-name"><span class="truncate">${preset.name}</span>
        ${preset.is_default ? html`<span class="badge badge-accent">${t("Default")}</span>` : nothing}
        ${preset.shared ? html`<span class="badge">${t("Team")}</span>` : nothing}</span>
      ${
        isUsed
          ? html`<span class="preset-used">${icon("check")}${t("In use")}</span>`
          : html`<button type="button" class="button button-secondary button-small" aria-label=${t("Use %(name)s", { name: preset.name })} @click=${() => this.owner.use(preset)}>${t("Use")}</button>`
      }
      ${this.more(preset, isUsed)}
    </li>`;
  }

  private more(preset: Preset, isUsed: boolean): TemplateResult {
    const mayChange = !preset.shared || this.page?.may_share;
    const values = { ...this.owner.current(), name: preset.name };
    return html`<details class="preset-more">
      <summary class="button button-quiet button-icon" aria-label=${t("More for %(name)s", { name: preset.name })}>${icon("more")}</summary>
      <div class="preset-actions">
        ${isUsed || !mayChange ? nothing : html`<button type="button" class="button button-quiet button-small" @click=${() => this.save(preset.id, { ...preset, ...values })}>${t("Change to what is set now")}</button>`}
        ${mayChange ? html`<button type="button" class="button button-quiet button-small" @click=${() => this.name(preset)}>${t("Rename")}</button>` : nothing}
        <button type="button" class="button button-quiet button-small"
          @click=${() => this.choose(preset)}>${preset.is_default ? t("No longer the default") : t("Begin new conversations with it")}</button>
        ${mayChange ? html`<button type="button" class="button button-quiet button-small tone-danger" @click=${() => this.remove(preset)}>${t("Delete")}</button>` : nothing}
      </div>
    </details>`;
  }

  private form(of: Preset | null): TemplateResult {
    return html`<form class="preset-form" @submit=${(event: SubmitEvent) => this.submit(event, of)}>
      <div class="field"><div class="field-label"><label for="preset-name">${t("Name")}</label></div>
        <input id="preset-name" name="name" required maxlength="80" autocomplete="off" value=${of?.name ?? ""}></div>
      ${
        of
          ? nothing
          : html`<label class="checkbox"><input type="checkbox" name="is_default"><span>${t("Begin new conversations with it")}</span></label>
      ${this.page?.may_share ? html`<label class="checkbox"><input type="checkbox" name="shared"><span>${t("Share with the team")}</span></label>` : nothing}`
      }
      <div class="preset-buttons"><button class="button button-primary button-small">${t("Save")}</button>
        <button type="button" class="button button-quiet button-small" @click=${() => this.stopNaming()}>${t("Cancel")}</button></div>
    </form>`;
  }

  private name(what: Preset | "new"): void {
    this.naming = what;
    this.idOfNew = newId();
    this.owner.redraw();
    const field = document.getElementById("preset-name") as HTMLInputElement | null;
    field?.select();
    field?.focus();
  }

  private stopNaming(): void {
    this.naming = null;
    this.fault = "";
    this.owner.redraw();
    this.keepFocus();
  }

  private submit(event: SubmitEvent, of: Preset | null): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const name = String(form.get("name") ?? "");
    if (of) {
      // What it holds may have been changed elsewhere meanwhile: only its name is to be another one.
      const now = this.page?.presets.find(({ id }) => id === of.id) ?? of;
      void this.save(of.id, { ...now, name });
      return;
    }
    const chosen = { shared: form.has("shared"), is_default: form.has("is_default") };
    void this.save(this.idOfNew, { ...this.owner.current(), name, ...chosen });
  }

  private async save(
    id: string,
    { name, model, instructions, parameters, shared, is_default }: Omit<Preset, "id">,
  ): Promise<void> {
    const values = { name, model, instructions, parameters, shared, is_default };
    await this.post({ id, team_id: this.owner.session.data.team.id, values }, t("Saved"));
  }

  private async choose({ id, name, is_default }: Preset): Promise<void> {
    const word = is_default
      ? t("New conversations begin without a preset")
      : t("New conversations begin with %(name)s", { name });
    await this.post({ id, is_default: !is_default }, word);
  }

  private async remove(preset: Preset): Promise<void> {
    if (!(await this.post({ id: preset.id }, ""))) return;
    const undo = () => void this.save(newId(), preset);
    showToast(t("%(name)s is deleted", { name: preset.name }), "info", { label: t("Undo"), run: undo });
  }

  private async post(wish: object, word: string): Promise<boolean> {
    this.fault = "";
    try {
      await postJson(this.owner.session.data.urls.change_preset ?? "", wish);
      this.naming = null;
      this.owner.say(word);
      await this.load();
      return true;
    } catch (error) {
      const said = error instanceof HttpError ? error.message : "";
      this.fault = said || t("This could not be saved. Check your connection and try again.");
      this.owner.redraw();
      return false;
    }
  }

  private isUsed(preset: Preset): boolean {
    const now = this.owner.current();
    const sameModel = !preset.model || preset.model === now.model;
    return sameModel && preset.instructions === now.instructions && sameValues(preset.parameters, now.parameters);
  }
}

function sameValues(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
