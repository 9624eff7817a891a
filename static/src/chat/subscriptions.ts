// Asks the server for snapshots: one question at a time per thread, asked again when unanswered, and never in a loop.
import type { ClientCommand } from "../shared/protocol";
import type { Thread } from "./store";

const ANSWER_WITHIN_MS = 5_000;
const SILENT_AFTER_MS = 10_000;
const LOOP_WINDOW_MS = 10_000;
const LOOP_LIMIT = 4;

export class Subscriptions {
  private readonly asked = new Map<string, number>();
  private readonly heardAt = new Map<string, number>();
  private readonly recent = new Map<string, number[]>();

  private readonly reloading = new Set<string>();

  constructor(
    private readonly send: (command: ClientCommand) => boolean,
    /** Snapshots do not help: load the whole history. */
    private readonly giveUp: (threadId: string) => void,
  ) {}

  ask(thread: Thread, turnId: string | null = thread.turn?.turn_id ?? null): void {
    const now = Date.now();
    if (thread.fresh || this.reloading.has(thread.id)) return;
    if (now - (this.asked.get(thread.id) ?? 0) < ANSWER_WITHIN_MS) return;
    const recent = (this.recent.get(thread.id) ?? []).filter((at) => now - at < LOOP_WINDOW_MS);
    if (recent.length >= LOOP_LIMIT) {
      this.recent.delete(thread.id);
      this.reloading.add(thread.id);
      this.giveUp(thread.id);
      return;
    }
    const command = { type: "thread.subscribe", thread_id: thread.id, rev: thread.rev, turn_id: turnId } as const;
    if (!this.send(command)) return;
    this.recent.set(thread.id, [...recent, now]);
    this.asked.set(thread.id, now);
    this.heardAt.set(thread.id, now);
  }

  /** Called every second: asks when a running turn is silent, or when a question was lost or could not be answered. */
  attend(thread: Thread): void {
    const isSilent = Date.now() - (this.heardAt.get(thread.id) ?? 0) > SILENT_AFTER_MS;
    if (thread.turn ? isSilent : this.asked.has(thread.id)) this.ask(thread);
  }

  heard(threadId: string): void {
    this.heardAt.set(threadId, Date.now());
  }

  answered(threadId: string): void {
    this.asked.delete(threadId);
  }

  reloaded(threadId: string): void {
    this.reloading.delete(threadId);
    this.asked.delete(threadId);
  }

  leave(thread: Thread): void {
    this.asked.delete(thread.id);
    if (!thread.fresh) this.send({ type: "thread.unsubscribe", thread_id: thread.id });
  }

  /** The socket is new: nothing is watched and nothing will be answered. */
  forget(): void {
    this.asked.clear();
    this.recent.clear();
  }
}
