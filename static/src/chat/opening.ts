// A conversation is drawn from its end upwards in short tasks: first what fills the screen, unseen until it does, then the
// rest above it, between frames. However long it is, the page stays free for the reader and nothing moves.
import type { Thread } from "./store";

const MESSAGES_AT_ONCE = 2;
/** A task draws on for so long, so that it is still short on a phone that takes several times as long. */
const ENOUGH_MS = 6;

export class Opening {
  /** How many of the oldest messages are not drawn yet. */
  withheld = 0;
  private threadId = "";
  private began = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private filled = () => {};
  /** Resolves when a screen of the first conversation is drawn, or all of a shorter one. */
  readonly full = new Promise<void>((resolve) => {
    this.filled = resolve;
  });

  /** `draw` puts on the page what is not withheld, and keeps the reader where they are. */
  constructor(
    private readonly box: HTMLElement,
    private readonly draw: () => void,
  ) {}

  /** `thread` is about to be drawn: a part of it if it was another one before, all of it where `whole`. */
  follow(thread: Thread, whole: boolean): void {
    this.began = performance.now();
    const rest = Math.max(0, thread.path.length - MESSAGES_AT_ONCE);
    if (thread.id !== this.threadId) this.withheld = rest;
    this.threadId = thread.path.length > 0 ? thread.id : "";
    this.withheld = whole || document.visibilityState === "hidden" ? 0 : Math.min(this.withheld, rest);
  }

  /** It was drawn: go on, at once until the screen is full, if that does not take long. */
  drawn(): void {
    clearTimeout(this.timer);
    while (!this.isFull && performance.now() - this.began < ENOUGH_MS) this.more();
    this.box.classList.toggle("chat-scroll-filling", !this.isFull);
    if (this.isFull) this.filled();
    if (this.withheld > 0) this.timer = setTimeout(() => this.goOn());
  }

  private get isFull(): boolean {
    return this.withheld === 0 || this.box.scrollHeight > this.box.clientHeight;
  }

  private goOn(): void {
    this.began = performance.now();
    do this.more();
    while (this.withheld > 0 && performance.now() - this.began < ENOUGH_MS);
    this.drawn();
  }

  private more(): void {
    this.withheld = Math.max(0, this.withheld - MESSAGES_AT_ONCE);
    this.draw();
  }
}
