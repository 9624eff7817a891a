// Keeps the end of a conversation in sight, but only for a reader who is there.

/** Within this many pixels of the end the reader counts as being at the end. */
const NEAR_END = 32;

export interface Scrollable {
  scrollTop: number;
  readonly scrollHeight: number;
  readonly clientHeight: number;
}

export class Follow {
  following = true;
  private lastTop = 0;
  private lastHeight = 0;

  constructor(private readonly box: Scrollable) {}

  get isAtEnd(): boolean {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight <= NEAR_END;
  }

  /** The reader turned upwards (wheel, finger, key): let go at once, before the next word pulls them back. */
  letGo(): void {
    if (this.box.scrollHeight > this.box.clientHeight) this.following = false;
  }

  /** The box scrolled. Only an upward move in a box that did not shrink is the reader's. */
  scrolled(): void {
    const { scrollTop, scrollHeight } = this.box;
    const isUpward = scrollTop < this.lastTop - 1 && scrollHeight >= this.lastHeight;
    if (isUpward && !this.isAtEnd) this.following = false;
    else if (this.isAtEnd && scrollTop >= this.lastTop) this.following = true;
    this.remember();
  }

  /** The content changed its height. */
  grown(): void {
    if (this.following) this.toEnd();
  }

  toEnd(): void {
    this.following = true;
    this.box.scrollTop = this.box.scrollHeight;
    this.remember();
  }

  private remember(): void {
    this.lastTop = this.box.scrollTop;
    this.lastHeight = this.box.scrollHeight;
  }
}

/** Change content above the reader without moving what they read. */
export function keepingPlace(box: Scrollable & HTMLElement, anchors: string, change: () => void): void {
  const top = box.getBoundingClientRect().top;
  const anchor = [...box.querySelectorAll(anchors)].find((element) => element.getBoundingClientRect().bottom > top);
  const before = anchor?.getBoundingClientRect().top ?? 0;
  change();
  if (anchor?.isConnected) box.scrollTop += anchor.getBoundingClientRect().top - before;
}
