// The playground: holds what stands there, runs it, and draws it.
import { render } from "lit-html";
import { type Catalogue, loadModels } from "../../chat/panels/models";
import type { Value } from "../../chat/panels/settings_fields";
import { showToast } from "../../controllers/toasts";
import { t } from "../../i18n";
import { getJson, HttpError, postJson } from "../../shared/http";
import { changes, type Piece } from "./changes";
import {
  addressOf,
  emptyContent,
  emptyMessage,
  type InLog,
  isJson,
  type Message,
  type PageData,
  type Role,
  type ToolCall,
} from "./data";
import { frame } from "./frame";
import { Keeping } from "./keeping";
import { type Column, column, contentOf, fresh, Memory, type State } from "./state";
import { type Answer, ask, nothingYet } from "./stream";

/** After each it is looked whether the call of an answer is in the log by now; a database may be away for a minute. */
const PAUSES_MS = [350, 350, 600, 600, 600, 1200, 2000, 4000, 8000, 15_000, 15_000, 30_000, 30_000, 60_000];
/** From then on the reader is told that it takes longer. */
const LATE_AFTER = 6;
const DOUBLE_CLICK_MS = 600;

export class Page {
  readonly memory: Memory;
  readonly keeping: Keeping;
  state: State;
  /** A sentence for each place that must be changed. */
  faults: Readonly<Record<string, string>> = {};
  readonly typed: Record<string, string> = {};
  catalogue: Catalogue | null = null;
  modelsFailed = false;
  readonly openParts = new Set<string>();
  private readonly stops = new Map<string, AbortController>();
  private readonly known = new Map<string, { base: string; text: string; pieces: Piece[] }>();
  private nextFrame = 0;
  private stoppedAt = -DOUBLE_CLICK_MS;

  constructor(
    readonly data: PageData,
    private readonly root: HTMLElement,
  ) {
    this.memory = new Memory(data);
    this.state = this.memory.read();
    this.keeping = new Keeping(this);
    const { content } = this.state;
    for (const name of ["tools", "answer_schema"] as const) if (content[name].trim()) this.openParts.add(name);
  }

  start(): void {
    this.root.replaceChildren();
    this.draw();
    void this.loadModels();
    for (const { answer } of this.state.columns) if (answer) void this.awaitLog(answer);
    addEventListener("pagehide", () => this.memory.keepNow(this.state));
    addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      if (!this.isRunning) this.run(this.state.columns);
    });
    document.addEventListener("submit", (event) => {
      if ((event.target as Element).matches("[data-sign-out]")) this.memory.clear();
    });
  }

  async loadModels(): Promise<void> {
    this.modelsFailed = false;
    try {
      this.catalogue = await loadModels(this.data.urls.models);
    } catch {
      this.modelsFailed = true;
    }
    this.draw();
  }

  // --- Drawing ---

  draw(): void {
    cancelAnimationFrame(this.nextFrame);
    this.nextFrame = 0;
    render(frame(this), this.root);
  }

  private drawSoon(): void {
    this.nextFrame ||= requestAnimationFrame(() => this.draw());
  }

  /** Something was typed or chosen: keep it, and take back what was said to be wrong there. */
  changed(place = ""): void {
    if (place && this.faults[place]) {
      const { [place]: _mended, ...others } = this.faults;
      this.faults = others;
    }
    this.memory.keep(this.state);
    this.draw();
  }

  /** Whether what stands here is not what is kept under its name. */
  get isUnsaved(): boolean {
    const { kept, content } = this.data;
    return kept !== null && content !== null && JSON.stringify(contentOf(this.state)) !== JSON.stringify(content);
  }

  /** Go back to what is kept under the name. */
  showSaved(): void {
    this.stopAll();
    this.startOver(fresh(this.data), t("This is what is saved."));
  }

  // --- The prompt ---

  private readonly keys = new WeakMap<Message, number>();
  private lastKey = 0;

  /** What a message is told apart by while messages are moved. */
  readonly keyOf = (message: Message): number => {
    const known = this.keys.get(message);
    if (known) return known;
    this.lastKey += 1;
    this.keys.set(message, this.lastKey);
    return this.lastKey;
  };

  addMessage(role: Role): void {
    const { messages } = this.state.content;
    messages.push(emptyMessage(role));
    this.changed();
    document.getElementById(`play-message-${messages.length - 1}`)?.focus();
  }

  removeMessage(at: number): void {
    const { messages } = this.state.content;
    const [removed] = messages.splice(at, 1);
    this.faults = {};
    this.changed();
    if (!removed || !(removed.text || removed.tool_calls.length > 0)) return;
    showToast(t("The message is removed."), "info", {
      label: t("Undo"),
      run: () => {
        messages.splice(at, 0, removed);
        this.changed();
      },
    });
  }

  moveMessage(at: number, by: -1 | 1): void {
    const { messages } = this.state.content;
    const moved = messages[at];
    if (!moved || !messages[at + by]) return;
    messages.splice(at, 1);
    messages.splice(at + by, 0, moved);
    this.faults = {};
    this.changed();
    const label = by < 0 ? t("Move up") : t("Move down");
    const row = document.getElementById(`play-message-${at + by}`)?.closest(".play-message");
    row?.querySelector<HTMLButtonElement>(`button[aria-label="${label}"]:enabled, textarea`)?.focus();
  }

  openPart(name: string, isOpen: boolean): void {
    if (this.openParts.has(name) === isOpen) return;
    if (isOpen) this.openParts.add(name);
    else this.openParts.delete(name);
    this.draw();
  }

  setParameter(name: string, value: Value | null): void {
    const { parameters } = this.state.content;
    delete this.typed[name];
    if (value === null) delete parameters[name];
    else parameters[name] = value;
    this.changed(name);
  }

  addTool(definition: object): void {
    const { content } = this.state;
    let tools: unknown;
    try {
      tools = content.tools.trim() ? JSON.parse(content.tools) : [];
    } catch {
      this.faults = { ...this.faults, tools: t("What stands here is no JSON yet, so nothing can be added to it.") };
      this.draw();
      return;
    }
    content.tools = JSON.stringify([...(Array.isArray(tools) ? tools : [tools]), definition], null, 2);
    this.changed("tools");
  }

  /** Take an answer into the prompt, with a place for the result of each tool it wants called. */
  goOnWith(answer: Answer): void {
    const { messages } = this.state.content;
    const calls = answer.tools.map((call, at) => ({ ...call, id: call.id || `call_${at + 1}` }));
    messages.push({ role: "assistant", text: answer.text, tool_calls: calls, answers: "" });
    for (const call of calls) {
      const result: Message = { role: "tool", text: "", tool_calls: [], answers: call.id };
      messages.push(result);
      if (this.data.tools.some(({ name }) => name === call.name)) void this.runTool(call, result);
    }
    if (calls.length === 0) messages.push(emptyMessage());
    this.state.hidesPrompt = false;
    this.changed();
    document.getElementById(`play-message-${messages.length - Math.max(1, calls.length)}`)?.focus();
  }

  /** Tools of the server's own answer by themselves; what they say can be changed before it is sent. */
  private async runTool({ name, arguments: given }: ToolCall, result: Message): Promise<void> {
    const { team, urls } = this.data;
    try {
      const { told } = await postJson<{ told: string }>(urls.tool, { team, name, arguments: given });
      result.text ||= told;
      this.changed();
    } catch {
      showToast(t("%(name)s could not be run. Write its result yourself.", { name }), "error");
    }
  }

  togglePrompt(): void {
    this.state.hidesPrompt = !this.state.hidesPrompt;
    this.changed();
  }

  /** Begin with nothing; what was there comes back with a press. */
  clear(): void {
    this.stopAll();
    this.startOver(fresh({ ...this.data, content: emptyContent() }), t("The playground is empty."));
  }

  private startOver(state: State, word: string): void {
    const before = this.state;
    this.state = state;
    this.faults = {};
    this.changed();
    showToast(word, "info", {
      label: t("Undo"),
      run: () => {
        this.state = before;
        this.changed();
      },
    });
  }

  switchTeam(team: string): void {
    this.memory.keepNow(this.state);
    const address = new URL(location.href);
    address.searchParams.set("team", team);
    location.assign(address);
  }

  // --- Models and their answers ---

  get isRunning(): boolean {
    return this.stops.size > 0;
  }

  addColumn(): void {
    const used = new Set(this.state.columns.map(({ model }) => model));
    const next = this.catalogue?.models.find(({ id }) => !used.has(id))?.id ?? this.data.default_model;
    this.state.columns.push(column(next));
    this.changed();
  }

  removeColumn(gone: Column): void {
    this.stops.get(gone.key)?.abort();
    this.state.columns = this.state.columns.filter((one) => one !== gone);
    this.changed();
  }

  stop({ key }: Column): void {
    this.stoppedAt = performance.now();
    this.stops.get(key)?.abort();
  }

  stopAll(): void {
    this.stoppedAt = performance.now();
    for (const stop of this.stops.values()) stop.abort();
  }

  run(columns: readonly Column[]): void {
    // Where Stop was, Run is now: the second half of a double click must not ask again.
    if (performance.now() - this.stoppedAt < DOUBLE_CLICK_MS) return;
    this.faults = {};
    for (const one of columns) if (!this.stops.has(one.key)) void this.runOne(one);
    this.draw();
  }

  private async runOne(one: Column): Promise<void> {
    const before = one.answer;
    const answer: Answer = { ...nothingYet(), isJson: isJson(this.state.content.answer_schema) };
    const stop = new AbortController();
    one.answer = answer;
    this.stops.set(one.key, stop);
    const { original, team, urls } = this.data;
    const wish = { team, model: one.model, content: contentOf(this.state), replay_of: original?.id ?? null };
    try {
      await ask(urls.run, wish, answer, stop.signal, () => {
        this.memory.keep(this.state);
        this.drawSoon();
      });
    } catch (error) {
      this.notBegun(one, before, error);
    }
    this.stops.delete(one.key);
    this.changed();
    if (one.answer === answer) void this.awaitLog(answer);
  }

  private notBegun(one: Column, before: Answer | null, error: unknown): void {
    if (error instanceof HttpError && Object.keys(error.faults).length > 0) {
      one.answer = before;
      this.faults = { ...this.faults, ...error.faults };
      this.state.hidesPrompt = false;
      for (const name of Object.keys(this.faults)) this.openParts.add(partOf(name));
      return;
    }
    const said = error instanceof Error ? error.message : "";
    one.answer = { ...nothingYet(), status: "error", error: said || t("That did not work. Try again in a moment.") };
  }

  /** Once its call is written, it can be opened, and what a stopped answer took is known. Never before: it is not there. */
  private async awaitLog(answer: Answer): Promise<void> {
    if (!answer.call) return;
    for (const [tries, pause] of PAUSES_MS.entries()) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (!this.state.columns.some((one) => one.answer === answer)) return;
      if (await this.isWritten(answer)) return this.changed();
      if (tries + 1 !== LATE_AFTER) continue;
      answer.log = "late";
      this.draw();
    }
    answer.log = "missing";
    this.changed();
  }

  private async isWritten(answer: Answer): Promise<boolean> {
    try {
      const found = await getJson<InLog>(addressOf(this.data.urls.numbers, answer.call));
      if (!found.numbers) return false;
      answer.numbers ??= found.numbers;
      answer.log = found.url === null ? "closed" : { url: found.url };
      return true;
    } catch {
      return false; // looked for again
    }
  }

  /** What differs between two texts, worked out once for each pair. */
  marked(base: string, text: string): Piece[] {
    const key = `${base.length}:${text.length}:${text.slice(-60)}`;
    const known = this.known.get(key);
    if (known && known.base === base && known.text === text) return known.pieces;
    const pieces = changes(base, text);
    this.known.set(key, { base, text, pieces });
    return pieces;
  }
}

function partOf(name: string): string {
  return name === "tools" || name === "answer_schema" ? name : "parameters";
}
