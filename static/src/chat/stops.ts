// What the person wants stopped: replies under way, and messages that wait for their answer and are taken back.
import type { Carried } from "./attachments";

export interface Returned {
  readonly content: string;
  readonly attachments: Carried;
}

export class Stops {
  /** Turns asked to stop that have not ended yet. */
  readonly underWay = new Set<string>();
  private readonly withdrawn = new Map<string, Returned>();
  private readonly messages = new Set<string>();

  constructor(private readonly send: (command: { type: "turn.stop"; turn_id: string }) => boolean) {}

  stop(turnId: string): void {
    this.underWay.add(turnId);
    this.send({ type: "turn.stop", turn_id: turnId });
  }

  takeBack(turnId: string, message: Returned | null | undefined): void {
    if (message) this.withdrawn.set(turnId, message);
    this.stop(turnId);
  }

  /** A message is on its way and has no turn yet: its turn is stopped as soon as there is one. */
  stopWhenAccepted(messageId: string): void {
    this.messages.add(messageId);
  }

  accepted(messageId: string, turnId: string): void {
    if (this.messages.delete(messageId)) this.stop(turnId);
  }

  /** Return the message that was taken back with the turn, if it was. */
  ended(turnId: string): Returned | undefined {
    const message = this.withdrawn.get(turnId);
    this.withdrawn.delete(turnId);
    this.underWay.delete(turnId);
    return message;
  }

  /** The socket is new: what was said on the old one may never have arrived. */
  repeat(): void {
    for (const turnId of this.underWay) this.send({ type: "turn.stop", turn_id: turnId });
  }
}
