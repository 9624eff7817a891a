// The one place where HTML made from a model's text becomes DOM. Nothing else in the page parses such HTML.
import DOMPurify, { type Config } from "dompurify";

/** Tags a text may bring along itself; everything else it writes in angle brackets is shown as text. */
export const INLINE_HTML = [
  "b",
  "br",
  "del",
  "details",
  "em",
  "i",
  "ins",
  "kbd",
  "mark",
  "s",
  "strong",
  "sub",
  "summary",
  "sup",
  "u",
];

const SAFE_LINK = /^(?:https?:|mailto:|tel:)/i;

const CONFIG: Config & { RETURN_DOM_FRAGMENT: true } = {
  ALLOWED_TAGS: [
    ...INLINE_HTML,
    ...["a", "blockquote", "code", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "span", "ul"],
    ...["table", "tbody", "td", "th", "thead", "tr", "#text"],
  ],
  // No class, style, id or name: a text must not dress up as the page or shadow its names.
  ALLOWED_ATTR: [
    "align",
    "data-chip",
    "data-footnote",
    "data-lang",
    "data-math",
    "data-task",
    "href",
    "open",
    "start",
    "title",
  ],
  // Attributes that hold no address, so the rule for addresses does not apply to them.
  ADD_URI_SAFE_ATTR: ["align", "data-chip", "data-footnote", "data-lang", "data-math", "data-task", "open", "start"],
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  ALLOWED_URI_REGEXP: SAFE_LINK,
  RETURN_DOM_FRAGMENT: true,
};

export function isSafeLink(href: string): boolean {
  return SAFE_LINK.test(href);
}

let purifier: typeof DOMPurify | undefined;

export function toFragment(html: string): DocumentFragment {
  purifier ??= guarded();
  return purifier.sanitize(html) as unknown as DocumentFragment;
}

function guarded(): typeof DOMPurify {
  const instance = DOMPurify(window);
  // Once: given with each text, it would be read anew with each.
  instance.setConfig(CONFIG);
  instance.addHook("afterSanitizeAttributes", (node) => {
    if (node.tagName !== "A") return;
    if (!node.hasAttribute("href")) return;
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener nofollow");
  });
  return instance;
}
