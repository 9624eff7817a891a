// What the page is doing: the shown thread, the sidebar, the socket, what waits to be sent. Views read it and call it.
import { getJson, HttpError } from "../shared/http";
import { newId } from "../shared/ids";
import type { ErrorFrame, MessageAccepted, OutboxCommand, ServerEvent } from "../shared/protocol";
import { Acks } from "./acks";
import { Connection, type ConnectionState, socketUrl } from "./connection";
import { Drafts } from "./drafts";
import { asQueued, Outbox, type OutboxEntry } from "./outbox";
import type { History, PageData } from "./page_data";
import { PersonalStorage } from "./storage";
import {
  applyEvent,
  applyStream,
  freshThread,
  type Need,
  type Outcome,
  type Thread,
  threadFromHistory,
  withAccepted,
  withNewest,
  withOlder,
} from "./store";
import { Subscriptions } from "./subscriptions";
import { ThreadList } from "./thread_list";
import { isListEvent } from "./thread_rows";

export type Loading = "ready" | "loading" | "failed" | "missing" | "signed-out" | "left";

export interface SessionListener {
  /** Something but the text of the running reply changed. */
  changed(): void;
  /** The running reply of the shown thread grew. */
  streamed(): void;
  /** A queued message was taken back here; its text is free again. */
  returned(text: string): void;
  /** Something to tell the person that belongs to no message. */
  notice(text: string): void;
}

const MODEL_KEY = "model";
const MOST_AT_END = 100;

export class Session {
  readonly storage: PersonalStorage;
  readonly drafts: Drafts;
  readonly outbox: Outbox;
  readonly connection: Connection;
  thread: Thread;
  loading: Loading = "ready";
  loadingOlder = false;
  readonly list: ThreadList;
  readonly stopping = new Set<string>();

  private readonly threads = new Map<string, Thread>();
  private readonly chosenModels = new Map<string, string>();
  private readonly withdrawn = new Map<string, string>();
  private readonly stopWhenAccepted = new Set<string>();
  private readonly subscriptions: Subscriptions;
  private readonly acks: Acks;
  private visit = new AbortController();
  private silence: ReturnType<typeof setInterval> | undefined;

  constructor(
    readonly data: PageData,
    private readonly listener: SessionListener,
  ) {
    this.storage = new PersonalStorage(data.user.id);
    this.drafts = new Drafts(this.storage);
    this.list = new ThreadList(data.urls, data.team.id, data.threads, listener);
    this.connection = new Connection({
      url: socketUrl(data.urls.socket),
      onFrame: (frame) => this.receive(frame),
      onState: (state) => this.onConnection(state),
    });
    const send = this.connection.send.bind(this.connection);
    this.acks = new Acks(send);
    this.subscriptions = new Subscriptions(send, (threadId) => this.reload(threadId));
    this.outbox = new Outbox({
      storage: this.storage,
      messageIntervalMs: data.limits.message_interval * 1000,
      transmit: (command) => this.connection.send(command),
      onChange: () => listener.changed(),
    });
    this.thread = data.history ? threadFromHistory(data.history) : (this.unsentChat() ?? this.emptyThread());
    this.threads.set(this.thread.id, this.thread);
  }

  start(): void {
    this.connection.start();
    this.silence = setInterval(() => {
      if (this.connection.isOnline) this.subscriptions.attend(this.thread);
    }, 1000);
  }

  get model(): string {
    const kept = this.chosenModels.get(this.thread.id) ?? this.thread.model;
    return this.data.models.some((option) => option.id === kept) ? kept : this.data.default_model;
  }

  get pending(): readonly OutboxEntry[] {
    return this.outbox.entries.filter((entry) => entry.thread_id === this.thread.id);
  }

  /** Entries of other threads that wait for the person. */
  get unsentElsewhere(): readonly OutboxEntry[] {
    const waits = (entry: OutboxEntry) => entry.state === "held" || entry.state === "refused";
    return this.outbox.entries.filter((entry) => waits(entry) && entry.thread_id !== this.thread.id);
  }

  get isBusy(): boolean {
    return this.thread.turn !== null || this.thread.queued.length > 0;
  }

  send(text: string): void {
    const place = { thread_id: this.thread.id, team_id: this.data.team.id };
    this.outbox.add({ type: "message.send", id: newId(), ...place, text, model: this.model }, this.thread.id);
  }

  regenerate(messageId: string, mode: "retry" | "continue"): void {
    const model = mode === "retry" ? this.model : null;
    this.outbox.add({ type: "message.regenerate", id: newId(), message_id: messageId, mode, model }, this.thread.id);
  }

  /** End what is being answered, or the next in line when nothing has begun yet. */
  stop(): void {
    const turnId = this.thread.turn?.turn_id ?? this.thread.queued[0]?.turn_id;
    if (turnId) this.stopTurn(turnId);
    else for (const entry of this.pending) if (entry.state === "sent") this.stopWhenAccepted.add(entry.command.id);
  }

  takeBack(turnId: string): void {
    const text = this.thread.queued.find((turn) => turn.turn_id === turnId)?.message?.content ?? "";
    this.withdrawn.set(turnId, text);
    this.stopTurn(turnId);
  }

  retrySend(entry: OutboxEntry): void {
    // An id that is taken belongs to another message for good; the same words go out under a new one.
    const fresh = entry.error?.code === "id_taken" ? { id: newId() } : {};
    const model = entry.error?.code === "model_not_allowed" ? { model: this.model } : {};
    this.outbox.retry(entry.command.id, (command): OutboxCommand => ({ ...command, ...fresh, ...model }));
  }

  chooseModel(model: string): void {
    this.chosenModels.set(this.thread.id, model);
    this.storage.write(MODEL_KEY, model);
    this.listener.changed();
  }

  newChat(): void {
    this.show(this.emptyThread(), "ready");
  }

  open(threadId: string): void {
    const known = this.threads.get(threadId);
    if (known && !known.gone) {
      this.show(known, "ready");
      this.ask(known, "subscribe");
    } else {
      this.show({ ...freshThread(threadId, ""), fresh: false }, "loading");
      void this.load(threadId);
    }
  }

  retryLoading(): void {
    this.loading = "loading";
    this.listener.changed();
    void this.load(this.thread.id);
  }

  async loadOlder(): Promise<void> {
    const { id, older } = this.thread;
    if (!older || this.loadingOlder) return;
    this.loadingOlder = true;
    this.listener.changed();
    try {
      const page = await getJson<History>(
        `${this.historyUrl(id)}?before=${encodeURIComponent(older)}`,
        this.visit.signal,
      );
      const thread = this.threads.get(id);
      if (thread?.older === older) this.keep(withOlder(thread, page));
    } catch (error) {
      if (!isAbort(error)) this.listener.notice("Older messages could not be loaded. Scroll up to try again.");
    } finally {
      this.loadingOlder = false;
      this.listener.changed();
    }
  }

  close(): void {
    clearInterval(this.silence);
    this.visit.abort();
    this.connection.stop();
    this.outbox.close();
  }

  /** The reader is back at the end: what they scrolled through long ago need not slow the page down. */
  forgetOld(): void {
    this.keep(withNewest(this.thread, MOST_AT_END));
    this.listener.changed();
  }

  /** Leave nothing typed behind on this computer. */
  signOut(): void {
    this.outbox.close();
    this.storage.clear();
  }

  private receive(event: ServerEvent): void {
    switch (event.type) {
      case "message.accepted":
        this.onAccepted(event);
        return;
      case "error":
        this.onError(event);
        return;
      case "response.output_text.delta":
      case "response.reasoning_text.delta":
      case "response.tool_call.started":
      case "response.tool_call.completed":
      case "response.node.started":
      case "response.node.completed": {
        this.acks.received(event.turn_id, event.seq);
        const owner = this.ownerOf(event.turn_id) ?? this.thread;
        if (!owner.fresh) this.take(owner, applyStream(owner, event), "streamed");
        return;
      }
      case "thread.created":
        this.list.apply(event);
        if (this.thread.id === event.thread_id && this.thread.gone) this.open(event.thread_id); // it was brought back
        return;
      case "team.left":
        if (event.team_id === this.data.team.id) this.leave();
        return;
      case "pong":
        return;
      default: {
        if (isListEvent(event)) this.list.apply(event);
        if (event.type === "response.created") this.acks.received(event.turn_id, event.seq);
        const thread = this.threads.get(event.thread_id);
        if (!thread) return;
        if (event.type === "final" || event.type === "response.error") this.onEnd(thread, event.turn_id);
        if (event.type === "thread.snapshot") this.subscriptions.answered(thread.id);
        this.take(thread, applyEvent(thread, event), "changed");
      }
    }
  }

  /** The page's team is theirs no longer: nothing of it stays on the screen. */
  private leave(): void {
    this.list.clear();
    this.threads.clear();
    this.show(this.emptyThread(), "left");
  }

  private onConnection(state: ConnectionState): void {
    this.subscriptions.forget();
    this.acks.forget();
    if (state.kind === "online") {
      this.ask(this.thread, "subscribe");
      this.outbox.resend();
      for (const turn_id of this.stopping) this.connection.send({ type: "turn.stop", turn_id });
      void this.list.refresh();
    }
    this.listener.changed();
  }

  private onAccepted(event: MessageAccepted): void {
    const entry = this.outbox.accepted(event.id);
    if (this.stopWhenAccepted.delete(event.id)) this.stopTurn(event.turn_id);
    const thread = this.threads.get(event.thread_id);
    if (!thread) return;
    if (entry && event.status === "queued") this.keep(withAccepted(thread, asQueued(entry, event)));
    else {
      this.keep({ ...thread, fresh: false });
      this.subscriptions.ask({ ...thread, fresh: false }, event.turn_id);
    }
    this.listener.changed();
  }

  private onError(error: ErrorFrame): void {
    if (this.outbox.refused(error)) return;
    if (error.code === "not_found") this.subscriptions.answered(this.thread.id);
    if (error.code !== "restarting") this.listener.notice(error.message);
  }

  private onEnd(thread: Thread, turnId: string): void {
    this.stopping.delete(turnId);
    const text = this.withdrawn.get(turnId);
    this.withdrawn.delete(turnId);
    const hadBegun = thread.turn?.turn_id === turnId;
    if (text && !hadBegun) this.listener.returned(text);
  }

  private take(thread: Thread, outcome: Outcome, kind: "changed" | "streamed"): void {
    if (outcome.thread !== thread) this.keep(outcome.thread);
    this.subscriptions.heard(thread.id);
    if (outcome.need !== "nothing") this.ask(outcome.thread, outcome.need);
    if (kind === "changed") this.listener.changed();
    else if (outcome.thread.id === this.thread.id) this.listener.streamed();
  }

  private ask(thread: Thread, need: Need): void {
    if (need === "reload") this.reload(thread.id);
    else if (need === "subscribe") this.subscriptions.ask(thread);
  }

  private reload(threadId: string): void {
    if (threadId === this.thread.id) void this.load(threadId);
    else this.threads.delete(threadId);
  }

  private async load(threadId: string): Promise<void> {
    try {
      const history = await getJson<History>(this.historyUrl(threadId), this.visit.signal);
      const ended = this.threads.get(threadId)?.ended ?? [];
      const thread = { ...threadFromHistory(history), ended };
      this.keep(thread);
      this.subscriptions.reloaded(threadId);
      if (threadId !== this.thread.id) return;
      this.loading = "ready";
      this.ask(thread, "subscribe");
    } catch (error) {
      this.subscriptions.reloaded(threadId);
      if (isAbort(error) || threadId !== this.thread.id) return;
      this.loading = failure(error);
    }
    this.listener.changed();
  }

  private show(thread: Thread, loading: Loading): void {
    this.visit.abort();
    this.visit = new AbortController();
    const left = this.thread;
    if (left.id !== thread.id) {
      this.subscriptions.leave(left);
      if (left.fresh) this.threads.delete(left.id);
    }
    this.thread = thread;
    this.loading = loading;
    this.loadingOlder = false;
    this.threads.set(thread.id, thread);
    this.listener.changed();
  }

  private keep(thread: Thread): void {
    if (!this.threads.has(thread.id) && thread.id !== this.thread.id) return;
    this.threads.set(thread.id, thread);
    if (thread.id === this.thread.id) this.thread = thread;
  }

  private stopTurn(turnId: string): void {
    this.stopping.add(turnId);
    this.connection.send({ type: "turn.stop", turn_id: turnId });
    this.listener.changed();
  }

  private ownerOf(turnId: string): Thread | undefined {
    if (this.thread.turn?.turn_id === turnId) return this.thread;
    for (const thread of this.threads.values()) {
      if (thread.turn?.turn_id === turnId || thread.ended.includes(turnId)) return thread;
    }
    return undefined;
  }

  private readonly emptyThread = () => freshThread(newId(), this.storage.read(MODEL_KEY) ?? "");

  /** A chat whose first message was sent before a reload and has not left yet. */
  private unsentChat(): Thread | null {
    const listed = new Set(this.list.rows.map((row) => row.thread_id));
    const isFirst = ({ command, state, thread_id }: OutboxEntry) =>
      command.type === "message.send" &&
      [undefined, this.data.team.id].includes(command.team_id ?? undefined) &&
      state === "waiting" &&
      !listed.has(thread_id);
    const entry = this.outbox.entries.find(isFirst);
    return entry ? freshThread(entry.thread_id, entry.command.model ?? "") : null;
  }

  private historyUrl(threadId: string): string {
    return `${this.data.urls.threads}${threadId}/messages/`;
  }
}

function failure(error: unknown): Loading {
  if (!(error instanceof HttpError)) return "failed";
  if (error.status === 404) return "missing";
  return error.status === 401 ? "signed-out" : "failed";
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
