// What is kept under a name: saved, opened, renamed, shared, let go; and the prompt as a preset of the chat.
import { html, nothing, type TemplateResult } from "lit-html";
import { Dialog } from "../../chat/panels/dialog";
import { icon } from "../../chat/views/icon";
import { copyText } from "../../controllers/copy";
import { showToast } from "../../controllers/toasts";
import { t } from "../../i18n";
import { HttpError, postJson } from "../../shared/http";
import { newId } from "../../shared/ids";
import type { Kept } from "./data";
import type { Page } from "./page";
import { contentOf } from "./state";

export class Keeping {
  private list: Dialog | null = null;
  private renamed = "";
  private sure = "";
  private fault = "";

  constructor(private readonly page: Page) {}

  buttons(): TemplateResult {
    const { kept, saved } = this.page.data;
    return html`
      <button type="button" class="button button-secondary" @click=${() => this.openList()}>${icon("archive")}${t("Saved")}${saved.length > 0 ? html` <span class="badge">${saved.length}</span>` : nothing}</button>
      ${kept?.is_own ? html`<button type="button" class="button button-secondary" @click=${() => this.save(kept)}>${icon("check")}${t("Save")}</button>` : nothing}
      ${this.page.isUnsaved ? html`<button type="button" class="button button-quiet" @click=${() => this.page.showSaved()}>${icon("refresh")}${t("Show what is saved")}</button>` : nothing}
      <button type="button" class="button button-secondary" @click=${() => this.openSave()}>${kept ? t("Save as") : t("Save")}</button>
      <button type="button" class="button button-quiet" @click=${() => this.openPreset()}>${t("Save as a preset")}</button>
      ${
        kept || this.page.data.original
          ? html`<a class="button button-quiet" href=${this.page.data.urls.page}>${icon("plus")}${t("New")}</a>`
          : html`<button type="button" class="button button-quiet" @click=${() => this.page.clear()}>${icon("trash")}${t("Start anew")}</button>`
      }`;
  }

  // --- Under a name ---

  private openSave(): void {
    const dialog = new Dialog(t("Save the playground"));
    const draw = (fault = "") =>
      dialog.draw(html`<form class="play-form" @submit=${async (event: SubmitEvent) => {
        event.preventDefault();
        const form = new FormData(event.target as HTMLFormElement);
        const problem = await this.keep(newId(), String(form.get("name") ?? ""), form.has("shared"));
        if (problem) draw(problem);
        else dialog.close();
      }}>
        <div class="field"><div class="field-label"><label for="play-name">${t("Name")}</label></div>
          <input id="play-name" name="name" required maxlength="80" autocomplete="off" value=${this.page.data.kept ? "" : firstWords(this.page)}></div>
        <label class="checkbox"><input type="checkbox" name="shared"><span>${t("Share with the team")}</span></label>
        <p class="field-help">${t("Prompt, settings and models are saved, not the answers. Everybody in the team who makes its bots can open what is shared.")}</p>
        ${fault ? html`<p class="field-error" role="alert">${icon("alert")}<span>${fault}</span></p>` : nothing}
        <div class="dialog-actions"><button type="button" class="button button-secondary" data-dialog-close>${t("Cancel")}</button><button class="button button-primary">${t("Save")}</button></div>
      </form>`);
    draw();
    dialog.element.querySelector<HTMLInputElement>("#play-name")?.select();
  }

  private async save(kept: Kept): Promise<void> {
    const problem = await this.keep(kept.id, kept.name, kept.is_shared);
    if (problem) showToast(problem, "error");
  }

  /** Return what is wrong, if it could not be saved. */
  private async keep(id: string, name: string, is_shared: boolean): Promise<string> {
    const { data, memory, state } = this.page;
    try {
      const wish = { id, team: data.team, name, is_shared, content: contentOf(state) };
      const { saved } = await postJson<{ saved: Kept }>(data.urls.save, wish);
      data.saved = [saved, ...data.saved.filter((one) => one.id !== saved.id)];
      data.kept = saved;
      data.content = structuredClone(contentOf(state));
      if (!data.original) {
        if (memory.source !== `kept-${saved.id}`) memory.forget();
        memory.source = `kept-${saved.id}`;
        history.replaceState(null, "", saved.url);
      }
      this.page.changed();
      showToast(t("Saved as “%(name)s”.", { name: saved.name }), "success");
      return "";
    } catch (error) {
      return wordsOf(error);
    }
  }

  // --- The list ---

  private openList(): void {
    this.list = new Dialog(t("Saved playgrounds"), "panel-wide", () => {
      this.list = null;
      this.renamed = this.sure = this.fault = "";
    });
    this.drawList();
  }

  private drawList(): void {
    const { saved } = this.page.data;
    this.list?.draw(html`
      ${this.fault ? html`<p class="field-error" role="alert">${icon("alert")}<span>${this.fault}</span></p>` : nothing}
      ${saved.length === 0 ? html`<p class="text-muted">${t("Nothing is saved in this team yet. Save a prompt to come back to it, or to share it.")}</p>` : nothing}
      <ul class="rows">${saved.map((kept) => html`<li>${this.renamed === kept.id ? this.naming(kept) : this.row(kept)}</li>`)}</ul>`);
  }

  private row(kept: Kept): TemplateResult {
    const whose = kept.is_own
      ? kept.is_shared
        ? t("shared with the team")
        : t("yours alone")
      : t("shared by %(name)s", { name: kept.by || t("somebody who left") });
    return html`<div class="row-body"><p class="row-title"><a class="link wrap-anywhere" href=${kept.url}>${kept.name}</a></p><p class="row-text">${whose}</p></div>
      <div class="play-row-actions">${
        this.sure === kept.id
          ? html`<button type="button" class="button button-danger button-small" @click=${() => this.remove(kept)}>${t("Delete it for good")}</button>
            <button type="button" class="button button-quiet button-small" @click=${() => this.ask("")}>${t("Cancel")}</button>`
          : html`
            ${kept.is_own ? html`<button type="button" class="button button-quiet button-small" @click=${() => this.change(kept, { is_shared: !kept.is_shared })}>${kept.is_shared ? t("Stop sharing") : t("Share")}</button>` : nothing}
            <button type="button" class="button button-quiet button-icon" aria-label=${t("Copy the address of %(name)s", { name: kept.name })} title=${t("Copy the address")} @click=${() => copyText(new URL(kept.url, location.href).href)}>${icon("link")}</button>
            <button type="button" class="button button-quiet button-icon" aria-label=${t("Rename %(name)s", { name: kept.name })} title=${t("Rename")} @click=${() => this.rename(kept.id)}>${icon("edit")}</button>
            <button type="button" class="button button-quiet button-icon" aria-label=${t("Delete %(name)s", { name: kept.name })} title=${t("Delete")} @click=${() => this.ask(kept.id)}>${icon("trash")}</button>`
      }</div>`;
  }

  private naming(kept: Kept): TemplateResult {
    return html`<form class="play-rename" @submit=${(event: SubmitEvent) => {
      event.preventDefault();
      void this.change(kept, { name: String(new FormData(event.target as HTMLFormElement).get("name") ?? "") });
    }}>
      <div class="field min-w-0 flex-1"><input id="play-rename" name="name" class="input" required maxlength="80" autocomplete="off" aria-label=${t("Name")} value=${kept.name}></div>
      <button class="button button-primary button-small">${t("Save")}</button>
      <button type="button" class="button button-quiet button-small" @click=${() => this.rename("")}>${t("Cancel")}</button>
    </form>`;
  }

  private rename(id: string): void {
    this.renamed = id;
    this.drawList();
    document.querySelector<HTMLInputElement>("#play-rename")?.select();
  }

  private ask(id: string): void {
    this.sure = id;
    this.drawList();
  }

  private async change(kept: Kept, wish: { name?: string; is_shared?: boolean }): Promise<void> {
    await this.post(kept, wish, (answer) => Object.assign(kept, answer.saved));
  }

  private async remove(kept: Kept): Promise<void> {
    const { data } = this.page;
    await this.post(kept, { deleted: true }, () => {
      data.saved = data.saved.filter((one) => one.id !== kept.id);
      if (data.kept?.id === kept.id) data.kept = null;
    });
  }

  private async post(kept: Kept, wish: object, done: (answer: { saved?: Kept }) => void): Promise<void> {
    this.fault = "";
    try {
      done(await postJson<{ saved?: Kept }>(kept.change_url, wish));
      if (this.page.data.kept?.id === kept.id) this.page.data.kept = kept;
      this.renamed = this.sure = "";
    } catch (error) {
      this.fault = wordsOf(error);
    }
    this.drawList();
    this.page.draw();
  }

  // --- A preset of the chat ---

  private openPreset(): void {
    const { state } = this.page;
    const dialog = new Dialog(t("Save as a preset"));
    const draw = (fault = "") =>
      dialog.draw(html`<form class="play-form" @submit=${async (event: SubmitEvent) => {
        event.preventDefault();
        const problem = await this.savePreset(new FormData(event.target as HTMLFormElement));
        if (problem) draw(problem);
        else dialog.close();
      }}>
        <div class="field"><div class="field-label"><label for="play-preset">${t("Name")}</label></div>
          <input id="play-preset" name="name" required maxlength="80" autocomplete="off"></div>
        <div class="field"><div class="field-label"><label for="play-preset-model">${t("Model")}</label></div>
          <div class="select"><select id="play-preset-model" name="model">
            ${[...new Set(state.columns.map(({ model }) => model))].map((model) => html`<option value=${model}>${model}</option>`)}
            <option value="">${t("Whichever is chosen")}</option></select>${icon("chevron-down")}</div></div>
        <label class="checkbox"><input type="checkbox" name="shared"><span>${t("Share with the team")}</span></label>
        <p class="field-help">${t("Conversations can begin with it: instructions, parameters and model. Messages, tools and schema are not part of a preset.")}</p>
        ${fault ? html`<p class="field-error" role="alert">${icon("alert")}<span>${fault}</span></p>` : nothing}
        <div class="dialog-actions"><button type="button" class="button button-secondary" data-dialog-close>${t("Cancel")}</button><button class="button button-primary">${t("Save")}</button></div>
      </form>`);
    draw();
    dialog.element.querySelector<HTMLInputElement>("#play-preset")?.focus();
  }

  private async savePreset(form: FormData): Promise<string> {
    const { data, state } = this.page;
    const values = {
      name: String(form.get("name") ?? ""),
      model: String(form.get("model") ?? ""),
      instructions: state.content.system,
      parameters: state.content.parameters,
      shared: form.has("shared"),
    };
    try {
      await postJson(data.urls.preset, { id: newId(), team_id: data.team, values });
      showToast(t("The preset “%(name)s” is there for new conversations.", { name: values.name }), "success");
      return "";
    } catch (error) {
      return wordsOf(error);
    }
  }
}

function firstWords(page: Page): string {
  const said = page.state.content.messages.find(({ role, text }) => role === "user" && text)?.text ?? "";
  return said.trim().split(/\s+/).slice(0, 6).join(" ").slice(0, 60);
}

function wordsOf(error: unknown): string {
  return (
    (error instanceof HttpError && error.message) || t("This could not be saved. Check your connection and try again.")
  );
}
