// What the page is doing: the shown thread, the sidebar, the socket, what waits to be sent. Views read it and call it.
import { getJson } from "../shared/http";
import { newId } from "../shared/ids";
import type { ErrorFrame, MessageAccepted, OutboxCommand, SendMessage, ServerEvent } from "../shared/protocol";
import { Acks } from "./acks";
import type { Carried } from "./attachments";
import { begin, begunBefore, findPreset, firstFields, MODEL_KEY } from "./beginning";
import { Branches } from "./branches";
import { Connection, type ConnectionState, socketUrl } from "./connection";
import { Drafts } from "./drafts";
import { failure, isAbort, type Loading } from "./loading";
import { NewerMessages } from "./newer";
import { asQueued, mended, Outbox, type OutboxEntry } from "./outbox";
import type { History, PageData } from "./page_data";
import { Reading } from "./reading";
import type { SessionListener } from "./session_listener";
import { Stops } from "./stops";
import { PersonalStorage } from "./storage";
import {
  applyEvent,
  applyStream,
  freshThread,
  type Need,
  type Outcome,
  type Settings,
  type Thread,
  threadFromHistory,
  withAccepted,
  withNewest,
} from "./store";
import { Subscriptions } from "./subscriptions";
import { sayGoodbye } from "./temporary";
import { ThreadList } from "./thread_list";
import { isListEvent } from "./thread_rows";

export type { Loading } from "./loading";
export type { SessionListener } from "./session_listener";

const MOST_AT_END = 100;

export class Session {
  readonly storage: PersonalStorage;
  readonly drafts: Drafts;
  readonly outbox: Outbox;
  readonly connection: Connection;
  thread: Thread;
  loading: Loading = "ready";
  presetsRev = 0; // grows when presets may be others than before
  readonly list: ThreadList;
  readonly branches: Branches;
  readonly newer: NewerMessages;

  private readonly threads = new Map<string, Thread>();
  readonly chosenModels = new Map<string, string>();
  private readonly stops: Stops;
  private readonly subscriptions: Subscriptions;
  private readonly acks: Acks;
  private visit = new AbortController();
  private silence: ReturnType<typeof setInterval> | undefined;

  readonly reading: Reading;

  constructor(
    readonly data: PageData,
    private readonly listener: SessionListener,
  ) {
    this.storage = new PersonalStorage(data.user.id);
    this.drafts = new Drafts(this.storage);
    this.reading = new Reading(this, listener);
    this.newer = new NewerMessages(this, listener);
    this.list = new ThreadList(data.urls, data.team.id, data.threads, listener);
    this.connection = new Connection({
      url: socketUrl(data.urls.socket),
      onFrame: (frame) => this.receive(frame),
      onState: (state) => this.onConnection(state),
    });
    const send = this.connection.send.bind(this.connection);
    this.acks = new Acks(send);
    this.stops = new Stops(send);
    this.subscriptions = new Subscriptions(send, (threadId) => this.reload(threadId));
    this.branches = new Branches(this, listener);
    this.outbox = new Outbox({
      storage: this.storage,
      messageIntervalMs: data.limits.message_interval * 1000,
      transmit: (command) => this.connection.send(command),
      onChange: () => listener.changed(),
    });
    this.thread = data.history ? threadFromHistory(data.history) : (begunBefore(this) ?? this.emptyThread());
    this.threads.set(this.thread.id, this.thread);
  }

  start(): void {
    this.connection.start();
    this.silence = setInterval(() => {
      if (this.connection.isOnline) this.subscriptions.attend(this.thread);
    }, 1000);
  }

  /** The thread as the reader sees it: where they are in it may not be its end. */
  get shown(): Thread {
    return this.reading.over(this.thread);
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

  /** Turns asked to stop that have not ended yet. */
  get stopping(): ReadonlySet<string> {
    return this.stops.underWay;
  }

  get isBusy(): boolean {
    return this.thread.turn !== null || this.thread.queued.length > 0;
  }

  send(text: string, more: Partial<SendMessage> = {}, files: Carried = []): void {
    const first = firstFields(this.thread, this.data);
    const place = { thread_id: this.thread.id, team_id: this.data.team.id, ...first };
    this.put({ type: "message.send", id: newId(), ...place, text, model: this.model, ...more }, files);
  }

  /** Have the chat that is about to begin be temporary, or an ordinary one. */
  makeTemporary(temporary: boolean): void {
    if (this.thread.fresh) this.keep({ ...this.thread, temporary });
    this.listener.changed();
  }

  regenerate(messageId: string, mode: "retry" | "continue", model = mode === "retry" ? this.model : null): void {
    this.put({ type: "message.regenerate", id: newId(), message_id: messageId, mode, model });
  }

  private put(command: OutboxCommand, files: Carried = []): void {
    this.newer.sending(command, this.thread);
    this.outbox.add(command, this.thread.id, files);
  }

  /** End what is being answered, or the next in line when nothing has begun yet. */
  stop(): void {
    const turnId = this.thread.turn?.turn_id ?? this.thread.queued[0]?.turn_id;
    if (turnId) this.stops.stop(turnId);
    else for (const entry of this.pending) if (entry.state === "sent") this.stops.stopWhenAccepted(entry.command.id);
    this.listener.changed();
  }

  takeBack(turnId: string): void {
    this.stops.takeBack(turnId, this.thread.queued.find((turn) => turn.turn_id === turnId)?.message);
    this.listener.changed();
  }

  retrySend(entry: OutboxEntry): void {
    this.outbox.retry(entry.command.id, mended(entry, this.model));
  }

  chooseModel(model: string): void {
    this.chosenModels.set(this.thread.id, model);
    this.storage.write(MODEL_KEY, model);
    this.listener.changed();
  }

  /** Take over settings that the server has stored, or those that a chat in which nothing was said begins with. */
  hold(threadId: string, settings: Settings, model: string): void {
    const thread = this.threads.get(threadId);
    if (!thread) return;
    if (model) this.chosenModels.set(threadId, model);
    this.keep({ ...thread, settings });
    this.listener.changed();
  }

  newChat(): void {
    this.show(this.emptyThread(), "ready");
    void findPreset(this);
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
      case "tags.changed":
        this.list.applyTags(event);
        return;
      case "presets.changed":
        if (event.team_id === this.data.team.id) this.presetsChanged();
        this.listener.changed();
        return;
      case "team.left":
        if (event.team_id === this.data.team.id) this.leave();
        return;
      case "pong":
        return;
      default: {
        if (isListEvent(event) && !this.threads.get(event.thread_id)?.temporary) this.list.apply(event);
        if (event.type === "response.created") this.acks.received(event.turn_id, event.seq);
        const thread = this.threads.get(event.thread_id);
        if (!thread) return;
        if (event.type === "final" || event.type === "response.error") this.onEnd(thread, event.turn_id);
        if (event.type === "message.updated") this.reading.apply(event.message);
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
      this.stops.repeat();
      void this.list.refresh();
      this.presetsChanged();
    }
    this.listener.changed();
  }

  private presetsChanged(): void {
    this.presetsRev += 1;
    if (this.thread.fresh && this.presetsRev > 1) void findPreset(this); // not when a new page connects
  }

  private onAccepted(event: MessageAccepted): void {
    const entry = this.outbox.accepted(event.id);
    this.stops.accepted(event.id, event.turn_id);
    if (entry) this.newer.accepted(event.assistant_message_id);
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
    const message = this.stops.ended(turnId);
    const hadBegun = thread.turn?.turn_id === turnId;
    if (message && !hadBegun) this.listener.returned(message);
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

  reload(threadId: string): void {
    if (threadId !== this.thread.id) this.threads.delete(threadId);
    else if (!this.branches.isTurning(threadId)) void this.load(threadId);
  }

  private async load(threadId: string): Promise<void> {
    try {
      const history = await getJson<History>(this.historyUrl(threadId), this.visit.signal);
      if (threadId === this.thread.id) this.loading = "ready";
      this.fill(threadId, history);
    } catch (error) {
      this.subscriptions.reloaded(threadId);
      if (isAbort(error) || threadId !== this.thread.id) return;
      this.loading = failure(error);
      this.listener.changed();
    }
  }

  /** Put what the server shows of a thread in place of what is here. */
  fill(threadId: string, history: History): void {
    const thread = { ...threadFromHistory(history), ended: this.threads.get(threadId)?.ended ?? [] };
    this.keep(thread);
    this.subscriptions.reloaded(threadId);
    if (threadId === this.thread.id) this.ask(thread, "subscribe");
    this.listener.changed();
  }

  private show(thread: Thread, loading: Loading): void {
    this.visit.abort();
    this.visit = new AbortController();
    const left = this.thread;
    if (left.id !== thread.id) {
      this.subscriptions.leave(left);
      sayGoodbye(left);
      if (left.fresh) this.threads.delete(left.id);
    }
    this.thread = thread;
    this.loading = loading;
    this.reading.leave();
    this.threads.set(thread.id, thread);
    this.listener.changed();
  }

  keep(thread: Thread): void {
    if (!this.threads.has(thread.id) && thread.id !== this.thread.id) return;
    this.newer.placed(this.threads.get(thread.id), thread);
    this.threads.set(thread.id, thread);
    if (thread.id === this.thread.id) this.thread = thread;
  }

  private ownerOf(turnId: string): Thread | undefined {
    if (this.thread.turn?.turn_id === turnId) return this.thread;
    for (const thread of this.threads.values()) {
      if (thread.turn?.turn_id === turnId || thread.ended.includes(turnId)) return thread;
    }
    return undefined;
  }

  private readonly emptyThread = () => begin(this.data, this.storage.read(MODEL_KEY) ?? "");

  historyUrl(threadId: string): string {
    return `${this.data.urls.threads}${threadId}/messages/`;
  }
}
