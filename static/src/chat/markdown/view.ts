// A reply's text as DOM. While it grows only its open end is parsed again; blocks that are finished are left alone.

import type { Token } from "marked";
import { t } from "../../i18n";
import { CodeBlock } from "./code_block";
import { Footnotes, type Note } from "./footnotes";
import { type Links, parse, split, toHtml } from "./grammar";
import { showMath } from "./math";
import { mended } from "./mend";
import { Parts, type Place } from "./parts";
import { toFragment } from "./sanitize";
import { boxed } from "./tables";

interface Block {
  raw: string;
  /** Drawn as still growing, with loose ends closed. */
  open: boolean;
  nodes: ChildNode[];
  /** Where its nodes stand, if it has any. */
  place?: Place;
  code?: CodeBlock;
  note?: Note;
}

/** With no word for this long the caret begins to blink: the model is thinking, and so is the reader. */
const BLINK_AFTER_MS = 600;

export class MarkdownView {
  private text = "";
  /** Definitions in settled blocks; those in the open end may still change. */
  private links: Links = {};
  private shownLinks = "{}";
  /** How much of the text is in blocks that nothing can change any more. */
  private settled = 0;
  private settledLines = 0;
  private blocks: Block[] = [];
  private settledBlocks = 0;
  private caret: HTMLElement | null = null;
  private blinkTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly parts: Parts;
  private readonly footnotes: Footnotes;

  constructor(readonly element: HTMLElement) {
    this.parts = new Parts(element);
    this.footnotes = new Footnotes(element);
  }

  /** Show `source`; `open` while more may come. */
  update(source: string, open: boolean): void {
    const text = source.replace(/\r\n?/g, "\n");
    if (!text.startsWith(this.text.slice(0, this.settled))) this.reset();
    else if (open) this.parts.rest(this.blocks.slice(0, this.settledBlocks).findLast(({ place }) => place)?.place);
    this.text = text;
    this.removeCaret();
    this.settle();
    const links = { ...this.links };
    this.draw(parse(text.slice(this.settled), links), open);
    this.redrawReferences(links);
    if (text.includes("[^") || this.footnotes.areShown) this.footnotes.update(this.notes(), open);
    if (open) this.showCaret();
  }

  /**
   * A block is settled once a later one follows it on complete lines. A half line decides nothing: "2" may become the
   * next item of the list above.
   */
  private settle(): void {
    const end = this.text.lastIndexOf("\n") + 1;
    if (end <= this.settledLines) return;
    this.settledLines = end;
    const tokens = split(this.text.slice(this.settled, end));
    const last = tokens.findLastIndex((token) => token.type !== "space");
    for (const token of tokens.slice(0, Math.max(last, 0))) {
      this.put(this.settledBlocks, parse(token.raw, this.links)[0] ?? token, false);
      this.settledBlocks += 1;
      this.settled += token.raw.length;
    }
  }

  private draw(tokens: Token[], open: boolean): void {
    tokens.forEach((token, index) => {
      this.put(this.settledBlocks + index, token, open && index === tokens.length - 1);
    });
    for (const block of this.blocks.splice(this.settledBlocks + tokens.length)) this.remove(block);
  }

  /** Make the block at `index` show `token`, keeping the DOM it has where that shows it already. */
  private put(index: number, token: Token, open: boolean): void {
    const known = this.blocks[index];
    if (known?.raw === token.raw && known.open === open) return;
    if (token.type === "code" && known?.code?.language === languageOf(token)) {
      Object.assign(known, { raw: token.raw, open });
      known.code.update(token.text, open);
      return;
    }
    const block =
      token.type === "code"
        ? codeBlock(token, open)
        : token.type === "footnote"
          ? note(token, open)
          : this.htmlBlock(token, open);
    if (block.nodes.length > 0) this.insert(block, index);
    if (known) this.remove(known);
    this.blocks[index] = block;
  }

  private insert(block: Block, index: number): void {
    const before = this.blocks.slice(0, index).findLast((one) => one.nodes.length > 0);
    const after = this.blocks.slice(index).find((one) => one.nodes.length > 0);
    block.place = this.parts.placeAfter(
      before?.place,
      before?.nodes.findLast((node) => node instanceof Element),
    );
    const { part } = block.place;
    const next = after?.place?.part === part ? (after.nodes[0] ?? null) : null;
    for (const node of block.nodes) part.insertBefore(node, next);
  }

  private htmlBlock(token: Token, open: boolean): Block {
    const whole = open ? (parse(mended(token.raw), { ...this.links })[0] ?? token) : token;
    const fragment = toFragment(toHtml(whole));
    // Each block reads in the direction of its own words: a reply may have Arabic, English and code.
    for (const block of fragment.children) block.setAttribute("dir", "auto");
    decorate(fragment, open, token.type === "table" ? token.raw.trim() : "");
    return { raw: token.raw, open, nodes: [...fragment.childNodes] };
  }

  /** The first note of each name counts. */
  private notes(): Note[] {
    const notes = new Map<string, Note>();
    for (const { note } of this.blocks) if (note && !notes.has(note.label)) notes.set(note.label, note);
    return [...notes.values()];
  }

  private remove({ nodes, place }: Block): void {
    for (const node of nodes) node.remove();
    if (place) this.parts.left(place);
  }

  /** A link definition at the end gives meaning to `[names]` above it. */
  private redrawReferences(links: Links): void {
    const shown = JSON.stringify(links);
    if (shown === this.shownLinks) return;
    this.shownLinks = shown;
    this.blocks.forEach((block, index) => {
      if (!block.raw.includes("[") || block.code) return;
      const token = parse(block.raw, { ...links })[0];
      block.raw = "";
      if (token) this.put(index, token, block.open);
    });
  }

  private reset(): void {
    for (const block of this.blocks) this.remove(block);
    Object.assign(this, { blocks: [], links: {}, shownLinks: "{}", settled: 0, settledLines: 0, settledBlocks: 0 });
  }

  private showCaret(): void {
    this.caret ??= Object.assign(document.createElement("span"), { className: "caret" });
    this.caret.setAttribute("aria-hidden", "true");
    const last = this.blocks.findLast((block) => block.nodes.length > 0);
    const end = last?.code?.end ?? deepest(last?.nodes.findLast((node) => node instanceof Element));
    (end ?? this.element).append(this.caret);
    // Not while words come: an animation has the browser draw frames of its own, and a new one with each word.
    const { classList } = this.caret;
    this.blinkTimer = setTimeout(() => classList.add("caret-waiting"), BLINK_AFTER_MS);
  }

  private removeCaret(): void {
    clearTimeout(this.blinkTimer);
    this.caret?.classList.remove("caret-waiting");
    this.caret?.remove();
  }
}

function codeBlock(token: Token, open: boolean): Block {
  const code = new CodeBlock(languageOf(token));
  code.update("text" in token ? token.text : "", open);
  return { raw: token.raw, open, nodes: [code.element], code };
}

/** A note stands at the end of the text, not where it was written. */
function note(token: Token, open: boolean): Block {
  const { label, text } = token as Token & { label: string; text: string };
  const content = (): DocumentFragment => {
    const fragment = toFragment(parse(text, {}).map(toHtml).join(""));
    // Each block reads in the direction of its own words: a reply may have Arabic, English and code.
    for (const block of fragment.children) block.setAttribute("dir", "auto");
    decorate(fragment, open, "");
    return fragment;
  };
  return { raw: token.raw, open, nodes: [], note: { label, source: token.raw, content } };
}

function languageOf(token: Token): string {
  return "lang" in token ? (/^\S+/.exec(token.lang ?? "")?.[0] ?? "") : "";
}

const HOLDS_TEXT = "p, li, h1, h2, h3, h4, h5, h6, ul, ol, blockquote, table, thead, tbody, tr, td, th, .table-box";

/** Where the next word will appear. */
function deepest(node: ChildNode | undefined): Element | null {
  if (!(node instanceof Element) || !node.matches(HOLDS_TEXT)) return null;
  return deepest(node.lastElementChild ?? undefined) ?? node;
}

/** Give sanitised blocks what no text may bring along itself: code headers, formulas, scroll boxes, chips. */
function decorate(fragment: DocumentFragment, open: boolean, tableSource: string): void {
  for (const code of fragment.querySelectorAll<HTMLElement>("pre > code")) {
    const block = new CodeBlock(code.dataset.lang ?? "");
    block.update((code.textContent ?? "").replace(/\n$/, ""), open);
    code.parentElement?.replaceWith(block.element);
  }
  for (const element of fragment.querySelectorAll<HTMLElement>("[data-math]")) {
    showMath(element, element.textContent ?? "", element.dataset.math === "block");
  }
  for (const table of fragment.querySelectorAll("table")) boxed(table, !open, tableSource);
  for (const chip of fragment.querySelectorAll<HTMLElement>("[data-chip]")) {
    chip.className = "image-chip";
    chip.dataset.word = t("Image: ");
    chip.title = t("Images from other sites are not loaded. Opens in a new tab.");
  }
  for (const task of fragment.querySelectorAll<HTMLElement>("[data-task]")) {
    const box = Object.assign(document.createElement("input"), { type: "checkbox", disabled: true });
    box.checked = task.dataset.task === "done";
    box.ariaLabel = box.checked ? t("Done") : t("To do");
    task.replaceWith(box);
  }
}
