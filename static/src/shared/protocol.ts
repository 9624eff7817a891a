// The generated frames under the names the page uses, and the one place that reads raw socket text.
import type { ClientCommand, Final, Message, ResponseError, ServerEvent } from "./events.gen";

export type * from "./events.gen";

export type Status = Message["status"];
export type TerminalEvent = Final | ResponseError;
/** Events that belong to a turn and carry `seq` but no thread. */
export type StreamEvent =
  Extract<ServerEvent, { turn_id: string; seq: number }> extends infer E
    ? E extends TerminalEvent | { type: "response.created" }
      ? never
      : E
    : never;
export type OutboxCommand = Extract<ClientCommand, { type: "message.send" | "message.regenerate" }>;

/** A frame of the server, or null for what is none; unknown types pass and are ignored where they are handled. */
export function parseFrame(data: unknown): ServerEvent | null {
  if (typeof data !== "string") return null;
  try {
    const frame: unknown = JSON.parse(data);
    return typeof frame === "object" && frame !== null && "type" in frame ? (frame as ServerEvent) : null;
  } catch {
    return null;
  }
}
