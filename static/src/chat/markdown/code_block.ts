// One block of code with its header: grows while it streams, takes colours when they are there.
import { copyText } from "../../controllers/copy";
import { canHighlight, highlighted, MAX_HIGHLIGHTED } from "./highlight";

/** Up to here an open block is coloured anew with each drawing; a longer one when it is finished. */
const MAX_LIVE = 6_000;

export class CodeBlock {
  readonly element = document.createElement("div");
  private readonly code = document.createElement("code");
  private text = "";

  constructor(readonly language: string) {
    this.element.className = "code-block";
    const header = document.createElement("div");
    header.className = "code-header";
    const label = document.createElement("span");
    label.textContent = language || "text";
    header.append(label, this.copyButton());
    const pre = document.createElement("pre");
    // A box that scrolls must be reachable by key.
    pre.tabIndex = 0;
    pre.append(this.code);
    this.element.append(header, pre);
  }

  /** Show `text`; `open` while more may come. */
  update(text: string, open: boolean): void {
    const grown = text.startsWith(this.text) ? text.slice(this.text.length) : null;
    this.text = text;
    const limit = open ? MAX_LIVE : MAX_HIGHLIGHTED;
    const colours = text.length <= limit && canHighlight(this.language, () => this.update(this.text, false));
    if (colours) this.code.replaceChildren(highlighted(text, this.language));
    else if (grown === null || this.code.childNodes.length !== 1) this.code.textContent = text;
    else if (grown && this.code.firstChild instanceof Text) this.code.firstChild.appendData(grown);
  }

  get end(): HTMLElement {
    return this.code;
  }

  private copyButton(): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-quiet button-small";
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    icon.setAttribute("class", "icon");
    icon.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", "#icon-copy");
    icon.append(use);
    button.append(icon, "Copy");
    button.addEventListener("click", () => void copyText(this.text, button));
    return button;
  }
}
