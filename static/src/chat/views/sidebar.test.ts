import { expect, it } from "vitest";
import { showRow } from "./sidebar";

/** A list that shows 100 pixels, with the shown thread's row of 30 at `top`. */
function list(top: number): { sidebar: HTMLElement; box: HTMLElement } {
  const sidebar = document.createElement("div");
  sidebar.innerHTML = '<nav class="thread-list"><a aria-current="page"></a></nav>';
  const box = sidebar.firstElementChild as HTMLElement;
  box.getBoundingClientRect = () => new DOMRect(0, 0, 200, 100);
  (box.firstElementChild as HTMLElement).getBoundingClientRect = () => new DOMRect(0, top, 200, 30);
  return { sidebar, box };
}

it.each([
  ["in sight stays where it is", 70, 0],
  ["below comes to the middle", 300, 265],
  ["cut off at the edge comes to the middle", 80, 45],
])("the row of the shown conversation that is %s", (_where, top, scrolled) => {
  const { sidebar, box } = list(top);
  showRow(sidebar);

  expect(box.scrollTop).toBe(scrolled);
});

it("a list without it stays where it is", () => {
  const { sidebar, box } = list(300);
  box.replaceChildren();
  showRow(sidebar);

  expect(box.scrollTop).toBe(0);
});
