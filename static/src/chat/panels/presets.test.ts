import { render } from "lit-html";
import { expect, it, vi } from "vitest";
import { Presets, type PresetsOwner } from "./presets";

it("makes one preset of two presses, and another one the next time", async () => {
  const ids: string[] = [];
  vi.stubGlobal("fetch", async (_: string, { method, body }: RequestInit = {}) => {
    if (method === "POST") ids.push(JSON.parse(String(body)).id);
    return Response.json({ may_share: false, presets: [] });
  });
  const data = { urls: { presets: "/presets/", change_preset: "/presets/change/" }, team: { id: "team" } };
  const owner = {
    session: { data, presetsRev: 0 },
    current: () => ({ instructions: "", parameters: {}, model: "" }),
    redraw: () => render(presets.template(), document.body),
    say: () => undefined,
  };
  const presets = new Presets(owner as unknown as PresetsOwner);
  await presets.load();
  for (const made of [2, 4]) {
    document.getElementById("preset-new")?.click();
    const form = document.querySelector("form");
    for (let press = 0; press < 2; press += 1) form?.dispatchEvent(new Event("submit", { cancelable: true }));
    await vi.waitFor(() => expect([ids.length, document.querySelector("form")]).toEqual([made, null]));
  }
  vi.unstubAllGlobals();

  expect(new Set(ids).size).toBe(2);
});
