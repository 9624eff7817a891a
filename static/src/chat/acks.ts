// Tells the server about once a second how far each running turn has arrived, so that it never buffers without end.
import type { ClientCommand } from "../shared/protocol";

const EVERY_MS = 1000;

export class Acks {
  private readonly pending = new Map<string, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly send: (command: ClientCommand) => boolean) {}

  received(turnId: string, seq: number): void {
    this.pending.set(turnId, Math.max(seq, this.pending.get(turnId) ?? 0));
    this.timer ??= setTimeout(() => this.flush(), EVERY_MS);
  }

  forget(): void {
    this.pending.clear();
  }

  private flush(): void {
    this.timer = undefined;
    for (const [turn_id, seq] of this.pending) this.send({ type: "turn.ack", turn_id, seq });
    this.pending.clear();
  }
}
