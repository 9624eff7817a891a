// Tells the person when what they sent met messages this tab had not shown: it was appended after them, or it began a
// branch that leaves them beside the path. Nothing is lost either way, but they should know.
import { getJson } from "../shared/http";
import type { OutboxCommand, QueuedTurn } from "../shared/protocol";
import type { ExcerptPage } from "./page_data";
import type { Thread } from "./store";

export type Newer = "before" | "beside";

interface Sent {
  readonly threadId: string;
  /** The last message this tab knew of. */
  readonly after: string | null;
  /** It names its own place: an edit or another answer. */
  readonly branches: boolean;
}

interface Host {
  historyUrl(threadId: string): string;
}

export class NewerMessages {
  private readonly found = new Map<string, Newer>();
  private readonly sent = new Map<string, Sent>();
  /** What this tab had a hand in, with whether it began a branch. */
  private readonly own = new Map<string, boolean>();

  constructor(
    private readonly host: Host,
    private readonly listener: { changed(): void },
  ) {}

  /** Where newer messages are, seen from one that was sent here. */
  of(messageId: string): Newer | undefined {
    return this.found.get(messageId);
  }

  sending(command: OutboxCommand, thread: Thread): void {
    const branches = command.type === "message.regenerate" || command.parent_id !== undefined;
    const after = lastOf(thread.queued) ?? thread.path.at(-1)?.id ?? null;
    this.sent.set(command.id, { threadId: thread.id, after, branches });
    this.own.set(command.id, branches);
  }

  accepted(replyId: string): void {
    if (!this.own.has(replyId)) this.own.set(replyId, false);
  }

  /** A thread has changed: see whether something that was sent here has found its place. */
  placed(before: Thread | undefined, now: Thread): void {
    for (const [id, sent] of this.sent) {
      if (sent.threadId !== now.id) continue;
      const at = now.path.findIndex((message) => message.id === id);
      if (at < 0) continue;
      this.sent.delete(id);
      const seen = sent.branches ? (before ?? now).path : now.path.slice(0, at);
      if (!this.leadsTo(sent.after, seen)) this.found.set(id, sent.branches ? "beside" : "before");
      // Several changes at once: what was said on the branch it left is in none of them.
      else if (sent.branches && before && now.rev > before.rev + 1) void this.lookBeside(id, sent);
    }
  }

  private async lookBeside(id: string, { threadId, after }: Sent): Promise<void> {
    if (!after) return;
    try {
      const { messages } = await getJson<ExcerptPage>(`${this.host.historyUrl(threadId)}?after=${after}`);
      if (messages.every((message) => this.own.has(message.id))) return;
      this.found.set(id, "beside");
      this.listener.changed();
    } catch {
      return; // nothing is lost: the arrows lead there all the same
    }
  }

  /** Whether nothing but what this tab had a hand in follows what it knew of. */
  private leadsTo(after: string | null, path: Thread["path"]): boolean {
    for (const { id } of path.toReversed()) {
      if (id === after) return true;
      const branches = this.own.get(id);
      if (branches === undefined) return false;
      if (branches) return true;
    }
    return after === null;
  }
}

function lastOf(queued: readonly QueuedTurn[]): string | undefined {
  const last = queued.at(-1);
  return last?.message_id || last?.message?.id;
}
