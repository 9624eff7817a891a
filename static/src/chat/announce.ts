// Speaks to screen readers in whole sentences, once something has settled; streaming words are never read one by one.
import { t } from "../i18n";

const LONGEST = 700;

export class Announcer {
  constructor(private readonly region: HTMLElement) {}

  say(text: string): void {
    const short = text.length > LONGEST ? `${text.slice(0, LONGEST)} … ${t("The rest is in the conversation.")}` : text;
    // The same words twice are two messages: a new element is announced, an unchanged text is not.
    const line = document.createElement("p");
    line.textContent = short;
    this.region.replaceChildren(line);
  }
}
