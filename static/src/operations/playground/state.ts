// What stands in the playground, and the copy of it that the browser keeps for its person.
import { PersonalStorage } from "../../chat/storage";
import { newId } from "../../shared/ids";
import { type Content, emptyContent, type PageData } from "./data";
import { type Answer, broken } from "./stream";

export interface Column {
  key: string;
  model: string;
  answer: Answer | null;
}

export interface State {
  content: Content;
  columns: Column[];
  hidesPrompt: boolean;
  showsChanges: boolean;
  showsPlain?: boolean;
}

interface Stored {
  at: number;
  state: State;
}

const NAME = "playground:";
const MOST_STORED = 8;
const PAUSE_MS = 400;

export class Memory {
  private readonly storage: PersonalStorage;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private latest: State | undefined;
  source: string;

  constructor(private readonly data: PageData) {
    this.source = data.source;
    // What a logged call said belongs to the log: here it stays with its tab alone.
    const isOfACall = data.source.startsWith("call-");
    this.storage = new PersonalStorage(data.user, () => (isOfACall ? sessionStorage : localStorage));
  }

  read(): State {
    const stored = this.stored(this.source);
    return stored ? mended(stored.state, this.data) : fresh(this.data);
  }

  /** Keep it soon: a stream changes it many times a second. */
  keep(state: State): void {
    this.latest = state;
    this.timer ??= setTimeout(() => this.keepNow(this.latest ?? state), PAUSE_MS);
  }

  keepNow(state: State): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const stored: Stored = { at: Date.now(), state };
    if (this.storage.write(NAME + this.source, JSON.stringify(stored))) {
      this.prune();
      return;
    }
    // Full: what was typed matters more than what can be asked again.
    const columns = state.columns.map((column) => ({ ...column, answer: null }));
    this.storage.write(NAME + this.source, JSON.stringify({ at: stored.at, state: { ...state, columns } }));
  }

  forget(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.storage.write(NAME + this.source, null);
  }

  /** Nothing that was typed stays behind at sign-out. */
  clear(): void {
    clearTimeout(this.timer);
    this.storage.clear();
  }

  private stored(source: string): Stored | null {
    try {
      const stored = JSON.parse(this.storage.read(NAME + source) ?? "null") as Stored | null;
      return stored && Array.isArray(stored.state.content.messages) && Array.isArray(stored.state.columns)
        ? stored
        : null;
    } catch {
      return null;
    }
  }

  private prune(): void {
    const names = this.storage.names(NAME).map((name) => name.slice(NAME.length));
    if (names.length <= MOST_STORED) return;
    const oldestFirst = names.sort((one, other) => (this.stored(one)?.at ?? 0) - (this.stored(other)?.at ?? 0));
    for (const name of oldestFirst.slice(0, names.length - MOST_STORED)) this.storage.write(NAME + name, null);
  }
}

export function column(model: string): Column {
  return { key: newId(), model, answer: null };
}

export function fresh(data: PageData): State {
  const content = structuredClone(data.content ?? emptyContent());
  const models = content.models.length > 0 ? content.models : [data.default_model];
  return {
    content: { ...content, messages: content.messages.length > 0 ? content.messages : emptyContent().messages },
    columns: models.slice(0, data.most_models).map(column),
    hidesPrompt: false,
    showsChanges: false,
  };
}

/** An answer that was being written when the page went is as it was then. */
function mended(state: State, data: PageData): State {
  for (const { answer } of state.columns) {
    if (answer) delete answer.log; // asked for anew: since then it may have come, or gone
    if (answer?.status !== "running") continue;
    answer.status = "error";
    answer.error = broken();
  }
  if (state.columns.length === 0) state.columns.push(column(data.default_model));
  return state;
}

/** What is sent, and kept under a name. */
export function contentOf(state: State): Content {
  return { ...state.content, models: state.columns.map(({ model }) => model) };
}
