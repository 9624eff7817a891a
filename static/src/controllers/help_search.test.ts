import { beforeEach, expect, test } from "vitest";
import { startHelpSearch } from "./help_search";

beforeEach(() => {
  document.body.innerHTML = `
    <div data-help>
      <form data-help-search hidden><input type="search"><p data-help-found></p></form>
      <section data-help-chapter id="a"><h2>Signing in</h2>
        <div data-help-part>A forgotten password</div><div data-help-part>A passkey</div></section>
      <section data-help-chapter id="b"><h2>Chatting</h2><div data-help-part>Stop a reply</div></section>
    </div>`;
  startHelpSearch(document);
});

function type(words: string): string[] {
  const field = document.querySelector("input") as HTMLInputElement;
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return [...document.querySelectorAll<HTMLElement>("[data-help-part]")]
    .filter((part) => !part.hidden && !part.closest<HTMLElement>("section")?.hidden)
    .map((part) => part.textContent ?? "");
}

const told = () => document.querySelector("[data-help-found]")?.textContent;

test("the field shows where scripts run", () => {
  expect(document.querySelector("form")?.hidden).toBe(false);
});

test("what holds every word stays, wherever in the part or its chapter's title they stand", () => {
  expect(type("PASSWORD signing")).toEqual(["A forgotten password"]);
  expect(told()).toBe("1 place found.");
});

test("a chapter in which nothing is found steps aside with its title", () => {
  type("passkey");

  expect(document.getElementById("b")?.hidden).toBe(true);
});

test("nothing found is said in a sentence, and an empty field brings all back", () => {
  expect(type("elephant")).toEqual([]);
  expect(told()).toContain("Nothing on this page");
  expect(type("")).toHaveLength(3);
  expect(told()).toBe("");
});
