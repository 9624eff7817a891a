// The prompt library: choose one, fill its gaps, and have it in the message; make, change and delete them.

import { html, nothing, type TemplateResult } from "lit-html";
import { showToast } from "../../controllers/toasts";
import { t } from "../../i18n";
import { HttpError } from "../../shared/http";
import { newId } from "../../shared/ids";
import { deletePrompt, filled, gapsOf, loadPrompts, type Prompt, type PromptList, savePrompt } from "../prompts";
import { icon } from "../views/icon";
import { Dialog } from "./dialog";

export interface PromptsHost {
  readonly teamId: string;
  insert(text: string): void;
}

/** Show the library, or only ask for the gaps of one prompt that was chosen already. */
export function open(host: PromptsHost, chosen?: Prompt): void {
  const library = new Library(host);
  if (chosen) library.use(chosen);
  else void library.load();
}

class Library {
  private readonly dialog = new Dialog(t("Prompts"), "panel-wide");
  private list: PromptList | null = null;
  private fault = "";

  constructor(private readonly host: PromptsHost) {}

  async load(): Promise<void> {
    this.dialog.draw(html`<p class="prompt-hint" role="status">${t("Loading")}</p>`);
    try {
      this.list = await loadPrompts(this.host.teamId);
      this.draw();
    } catch {
      this.dialog.draw(html`<p role="alert">${t("The prompts could not be loaded.")}</p>
        <button type="button" class="button button-secondary" @click=${() => this.load()}>${t("Try again")}</button>`);
    }
  }

  /** Put a prompt into the message, once its gaps are filled. */
  use(prompt: Prompt): void {
    const gaps = gapsOf(prompt.text);
    if (gaps.length > 0) {
      this.dialog.draw(this.gapsForm(prompt, gaps));
      this.dialog.element.querySelector<HTMLElement>("textarea")?.focus();
    } else this.insert(prompt.text);
  }

  private insert(text: string): void {
    if (this.dialog.element.isConnected) this.dialog.close();
    this.host.insert(text);
  }

  private draw(): void {
    const prompts = this.list?.prompts ?? [];
    this.dialog.draw(html`
      <p class="prompt-hint">${t("Texts you use again. Write {{name}} where something is to be filled in. Type / in an empty message to find them.")}</p>
      ${prompts.length > 0 ? html`<ul class="prompt-list">${prompts.map((prompt) => this.row(prompt))}</ul>` : html`<p class="prompt-none">${t("There are no prompts yet.")}</p>`}
      <button type="button" class="button button-primary" @click=${() => this.edit(null)}>${icon("plus")}${t("New prompt")}</button>`);
  }

  private row(prompt: Prompt): TemplateResult {
    const isTheirs = !prompt.shared || this.list?.may_share;
    return html`<li class="prompt-row">
      <button type="button" class="prompt-use" @click=${() => this.use(prompt)}>
        <span class="prompt-title"><span class="truncate" dir="auto">${prompt.title}</span>${prompt.shared ? html`<span class="badge">${t("Team")}</span>` : nothing}</span>
        <span class="prompt-text truncate" dir="auto">${prompt.text}</span>
      </button>
      ${
        isTheirs
          ? html`<button type="button" class="button button-quiet button-icon" aria-label=${t("Edit %(title)s", { title: prompt.title })} @click=${() => this.edit(prompt)}>${icon("edit")}</button>
            <button type="button" class="button button-quiet button-icon" aria-label=${t("Delete %(title)s", { title: prompt.title })} @click=${() => this.delete(prompt)}>${icon("trash")}</button>`
          : nothing
      }
    </li>`;
  }

  private gapsForm(prompt: Prompt, gaps: string[]): TemplateResult {
    const submit = (event: Event) => {
      event.preventDefault();
      const values = new FormData(event.currentTarget as HTMLFormElement);
      this.insert(filled(prompt.text, Object.fromEntries(gaps.map((gap) => [gap, String(values.get(gap) ?? "")]))));
    };
    return html`<form class="prompt-form" @submit=${submit}>
      <h3 class="prompt-title" dir="auto">${prompt.title}</h3>
      ${gaps.map(
        (gap) => html`<label class="prompt-field"><span dir="auto">${gap}</span>
          <textarea class="input" name=${gap} rows="2" required></textarea></label>`,
      )}
      <div class="prompt-ways"><button class="button button-primary">${t("Put into the message")}</button></div>
    </form>`;
  }

  private edit(prompt: Prompt | null): void {
    this.fault = "";
    this.drawEditor(prompt, prompt?.id ?? newId()); // drawn once: a second press saves the same one
    this.dialog.element.querySelector<HTMLElement>("input")?.focus();
  }

  private drawEditor(prompt: Prompt | null, id: string): void {
    const submit = (event: Event) => {
      event.preventDefault();
      void this.save(prompt, id, new FormData(event.currentTarget as HTMLFormElement));
    };
    this.dialog.draw(html`<form class="prompt-form" @submit=${submit}>
      <label class="prompt-field"><span>${t("Title")}</span><input class="input" name="title" maxlength="80" required .value=${prompt?.title ?? ""} /></label>
      <label class="prompt-field"><span>${t("Text")}</span><textarea class="input" name="text" rows="8" maxlength="20000" required .value=${prompt?.text ?? ""}></textarea></label>
      ${
        this.list?.may_share
          ? html`<label class="prompt-check"><input type="checkbox" class="checkbox" name="shared" ?checked=${prompt?.shared ?? false} />${t("For everybody in the team")}</label>`
          : nothing
      }
      ${this.fault ? html`<p class="tone-danger prompt-fault" role="alert">${this.fault}</p>` : nothing}
      <div class="prompt-ways">
        <button type="button" class="button button-quiet" @click=${() => this.draw()}>${t("Cancel")}</button>
        <button class="button button-primary">${t("Save")}</button>
      </div>
    </form>`);
  }

  private async save(prompt: Prompt | null, id: string, form: FormData): Promise<void> {
    const values = { title: String(form.get("title")), text: String(form.get("text")), shared: form.has("shared") };
    try {
      await savePrompt(this.host.teamId, values, id);
      await this.load();
    } catch (error) {
      this.fault = (error instanceof HttpError && error.message) || t("This could not be saved. Try again.");
      this.drawEditor(prompt, id);
    }
  }

  private async delete(prompt: Prompt): Promise<void> {
    try {
      await deletePrompt(prompt.id);
      const undo = { label: t("Undo"), run: () => void this.bringBack(prompt) };
      showToast(t("“%(title)s” is deleted.", { title: prompt.title }), "info", undo);
    } catch {
      showToast(t("This could not be deleted. Try again."), "warning");
    }
    await this.load();
  }

  private async bringBack({ title, text, shared }: Prompt): Promise<void> {
    try {
      await savePrompt(this.host.teamId, { title, text, shared });
      const { element } = this.dialog;
      if (element.isConnected && element.querySelector(".prompt-list, .prompt-none")) await this.load();
    } catch {
      const again = { label: t("Try again"), run: () => void this.bringBack({ id: "", title, text, shared }) };
      showToast(t("This could not be saved. Try again."), "error", again);
    }
  }
}
