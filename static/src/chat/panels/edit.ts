// The field an own message becomes while it is edited. Like the composer's, it belongs to the browser: drawing the page
// never touches what is in it.

import { html, nothing, render } from "lit-html";
import { t } from "../../i18n";
import { room } from "../format";
import { isComposing, isSendKey } from "../keys";

/** Show the count from this share of the limit on. */
const COUNT_FROM = 0.8;

interface EditOptions {
  readonly text: string;
  readonly maxText: number;
  typed(text: string): void;
  cancel(): void;
  send(text: string): void;
}

export class EditField {
  readonly element = document.createElement("form");
  private readonly field = document.createElement("textarea");
  private readonly bar = document.createElement("div");

  constructor(private readonly options: EditOptions) {
    this.element.className = "composer message-edit";
    this.bar.className = "composer-bar message-edit-bar";
    Object.assign(this.field, { rows: 1, enterKeyHint: "send", value: options.text });
    this.field.setAttribute("aria-label", t("Edit your message"));
    this.element.append(this.field, this.bar);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.onKey(event));
    new ResizeObserver(() => this.fit()).observe(this.element);
    this.drawBar();
  }

  focus(): void {
    this.field.focus();
    const { length } = this.field.value;
    this.field.setSelectionRange(length, length);
  }

  private submit(): void {
    const text = this.field.value.trim();
    if (text && text.length <= this.options.maxText) this.options.send(text);
  }

  private onKey(event: KeyboardEvent): void {
    if (isSendKey(event)) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && !isComposing(event)) {
      event.stopPropagation();
      this.options.cancel();
    }
  }

  private typed(): void {
    this.options.typed(this.field.value);
    this.fit();
    this.drawBar();
  }

  /** As tall as its text; the style sheet says where it begins to scroll. */
  private fit(): void {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
  }

  private drawBar(): void {
    const { maxText, cancel } = this.options;
    const { length } = this.field.value;
    const isTooLong = length > maxText;
    render(
      html`<p class="message-edit-hint">${t("The message as it was is kept as another version.")}</p>
        ${
          length > maxText * COUNT_FROM
            ? html`<span class="composer-count ${isTooLong ? "tone-danger" : ""}" role="status">${room(maxText - length)}</span>`
            : nothing
        }
        <span class="message-edit-ways"><button class="button button-quiet button-small" type="button" @click=${cancel}>${t("Cancel")}</button>
        <button class="button button-primary button-small" ?disabled=${isTooLong || this.field.value.trim() === ""}>${t("Send")}</button></span>`,
      this.bar,
    );
  }
}
