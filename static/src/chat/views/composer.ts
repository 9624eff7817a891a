// Where a message is written. The text field belongs to the browser: drawing the page never touches what is in it.
import { html, nothing, render } from "lit-html";
import type { Session } from "../session";
import { icon } from "./icon";
import { ModelPicker } from "./model_picker";

const MAX_LINES = 5;
/** Show the count from this share of the limit on. */
const COUNT_FROM = 0.8;
const KEEP_DRAFT_MS = 300;
/** What browsers report as the key while an input method composes. */
const IME_KEY_CODE = 229;

export class Composer {
  private readonly field: HTMLTextAreaElement;
  private readonly bar = document.createElement("div");
  private readonly picker: ModelPicker;
  private threadId = "";
  /** Under which name the field's text is kept; a new chat has none until it is stored. */
  private draftName: string | null = null;
  private draftTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    root: HTMLElement,
    private readonly session: Session,
    private readonly sent: () => void,
  ) {
    const form = document.createElement("form");
    form.className = "composer";
    this.field = document.createElement("textarea");
    Object.assign(this.field, { rows: 1, placeholder: "Write a message", enterKeyHint: "send", id: "composer-field" });
    this.field.setAttribute("aria-label", "Message");
    this.bar.className = "composer-bar";
    form.append(this.field, this.bar);
    root.replaceChildren(form);
    this.picker = new ModelPicker(session, () => this.update());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    form.addEventListener("pointerdown", (event) => {
      if (event.target === form || event.target === this.bar) {
        event.preventDefault();
        this.field.focus();
      }
    });
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.onKey(event));
    addEventListener("pagehide", () => this.keepDraft());
  }

  /** Follow the session: another thread brings its own draft. */
  update(): void {
    const { thread, drafts } = this.session;
    const name = thread.fresh ? null : thread.id;
    if (thread.id !== this.threadId) {
      if (this.threadId) this.keepDraft();
      this.threadId = thread.id;
      this.draftName = name;
      this.set(drafts.read(name));
    } else if (name !== this.draftName) {
      drafts.write(this.draftName, "");
      this.draftName = name;
      this.keepDraft();
    }
    this.drawBar();
  }

  focus(): void {
    this.field.focus({ preventScroll: true });
  }

  get isEmpty(): boolean {
    return this.field.value.trim() === "";
  }

  /** Put a text in the field, ready to be changed. */
  fill(text: string): void {
    this.set(text);
    this.keepDraft();
    this.drawBar();
    this.focus();
    this.field.setSelectionRange(text.length, text.length);
  }

  private get isTooLong(): boolean {
    return this.field.value.length > this.session.data.limits.max_text;
  }

  private submit(): void {
    const text = this.field.value.trim();
    if (!text || this.isTooLong) return;
    clearTimeout(this.draftTimer);
    this.session.drafts.write(this.draftName, "");
    this.set("");
    this.session.send(text);
    this.drawBar();
    this.sent();
  }

  private onKey(event: KeyboardEvent): void {
    // The Enter that accepts a composed word is not the Enter that sends.
    if (event.key !== "Enter" || event.isComposing || event.keyCode === IME_KEY_CODE) return;
    if (event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.submit();
  }

  private typed(): void {
    this.fit();
    this.drawBar();
    clearTimeout(this.draftTimer);
    this.draftTimer = setTimeout(() => this.keepDraft(), KEEP_DRAFT_MS);
  }

  private keepDraft(): void {
    clearTimeout(this.draftTimer);
    this.session.drafts.write(this.draftName, this.field.value);
  }

  private set(text: string): void {
    this.field.value = text;
    this.fit();
  }

  /** As tall as its text, up to a few lines; then it scrolls. */
  private fit(): void {
    const { style } = this.field;
    style.height = "auto";
    const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(this.field);
    const padding = Number.parseFloat(paddingTop) + Number.parseFloat(paddingBottom);
    const most = MAX_LINES * Number.parseFloat(lineHeight) + padding;
    style.height = `${Math.min(this.field.scrollHeight, most)}px`;
    style.overflowY = this.field.scrollHeight > most ? "auto" : "hidden";
  }

  private drawBar(): void {
    const { max_text } = this.session.data.limits;
    const { length } = this.field.value;
    const isBusy = this.session.isBusy;
    const isStopping = this.session.stopping.has(this.session.thread.turn?.turn_id ?? "");
    render(
      html`${this.picker.template()}
        <span class="composer-space"></span>
        ${
          length > max_text * COUNT_FROM
            ? html`<span class="composer-count ${this.isTooLong ? "tone-danger" : ""}" role="status"
                >${(max_text - length).toLocaleString("en")} left</span>`
            : nothing
        }
        ${
          isBusy
            ? html`<button class="button button-secondary button-icon composer-stop" type="button" aria-label="Stop"
                data-tooltip="Stop" aria-busy=${isStopping} @click=${() => this.session.stop()}
                >${isStopping ? nothing : icon("stop")}</button>`
            : nothing
        }
        <button class="button button-primary button-icon composer-send" aria-label="Send"
          ?disabled=${this.isEmpty || this.isTooLong}>${icon("arrow-up")}</button>`,
      this.bar,
    );
  }
}
