// A conversation leaves the page: by a link, as a file, into the clipboard, on paper.

import { html, nothing, type TemplateResult } from "lit-html";
import { copyText } from "../../controllers/copy";
import { showToast } from "../../controllers/toasts";
import { t, tn } from "../../i18n";
import { getJson, HttpError, postJson } from "../../shared/http";
import { day } from "../format";
import type { Session } from "../session";
import { icon } from "../views/icon";
import { Dialog } from "./dialog";

interface Link {
  address: string;
  shows_name: boolean;
  with_images: boolean;
  updated_at: string;
  expires_at: string | null;
  is_over: boolean;
  is_behind: boolean;
}

interface State {
  link: Link | null;
  name: string;
  has_pictures: boolean;
}

const MOST_PAGES = 200;

function lasts(): [string, string][] {
  return [
    ["never", t("Until I revoke it")],
    ["1d", tn("%(n)s day", "%(n)s days", 1)],
    ["7d", tn("%(n)s day", "%(n)s days", 7)],
    ["30d", tn("%(n)s day", "%(n)s days", 30)],
  ];
}

export async function open(session: Session): Promise<void> {
  const panel = new SharePanel(session, session.thread.id);
  await panel.load();
}

class SharePanel {
  private readonly dialog = new Dialog(t("Share and export"), "share-panel");
  private state: State | null = null;
  private problem = "";
  private busy = false;

  constructor(
    private readonly session: Session,
    private readonly threadId: string,
  ) {}

  async load(): Promise<void> {
    this.draw();
    await this.attempt(async () => undefined);
  }

  private get address(): string {
    return `/chat/api/threads/${this.threadId}/share/`;
  }

  /** Do something to the link, then show it as the server has it. */
  private async attempt(change: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    this.problem = "";
    this.draw();
    try {
      await change();
      this.state = await getJson<State>(this.address);
    } catch (error) {
      const said = error instanceof HttpError && error.status < 500 && !error.message.includes(" for /");
      this.problem = said ? error.message : t("That could not be done. Check your connection and try again.");
    }
    this.busy = false;
    this.draw();
    return this.problem === "";
  }

  private draw(): void {
    this.dialog.draw(html`
      <section aria-labelledby="share-link">
        <h3 class="share-title" id="share-link">${t("Link")}</h3>
        <p class="share-text">${t("Whoever has the link reads the conversation as it is now. Later messages are not on it.")}</p>
        ${this.problem ? html`<p class="alert tone-danger" role="alert">${this.problem}</p>` : nothing}
        ${this.state ? this.linkForm(this.state) : this.problem ? nothing : html`<p class="share-text"><span class="spinner"></span></p>`}
      </section>
      <section class="share-files" aria-labelledby="share-file">
        <h3 class="share-title" id="share-file">${t("Export")}</h3>
        <div class="share-ways">
          ${this.file("markdown", "", "Markdown", t("To read or to edit"))}
          ${this.file("json", "", t("JSON, this path"), t("What you see, for programs"))}
          ${this.file("json", "&all", t("JSON, all branches"), t("To keep or to import again"))}
          ${this.way("copy", t("Copy as Markdown"), t("The whole conversation"), (event) => this.copy(event))}
          ${this.way("print", t("Print"), t("Or save as PDF"), () => this.print())}
        </div>
      </section>
    `);
  }

  private linkForm({ link, name, has_pictures }: State): TemplateResult {
    const lives = link && !link.is_over;
    const submit = async (event: SubmitEvent) => {
      event.preventDefault();
      const form = new FormData(event.currentTarget as HTMLFormElement);
      const terms = {
        shows_name: form.has("name"),
        with_images: form.has("images"),
        lasts: String(form.get("lasts") ?? "never"),
      };
      if ((await this.attempt(() => postJson(this.address, terms))) && lives)
        showToast(t("The link shows it as it is now."));
    };
    return html`
      ${
        lives
          ? html`<div class="share-address">
              <input class="input" readonly aria-label=${t("Link")} .value=${link.address} @focus=${(event: FocusEvent) => (event.target as HTMLInputElement).select()} />
              <button class="button button-primary" @click=${(event: Event) => copyText(link.address, event.currentTarget as HTMLElement)}>${icon("copy")}${t("Copy link")}</button>
            </div>
            <p class="share-state">${link.expires_at ? t("Until %(day)s.", { day: day(link.expires_at) }) : t("Until you revoke it.")}
              ${link.is_behind ? t("The conversation has changed since.") : t("It shows the conversation as it is now.")}
              <a class="link" href=${link.address} target="_blank" rel="noopener">${t("Open it")}</a></p>`
          : link
            ? html`<p class="share-state">${t("The link ran out on %(day)s.", { day: day(link.expires_at ?? "") })}</p>`
            : nothing
      }
      <form class="share-terms" @submit=${submit}>
        <label class="field share-lasts"><span class="field-label">${t("It lasts")}</span>
          <span class="select"><select name="lasts">
            ${lives && link.expires_at ? html`<option value="keep">${t("Until %(day)s.", { day: day(link.expires_at) })}</option>` : nothing}
            ${lasts().map(([value, label]) => html`<option value=${value}>${label}</option>`)}
          </select>${icon("chevron-down")}</span>
        </label>
        ${
          name
            ? html`<label class="checkbox"><input type="checkbox" name="name" ?checked=${link?.shows_name ?? false} />${t("Show my name, %(name)s", { name })}</label>`
            : nothing
        }
        ${
          has_pictures
            ? html`<label class="checkbox"><input type="checkbox" name="images" ?checked=${link?.with_images ?? false} />${t("With the pictures in it")}</label>`
            : nothing
        }
        <div class="share-buttons">
          <button class="button ${lives ? "button-secondary" : "button-primary"}" ?disabled=${this.busy}>${lives ? t("Update the link") : t("Make a link")}</button>
          ${
            link
              ? html`<button type="button" class="button button-caution" ?disabled=${this.busy}
                  @click=${() => this.attempt(() => postJson(this.address, { revoke: true }))}>${t("Revoke")}</button>`
              : nothing
          }
        </div>
      </form>`;
  }

  private exportAddress(format: string, more = ""): string {
    return `/chat/api/threads/${this.threadId}/export/?format=${format}${more}`;
  }

  private file(format: string, more: string, label: string, hint: string): TemplateResult {
    return html`<a class="share-way" href=${this.exportAddress(format, more)} download>${icon("download")}
      <span><strong>${label}</strong><span>${hint}</span></span></a>`;
  }

  private way(name: string, label: string, hint: string, act: (event: Event) => void): TemplateResult {
    return html`<button type="button" class="share-way" @click=${act}>${icon(name)}
      <span><strong>${label}</strong><span>${hint}</span></span></button>`;
  }

  private async copy(event: Event): Promise<void> {
    const button = event.currentTarget as HTMLElement;
    try {
      const answer = await fetch(this.exportAddress("markdown"), { credentials: "same-origin" });
      if (!answer.ok || answer.redirected) throw new HttpError(answer.status, "");
      await copyText(await answer.text(), button);
    } catch {
      showToast(t("The conversation could not be copied. Check your connection and try again."), "warning");
    }
  }

  /** Paper has no scrolling: what is older is loaded before. */
  private async print(): Promise<void> {
    this.dialog.close();
    for (
      let page = 0;
      page < MOST_PAGES && this.session.thread.older && this.session.thread.id === this.threadId;
      page += 1
    ) {
      await this.session.reading.loadOlder();
    }
    requestAnimationFrame(() => requestAnimationFrame(() => print()));
  }
}
