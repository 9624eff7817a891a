import { nothing, render } from "lit-html";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ThreadRow } from "../page_data";
import { row } from "../samples";
import type { ThreadsChange } from "../thread_list";
import { Selection } from "./selection";

const changes: { ids: readonly string[]; change: ThreadsChange }[] = [];
const list = {
  rows: [] as readonly ThreadRow[],
  archived: false,
  change: (ids: readonly string[], change: ThreadsChange) => {
    changes.push({ ids, change });
    return Promise.resolve(true);
  },
};
const doors = { changed: vi.fn(), deleted: vi.fn(), tags: vi.fn() };
const names = (selection: Selection) => selection.rows.map(({ thread_id }) => thread_id);

beforeEach(() => {
  changes.length = 0;
  list.rows = ["a", "b", "c", "d", "e"].map((id) => row(id));
});

function shown(selection: Selection): HTMLElement {
  const place = document.createElement("ul");
  document.body.replaceChildren(place);
  const draw = () =>
    render(
      list.rows.map((one) => selection.row(one, nothing)),
      place,
    );
  doors.changed.mockImplementation(draw);
  draw();
  return place;
}

it("selects all from the last one on", () => {
  const selection = new Selection(list, doors);
  selection.pick("d");
  selection.pick("b");

  expect(names(selection)).toEqual(["b", "c", "d"]);
});

it("forgets what another tab has taken off the list", () => {
  const selection = new Selection(list, doors);
  selection.pick("a");
  selection.pick("c");
  list.rows = list.rows.filter(({ thread_id }) => thread_id !== "b");

  expect(names(selection)).toEqual(["a", "c"]);
});

it("takes no more than the server changes at once", () => {
  list.rows = Array.from({ length: 150 }, (_, number) => row(`t${number}`));
  const selection = new Selection(list, doors);
  selection.pick("t0");
  selection.pick("t149");

  expect(selection.rows).toHaveLength(100);
});

it("is left with Escape", () => {
  const selection = new Selection(list, doors);
  selection.pick("a");
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));

  expect([selection.isOn, selection.rows]).toEqual([false, []]);
});

it("shows no tick that was refused", () => {
  list.rows = Array.from({ length: 101 }, (_, number) => row(`t${number}`));
  const selection = new Selection(list, doors);
  const place = shown(selection);
  selection.pick("t0");
  selection.pick("t99");
  const box = place.querySelector<HTMLInputElement>("[data-tick=t100]");
  box?.click();

  expect([selection.rows.length, box?.checked]).toEqual([100, false]);
});

describe("with the keys", () => {
  function press(key: string, shiftKey = true): void {
    document.activeElement?.dispatchEvent(
      new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }),
    );
  }

  const focused = () => document.activeElement?.getAttribute("data-tick");

  it("a range grows with each arrow, and shrinks on the way back", () => {
    const selection = new Selection(list, doors);
    const place = shown(selection);
    place.querySelector<HTMLElement>("[data-tick=b]")?.focus();
    press("ArrowDown");
    press("ArrowDown");
    expect([names(selection), focused()]).toEqual([["b", "c", "d"], "d"]);

    press("ArrowUp");
    expect([names(selection), focused()]).toEqual([["b", "c"], "c"]);
    for (const key of ["ArrowUp", "ArrowUp", "ArrowUp"]) press(key);
    expect([names(selection), focused()]).toEqual([["a", "b"], "a"]);
  });

  it("an arrow alone goes on without selecting, and Space with Shift takes all on the way", () => {
    const selection = new Selection(list, doors);
    selection.pick("a");
    shown(selection).querySelector<HTMLElement>("[data-tick=a]")?.focus();
    for (const key of ["ArrowDown", "ArrowDown", "ArrowDown"]) press(key, false);
    expect([names(selection), focused()]).toEqual([["a"], "d"]);

    press(" ");
    expect(names(selection)).toEqual(["a", "b", "c", "d"]);
  });

  it("selecting begins in the list itself, with the row and the next one", async () => {
    const selection = new Selection(list, doors);
    shown(selection);
    selection.pick("c", -1);

    expect(names(selection)).toEqual(["b", "c"]);
    await vi.waitFor(() => expect(focused()).toBe("b"));
  });
});

it("offers the way back from pinning, for those alone that were changed", async () => {
  list.rows = [{ ...row("a"), pinned: true }, row("b"), row("c")];
  const selection = new Selection(list, doors);
  selection.pick("a");
  selection.pick("c");
  const bar = document.createElement("div");
  document.body.innerHTML = "<div data-toasts></div>";
  render(selection.bar(), bar);
  bar.querySelector<HTMLElement>("[aria-label=Pin]")?.click();
  const undo = await vi.waitFor(() => {
    const button = [...document.querySelectorAll("button")].find(({ textContent }) => textContent?.includes("Undo"));
    expect(button).toBeTruthy();
    return button;
  });
  undo?.click();

  expect(changes).toEqual([
    { ids: ["b", "c"], change: { pinned: true } },
    { ids: ["b", "c"], change: { pinned: false } },
  ]);
  expect(names(selection)).toEqual(["a", "b", "c"]);
});
