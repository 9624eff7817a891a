import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startLive } from "./live";

let rows: string[];
let asked: number;
let isDown: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  [rows, asked, isDown] = [["1"], 0, false];
  vi.stubGlobal("fetch", async () => {
    asked += 1;
    if (isDown) throw new TypeError("down");
    return new Response(table());
  });
  document.body.innerHTML = `<button data-live="/rows/" data-live-minutes="1" data-live-on="Live" aria-pressed="false" hidden>
    <span data-live-label>Follow</span></button><div data-live-rows>${table()}</div>`;
  startLive(document);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function table(): string {
  return `<table><tbody>${rows.map((id) => `<tr id="${id}"><td><a href="/${id}">${id}</a></td></tr>`).join("")}</tbody></table>`;
}

function button(): HTMLButtonElement {
  return document.querySelector<HTMLButtonElement>("button") as HTMLButtonElement;
}

test("rows that are new light up, wherever they stand", async () => {
  button().click();
  await vi.advanceTimersByTimeAsync(10);
  rows = ["3", "1", "2"];
  await vi.advanceTimersByTimeAsync(2_000);

  expect([...document.querySelectorAll("tr")].map((row) => row.id)).toEqual(["3", "1", "2"]);
  expect([...document.querySelectorAll(".calls-new")].map((row) => row.id)).toEqual(["3", "2"]);
  expect(button().getAttribute("aria-pressed")).toBe("true");
  expect(button().textContent?.trim()).toBe("Live");
});

test("a second press stops it", async () => {
  button().click();
  await vi.advanceTimersByTimeAsync(10);
  button().click();
  const before = asked;
  await vi.advanceTimersByTimeAsync(20_000);

  expect(asked).toBe(before);
  expect(button().textContent?.trim()).toBe("Follow");
});

test("it ends by itself, and asks less often where nobody answers", async () => {
  isDown = true;
  button().click();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(asked).toBeLessThan(7);
  await vi.advanceTimersByTimeAsync(90_000);
  const before = asked;
  await vi.advanceTimersByTimeAsync(120_000);

  expect(asked).toBe(before);
  expect(button().getAttribute("aria-pressed")).toBe("false");
});

test("who stands on a row with the keys stays there", async () => {
  button().click();
  await vi.advanceTimersByTimeAsync(10);
  document.querySelector<HTMLElement>("tr[id='1'] a")?.focus();
  rows = ["9", "1"];
  await vi.advanceTimersByTimeAsync(2_000);

  expect(document.activeElement?.closest("tr")?.id).toBe("1");
});
