// Runs first in every artifact, before a line of the artifact itself. The page's policy already forbids all loading;
// this closes what no policy reaches: WebRTC, the connections a <link> opens ahead of time, and new documents that
// would come without this guard. Everything it relies on later is taken into constants here, out of reach of what follows.

/** The start of a tag that would open another document or connect somewhere; also with a prefix, as XML writes it. */
export const OPENS_MORE = String.raw`<(\/?)(?:[^\s<>/:]*:)?(?=(?:iframe|frame|object|embed|fencedframe|portal|link)(?![a-z0-9]))|<!(?=ENTITY)`;

interface Policies {
  createPolicy(name: string, rules: Record<string, (text: string, type: string, sink: string) => string | null>): void;
}

/** Handed over as source text: it must not use anything from outside itself. */
export function guard(opensMore: string): void {
  const { apply, deleteProperty } = Reflect;
  const define = Object.defineProperty;
  const replace = RegExp.prototype[Symbol.replace];
  const pattern = new RegExp(opensMore, "gi");
  // The artifact may change RegExp.prototype; a pattern with its own methods does not notice.
  define(pattern, "exec", { value: RegExp.prototype.exec });
  define(pattern, "flags", { value: "gi" });
  const names = /^(?:iframe|frame|object|embed|fencedframe|portal|link)$/i;
  const test = RegExp.prototype.exec;
  const harmless = (html: string): string => apply(replace, pattern, [html, "<$1blocked-"]) as string;
  const indexOf = String.prototype.lastIndexOf;
  const slice = String.prototype.slice;

  const policies = (window as unknown as { trustedTypes?: Policies }).trustedTypes;
  policies?.createPolicy("default", {
    createHTML: harmless,
    // A `javascript:` address would replace this document by one without a guard; all else is the artifact's own affair.
    createScript: (text, _type, sink) => (sink === "Location href" || sink === undefined ? null : text),
    createScriptURL: () => null,
  });

  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "RTCIceGatherer", "XSLTProcessor"]) {
    deleteProperty(window, name);
  }

  const allowed = (name: unknown): string => {
    const text = `${name}`;
    const local = apply(slice, text, [apply(indexOf, text, [":"]) + 1]) as string;
    return apply(test, names, [local]) ? "blocked-element" : text;
  };
  const { createElement, createElementNS } = Document.prototype;
  define(Document.prototype, "createElement", {
    value(this: Document, name: unknown) {
      return apply(createElement, this, [allowed(name)]);
    },
  });
  define(Document.prototype, "createElementNS", {
    value(this: Document, space: unknown, name: unknown) {
      return apply(createElementNS, this, [space, allowed(name)]);
    },
  });
  const register = CustomElementRegistry.prototype.define;
  define(CustomElementRegistry.prototype, "define", {
    value(this: CustomElementRegistry, name: unknown, made: unknown) {
      return apply(register, this, [name, made]); // never as a kind of <iframe> or <link>
    },
  });

  // Written in pieces a tag escapes every check, and opening the document anew would drop what is set up here.
  const insert = Element.prototype.insertAdjacentHTML;
  function write(this: Document, ...pieces: unknown[]): void {
    const html = pieces.join("");
    apply(insert, document.body ?? document.documentElement, ["beforeend", policies ? html : harmless(html)]);
  }
  define(Document.prototype, "write", { value: write });
  define(Document.prototype, "writeln", { value: write });
  define(Document.prototype, "open", { value: () => document });
  define(Document.prototype, "close", { value: () => undefined });

  // Below: what a sandbox takes away and a small page still expects.
  const kept = () => {
    const values = new Map<string, string>();
    return {
      get length() {
        return values.size;
      },
      clear: () => values.clear(),
      getItem: (key: unknown) => values.get(`${key}`) ?? null,
      key: (index: number) => [...values.keys()][index] ?? null,
      removeItem: (key: unknown) => void values.delete(`${key}`),
      setItem: (key: unknown, value: unknown) => void values.set(`${key}`, `${value}`),
    };
  };
  define(window, "localStorage", { value: kept() });
  define(window, "sessionStorage", { value: kept() });

  addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const link = target?.closest("a[href], area[href]");
    if (link) {
      // Going elsewhere is forbidden anyway, and would leave the browser's error page here.
      event.preventDefault();
      const id = (link.getAttribute("href") ?? "").replace(/^#/, "");
      if (link.getAttribute("href")?.startsWith("#")) document.getElementById(id)?.scrollIntoView();
    }
    const button = target?.closest("button, input");
    const isSubmit = button instanceof HTMLButtonElement || button instanceof HTMLInputElement;
    if (!event.defaultPrevented && isSubmit && /^(?:submit|image)$/.test(button.type) && button.form) {
      // A sandboxed form says nothing when it is sent; the artifact's own handler wants to hear of it.
      event.preventDefault();
      const sent = new SubmitEvent("submit", { bubbles: true, cancelable: true, submitter: button });
      if (button.form.noValidate || button.form.reportValidity()) button.form.dispatchEvent(sent);
    }
  });
}
