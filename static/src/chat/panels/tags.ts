// A person's tags: put on threads and taken off, made, renamed, given a colour, deleted, or chosen to see their threads.

import { html, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { showToast } from "../../controllers/toasts";
import { t, tn } from "../../i18n";
import { getJson, HttpError, postJson } from "../../shared/http";
import { newId } from "../../shared/ids";
import type { Tag } from "../../shared/protocol";
import type { ThreadRow } from "../page_data";
import type { Session } from "../session";
import { icon } from "../views/icon";
import { Dialog } from "./dialog";

const COLOURS = ["neutral", "accent", "success", "warning", "danger"] as const;
const MOST_OF_A_NAME = 40;

function colourName(colour: (typeof COLOURS)[number]): string {
  const names = {
    neutral: t("Grey"),
    accent: t("Blue-green"),
    success: t("Green"),
    warning: t("Yellow"),
    danger: t("Red"),
  };
  return names[colour];
}

export function open(session: Session, rows: readonly ThreadRow[]): void {
  new TagPanel(session, rows).open();
}

class TagPanel {
  private readonly dialog: Dialog;
  private readonly ids: readonly string[];
  private tags: readonly Tag[] | null = null;
  private hasFailed = false;
  /** The tag whose name and colour are being changed. */
  private edited: string | null = null;
  /** Whether the one being changed is to go: the panel asks, for nothing brings its places back. */
  private isAsking = false;

  constructor(
    private readonly session: Session,
    rows: readonly ThreadRow[],
  ) {
    this.ids = rows.map((row) => row.thread_id);
    const [only] = rows;
    const several = tn("Tags of %(n)s conversation", "Tags of %(n)s conversations", rows.length);
    const title =
      rows.length === 0
        ? t("Tags")
        : rows.length === 1 && only?.title
          ? t("Tags of “%(title)s”", { title: only.title })
          : several;
    this.dialog = new Dialog(rows.length === 1 && !only?.title ? t("Tags") : title, "tag-panel");
  }

  open(): void {
    this.draw();
    void this.load();
  }

  private get rows(): readonly ThreadRow[] {
    return this.session.list.rows.filter((row) => this.ids.includes(row.thread_id));
  }

  private async load(): Promise<void> {
    this.hasFailed = false;
    try {
      const { data } = this.session;
      this.tags = (await getJson<{ tags: Tag[] }>(`${data.urls.tags}?team=${data.team.id}`)).tags;
    } catch {
      this.hasFailed = true;
    }
    this.draw();
  }

  private draw(): void {
    this.dialog.draw(html`${this.list()}
      <form class="tag-new" @submit=${(event: SubmitEvent) => this.add(event)}>
        <input class="input" name="name" aria-label=${t("Name of a new tag")} placeholder=${t("New tag")} maxlength=${MOST_OF_A_NAME} required autocomplete="off" />
        <button class="button button-secondary">${t("Add")}</button>
      </form>`);
  }

  private list(): TemplateResult {
    if (this.hasFailed) {
      return html`<p role="alert">${t("Your tags could not be loaded.")}</p>
        <button class="button button-secondary button-small" @click=${() => this.load()}>${t("Try again")}</button>`;
    }
    if (!this.tags) return html`<div class="skeleton" role="status" aria-label=${t("Loading")}></div>`;
    if (this.tags.length === 0) {
      return html`<p class="tag-none">${t("Tags keep conversations together, whatever they are about. You have none yet.")}</p>`;
    }
    return html`<ul class="tag-list">${this.tags.map((tag) => html`<li>${this.edited !== tag.id ? this.line(tag) : this.isAsking ? this.question(tag) : this.form(tag)}</li>`)}</ul>`;
  }

  private line(tag: Tag): TemplateResult {
    const dot = html`<span class="tag-dot tag-${tag.colour}"></span>`;
    const edit = html`<button class="button button-quiet button-small button-icon" aria-label=${t("Change “%(name)s”", { name: tag.name })}
      @click=${() => this.edit(tag.id)}>${icon("edit")}</button>`;
    if (this.ids.length === 0) {
      return html`<button class="tag-line" @click=${() => this.show(tag)}>${dot}<span class="truncate">${tag.name}</span></button>${edit}`;
    }
    const having = this.rows.filter((row) => row.tags?.some(({ id }) => id === tag.id)).length;
    const isOnAll = having > 0 && having === this.rows.length;
    return html`<label class="tag-line"><input type="checkbox" .checked=${live(isOnAll)} .indeterminate=${live(having > 0 && !isOnAll)}
      @change=${(event: Event) => this.put(tag, (event.target as HTMLInputElement).checked)} />${dot}<span class="truncate">${tag.name}</span></label>${edit}`;
  }

  private form(tag: Tag): TemplateResult {
    return html`<form class="tag-form" @submit=${(event: SubmitEvent) => this.change(event, tag)}>
      <input class="input" name="name" aria-label=${t("Name")} maxlength=${MOST_OF_A_NAME} required .value=${tag.name} data-tag-name />
      <fieldset class="tag-colours"><legend class="sr-only">${t("Colour")}</legend>
        ${COLOURS.map(
          (
            value,
          ) => html`<label class="tag-colour" title=${colourName(value)}><input type="radio" name="colour" value=${value}
            ?checked=${tag.colour === value} aria-label=${colourName(value)} /><span class="tag-dot tag-${value}"></span></label>`,
        )}
      </fieldset>
      <div class="tag-ways">
        <button type="button" class="button button-quiet button-small tone-danger" @click=${() => this.ask(true)}>${t("Delete")}</button>
        <button type="button" class="button button-quiet button-small" @click=${() => this.edit(null)}>${t("Cancel")}</button>
        <button class="button button-primary button-small">${t("Save")}</button>
      </div>
    </form>`;
  }

  private question(tag: Tag): TemplateResult {
    return html`<div class="tag-form" role="group" aria-labelledby="tag-question">
      <p id="tag-question">${t("Delete “%(name)s”? It goes from all conversations that have it; they stay.", { name: tag.name })}</p>
      <div class="tag-ways">
        <button type="button" class="button button-quiet button-small" data-tag-keep @click=${() => this.ask(false)}>${t("Keep it")}</button>
        <button type="button" class="button button-danger button-small" @click=${() => this.delete(tag)}>${t("Delete the tag")}</button>
      </div>
    </div>`;
  }

  private ask(isAsking: boolean): void {
    this.isAsking = isAsking;
    this.draw();
    this.dialog.element.querySelector<HTMLElement>(isAsking ? "[data-tag-keep]" : "[data-tag-name]")?.focus();
  }

  private edit(id: string | null): void {
    this.edited = id;
    this.isAsking = false;
    this.draw();
    this.dialog.element.querySelector<HTMLInputElement>("[data-tag-name]")?.select();
  }

  private show(tag: Tag): void {
    this.dialog.close();
    void this.session.list.show(this.session.list.archived, tag);
  }

  private async put(tag: Tag, isOn: boolean): Promise<void> {
    const isDone = await this.session.list.change(this.ids, isOn ? { tagged: [tag.id] } : { untagged: [tag.id] });
    // Once it is done the tick is right as it stands, while the event that tells of it may be behind the answer.
    if (!isDone) this.draw();
  }

  private async add(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const tag = { id: newId(), name: nameIn(form), colour: COLOURS[(this.tags?.length ?? 0) % COLOURS.length] };
    if (!tag.name || !(await this.store(tag))) return;
    form.reset();
    if (this.ids.length > 0) await this.session.list.change(this.ids, { tagged: [tag.id] });
    await this.load();
  }

  private async change(event: SubmitEvent, tag: Tag): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const colour = String(new FormData(form).get("colour") ?? tag.colour);
    if (!(await this.store({ id: tag.id, name: nameIn(form), colour }))) return;
    this.edited = null;
    await this.load();
  }

  private async delete(tag: Tag): Promise<void> {
    if (!(await this.store({ id: tag.id, deleted: true }))) return;
    this.edited = null;
    await this.load();
  }

  private async store(wish: object): Promise<boolean> {
    const { data } = this.session;
    try {
      await postJson(`${data.urls.tags}change/`, { team: data.team.id, ...wish });
      return true;
    } catch (error) {
      const said = error instanceof HttpError && error.status < 500 ? error.message : "";
      showToast(said || t("That could not be done. Try again in a moment."), "warning");
      return false;
    }
  }
}

function nameIn(form: HTMLFormElement): string {
  return String(new FormData(form).get("name") ?? "").trim();
}
