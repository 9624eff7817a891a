// @vitest-environment jsdom
import { html } from "lit-html";
import { beforeEach, expect, it, vi } from "vitest";
import { Dialog } from "./dialog";

beforeEach(() => {
  document.body.replaceChildren();
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal = vi.fn();
  HTMLDialogElement.prototype.close = function () {
    this.dispatchEvent(new Event("close"));
  };
});

it("stays closed when what it asked for comes later", () => {
  const dialog = new Dialog("Tags");
  dialog.draw(html`Loading`);
  expect(document.querySelectorAll("dialog")).toHaveLength(1);

  dialog.close();
  dialog.draw(html`Your tags`);

  expect(document.querySelectorAll("dialog")).toHaveLength(0);
  expect(dialog.isClosed).toBe(true);
});

it("is not closed before it is shown", () => {
  expect(new Dialog("Tags").isClosed).toBe(false);
});
