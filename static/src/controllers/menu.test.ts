import { beforeAll, beforeEach, expect, test } from "vitest";
import { startMenus } from "./menu";

beforeAll(() => startMenus(document));

beforeEach(() => {
  document.body.innerHTML = `
    <div data-menu>
      <button data-menu-button aria-expanded="false">More</button>
      <div data-menu-list hidden>
        <button role="menuitem" id="first">First</button>
        <button role="menuitem" disabled>Not now</button>
        <button role="menuitem" id="last">Last</button>
      </div>
    </div>
    <button id="elsewhere">Elsewhere</button>`;
});

const button = () => document.querySelector<HTMLElement>("[data-menu-button]") as HTMLElement;
const isOpen = () => !document.querySelector<HTMLElement>("[data-menu-list]")?.hidden;
const press = (key: string) =>
  document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));

test("a press opens it, says so, and puts the focus on the first item", () => {
  button().click();

  expect(isOpen()).toBe(true);
  expect(button().getAttribute("aria-expanded")).toBe("true");
  expect(document.activeElement?.id).toBe("first");
});

test("a second press closes it", () => {
  button().click();
  button().click();

  expect(isOpen()).toBe(false);
});

test("arrows go round past what is disabled", () => {
  button().click();
  press("ArrowDown");
  const below = document.activeElement?.id;
  press("ArrowDown");

  expect(below).toBe("last");
  expect(document.activeElement?.id).toBe("first");
});

test("End and Home go to the ends", () => {
  button().click();
  press("End");
  const end = document.activeElement?.id;
  press("Home");

  expect([end, document.activeElement?.id]).toEqual(["last", "first"]);
});

test("Escape closes it and gives the focus back", () => {
  button().click();
  press("Escape");

  expect(isOpen()).toBe(false);
  expect(document.activeElement).toBe(button());
});

test.each(["#first", "#elsewhere"])("a press on %s closes it", (where) => {
  button().click();
  document.querySelector<HTMLElement>(where)?.click();

  expect(isOpen()).toBe(false);
});

test("leaving it with the Tab key closes it", () => {
  button().click();
  document.querySelector<HTMLElement>("#elsewhere")?.focus();

  expect(isOpen()).toBe(false);
});
