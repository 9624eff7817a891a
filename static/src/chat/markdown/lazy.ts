// Markdown is half of the page's scripts, and an empty chat needs none of it: it comes with the first reply.
import type { MarkdownView } from "./view";

let markdown: typeof import("./index") | undefined;

/** Rejects when the scripts cannot be had just now; the next call tries again. */
export async function loadMarkdown(): Promise<void> {
  markdown ??= await import("./index");
}

/** Set a word that nobody sees: the first one takes as long as a page of others, and so need not be part of one. */
export function rehearse(): void {
  if (markdown) new markdown.MarkdownView(document.createElement("div")).update("A *word*", false);
}

/** A reply's text: plain until the scripts that set it are there, which a page that opens with replies waits for. */
export class LazyMarkdown {
  private view: MarkdownView | undefined;
  private source = "";
  private open = false;

  constructor(readonly element: HTMLElement) {}

  /** Show `source`; `open` while more may come. */
  update(source: string, open: boolean): void {
    this.source = source;
    this.open = open;
    if (markdown) {
      this.view ??= this.empty(markdown);
      this.view.update(source, open);
    } else {
      this.showPlain();
      loadMarkdown().then(
        () => this.view || this.update(this.source, this.open),
        () => undefined, // it can be read as it is
      );
    }
  }

  private empty(scripts: typeof import("./index")): MarkdownView {
    this.element.replaceChildren();
    this.element.classList.remove("prose-plain");
    return new scripts.MarkdownView(this.element);
  }

  private showPlain(): void {
    this.element.classList.add("prose-plain");
    const caret = Object.assign(document.createElement("span"), { className: "caret", ariaHidden: "true" });
    this.element.replaceChildren(this.source, ...(this.open ? [caret] : []));
  }
}
