// A picture as large as the window, and the way to its neighbours.

import { html, nothing, render } from "lit-html";
import { t } from "../../i18n";
import { stepOf } from "../../shared/direction";
import { type Attached, fileUrl } from "../attachments";
import { icon } from "../views/icon";

export function open(pictures: readonly Attached[], place: number): void {
  new Lightbox(pictures, place).show();
}

class Lightbox {
  private readonly element = document.createElement("dialog");

  constructor(
    private readonly pictures: readonly Attached[],
    private place: number,
  ) {
    this.element.className = "lightbox";
    this.element.addEventListener("close", () => this.element.remove());
    this.element.addEventListener("keydown", ({ key }) => {
      const step = stepOf(key);
      if (step !== 0) this.turn(step);
    });
  }

  show(): void {
    this.draw();
    document.body.append(this.element);
    this.element.showModal();
  }

  private turn(by: number): void {
    this.place = (this.place + by + this.pictures.length) % this.pictures.length;
    this.draw();
  }

  private draw(): void {
    const picture = this.pictures[this.place];
    if (!picture) return;
    const several = this.pictures.length > 1;
    this.element.setAttribute("aria-label", picture.name);
    render(
      html`<header class="lightbox-head">
          <p class="lightbox-name" dir="auto" aria-live="polite"><span class="truncate">${picture.name}</span>${several ? html`<span class="lightbox-count">${t("%(n)s of %(all)s", { n: this.place + 1, all: this.pictures.length })}</span>` : nothing}</p>
          <a class="button button-quiet button-icon" href="${fileUrl(picture.id)}?download" download=${picture.name} aria-label=${t("Download")}>${icon("download")}</a>
          <button type="button" class="button button-quiet button-icon" data-dialog-close aria-label=${t("Close")}>${icon("close")}</button>
        </header>
        <div class="lightbox-stage" @click=${(event: Event) => event.target === event.currentTarget && this.element.close()}>
          <img src=${fileUrl(picture.id)} alt=${picture.name} width=${picture.width ?? nothing} height=${picture.height ?? nothing} />
        </div>
        ${several ? html`${this.arrow("chevron-left", t("Previous picture"), -1)}${this.arrow("chevron-right", t("Next picture"), 1)}` : nothing}`,
      this.element,
    );
  }

  private arrow(name: string, label: string, by: number) {
    return html`<button type="button" class="button button-secondary button-icon lightbox-arrow lightbox-${by < 0 ? "back" : "on"}" aria-label=${label}
      @click=${() => this.turn(by)}>${icon(name)}</button>`;
  }
}
