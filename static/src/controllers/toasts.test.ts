import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { moveToasts, showToast, startToasts } from "./toasts";

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = "<div data-toasts></div>";
});

afterEach(() => vi.useRealTimers());

const shown = () => [...document.querySelectorAll("[data-toast]")].map((toast) => toast.textContent);

test("words are shown as they are, never as markup", () => {
  showToast("<img src=x onerror=alert(1)>");

  expect(shown()).toEqual(["<img src=x onerror=alert(1)>"]);
  expect(document.querySelector("img")).toBeNull();
});

test("a notice leaves by itself", () => {
  showToast("Saved", "success");
  vi.advanceTimersByTime(6000);

  expect(shown()).toEqual([]);
});

test("an error stays until it is dismissed", () => {
  startToasts(document);
  showToast("Not saved", "error");
  vi.advanceTimersByTime(60_000);
  const before = shown();
  document.querySelector<HTMLElement>("[data-toast-close]")?.click();

  expect(before).toEqual(["Not saved"]);
  expect(shown()).toEqual([]);
});

test("a notice with the focus in it waits", () => {
  showToast("Saved", "success");
  document.querySelector<HTMLElement>("[data-toast-close]")?.focus();
  vi.advanceTimersByTime(6000);

  expect(shown()).toEqual(["Saved"]);
});

test("where a page has places of its own, a notice stands in the last one that is not inert", () => {
  document.body.innerHTML = "<aside data-toasts></aside><main><div data-toasts></div></main>";
  const main = document.querySelector("main") as HTMLElement;
  const place = () => document.querySelector("[data-toast]")?.parentElement?.tagName;
  main.setAttribute("inert", "");
  showToast("Deleted");
  expect(place()).toBe("ASIDE");

  main.removeAttribute("inert");
  moveToasts();
  expect(place()).toBe("DIV");
});
