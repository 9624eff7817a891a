import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startWaits } from "./wait";

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = `<form><button data-wait="61">Send</button><p data-wait-note>Later</p></form>`;
});
afterEach(() => vi.useRealTimers());

test("counts down to the moment the button may be pressed", () => {
  startWaits(document);
  const button = document.querySelector("button");
  const note = document.querySelector("p");

  expect([button?.disabled, note?.textContent]).toEqual([true, "You can ask for another one in 1:01."]);
  vi.advanceTimersByTime(2000);
  expect(note?.textContent).toBe("You can ask for another one in 59 s.");
  vi.advanceTimersByTime(60_000);
  expect([button?.disabled, note?.textContent]).toEqual([false, ""]);
});
