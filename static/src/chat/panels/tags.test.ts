import { beforeEach, expect, it, vi } from "vitest";
import { row } from "../samples";
import type { Session } from "../session";
import { open } from "./tags";

const TAG = { id: "tag", name: "Otters", colour: "accent" };

beforeEach(() => {
  document.body.replaceChildren();
  HTMLDialogElement.prototype.showModal = vi.fn();
});

it.each([
  [true, true],
  [false, false],
])("a tick stays if it is taken (%s)", async (isTaken, isTicked) => {
  vi.stubGlobal("fetch", async () => Response.json({ tags: [TAG] }));
  const rows = [row("a")];
  const list = { rows, change: async () => isTaken };
  open({ list, data: { urls: { tags: "/tags/" }, team: { id: "team" } } } as unknown as Session, rows);
  const box = await vi.waitFor(() => {
    const found = document.querySelector<HTMLInputElement>("[type=checkbox]");
    if (!found) throw new Error("not drawn yet");
    return found;
  });
  box.click();
  await new Promise((resolve) => setTimeout(resolve));
  vi.unstubAllGlobals();

  expect(box.checked).toBe(isTicked);
});
