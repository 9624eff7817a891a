// One block of code with its header: grows while it streams, takes colours when they are there, and offers what a
// finished one is good for: copy, wrap, save, preview, or a diagram.

import { copyText } from "../../controllers/copy";
import { t, tn } from "../../i18n";
import { openPanel } from "../panels";
import { iconButton, wordButton } from "./buttons";
import { fileName, save } from "./files";
import { canHighlight, highlighted, MAX_HIGHLIGHTED } from "./highlight";

/** Up to here an open block is coloured anew with each drawing; a longer one when it is finished. */
const MAX_LIVE = 6_000;
/** A longer block shows its beginning, unless the reader watched it being written: nothing shrinks under their eyes. */
const MOST_LINES = 30;
const MAX_DIAGRAM = 50_000;
const MAX_PREVIEW = 500_000;

export class CodeBlock {
  readonly element = document.createElement("div");
  private readonly code = document.createElement("code");
  private readonly pre = document.createElement("pre");
  private readonly tools = document.createElement("div");
  private readonly preview: HTMLButtonElement;
  private text = "";
  private wasOpen = false;
  private unfold: HTMLButtonElement | undefined;
  private isDiagramAwaited = false;
  private diagram: { update(source: string): void } | undefined;

  constructor(readonly language: string) {
    const { element, pre, tools } = this;
    element.className = "code-block";
    const header = document.createElement("div");
    header.className = "code-header";
    const label = document.createElement("span");
    label.className = "code-language";
    label.textContent = language || "text";
    this.preview = wordButton("eye", t("Preview"), () => this.openPreview());
    tools.className = "code-tools";
    tools.append(
      this.wrapButton(),
      iconButton("download", t("Download"), () => save(this.text, fileName(language))),
      wordButton("copy", t("Copy"), (button) => void copyText(this.text, button)),
    );
    header.append(label, tools);
    // A box that scrolls must be reachable by key.
    pre.tabIndex = 0;
    pre.append(this.code);
    element.append(header, pre);
  }

  /** Show `text`; `open` while more may come. */
  update(text: string, open: boolean): void {
    this.show(text, open);
    this.wasOpen ||= open;
    const isPreviewable = !open && text.length <= MAX_PREVIEW && isDocument(this.language, text);
    if (isPreviewable) this.tools.prepend(this.preview);
    else this.preview.remove();
    this.fold(open ? 0 : lines(text));
    if (!open && this.language.toLowerCase() === "mermaid" && text.trim() && text.length <= MAX_DIAGRAM) this.draw();
  }

  get end(): HTMLElement {
    return this.code;
  }

  private show(text: string, open: boolean): void {
    const grown = text.startsWith(this.text) ? text.slice(this.text.length) : null;
    this.text = text;
    const limit = open ? MAX_LIVE : MAX_HIGHLIGHTED;
    const colours = text.length <= limit && canHighlight(this.language, () => this.show(this.text, false));
    if (colours) this.code.replaceChildren(highlighted(text, this.language));
    else if (grown === null || this.code.childNodes.length !== 1) this.code.textContent = text;
    else if (grown && this.code.firstChild instanceof Text) this.code.firstChild.appendData(grown);
  }

  private wrapButton(): HTMLButtonElement {
    const button = iconButton("wrap", t("Wrap lines"), () => {
      const isWrapped = this.element.classList.toggle("code-wrapped");
      button.setAttribute("aria-pressed", String(isWrapped));
    });
    button.setAttribute("aria-pressed", "false");
    return button;
  }

  private fold(count: number): void {
    if (count <= MOST_LINES || this.wasOpen) {
      this.unfold?.remove();
      this.unfold = undefined;
      this.element.classList.remove("code-folded");
      return;
    }
    if (!this.unfold) {
      this.unfold = wordButton("chevron-down", "", () =>
        this.setFolded(!this.element.classList.contains("code-folded")),
      );
      this.unfold.classList.add("code-unfold");
      this.element.append(this.unfold);
      this.element.classList.add("code-folded");
    }
    this.nameUnfold();
  }

  private setFolded(folded: boolean): void {
    this.element.classList.toggle("code-folded", folded);
    this.nameUnfold();
    if (folded) this.element.scrollIntoView({ block: "nearest" });
  }

  private nameUnfold(): void {
    const isFolded = this.element.classList.contains("code-folded");
    this.unfold?.setAttribute("aria-expanded", String(!isFolded));
    this.unfold?.lastChild?.replaceWith(
      isFolded ? tn("Show the %(n)s line", "Show all %(n)s lines", lines(this.text)) : t("Show fewer lines"),
    );
  }

  private openPreview(): void {
    const { text, language } = this;
    void openPanel(
      () => import("../panels/artifact"),
      (panel) => panel.openArtifact(text, language),
    );
  }

  /** Once the block is near the screen, and only then: a diagram brings a whole library with it. */
  private draw(): void {
    if (this.diagram) this.diagram.update(this.text);
    if (this.isDiagramAwaited || typeof IntersectionObserver === "undefined") return;
    this.isDiagramAwaited = true;
    const nearing = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        nearing.disconnect();
        import("./diagram").then(
          ({ DiagramView }) => {
            this.diagram = new DiagramView(this.element, this.pre, this.tools);
            this.diagram.update(this.text);
          },
          () => undefined, // the source can be read as it is
        );
      },
      // The margin counts from the box that scrolls, not from the window.
      { root: document.querySelector("#chat-scroll"), rootMargin: "600px 0px" },
    );
    nearing.observe(this.element);
  }
}

function lines(text: string): number {
  return text.split("\n").length;
}

/** Whether a block is a page or a drawing of its own, not a piece of one. */
function isDocument(language: string, text: string): boolean {
  switch (language.toLowerCase()) {
    case "html":
      return /<!doctype html|<html[\s>]|<body[\s>]|<script[\s>]|<style[\s>]/i.test(text);
    case "svg":
      return /<svg[\s>]/i.test(text);
    case "xml":
      return /^\s*(?:<\?xml[^>]*>\s*)?<svg[\s>]/i.test(text);
    default:
      return false;
  }
}
