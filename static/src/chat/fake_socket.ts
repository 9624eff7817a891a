// The browser's WebSocket as tests see it: remembers what was sent, and says what it is told to say.
import type { ClientCommand, ServerEvent } from "../shared/protocol";

export class FakeSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 3;
  static all: FakeSocket[] = [];

  static get last(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (!socket) throw new Error("No socket was opened.");
    return socket;
  }

  readyState = FakeSocket.CONNECTING;
  sent: ClientCommand[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    if (this.readyState !== FakeSocket.OPEN) throw new Error("Not open.");
    this.sent.push(JSON.parse(text) as ClientCommand);
  }

  close(): void {
    this.readyState = FakeSocket.CLOSED;
  }

  opens(): this {
    this.readyState = FakeSocket.OPEN;
    this.onopen?.();
    return this;
  }

  says(event: ServerEvent): void {
    this.onmessage?.({ data: JSON.stringify(event) });
  }

  breaks(code = 1006, reason = ""): void {
    this.readyState = FakeSocket.CLOSED;
    this.onclose?.({ code, reason });
  }

  of<Type extends ClientCommand["type"]>(type: Type): Extract<ClientCommand, { type: Type }>[] {
    return this.sent.filter((command): command is Extract<ClientCommand, { type: Type }> => command.type === type);
  }
}
