// A long text in parts of some blocks each. The browser lays out and draws the part that grows; one that is complete and
// out of sight costs it nothing, however long the reply gets.

export interface Place {
  readonly part: HTMLElement;
  /** How many blocks stand before it in its part. */
  readonly number: number;
}

const MOST_BLOCKS = 16;
/** The space below these is as wide as the one above what follows, or less: none is lost where a part ends. */
const MAY_END_PART = "p, ul, ol, blockquote, .code-block";

export class Parts {
  /** Complete parts whose height is not taken yet. */
  private readonly resting = new WeakSet<HTMLElement>();

  constructor(private readonly element: HTMLElement) {}

  /** Where a block stands that follows the one at `place`, which ends in `node`. A part is never joined or split. */
  placeAfter(place: Place | undefined, node: Element | undefined): Place {
    if (!place) return { part: this.partAfter(null), number: 0 };
    const isFull = place.number + 1 >= MOST_BLOCKS && node?.matches(MAY_END_PART);
    return isFull ? { part: this.partAfter(place.part), number: 0 } : { part: place.part, number: place.number + 1 };
  }

  left({ part }: Place): void {
    if (!part.firstChild) part.remove();
  }

  /** What stands before the part of `place` grows no more. To be called before anything is changed: it reads heights. */
  rest(place: Place | undefined): void {
    let part = place?.part.previousElementSibling;
    while (part instanceof HTMLElement && !this.resting.has(part)) {
      // Known from here on: nothing moves when the browser leaves it out and takes it up again.
      part.style.containIntrinsicBlockSize = `auto ${part.getBoundingClientRect().height}px`;
      part.classList.add("prose-part-resting");
      this.resting.add(part);
      part = part.previousElementSibling;
    }
  }

  private partAfter(part: HTMLElement | null): HTMLElement {
    const known = part ? part.nextElementSibling : this.element.firstElementChild;
    if (known instanceof HTMLElement && known.classList.contains("prose-part")) return known;
    const made = document.createElement("div");
    made.className = "prose-part";
    if (part) part.after(made);
    else this.element.prepend(made);
    return made;
  }
}
