import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { open } from "./prompts";

let ids: string[];

beforeEach(() => {
  ids = [];
  document.body.replaceChildren();
  HTMLDialogElement.prototype.showModal = vi.fn();
  vi.stubGlobal("fetch", async (_: string, { method, body }: RequestInit = {}) => {
    if (method === "POST") ids.push(JSON.parse(String(body)).id);
    return Response.json({ may_share: false, prompts: [] });
  });
});

afterEach(() => vi.unstubAllGlobals());

async function make(): Promise<void> {
  const add = await vi.waitFor(() => {
    const found = document.querySelector<HTMLElement>(".prompt-none + .button-primary");
    if (!found) throw new Error("not drawn yet");
    return found;
  });
  add.click();
  const form = document.querySelector("form");
  for (let press = 0; press < 2; press += 1) form?.dispatchEvent(new Event("submit", { cancelable: true }));
}

it("makes one prompt of two presses, and another one the next time", async () => {
  open({ teamId: "team", insert: vi.fn() });
  await make();
  await make();

  expect([ids.length, new Set(ids).size]).toEqual([4, 2]);
});
