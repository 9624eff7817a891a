// When a message was written. The first time a browser writes a date takes it as long as drawing a screen of messages, so
// dates wait for the messages.
import { noChange } from "lit-html";
import { Directive, directive, type ElementPart } from "lit-html/directive.js";
import { exactTime } from "../format";

const waiting = new Map<Element, string>();
let isReady = false;

class ExactTime extends Directive {
  private shown = "";

  render(_iso: string): symbol {
    return noChange;
  }

  override update({ element }: ElementPart, [iso]: [string]): symbol {
    if (iso !== this.shown) {
      element.setAttribute("datetime", iso);
      if (isReady) element.textContent = exactTime(iso);
      else waiting.set(element, iso);
      this.shown = iso;
    }
    return noChange;
  }
}

/** `<time ${timeOf(message.created_at)}></time>` */
export const timeOf = directive(ExactTime);

/** The page is drawn: write the dates it waits for, and each one from here on at once. */
export function writeTimes(): void {
  isReady = true;
  for (const [element, iso] of waiting) element.textContent = exactTime(iso);
  waiting.clear();
}
