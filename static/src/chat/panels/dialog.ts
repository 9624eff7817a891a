// A dialog over the chat page: made when it is opened, gone when it is closed. The browser keeps the focus inside and
// gives it back; a click beside it, Escape and `data-dialog-close` close it.

import { html, render, type TemplateResult } from "lit-html";
import { moveToasts } from "../../controllers/toasts";
import { t } from "../../i18n";
import { icon } from "../views/icon";

export class Dialog {
  readonly element = document.createElement("dialog");
  private isOpened = false;

  /** `kind` is a further class, for its size and place. */
  constructor(
    private readonly title: string,
    kind = "",
    closed: () => void = () => undefined,
  ) {
    this.element.className = `dialog panel ${kind}`;
    this.element.setAttribute("aria-label", title);
    this.element.addEventListener("close", () => {
      this.element.remove();
      moveToasts(this.element);
      closed();
    });
  }

  get isClosed(): boolean {
    return this.isOpened && !this.element.isConnected;
  }

  /** Draw what is in it, and show it the first time. One that was closed stays so: an answer may come after it. */
  draw(content: TemplateResult): void {
    render(
      html`<header class="panel-head">
          <h2 class="dialog-title">${this.title}</h2>
          <button type="button" class="button button-quiet button-icon" data-dialog-close aria-label=${t("Close")}>${icon("close")}</button>
        </header>
        <div class="panel-body">${content}</div>
        <div class="toasts" data-toasts role="status" aria-live="polite"></div>`,
      this.element,
    );
    if (this.isOpened) return;
    this.isOpened = true;
    document.body.append(this.element);
    this.element.showModal();
    moveToasts();
  }

  close(): void {
    this.element.close();
  }
}
