// The tab's one socket: opening, heartbeat, reconnecting. Knows frames only as far as a pong; what they mean is not its business.
import { type ClientCommand, parseFrame, type ServerEvent } from "../shared/protocol";

export type ConnectionState =
  | { readonly kind: "connecting" }
  | { readonly kind: "online" }
  | { readonly kind: "waiting"; readonly retryAt: number }
  /** The quick tries are used up: the person may press Reconnect, and a slow retry goes on. */
  | { readonly kind: "lost" }
  /** The server will not have us again: signed out, or no such thing. */
  | { readonly kind: "refused"; readonly code: number };

export interface ConnectionOptions {
  url: string;
  onFrame(frame: ServerEvent): void;
  onState(state: ConnectionState): void;
  /** Random number in [0, 1) that spreads the retries of many tabs. */
  jitter?: () => number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const PING_EVERY_MS = 20_000;
const PONG_WITHIN_MS = 10_000;
const WAKE_PONG_WITHIN_MS = 3_000;
const QUICK_TRIES = 5;
const SLOW_RETRY_MS = 10_000;
/** A server that has been away for minutes is asked less often, or all tabs of an outage would be upon it. */
const SLOW_TRIES = 15;
const SLOWEST_RETRY_MS = 30_000;
/** Whoever is at the page need not wait for the next slow retry, but no key or press tries more often than this. */
const NUDGE_MS = 3_000;

const SIGNED_OUT = 4401;
const NOT_FOUND = 4404;
const TOO_SLOW = 4408;
const FLOOD = 4429;
const RESTARTING = 4503;

export class Connection {
  state: ConnectionState = { kind: "connecting" };
  private socket: WebSocket | null = null;
  private readonly listening = new AbortController();
  private tries = 0;
  private openedAt = 0;
  private restarts = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private pingTimer: ReturnType<typeof setTimeout> | undefined;
  private deadline: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: ConnectionOptions) {}

  start(): void {
    const { signal } = this.listening;
    const wake = () => this.wake();
    addEventListener("online", wake, { signal });
    addEventListener("pageshow", wake, { signal });
    const onVisibility = () => document.visibilityState === "visible" && wake();
    document.addEventListener("visibilitychange", onVisibility, { signal });
    const nudge = () => this.state.kind === "lost" && Date.now() - this.openedAt > NUDGE_MS && this.open();
    for (const sign of ["focus", "keydown", "pointerdown"]) addEventListener(sign, nudge, { signal, capture: true });
    this.open();
  }

  stop(): void {
    this.listening.abort();
    this.drop();
  }

  get isOnline(): boolean {
    return this.state.kind === "online";
  }

  /** The quick tries are used up, also while one more is under way. */
  get isLost(): boolean {
    return this.state.kind !== "online" && this.state.kind !== "refused" && this.tries > QUICK_TRIES;
  }

  send(command: ClientCommand): boolean {
    if (!this.isOnline || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(command));
    return true;
  }

  /** Try at once, with all quick tries ahead again. */
  reconnect(): void {
    if (this.state.kind === "online" || this.state.kind === "refused") return;
    this.tries = 0;
    this.open();
  }

  /** A tab that slept may hold a socket that only looks open. */
  private wake(): void {
    if (this.isOnline) this.ping(WAKE_PONG_WITHIN_MS);
    else if (this.state.kind !== "connecting") this.reconnect();
  }

  private open(): void {
    this.drop();
    this.openedAt = Date.now();
    this.become({ kind: "connecting" });
    const socket = new WebSocket(this.options.url);
    this.socket = socket;
    this.expectWithin(CONNECT_TIMEOUT_MS);
    socket.onopen = () => {
      this.settle();
      this.become({ kind: "online" });
    };
    socket.onmessage = ({ data }) => {
      this.tries = 0;
      this.restarts = 0;
      this.settle();
      const frame = parseFrame(data);
      if (frame && frame.type !== "pong") this.options.onFrame(frame);
    };
    socket.onclose = ({ code, reason }) => this.closed(code, reason);
  }

  /** Something came: all is well until the next ping goes unanswered. */
  private settle(): void {
    clearTimeout(this.deadline);
    this.deadline = undefined;
    clearTimeout(this.pingTimer);
    this.pingTimer = setTimeout(() => this.ping(PONG_WITHIN_MS), PING_EVERY_MS);
  }

  private ping(answerWithin: number): void {
    this.send({ type: "ping" });
    this.expectWithin(answerWithin);
  }

  private expectWithin(ms: number): void {
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => this.closed(1006, ""), ms);
  }

  private closed(code: number, reason: string): void {
    this.drop();
    if (code === SIGNED_OUT || code === NOT_FOUND) {
      this.become({ kind: "refused", code });
      return;
    }
    const delay = this.delayAfter(code, reason);
    this.become(this.tries > QUICK_TRIES ? { kind: "lost" } : { kind: "waiting", retryAt: Date.now() + delay });
    this.retryTimer = setTimeout(() => this.open(), delay);
  }

  private delayAfter(code: number, reason: string): number {
    const jitter = this.options.jitter ?? Math.random;
    // A restarting server has a successor; should it be slow to come up, the ordinary rhythm takes over.
    if (code === RESTARTING && this.restarts++ < 3) return 300 * jitter();
    this.tries += 1;
    if (code === FLOOD) return 1000 * (Number.parseFloat(/[\d.]+/.exec(reason)?.[0] ?? "") || 10);
    if (code === TOO_SLOW) return 2000 + 1000 * jitter();
    const slow = this.tries > QUICK_TRIES + SLOW_TRIES ? SLOWEST_RETRY_MS : SLOW_RETRY_MS;
    if (this.tries > QUICK_TRIES) return slow * (0.75 + 0.5 * jitter());
    return 500 * 2 ** (this.tries - 1) * (0.75 + 0.5 * jitter());
  }

  /** Let go of the socket without hearing from it again. */
  private drop(): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.pingTimer);
    clearTimeout(this.deadline);
    const { socket } = this;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private become(state: ConnectionState): void {
    this.state = state;
    this.options.onState(state);
  }
}

export function socketUrl(path: string): string {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
