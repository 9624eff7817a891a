// A reply's text as DOM. While it grows only its open end is parsed again; blocks that are finished are left alone.
import type { Token } from "marked";
import { CodeBlock } from "./code_block";
import { type Links, parse, split, toHtml } from "./grammar";
import { showMath } from "./math";
import { mended } from "./mend";
import { toFragment } from "./sanitize";

interface Block {
  raw: string;
  /** Drawn as still growing, with loose ends closed. */
  open: boolean;
  nodes: ChildNode[];
  code?: CodeBlock;
}

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

  constructor(readonly element: HTMLElement) {}

  /** Show `source`; `open` while more may come. */
  update(source: string, open: boolean): void {
    const text = source.replace(/\r\n?/g, "\n");
    if (!text.startsWith(this.text.slice(0, this.settled))) this.reset();
    this.text = text;
    this.removeCaret();
    this.settle();
    const links = { ...this.links };
    this.draw(parse(text.slice(this.settled), links), open);
    this.redrawReferences(links);
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
    for (const block of this.blocks.splice(this.settledBlocks + tokens.length)) remove(block);
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
    const block = token.type === "code" ? codeBlock(token, open) : this.htmlBlock(token, open);
    const next = this.firstNodeAfter(known ? index : index - 1);
    for (const node of block.nodes) this.element.insertBefore(node, next);
    if (known) remove(known);
    this.blocks[index] = block;
  }

  private htmlBlock(token: Token, open: boolean): Block {
    const whole = open ? (parse(mended(token.raw), { ...this.links })[0] ?? token) : token;
    const fragment = toFragment(toHtml(whole));
    decorate(fragment);
    return { raw: token.raw, open, nodes: [...fragment.childNodes] };
  }

  private firstNodeAfter(index: number): ChildNode | null {
    for (const block of this.blocks.slice(index + 1)) if (block.nodes[0]) return block.nodes[0];
    return null;
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
    for (const block of this.blocks) remove(block);
    Object.assign(this, { blocks: [], links: {}, shownLinks: "{}", settled: 0, settledLines: 0, settledBlocks: 0 });
  }

  private showCaret(): void {
    this.caret ??= Object.assign(document.createElement("span"), { className: "caret" });
    this.caret.setAttribute("aria-hidden", "true");
    const last = this.blocks.findLast((block) => block.nodes.length > 0);
    const end = last?.code?.end ?? deepest(last?.nodes.findLast((node) => node instanceof Element));
    (end ?? this.element).append(this.caret);
  }

  private removeCaret(): void {
    this.caret?.remove();
  }
}

function codeBlock(token: Token, open: boolean): Block {
  const code = new CodeBlock(languageOf(token));
  code.update("text" in token ? token.text : "", open);
  return { raw: token.raw, open, nodes: [code.element], code };
}

function languageOf(token: Token): string {
  return "lang" in token ? (/^\S+/.exec(token.lang ?? "")?.[0] ?? "") : "";
}

function remove(block: Block): void {
  for (const node of block.nodes) node.remove();
}

const HOLDS_TEXT = "p, li, h1, h2, h3, h4, h5, h6, ul, ol, blockquote, table, thead, tbody, tr, td, th, .table-box";

/** Where the next word will appear. */
function deepest(node: ChildNode | undefined): Element | null {
  if (!(node instanceof Element) || !node.matches(HOLDS_TEXT)) return null;
  return deepest(node.lastElementChild ?? undefined) ?? node;
}

/** Give sanitised blocks what no text may bring along itself: code headers, formulas, scroll boxes, chips. */
function decorate(fragment: DocumentFragment): void {
  for (const code of fragment.querySelectorAll<HTMLElement>("pre > code")) {
    const block = new CodeBlock(code.dataset.lang ?? "");
    block.update((code.textContent ?? "").replace(/\n$/, ""), false);
    code.parentElement?.replaceWith(block.element);
  }
  for (const element of fragment.querySelectorAll<HTMLElement>("[data-math]")) {
    showMath(element, element.textContent ?? "", element.dataset.math === "block");
  }
  for (const table of fragment.querySelectorAll("table")) {
    const box = document.createElement("div");
    box.className = "table-box";
    box.tabIndex = 0;
    table.replaceWith(box);
    box.append(table);
  }
  for (const chip of fragment.querySelectorAll<HTMLElement>("[data-chip]")) {
    chip.className = "image-chip";
    chip.title = "Images from other sites are not loaded. Opens in a new tab.";
  }
  for (const task of fragment.querySelectorAll<HTMLElement>("[data-task]")) {
    const box = Object.assign(document.createElement("input"), { type: "checkbox", disabled: true });
    box.checked = task.dataset.task === "done";
    box.ariaLabel = box.checked ? "Done" : "To do";
    task.replaceWith(box);
  }
}
