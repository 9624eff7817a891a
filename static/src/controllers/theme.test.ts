import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startThemes } from "./theme";

beforeAll(() => startThemes(document));

beforeEach(() => {
  localStorage.clear();
  document.documentElement.className = "";
  vi.stubGlobal("matchMedia", () => ({ matches: false }));
  delete document.documentElement.dataset.theme;
  document.body.innerHTML = "<div data-toasts></div>";
});

afterEach(() => vi.unstubAllGlobals());

function press(form: string): void {
  document.body.insertAdjacentHTML("beforeend", form);
  document.querySelector<HTMLElement>("[data-theme-form] button")?.click();
}

const anonymous = (theme: string) => `<form data-theme-form><button name="theme" value="${theme}"></button></form>`;
const account =
  '<form data-theme-form method="post" action="/keep/"><button name="theme" value="dark"></button></form>';

test("a visitor's choice is shown at once and kept in the browser alone", () => {
  const fetched = vi.fn();
  vi.stubGlobal("fetch", fetched);

  press(anonymous("dark"));

  expect(document.documentElement.classList.contains("dark")).toBe(true);
  expect(localStorage.getItem("theme")).toBe("dark");
  expect(fetched).not.toHaveBeenCalled();
});

test("following the system keeps nothing", () => {
  localStorage.setItem("theme", "dark");

  press(anonymous("system"));

  expect(localStorage.getItem("theme")).toBeNull();
  expect(document.documentElement.classList.contains("light")).toBe(true);
});

test("an account's choice is sent to the server and replaces what the page came with", () => {
  document.documentElement.dataset.theme = "light";
  const fetched = vi.fn((_address: string, _sent: { body: FormData }) => Promise.resolve(new Response("{}")));
  vi.stubGlobal("fetch", fetched);

  press(account);

  expect(document.documentElement.dataset.theme).toBe("dark");
  const [address, sent] = fetched.mock.lastCall ?? [];
  expect(address).toMatch(/\/keep\/$/);
  expect(sent?.body.get("theme")).toBe("dark");
});

test("a choice the server could not keep is still shown, and said to be unsaved", async () => {
  vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("offline")));

  press(account);

  expect(document.documentElement.classList.contains("dark")).toBe(true);
  await vi.waitFor(() =>
    expect(document.querySelector("[data-toast=error]")?.textContent).toContain("could not be saved"),
  );
});
