// A page or a drawing from a reply, run in a closed frame beside the conversation: it has no network and cannot see
// this page, nor who is signed in.

import { html, nothing } from "lit-html";
import { copyText } from "../../controllers/copy";
import { t } from "../../i18n";
import type { FromArtifact, ToArtifact } from "../../shared/sandbox_messages";
import { fileName, save } from "../markdown/files";
import { SandboxFrame } from "../sandbox";
import { icon } from "../views/icon";
import { Dialog } from "./dialog";

type Shown = "preview" | "source";

export function openArtifact(source: string, language: string): void {
  new ArtifactPanel(source, language).run();
}

class ArtifactPanel {
  private readonly dialog = new Dialog(t("Preview"), "panel-side panel-artifact", () => this.frame?.close());
  private readonly place = Object.assign(document.createElement("div"), { className: "artifact-place" });
  private frame: SandboxFrame<ToArtifact, FromArtifact> | undefined;
  private shown: Shown = "preview";
  private hasFailed = false;

  constructor(
    private readonly source: string,
    private readonly language: string,
  ) {}

  /** Start it, or start it anew. */
  run(): void {
    this.frame?.close();
    this.hasFailed = false;
    this.shown = "preview";
    this.frame = new SandboxFrame(
      "artifact",
      t("Preview"),
      () => undefined,
      () => {
        this.hasFailed = true;
        this.draw();
      },
    );
    this.frame.say({ type: "show", source: this.source });
    this.place.replaceChildren(this.frame.element);
    this.draw();
  }

  private draw(): void {
    this.place.hidden = this.shown !== "preview" || this.hasFailed;
    this.dialog.draw(html`
      <div class="artifact-bar" role="toolbar" aria-label=${t("Preview")}>
        ${this.tab("preview", "eye", t("Preview"))}${this.tab("source", "code", t("Source"))}
        <span class="artifact-gap"></span>
        <button type="button" class="button button-quiet button-small button-icon" aria-label=${t("Reload")} data-tooltip=${t("Reload")}
          @click=${() => this.run()}>${icon("refresh")}</button>
        <button type="button" class="button button-quiet button-small button-icon" aria-label=${t("Copy source")} data-tooltip=${t("Copy source")}
          @click=${(event: Event) => copyText(this.source, event.currentTarget as HTMLElement)}>${icon("copy")}</button>
        <button type="button" class="button button-quiet button-small button-icon" aria-label=${t("Download")} data-tooltip=${t("Download")}
          @click=${() => save(this.source, fileName(this.language).replace(/^code\.html$/, "page.html"))}>${icon("download")}</button>
      </div>
      ${this.hasFailed ? html`<p class="artifact-note" role="alert">${t("The preview did not start. Reload it to try again.")}</p>` : nothing}
      ${this.place}
      ${this.shown === "source" ? html`<pre class="artifact-source" tabindex="0">${this.source}</pre>` : nothing}
      <p class="artifact-note">${icon("shield")}${t("Runs by itself, without network: it cannot load, send or see anything of yours.")}</p>
    `);
  }

  private tab(kind: Shown, symbol: string, words: string) {
    const show = () => {
      this.shown = kind;
      this.draw();
    };
    return html`<button type="button" class="button button-quiet button-small" aria-pressed=${this.shown === kind}
      @click=${show}>${icon(symbol)}${words}</button>`;
  }
}
