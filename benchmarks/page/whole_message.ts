// The yardstick of `benchmarks.reading`: with each piece of a reply all of it is parsed, sanitised and drawn anew.
import DOMPurify from "dompurify";
import { marked } from "marked";

export class MarkdownView {
  constructor(readonly element: HTMLElement) {}

  update(source: string): void {
    this.element.innerHTML = DOMPurify.sanitize(marked.parse(source, { async: false }));
  }
}
