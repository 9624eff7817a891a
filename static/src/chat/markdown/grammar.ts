// The markdown we read: GFM with line breaks, maths, footnotes, emoji shortcodes, and only harmless HTML. Output goes to the sink alone.
import { Marked, Parser, type Token, type TokenizerExtension, type Tokens } from "marked";
import { emojiFor } from "./emoji";
import { INLINE_HTML, isSafeLink } from "./sanitize";

type Extension = TokenizerExtension & { renderer(token: Tokens.Generic): string };

/**
 * Display maths: `$$ … $$` or `\[ … \]`, no blank line inside. An opener without its closer takes the paragraph with
 * it, so that a formula being streamed is never first read as something else.
 */
const mathBlock: Extension = {
  name: "mathBlock",
  level: "block",
  start: (src) => src.match(/^ {0,3}(?:\$\$|\\\[)/m)?.index,
  tokenizer(src) {
    const match = /^ {0,3}(\$\$|\\\[)((?:(?!\n[ \t]*\n|\$\$|\\\])[\s\S])*)(\$\$|\\\]|$)[ \t]*(?:\n|$)/.exec(src);
    if (!match) return undefined;
    const [raw, opener, tex = "", closer] = match;
    if (!tex.trim() || (closer && (opener === "$$") !== (closer === "$$"))) return undefined;
    return { type: "mathBlock", raw, tex: tex.trim(), closed: closer !== "" };
  },
  renderer: (token) =>
    token.closed ? `<p data-math="block">${escaped(token.tex)}</p>` : `<p>${escaped(token.raw.trimEnd())}</p>`,
};

/** Inline maths: `\( … \)`, `$$ … $$`, and `$ … $` where the dollars hug the formula and no digit follows: $5 is money. */
const mathInline: Extension = {
  name: "mathInline",
  level: "inline",
  start: (src) => src.match(/\$|\\\(|\\\[/)?.index,
  tokenizer(src) {
    const match =
      /^\\\(((?:\\[^)]|[^\\])+?)\\\)/.exec(src) ??
      /^\\\[((?:\\[^\]]|[^\\])+?)\\\]/.exec(src) ??
      /^\$\$((?:\\[\s\S]|[^\\$])+?)\$\$/.exec(src) ??
      /^\$(?![\s\d]|\$)((?:\\[^\n]|[^\\$\n`])*?[^\\$\s`])\$(?!\d)/.exec(src) ??
      /^\$(\d(?:\\[^\n]|[^\\$\n`])*?[\\^_{}=](?:\\[^\n]|[^\\$\n`])*?)(?<!\s)\$(?!\d)/.exec(src);
    return match ? { type: "mathInline", raw: match[0], tex: (match[1] ?? "").trim() } : undefined;
  },
  renderer: (token) => `<span data-math="inline">${escaped(token.tex)}</span>`,
};

const emoji: Extension = {
  name: "emoji",
  level: "inline",
  start: (src) => src.match(/:[a-z0-9_+-]/)?.index,
  tokenizer(src) {
    const match = /^:([a-z0-9_+-]+):/.exec(src);
    const picture = match?.[1] && emojiFor(match[1]);
    return picture ? { type: "emoji", raw: match[0], picture } : undefined;
  },
  renderer: (token) => token.picture,
};

/** `[^name]: text`: what a footnote says, on its line, on plain lines that follow, and in indented paragraphs. */
const NOTE_START = String.raw`\[\^[^\s\]^]{1,60}\]:`;
const NOTE = new RegExp(
  String.raw`^ {0,3}\[\^([^\s\]^]{1,60})\]:[ \t]*([^\n]*(?:\n(?!${NOTE_START}| {0,3}(?:#{1,6}\s|>|\x60{3}|~~~|[-*+]\s|\d+[.)]\s|\|))[^\n]*\S[^\n]*)*(?:\n+(?: {2}|\t)[^\n]*\S[^\n]*)*)(?:\n+|$)`,
);

const footnote: Extension = {
  name: "footnote",
  level: "block",
  start: (src) => src.match(new RegExp(`^ {0,3}${NOTE_START}`, "m"))?.index,
  tokenizer(src) {
    const match = NOTE.exec(src);
    if (!match) return undefined;
    const text = (match[2] ?? "").replace(/\n(?: {2,4}|\t)/g, "\n");
    return { type: "footnote", raw: match[0], label: match[1] ?? "", text };
  },
  renderer: () => "",
};

/** `[^name]` in a text: the page numbers it. */
const footnoteMark: Extension = {
  name: "footnoteMark",
  level: "inline",
  start: (src) => src.match(/\[\^/)?.index,
  tokenizer(src) {
    const match = /^\[\^([^\s\]^]{1,60})\](?!\()/.exec(src);
    return match ? { type: "footnoteMark", raw: match[0], label: match[1] ?? "" } : undefined;
  },
  renderer: (token) => `<sup data-footnote="${escaped(token.label)}">${escaped(token.raw)}</sup>`,
};

const TAG = /<\/?([a-z][a-z0-9-]*)(?:\s[^<>]*)?\/?>/gi;

/** A tag without what was written into it; an open fold stays open. */
function bare(tag: string, name: string): string {
  if (tag.startsWith("</")) return `</${name}>`;
  return name.toLowerCase() === "details" && /\sopen[\s=/>]/i.test(tag) ? "<details open>" : `<${name}>`;
}

const marked = new Marked({ gfm: true, breaks: true }).use({
  extensions: [mathBlock, mathInline, emoji, footnote, footnoteMark],
  renderer: {
    code({ text, lang }) {
      return `<pre><code data-lang="${escaped(lang?.match(/^\S+/)?.[0] ?? "")}">${escaped(text)}</code></pre>`;
    },
    image({ href, text }) {
      const words = escaped(text || href);
      return isSafeLink(href) ? `<a data-chip="image" href="${escaped(href)}">${words}</a>` : words;
    },
    link({ href, title, tokens }) {
      const words = this.parser.parseInline(tokens);
      const hint = title ? ` title="${escaped(title)}"` : "";
      return isSafeLink(href) ? `<a href="${escaped(href)}"${hint}>${words}</a>` : words;
    },
    html({ text }) {
      if (/^\s*<!--/.test(text)) return "";
      const tags = [...text.matchAll(TAG)].map((tag) => tag[1]?.toLowerCase() ?? "");
      const rest = text.replace(TAG, "");
      const isHarmless = !rest.includes("<") && tags.every((tag) => INLINE_HTML.includes(tag));
      return isHarmless ? text.replace(TAG, bare) : escaped(text).replace(/\n/g, "<br>");
    },
    checkbox({ checked }) {
      return `<span data-task="${checked ? "done" : "open"}"></span>`;
    },
  },
});

const OPTIONS = marked.defaults;

export type Links = Record<string, { href: string; title: string | null | undefined }>;

/** Top-level blocks without their inline content: cheap, and enough to see where blocks end. */
export function split(source: string): Token[] {
  const lexer = lexerWith({});
  return lexer.blockTokens(source, lexer.tokens);
}

/** Top-level blocks ready to render. New link definitions are added to `links`. */
export function parse(source: string, links: Links): Token[] {
  return lexerWith(links).lex(source);
}

export function toHtml(token: Token): string {
  return Parser.parse([token], OPTIONS);
}

function lexerWith(links: Links) {
  const lexer = new marked.Lexer(OPTIONS);
  lexer.tokens.links = links as typeof lexer.tokens.links;
  return lexer;
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
