// Where a message is written. The text field belongs to the browser: drawing the page never touches what is in it.

import { html, nothing, render } from "lit-html";
import { showToast } from "../../controllers/toasts";
import { t } from "../../i18n";
import { type Attached, attachedTo, type Carried, idsOf } from "../attachments";
import { takeFiles } from "../drops";
import { room } from "../format";
import { isSendKey } from "../keys";
import { openPanel } from "../panels";
import type { Strip } from "../panels/attach";
import type { Slash } from "../panels/slash";
import type { Prompt } from "../prompts";
import type { Session } from "../session";
import { icon } from "./icon";
import { ModelPicker } from "./model_picker";

const MAX_LINES = 5;
/** Show the count from this share of the limit on. */
const COUNT_FROM = 0.8;
const KEEP_DRAFT_MS = 300;

export class Composer {
  private readonly field: HTMLTextAreaElement;
  private readonly bar: HTMLElement;
  private readonly picker: ModelPicker;
  private threadId = "";
  /** Under which name the field's text is kept; a new chat has none until it is stored. */
  private draftName: string | null = null;
  private draftTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly chooser = document.createElement("input");
  /** What is attached and has arrived at the server. */
  private files: Attached[] = [];
  private strip: Strip | undefined;
  private slash: Slash | undefined;

  constructor(
    root: HTMLElement,
    private readonly session: Session,
    private readonly sent: () => void,
    private readonly newChat: () => void = () => undefined,
  ) {
    const form = root.querySelector("form") as HTMLFormElement;
    this.field = form.querySelector("textarea") as HTMLTextAreaElement;
    this.bar = form.querySelector(".composer-bar") as HTMLElement;
    Object.assign(this.chooser, { type: "file", multiple: true, hidden: true });
    form.append(this.chooser);
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
    this.chooser.addEventListener("change", () => {
      this.attach([...(this.chooser.files ?? [])]);
      this.chooser.value = ""; // the same file can be chosen again
    });
    takeFiles((files) => this.attach(files));
    session.drafts.watch((threadId) => this.follow(threadId));
  }

  /** Follow the session: another thread brings its own draft. */
  update(): void {
    const { thread, drafts } = this.session;
    const name = thread.fresh ? null : thread.id;
    if (thread.id !== this.threadId) {
      // What was typed while the page was still loading is the newest draft of the thread it opened with.
      const typed = this.threadId ? "" : this.field.value;
      if (this.threadId) this.keepDraft();
      this.threadId = thread.id;
      this.draftName = name;
      this.set(typed || drafts.read(name));
      if (typed) this.keepDraft();
      this.show(drafts.readFiles(name));
    } else if (name !== this.draftName) {
      drafts.write(this.draftName, "");
      drafts.writeFiles(this.draftName, []);
      this.draftName = name;
      this.keepDraft();
      drafts.writeFiles(name, this.files);
    }
    this.strip?.draw();
    this.drawBar();
  }

  /** Another tab changed this thread's draft. What is being typed here is never touched. */
  private follow(threadId: string): void {
    const isTyping = document.hasFocus() && document.activeElement === this.field;
    if (threadId !== this.draftName || isTyping || this.strip?.isUploading) return;
    clearTimeout(this.draftTimer);
    this.set(this.session.drafts.read(threadId));
    this.show(this.session.drafts.readFiles(threadId));
    this.drawBar();
  }

  /** Bring files to the server; the message can go when they are there. */
  attach(files: File[]): void {
    if (files.length > 0) this.withStrip((strip) => strip.add(files));
    this.focus();
  }

  private show(files: readonly Attached[]): void {
    this.files = [...files];
    if (files.length > 0) this.withStrip((strip) => strip.show(this.files));
    else this.strip?.show([]);
  }

  private withStrip(use: (strip: Strip) => void): void {
    if (this.strip) use(this.strip);
    else
      void openPanel(
        () => import("../panels/attach"),
        (panel) => {
          this.strip ??= this.placed(new panel.Strip(this.stripHost()));
          use(this.strip);
        },
      );
  }

  private placed(strip: Strip): Strip {
    this.field.before(strip.element);
    return strip;
  }

  private stripHost() {
    const { session } = this;
    const { limits, team, models } = session.data;
    return {
      maxMb: limits.file_mb,
      maxFiles: limits.files,
      maxTokens: () => models.find((model) => model.id === session.model)?.budget ?? Number.POSITIVE_INFINITY,
      teamId: team.id,
      url: "/chat/api/attachments/",
      blindModel: () => models.find((model) => model.id === session.model && !model.sees_images)?.label ?? null,
      changed: (files: Attached[]) => {
        this.files = files;
        session.drafts.writeFiles(this.draftName, files);
        this.drawBar();
      },
      say: (text: string) => this.announce(text),
      warn: (text: string) => {
        this.announce(text);
        showToast(text, "warning");
      },
    };
  }

  focus(): void {
    this.field.focus({ preventScroll: true });
  }

  get isEmpty(): boolean {
    return this.field.value.trim() === "" && this.files.length === 0;
  }

  /** Put a text in the field, ready to be changed. */
  fill(text: string, carried: Carried = []): void {
    this.set(text);
    this.keepDraft();
    if (carried.length > 0) {
      this.show(attachedTo(carried));
      this.session.drafts.writeFiles(this.draftName, this.files);
    }
    this.drawBar();
    this.focus();
    this.field.setSelectionRange(text.length, text.length);
  }

  private get isTooLong(): boolean {
    return this.field.value.length > this.session.data.limits.max_text;
  }

  private submit(): void {
    const text = this.field.value.trim();
    if (!this.canSend) return;
    clearTimeout(this.draftTimer);
    const { files } = this;
    this.session.drafts.write(this.draftName, "");
    this.session.drafts.writeFiles(this.draftName, []);
    this.set("");
    this.show([]);
    const carried = files.map((file) => ({ ...file }));
    this.session.send(text, files.length > 0 ? { attachments: idsOf(files) } : {}, carried);
    this.drawBar();
    this.sent();
  }

  private get canSend(): boolean {
    return !this.isEmpty && !this.isTooLong && !this.strip?.isUploading;
  }

  private onKey(event: KeyboardEvent): void {
    if (!isSendKey(event)) return;
    event.preventDefault();
    this.submit();
  }

  private typed(): void {
    this.fit();
    this.suggest();
    this.drawBar();
    clearTimeout(this.draftTimer);
    this.draftTimer = setTimeout(() => this.keepDraft(), KEEP_DRAFT_MS);
  }

  /** What begins with a slash may be a command. */
  private suggest(): void {
    if (this.slash) this.slash.typed();
    else if (this.field.value.startsWith("/"))
      void openPanel(
        () => import("../panels/slash"),
        (panel) => {
          this.slash ??= new panel.Slash(this.field, this.slashHost());
          this.slash.update();
        },
      );
  }

  private slashHost() {
    const { session } = this;
    return {
      teamId: session.data.team.id,
      models: session.data.models,
      newChat: () => this.newChat(),
      chooseModel: (id: string) => session.chooseModel(id),
      attach: () => this.chooser.click(),
      library: () => this.openPrompts(),
      use: (prompt: Prompt) => this.openPrompts(prompt),
      clear: () => this.fill(""),
      say: (text: string) => this.announce(text),
    };
  }

  /** Open the prompt library, or use one of its prompts. */
  openPrompts(chosen?: Prompt): void {
    const host = { teamId: this.session.data.team.id, insert: (text: string) => this.fill(this.field.value + text) };
    void openPanel(
      () => import("../panels/prompts"),
      (panel) => panel.open(host, chosen),
    );
  }

  private announce(text: string): void {
    const announcer = document.getElementById("chat-announcer");
    if (announcer) announcer.textContent = text;
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
    style.height = style.overflowY = "";
    if (!this.field.value) return; // one line: measuring it would have the whole page laid out
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
      html`<button class="button button-quiet button-icon button-small" type="button" aria-label=${t("Attach files")}
          data-tooltip=${t("Attach files")} @click=${() => this.chooser.click()}>${icon("attach")}</button>
        ${this.picker.template()}
        <span class="composer-space"></span>
        ${
          length > max_text * COUNT_FROM
            ? html`<span class="composer-count ${this.isTooLong ? "tone-danger" : ""}" role="status"
                >${room(max_text - length)}</span>`
            : nothing
        }
        ${
          isBusy
            ? html`<button class="button button-secondary button-icon composer-stop" type="button" aria-label=${t("Stop")}
                data-tooltip=${t("Stop")} aria-busy=${isStopping} @click=${() => this.session.stop()}
                >${isStopping ? nothing : icon("stop")}</button>`
            : nothing
        }
        <button class="button button-primary button-icon composer-send" aria-label=${t("Send")}
          ?disabled=${!this.canSend}>${icon("arrow-up")}</button>`,
      this.bar,
    );
  }
}
