import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MarkdownView } from "./view";

let host: HTMLElement;

beforeEach(() => {
  host = document.createElement("div");
  document.body.append(host);
});

afterEach(() => {
  host.remove();
  vi.useRealTimers();
});

const paragraphs = (count: number, from = 1) =>
  Array.from({ length: count }, (_, number) => `Paragraph ${from + number}.`).join("\n\n");

function parts(): HTMLElement[] {
  return [...host.querySelectorAll<HTMLElement>(".prose-part")];
}

function lengths(): number[] {
  return parts().map((part) => part.childElementCount);
}

function resting(): boolean[] {
  return parts().map((part) => part.classList.contains("prose-part-resting"));
}

function streamed(text: string): MarkdownView {
  const view = new MarkdownView(host);
  for (let end = 7; end < text.length; end += 7) view.update(text.slice(0, end), true);
  view.update(text, true);
  return view;
}

describe("a long reply", () => {
  it("stands in parts, the same ones whether it was watched or not", () => {
    new MarkdownView(host).update(paragraphs(40), false);
    const whole = lengths();
    host.replaceChildren();
    streamed(paragraphs(40)).update(paragraphs(40), false);

    expect(whole).toEqual([16, 16, 8]);
    expect(lengths()).toEqual(whole);
  });

  it("ends no part with what belongs to the next words", () => {
    new MarkdownView(host).update(`${paragraphs(15)}\n\n## About more\n\n${paragraphs(3, 16)}`, false);

    expect(parts().map((part) => part.lastElementChild?.tagName)).toEqual(["P", "P"]);
    expect(parts()[1]?.firstElementChild?.textContent).toBe("Paragraph 17.");
  });

  it("lets the parts rest that are complete, once it grows on behind them", () => {
    streamed(paragraphs(40));

    expect(resting()).toEqual([true, true, false]);
  });

  it("lets nothing rest that was never watched: no height of it is known", () => {
    new MarkdownView(host).update(paragraphs(40), false);

    expect(resting()).toEqual([false, false, false]);
  });

  it("keeps a part where it is when a link in it is understood later", () => {
    const view = streamed(`See [the docs][1].\n\n${paragraphs(39)}`);
    const before = lengths();
    view.update(`See [the docs][1].\n\n${paragraphs(39)}\n\n[1]: https://example.com/docs\n`, false);

    expect(lengths()).toEqual(before);
    expect(parts()[0]?.firstElementChild?.innerHTML).toContain('href="https://example.com/docs"');
  });

  it("leaves no empty part behind when it starts over", () => {
    const view = streamed(paragraphs(40));
    view.update("Something else.", false);

    expect(lengths()).toEqual([1]);
  });

  it("blinks where it stopped for a while, and not while words come", () => {
    vi.useFakeTimers();
    const view = new MarkdownView(host);
    view.update("One", true);
    vi.advanceTimersByTime(500);
    view.update("One two", true);
    vi.advanceTimersByTime(500);
    const whileWordsCame = host.querySelector(".caret-waiting");
    vi.advanceTimersByTime(200);

    expect(whileWordsCame).toBeNull();
    expect(host.querySelector(".caret-waiting")).not.toBeNull();
  });
});
