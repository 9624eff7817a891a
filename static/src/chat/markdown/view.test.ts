import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse, toHtml } from "./grammar";
import { toFragment } from "./sanitize";
import { MarkdownView } from "./view";

let host: HTMLElement;

beforeEach(() => {
  host = document.createElement("div");
  document.body.append(host);
});

afterEach(() => host.remove());

function whole(text: string): string {
  const element = document.createElement("div");
  new MarkdownView(element).update(text, false);
  return element.innerHTML;
}

/** Small, repeatable chunk lengths, so that a failure can be repeated. */
function* chunkEnds(text: string, seed: number): Generator<number> {
  let state = seed;
  for (let end = 0; end < text.length; ) {
    state = (state * 1103515245 + 12345) % 2147483648;
    end = Math.min(text.length, end + 1 + (state % 7));
    yield end;
  }
}

function streamed(text: string, seed: number): string {
  const element = document.createElement("div");
  const view = new MarkdownView(element);
  for (const end of chunkEnds(text, seed)) view.update(text.slice(0, end), true);
  view.update(text, false);
  // What only says that the browser may leave it out.
  for (const part of element.querySelectorAll(".prose-part-resting")) {
    part.classList.remove("prose-part-resting");
    part.removeAttribute("style");
  }
  return element.innerHTML;
}

const CORPUS: Record<string, string> = {
  prose: "One paragraph\nwith a line break.\n\nAnother with **bold**, *italic*, `code` and ~~gone~~.\n\n---\n\nLast.",
  headings: "# One\n\ntext\n\nTwo\n===\n\nThree\n-\n\n- not four\n\n#### Four\ntext right after",
  "tight list": "Before:\n- a\n- b\n  - c\n    1. d\n- e\n\nAfter.",
  "list that turns loose": "1. one\n\n   more of one\n\n2. two\n3. three\n\ntext\n\n4. four",
  "list split by a half line": "1. a\n\n2. b\n\n10. c\n",
  "task list": "- [x] done\n- [ ] open\n",
  "code fences": 'Text:\n```python\ndef f():\n    return "```"\n\n\n# end\n```\nmore\n~~~\nplain\n~~~\n',
  "fence that never closes": "Text\n\n```js\nlet a = 1;\n\nlet b = 2;",
  "fence in a list": "1. Do this:\n\n   ```sh\n   make run\n\n   make test\n   ```\n2. Then that\n",
  "indented code": "text\n\n    code\n\n    more\n\ntext",
  table: "Before\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n| `x|y` | **z** |\n\nAfter\n| c |\n|---|\n| d |\n",
  quotes: "> one\n> two\nlazy\n\n> three\n>\n> - list\n> - more\n\nend",
  links:
    "See [here](https://example.com/a_(b)), <https://example.org> and https://example.net/x?y=1. [bad](javascript:alert(1))",
  "reference links":
    "Read [the docs][1] and [more].\n\nText.\n\n[1]: https://example.com/docs 'Docs'\n[more]: https://example.com/more\n",
  maths:
    "Inline $a_1 + b$ and \\(x^2\\), it costs $5 and $10.\n\n$$\nx = 1\n- y\n$$\n\n\\[\n\\int_0^1 x\n\\]\n\n$$ never closed\n\ntext",
  html: "<b>bold</b> and <div>shown</div>\n\n<details><summary>More</summary>inside</details>\n\n<!-- gone -->\n\na < b && c > d",
  emoji: "Done :tada: and :unknown: at 10:30:45 `:tada:`",
  images: "![A cat](https://example.com/cat.png) and ![x](data:image/png;base64,AAAA)",
  windows: "one\r\n\r\n- a\r\n- b\r\n\r\ntwo",
  "odd letters": "a\u2028b\u0085c [DONE] \u00a0 \u202e end\n\n\u2028\n\nnext",
  "only marks": "**\n\n*\n\n_\n\n`\n\n$$\n\n[\n\n<",
};

describe("a streamed reply", () => {
  for (const [name, text] of Object.entries(CORPUS)) {
    it(`reads like the whole one in the end: ${name}`, () => {
      const expected = whole(text);
      for (const seed of [1, 2, 3, 42, 99]) expect(streamed(text, seed)).toBe(expected);
    });

    it(`says what the text says when parsed at once: ${name}`, () => {
      const tokens = parse(text.replace(/\r\n/g, "\n"), {});
      const expected = toFragment(tokens.map(toHtml).join("")).textContent ?? "";
      new MarkdownView(host).update(text, false);
      for (const tools of host.querySelectorAll(".code-header, .table-tools")) tools.remove();

      expect(host.textContent?.replace(/\s+/g, "")).toBe(expected.replace(/\s+/g, ""));
    });

    it(`shows each prefix like a reply of that length: ${name}`, () => {
      const view = new MarkdownView(host);
      for (let end = 1; end <= text.length; end += end % 5 === 0 ? 4 : 1) {
        view.update(text.slice(0, end), false);
        expect(host.innerHTML).toBe(whole(text.slice(0, end)));
      }
    });
  }

  it("reads the same when all of it follows each other", () => {
    const text = Object.values(CORPUS).join("\n\n");

    expect(streamed(text, 7)).toBe(whole(text));
  });

  it("leaves finished blocks alone while the last one grows", () => {
    const view = new MarkdownView(host);
    view.update("First.\n\nSecond.\n\nThi", true);
    const [first, second] = host.querySelectorAll("p");
    view.update("First.\n\nSecond.\n\nThird, longer.", true);

    expect(host.querySelectorAll("p")[0]).toBe(first);
    expect(host.querySelectorAll("p")[1]).toBe(second);
  });

  it("lets an open code block grow in place", () => {
    const view = new MarkdownView(host);
    view.update("```\none", true);
    const pre = host.querySelector("pre");
    view.update("```\none\ntwo", true);

    expect(host.querySelector("pre")).toBe(pre);
    expect(pre?.textContent).toBe("one\ntwo");
  });

  it("ends in a caret until it is complete", () => {
    const view = new MarkdownView(host);
    view.update("- one\n- two", true);
    expect(host.querySelector("li:last-child > .caret")).not.toBeNull();

    view.update("- one\n- two", false);
    expect(host.querySelector(".caret")).toBeNull();
  });

  it("closes emphasis that is still being written", () => {
    const view = new MarkdownView(host);
    view.update("This is **impor", true);

    expect(host.querySelector("strong")?.textContent).toContain("impor");
  });

  it("starts over when the text turns out different", () => {
    const view = new MarkdownView(host);
    view.update("One.\n\nTwo.\n\nThree.", true);
    view.update("Other.\n\nTwo.", false);

    expect(host.textContent?.replace(/\s+/g, " ").trim()).toBe("Other. Two.");
  });
});

describe("links and images", () => {
  it("open elsewhere and tell nothing", () => {
    new MarkdownView(host).update("[here](https://example.com)", false);
    const link = host.querySelector("a");

    expect(link?.target).toBe("_blank");
    expect(link?.rel).toBe("noopener nofollow");
  });

  it("never load a remote image", () => {
    new MarkdownView(host).update("![cat](https://example.com/cat.png)\n\n<img src=https://example.com/x.png>", false);

    expect(host.querySelector("img")).toBeNull();
    expect(host.querySelector(".image-chip")?.textContent).toBe("cat");
  });
});

describe("maths", () => {
  function formulas(text: string): (string | null)[] {
    new MarkdownView(host).update(text, false);
    return [...host.querySelectorAll("[data-math]")].map((element) => element.textContent);
  }

  it("takes money for money", () => {
    expect(formulas("It costs $5, not $10 or $15.50; US$20 and $3 per 100 items.")).toEqual([]);
  });

  it("reads the common delimiters", () => {
    expect(formulas("$x+1$, \\(y\\) and $2^n$\n\n$$\nz\n$$\n\n\\[ w \\]")).toEqual(["x+1", "y", "2^n", "z", "w"]);
  });

  it("keeps ranges of money, and a dollar that was escaped", () => {
    expect(formulas("It costs $5–$10, $5-$10, $5/$6 or \\$7 and \\$8; $1,000 to $2,000.")).toEqual([]);
    expect(host.textContent).toContain("$7 and $8");
  });

  it("leaves code alone", () => {
    expect(formulas("`$x$` and\n\n```\n$y$\n```")).toEqual([]);
  });
});

const ATTACKS: readonly string[] = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)><g/></svg>",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt&#58;alert(1))",
  "[x](\u0001javascript:alert(1))",
  "[x](vbscript:msgbox(1))",
  "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
  '<a href="javascript:alert(1)">x</a>',
  "<b onclick=alert(1) style=position:fixed class=toast id=main>x</b>",
  "<details open ontoggle=alert(1)>x</details>",
  "<iframe src=https://example.com></iframe>",
  "<form action=/accounts/logout/><button>x</button></form>",
  "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
  '<style>*{display:none}</style><link rel=stylesheet href="https://example.com/x.css">',
  '![x](https://example.com/a.png"onerror=alert(1))',
  '[x](https://example.com "onmouseover=alert(1)")',
  '```"><img src=x onerror=alert(1)>\ncode\n```',
  "$\\href{javascript:alert(1)}{x}$",
  "<b><p><style><!--</style><img title='--&gt;&lt;img src=x onerror=alert(1)&gt;'>",
];

describe("hostile text", () => {
  for (const attack of ATTACKS) {
    it(`stays harmless: ${attack.slice(0, 40)}`, () => {
      new MarkdownView(host).update(attack, false);

      expect(
        host.querySelector("script, style, link, iframe, form, svg:not(.icon), math, img, object, embed"),
      ).toBeNull();
      for (const element of host.querySelectorAll("*")) {
        for (const { name, value } of element.attributes) {
          expect(name.startsWith("on")).toBe(false);
          expect(value.toLowerCase().replace(/\s/g, "")).not.toContain("javascript:");
        }
      }
      expect(host.querySelector("b[style], b[class], b[id]")).toBeNull();
    });
  }
});
