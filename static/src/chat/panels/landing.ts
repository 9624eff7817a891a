// Lands on a message, wherever in its thread it stands, and marks it and the words that were searched for.

import { showToast } from "../../controllers/toasts";
import { t } from "../../i18n";
import type { Follow } from "../scroll";
import type { Session } from "../session";

interface Target {
  readonly threadId: string;
  readonly messageId: string;
  readonly words: readonly string[];
}

const MARKED_MS = 4000;
const WORDS = "found-words";
/** Replies may still change their height while they are set. */
const FRAMES = 3;

export class Landing {
  private target: Target | null = null;
  private isAsked = false;
  private fading: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly session: Session,
    private readonly box: HTMLElement,
    private readonly follow: Follow,
  ) {}

  aim(threadId: string, messageId: string, words: readonly string[] = []): void {
    this.target = { threadId, messageId, words };
    this.isAsked = false;
    this.follow.letGo();
  }

  get isAiming(): boolean {
    return this.target !== null;
  }

  /** The page was drawn: land if the message is there, have it fetched if it is not. True while it is not settled. */
  drawn(): boolean {
    const { target, session } = this;
    if (!target || target.threadId !== session.thread.id || session.loading !== "ready") {
      if (target && session.loading !== "loading") this.target = null;
      return this.target !== null;
    }
    if (session.shown.path.some(({ id }) => id === target.messageId)) {
      this.target = null;
      this.follow.letGo();
      this.land(target, FRAMES);
      return true;
    }
    if (!this.isAsked) void this.fetch(target);
    return true;
  }

  private async fetch(target: Target): Promise<void> {
    this.isAsked = true;
    const { reading } = this.session;
    const isThere = await reading.goTo(target.threadId, target.messageId);
    if (isThere || this.target !== target) return;
    this.target = null;
    showToast(t("This message is not in the conversation any more."), "warning");
  }

  private land(target: Target, frames: number): void {
    const element = this.box.querySelector<HTMLElement>(`[data-message="${CSS.escape(target.messageId)}"]`);
    if (!element) return;
    const isTall = element.offsetHeight > this.box.clientHeight * 0.8;
    const range = firstOf(element, target.words);
    if (isTall && range) {
      const { top } = range.getBoundingClientRect();
      this.box.scrollTop += top - this.box.getBoundingClientRect().top - this.box.clientHeight / 3;
    } else {
      element.scrollIntoView({ block: isTall ? "start" : "center" });
    }
    if (frames > 1) requestAnimationFrame(() => this.land(target, frames - 1));
    else this.mark(element, target.words);
  }

  private mark(element: HTMLElement, words: readonly string[]): void {
    this.fade();
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
    element.dataset.found = "";
    const ranges = rangesOf(element, words);
    if ("highlights" in CSS && ranges.length > 0) CSS.highlights.set(WORDS, new Highlight(...ranges));
    this.fading = setTimeout(() => this.fade(), MARKED_MS);
  }

  private fade(): void {
    clearTimeout(this.fading);
    if ("highlights" in CSS) CSS.highlights.delete(WORDS);
    for (const element of this.box.querySelectorAll<HTMLElement>("[data-found]")) delete element.dataset.found;
  }
}

const MOST_RANGES = 200;

/** Where the words stand in the text of an element, whatever its case. */
export function rangesOf(element: HTMLElement, words: readonly string[]): Range[] {
  const wanted = words.map((word) => word.toLowerCase()).filter((word) => word !== "");
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const ranges: Range[] = [];
  for (let node = texts.nextNode(); node && ranges.length < MOST_RANGES; node = texts.nextNode()) {
    const text = node.nodeValue?.toLowerCase() ?? "";
    // A few letters are longer in lower case; there the places would be wrong.
    if (text.length !== node.nodeValue?.length) continue;
    for (const word of wanted) {
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + word.length);
        ranges.push(range);
      }
    }
  }
  return ranges;
}

function firstOf(element: HTMLElement, words: readonly string[]): Range | undefined {
  return rangesOf(element, words).sort((one, other) => one.compareBoundaryPoints(Range.START_TO_START, other))[0];
}
