import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MarkdownView } from "./view";

let host: HTMLElement;
let view: MarkdownView;

beforeEach(() => {
  host = document.createElement("div");
  document.body.append(host);
  view = new MarkdownView(host);
});

afterEach(() => host.remove());

const TEXT = [
  "Water boils.[^boil] It freezes, too.[^2] And boils again.[^boil]",
  "",
  "[^2]: At 0 °C.",
  "[^boil]: At 100 °C, at sea",
  "level.",
  "",
  "    A second *paragraph*.",
  "",
  "Last words.",
].join("\n");

function marks(): (string | null)[] {
  return [...host.querySelectorAll("[data-footnote]")].map((mark) => mark.textContent);
}

function notes(): string[] {
  return [...host.querySelectorAll(".footnotes li")].map((item) =>
    item.innerHTML
      .replace(/<br>/g, " ")
      .replace(/<[^>]+>/g, "")
      .replace(/\s+/g, " ")
      .trim(),
  );
}

describe("footnotes", () => {
  it("are numbered as they are first named and stand at the end", () => {
    view.update(TEXT, false);

    expect(marks()).toEqual(["1", "2", "1"]);
    expect(notes()).toEqual(["At 100 °C, at sea level. A second paragraph.↩↩", "At 0 °C.↩"]);
    expect(host.lastElementChild?.className).toBe("footnotes");
    expect(host.lastElementChild?.previousElementSibling?.lastElementChild?.textContent).toBe("Last words.");
  });

  it("lead to the note and back", () => {
    view.update(TEXT, false);
    const ids = [...host.querySelectorAll<HTMLAnchorElement>(".footnotes a, .footnote-ref a")].map((link) => link.hash);

    for (const id of ids) expect(host.querySelectorAll(`[id="${id.slice(1)}"]`)).toHaveLength(1);
    expect(host.querySelector(".footnote-ref a")?.getAttribute("aria-label")).toBe("Footnote 1");
  });

  it("of two texts never share an id", () => {
    const other = document.createElement("div");
    new MarkdownView(other).update(TEXT, false);
    view.update(TEXT, false);
    const ids = (root: Element) => [...root.querySelectorAll("[id]")].map(({ id }) => id);

    expect(ids(host).filter((id) => ids(other).includes(id))).toEqual([]);
    expect(ids(host)).toHaveLength(5);
  });

  it("read the same in the end however they arrive", () => {
    const whole = document.createElement("div");
    new MarkdownView(whole).update(TEXT, false);
    for (let end = 1; end <= TEXT.length; end += 3) view.update(TEXT.slice(0, end), true);
    view.update(TEXT, false);
    const plain = (element: Element) => element.innerHTML.replace(/note-\d+-/g, "note-");

    expect(plain(host)).toBe(plain(whole));
  });

  it("are numbered before their notes arrive", () => {
    view.update("One.[^a] Two.[^b]\n\nMore", true);

    expect(marks()).toEqual(["1", "2"]);
  });

  it("stay as they were written where no note is", () => {
    view.update("A class like [^abc] here.", false);

    expect(host.textContent?.trim()).toBe("A class like [^abc] here.");
    expect(host.querySelector("a, .footnotes")).toBeNull();
  });

  it("are not made of links, code or notes that nobody names", () => {
    view.update("[^x](https://example.com) and `[^1]`.\n\n[^1]: Unnamed.", false);

    expect(host.querySelector(".footnotes")).toBeNull();
    expect(host.querySelector("code")?.textContent).toBe("[^1]");
  });

  it("go when the text turns out different", () => {
    view.update(TEXT, false);
    view.update("Other words.", false);

    expect(host.textContent?.trim()).toBe("Other words.");
  });
});
