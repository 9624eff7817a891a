// The files of the composer: on their way to the server with progress, there, or turned away with a sentence.

import { html, nothing, render, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { t, tn } from "../../i18n";
import { newId } from "../../shared/ids";
import { type Attached, fileUrl, isPicture, sizeOf } from "../attachments";
import { enlarge, fileFacts } from "../views/attachments";
import { icon } from "../views/icon";

export interface StripHost {
  readonly maxMb: number;
  readonly maxFiles: number;
  /** Tokens a model is told at most; of a longer document it is told the beginning. */
  maxTokens(): number;
  readonly teamId: string;
  readonly url: string;
  /** The model that is chosen, where it cannot see pictures. */
  blindModel(): string | null;
  /** What is there and can be sent has changed. */
  changed(files: Attached[]): void;
  say(text: string): void;
  /** Say it to everybody, not to screen readers alone. */
  warn(text: string): void;
}

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly file: File | null;
  sent: number;
  done: Attached | null;
  fault: string;
  canRetry: boolean;
  request: XMLHttpRequest | null;
}

const AT_ONCE = 3;

export class Strip {
  readonly element = document.createElement("div");
  private entries: Entry[] = [];

  constructor(private readonly host: StripHost) {
    this.element.className = "composer-files";
  }

  get isUploading(): boolean {
    return this.entries.some((entry) => !entry.done && !entry.fault);
  }

  /** Show what a draft has; what is on its way to another draft ends. */
  show(files: readonly Attached[]): void {
    for (const entry of this.entries) entry.request?.abort();
    this.entries = files.map((done) => ({ ...blank(done.id, done.name), done }));
    this.draw();
  }

  add(files: readonly File[]): void {
    const { maxFiles, maxMb } = this.host;
    const room = maxFiles - this.entries.filter(({ fault }) => !fault).length;
    if (files.length > room)
      this.host.warn(
        tn(
          "A message can have %(n)s file. Some were left out.",
          "A message can have %(n)s files. Some were left out.",
          maxFiles,
        ),
      );
    for (const file of files.slice(0, Math.max(0, room))) {
      const entry: Entry = { ...blank(newId(), file.name || "picture"), file };
      if (file.size > maxMb * 1024 * 1024)
        entry.fault = t("This file is too large: %(most)s MB are the most.", { most: maxMb });
      this.entries.push(entry);
    }
    this.next();
  }

  draw(): void {
    const { entries } = this;
    // What was refused comes first: in a long list it would be out of sight.
    const inOrder = [...entries.filter(({ fault }) => fault), ...entries.filter(({ fault }) => !fault)];
    this.element.hidden = entries.length === 0;
    const blind = entries.some(({ done }) => done && isPicture(done)) ? this.host.blindModel() : null;
    const long = entries.find(({ done }) => (done?.tokens ?? 0) > this.host.maxTokens());
    render(
      html`<ul class="file-list" aria-label=${t("Attached files")}>${repeat(
        inOrder,
        ({ id }) => id,
        (entry) => this.item(entry),
      )}</ul>
        ${blind ? html`<p class="file-note">${icon("eye-off")}${t("%(model)s cannot see pictures. It will be told their names.", { model: blind })}</p>` : nothing}
        ${long ? html`<p class="file-note">${icon("details")}${t("%(file)s is long. The model is told its beginning.", { file: long.name })}</p>` : nothing}`,
      this.element,
    );
  }

  private item(entry: Entry): TemplateResult {
    const { done, fault, name } = entry;
    const remove = html`<button type="button" class="button button-quiet button-icon button-small file-remove" aria-label=${done || fault ? t("Remove %(name)s", { name }) : t("Cancel %(name)s", { name })}
      @click=${() => this.remove(entry)}>${icon("close")}</button>`;
    if (done && isPicture(done)) {
      return html`<li class="file-thumb"><button type="button" class="file-picture" aria-label=${t("Open %(name)s", { name })} @click=${() => this.enlarge(done)}>
        <img src="${fileUrl(done.id)}thumbnail/" alt=${name} /></button>${remove}</li>`;
    }
    const state = done
      ? fileFacts(done)
      : fault
        ? html`<span class="file-facts tone-danger" role="alert">${fault}</span>`
        : this.progress(entry);
    const again = entry.canRetry
      ? html`<button type="button" class="button button-quiet button-small" @click=${() => this.retry(entry)}>${t("Try again")}</button>`
      : nothing;
    return html`<li class="file-chip ${fault ? "file-refused" : ""}">${icon(fault ? "alert" : "file")}
      <span class="file-words"><span class="truncate" dir="auto">${name}</span>${state}</span>${again}${remove}</li>`;
  }

  private progress({ sent, file, request }: Entry): TemplateResult {
    const size = file?.size ?? 0;
    if (request && sent >= size) return html`<span class="file-facts">${t("Reading it")}</span>`;
    return html`<span class="file-facts"><progress max=${size || 1} value=${sent} aria-label=${t("Uploading")}></progress>${t("%(part)s of %(whole)s", { part: sizeOf(sent), whole: sizeOf(size) })}</span>`;
  }

  private next(): void {
    const waiting = this.entries.filter((entry) => !entry.done && !entry.fault && !entry.request);
    const free = AT_ONCE - this.entries.filter(({ request }) => request).length;
    for (const entry of waiting.slice(0, Math.max(0, free))) this.upload(entry);
    this.tell();
  }

  private upload(entry: Entry): void {
    const { file } = entry;
    if (!file) return;
    const request = new XMLHttpRequest(); // fetch tells nothing of how far an upload has come
    entry.request = request;
    const body = new FormData();
    body.append("id", entry.id);
    body.append("team", this.host.teamId);
    body.append("file", file, entry.name);
    request.open("POST", this.host.url);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", token());
    request.upload.addEventListener("progress", ({ loaded }) => {
      entry.sent = Math.min(loaded, file.size);
      this.draw();
    });
    request.upload.addEventListener("load", () => {
      entry.sent = file.size;
      this.draw();
    });
    request.addEventListener("loadend", () => this.ended(entry, request));
    request.send(body);
  }

  private ended(entry: Entry, request: XMLHttpRequest): void {
    if (!this.entries.includes(entry)) return; // cancelled
    entry.request = null;
    const answer = (request.response ?? {}) as Partial<Attached> & { error?: string };
    if (request.status === 201) entry.done = answer as Attached;
    else {
      entry.fault = answer.error || t("This file did not arrive. Check your connection and try again.");
      entry.canRetry = request.status === 0 || request.status >= 500 || request.status === 429;
    }
    this.host.say(entry.done ? t("%(name)s is attached.", { name: entry.name }) : `${entry.name}: ${entry.fault}`);
    this.next();
  }

  private retry(entry: Entry): void {
    Object.assign(entry, { fault: "", canRetry: false, sent: 0 });
    this.next();
  }

  private remove(entry: Entry): void {
    this.entries = this.entries.filter((known) => known !== entry);
    entry.request?.abort();
    if (entry.done && entry.file) void this.erase(entry.id);
    this.next();
  }

  /** The server would do so in a day; one that was sent before stays with its message. */
  private async erase(id: string): Promise<void> {
    const headers = { "X-CSRFToken": token() };
    await fetch(fileUrl(id), { method: "DELETE", headers, credentials: "same-origin" }).catch(() => undefined);
  }

  private enlarge(picture: Attached): void {
    const pictures = this.entries.flatMap(({ done }) => (done && isPicture(done) ? [done] : []));
    enlarge(pictures, pictures.indexOf(picture));
  }

  private tell(): void {
    this.draw();
    this.host.changed(this.entries.flatMap(({ done }) => (done ? [done] : [])));
  }
}

function blank(id: string, name: string): Entry {
  return { id, name, file: null, sent: 0, done: null, fault: "", canRetry: false, request: null };
}

function token(): string {
  return document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
}
