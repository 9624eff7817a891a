import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startCopyButtons } from "./copy";

beforeAll(() => startCopyButtons(document));

beforeEach(() => {
  document.body.innerHTML = `
    <div data-toasts></div>
    <button data-copy="#text"><svg><use href="#icon-copy"/></svg></button><pre id="text">make run</pre>`;
});

afterEach(() => vi.unstubAllGlobals());

function copyWith(writeText: (text: string) => Promise<void>): void {
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  document.querySelector<HTMLElement>("[data-copy]")?.click();
}

const icon = () => document.querySelector("[data-copy] use")?.getAttribute("href");

test("the text is copied, and the button says so for a moment", async () => {
  const writeText = vi.fn().mockResolvedValue(undefined);

  copyWith(writeText);

  expect(writeText).toHaveBeenCalledWith("make run");
  await vi.waitFor(() => expect(icon()).toBe("#icon-check"));
  await vi.waitFor(() => expect(icon()).toBe("#icon-copy"), { timeout: 3000 });
});

test("a browser that refuses is named in a sentence", async () => {
  copyWith(() => Promise.reject(new DOMException("denied")));

  await vi.waitFor(() => expect(document.querySelector("[data-toast=error]")?.textContent).toContain("by hand"));
  expect(icon()).toBe("#icon-copy");
});
