import { describe, expect, it } from "vitest";
import { CodeBlock } from "./code_block";
import { isPlainDrawing } from "./diagram";
import { fileName } from "./files";

function block(language: string, text: string, open = false): HTMLElement {
  const code = new CodeBlock(language);
  code.update(text, open);
  return code.element;
}

function names(element: Element): string[] {
  return [...element.querySelectorAll("button")].map(
    (button) => button.getAttribute("aria-label") ?? button.textContent ?? "",
  );
}

const LONG = Array.from({ length: 80 }, (_, line) => `line ${line}`).join("\n");

describe("a block of code", () => {
  it("has named tools", () => {
    expect(names(block("python", "x = 1"))).toEqual(["Wrap lines", "Download", "Copy"]);
  });

  it("wraps its lines when asked and says so", () => {
    const element = block("text", "a long line");
    const button = element.querySelector<HTMLElement>("[aria-label='Wrap lines']");
    button?.click();

    expect(element.classList.contains("code-wrapped")).toBe(true);
    expect(button?.getAttribute("aria-pressed")).toBe("true");
  });

  it("shows the beginning of a long one until all of it is asked for", () => {
    const element = block("text", LONG);
    Element.prototype.scrollIntoView = () => undefined;
    expect(element.classList.contains("code-folded")).toBe(true);
    const button = element.querySelector<HTMLElement>(".code-unfold");
    expect([button?.textContent, button?.getAttribute("aria-expanded")]).toEqual(["Show all 80 lines", "false"]);

    button?.click();
    expect(element.classList.contains("code-folded")).toBe(false);
    expect([button?.textContent, button?.getAttribute("aria-expanded")]).toEqual(["Show fewer lines", "true"]);
  });

  it("does not shrink under the eyes of whoever watched it being written", () => {
    const code = new CodeBlock("text");
    code.update(LONG, true);
    code.update(LONG, false);

    expect(code.element.classList.contains("code-folded")).toBe(false);
    expect(code.element.querySelector(".code-unfold")).toBeNull();
  });

  it.each([
    ["html", "<!doctype html><p>Hello</p>", true],
    ["html", "<p>a piece of a page</p>", false],
    ["svg", "<svg viewBox='0 0 1 1'></svg>", true],
    ["xml", "<?xml version='1.0'?>\n<svg></svg>", true],
    ["xml", "<note/>", false],
    ["python", "<html>", false],
  ])("in %s offers a preview of a whole document: %s", (language, text, offered) => {
    expect(names(block(language, text)).includes("Preview")).toBe(offered);
  });

  it("offers no preview while it is being written", () => {
    expect(names(block("html", "<!doctype html><p>Hel", true))).not.toContain("Preview");
  });
});

describe("the name of a saved block", () => {
  it.each([
    ["python", "code.py"],
    ["TypeScript", "code.ts"],
    ["c++", "code.cpp"],
    ["dockerfile", "Dockerfile"],
    ["", "code.txt"],
    ["src/app/models.py", "models.py"],
    ["../../etc/passwd", "code.txt"],
    ["constructor", "code.txt"],
    ["go", "code.go"],
    ["..\\evil.exe\u202etxt", "code.txt"],
  ])("%s -> %s", (label, name) => {
    expect(fileName(label)).toBe(name);
  });
});

describe("a drawing handed over by a frame", () => {
  const svg = (inner: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">${inner}</svg>`;

  it("is saved when it is a drawing alone", () => {
    expect(isPlainDrawing(svg('<g><path d="M0 0"/><a href="https://example.com"><text>x</text></a></g>'))).toBe(true);
  });

  it.each([
    "<script>x()</script>",
    '<g onclick="x()"/>',
    '<a xlink:href="javascript:x()"/>',
    '<image href="data:image/svg+xml,x"/>',
    '<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>',
    "<g>",
  ])("is not saved with %s", (inner) => {
    expect(isPlainDrawing(svg(inner))).toBe(false);
  });
});
