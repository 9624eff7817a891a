import { expect, test } from "vitest";
import { showCurrentTab } from "./tabs";

function place(element: Element, left: number, width: number): void {
  element.getBoundingClientRect = () => new DOMRect(left, 0, width, 36);
  Object.defineProperties(element, { clientWidth: { value: width }, offsetWidth: { value: width } });
}

test("the open page's tab stands in the middle of its row", () => {
  document.body.innerHTML =
    '<nav class="settings-tabs"><ul><li><a href="/a">A</a></li><li><a href="/b" aria-current="page">B</a></li></ul></nav>';
  const row = document.querySelector("ul") as HTMLElement;
  place(row, 0, 400);
  place(document.querySelector("[aria-current]") as HTMLElement, 700, 100);

  showCurrentTab(document);

  expect(row.scrollLeft).toBe(550);
});

test("a page without tabs is left alone", () => {
  document.body.innerHTML = "<main></main>";

  expect(() => showCurrentTab(document)).not.toThrow();
});
