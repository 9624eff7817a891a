import { afterEach, expect, test } from "vitest";
import { startTitles } from "./titles";

startTitles(document);

afterEach(() => {
  document.body.innerHTML = "";
});

function place(html: string, width: number): HTMLElement {
  document.body.innerHTML = html;
  const element = document.querySelector("p") as HTMLElement;
  Object.defineProperties(element, { scrollWidth: { value: 300 }, clientWidth: { value: width } });
  element.dispatchEvent(new Event("pointerover", { bubbles: true }));
  return element;
}

test("a text that is cut tells its whole", () => {
  expect(place('<p style="text-overflow: ellipsis"> A long name </p>', 100).title).toBe("A long name");
});

test("a text that fits, one that wraps and one with a title of its own are left alone", () => {
  expect(place('<p style="text-overflow: ellipsis">A long name</p>', 300).title).toBe("");
  expect(place("<p>A long name</p>", 100).title).toBe("");
  expect(place('<p style="text-overflow: ellipsis" title="Ada">A long name</p>', 100).title).toBe("Ada");
});
