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
  /** The end of what is shown is not the end of the conversation: nobody is taken there. */
  held = false;
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
    if (this.held) this.following = false;
    const isUpward = scrollTop < this.lastTop - 1 && scrollHeight >= this.lastHeight;
    if (isUpward && !this.isAtEnd) this.following = false;
    else if (!this.held && this.isAtEnd && scrollTop >= this.lastTop) this.following = true;
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

/**
 * Change the height of `element` without moving what is read: where all of it is above the reader, what they see stays;
 * where they see a part of it, its top does. Browsers that keep the place by themselves are left with nothing to do.
 */
export function keepingRead(element: HTMLElement, change: () => void): void {
  const box = element.closest<HTMLElement>("#chat-scroll");
  const top = box?.getBoundingClientRect().top ?? 0;
  if (!box || element.getBoundingClientRect().bottom > top) {
    change();
    return;
  }
  const { left, width } = element.getBoundingClientRect();
  const seen = document.elementFromPoint(left + width / 2, top + 8);
  const before = seen?.getBoundingClientRect().top ?? 0;
  change();
  if (seen?.isConnected) box.scrollTop += seen.getBoundingClientRect().top - before;
}
