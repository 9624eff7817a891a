import { beforeEach, expect, test } from "vitest";
import { startCharts } from "./charts";

let plot: HTMLElement;

beforeEach(() => {
  document.body.innerHTML = `
    <div data-chart="numbers" tabindex="0"><svg><rect data-chart-cursor hidden></rect></svg></div>
    <table id="numbers"><thead><tr><th>Time</th><th>a</th><th>b</th></tr></thead><tbody>
      <tr><th>1 March</th><td>3</td><td>4</td></tr><tr><th>2 March</th><td>5</td><td>6</td></tr>
    </tbody></table>`;
  plot = document.querySelector<HTMLElement>("[data-chart]") as HTMLElement;
  plot.getBoundingClientRect = () => new DOMRect(0, 0, 200, 100);
  startCharts(document);
});

function press(key: string): void {
  plot.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
}

function tip(): HTMLElement {
  return plot.querySelector<HTMLElement>(".chart-tip") as HTMLElement;
}

test("the arrow keys read the numbers of each step, and stop at the ends", () => {
  press("ArrowLeft");
  expect(tip().textContent).toBe("2 Marchb6a5");
  press("ArrowLeft");
  press("ArrowLeft");
  expect(tip().textContent).toBe("1 Marchb4a3");
  press("End");
  press("ArrowRight");
  expect(tip().querySelector(".chart-tip-title")?.textContent).toBe("2 March");
});

test("escape and leaving put the numbers away", () => {
  press("Home");
  expect(tip().hidden).toBe(false);
  press("Escape");
  expect(tip().hidden).toBe(true);
  press("Home");
  plot.dispatchEvent(new Event("blur"));
  expect(tip().hidden).toBe(true);
  expect(plot.querySelector("[data-chart-cursor]")?.hasAttribute("hidden")).toBe(true);
});

test("the pointer shows the step it is over", () => {
  plot.dispatchEvent(new MouseEvent("pointermove", { clientX: 150 }));
  expect(tip().querySelector(".chart-tip-title")?.textContent).toBe("2 March");
  expect(plot.querySelector("[data-chart-cursor]")?.getAttribute("x")).toBe("500");
  plot.dispatchEvent(new MouseEvent("pointermove", { clientX: -5 }));
  expect(tip().querySelector(".chart-tip-title")?.textContent).toBe("1 March");
});

test("what something is called is text", () => {
  document.querySelector("th + th")?.replaceChildren("<b>x</b>");
  document.querySelector(".chart-tip")?.remove();
  startCharts(document);
  press("Home");
  expect(plot.querySelector(".chart-tip b")).toBeNull();
});
