import { beforeEach, expect, it, vi } from "vitest";
import { open } from "./feedback";

beforeEach(() => {
  document.body.innerHTML = "<div data-toasts></div>";
  HTMLDialogElement.prototype.showModal = vi.fn();
});

it("shows no empty form over words that could not be read", async () => {
  vi.stubGlobal("fetch", async () => new Response("", { status: 500 }));
  await open("/feedback/", "down");
  vi.unstubAllGlobals();

  expect(document.querySelector("dialog")).toBeNull();
  expect(document.body.textContent).toContain("could not be loaded");
});
