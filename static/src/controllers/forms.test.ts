import { beforeAll, beforeEach, expect, test } from "vitest";
import { focusInvalid } from "./invalid";
import { startPasswordToggles } from "./password";
import { startSubmitOnce } from "./submit";

beforeAll(() => {
  startPasswordToggles(document);
  startSubmitOnce(document);
});

beforeEach(() => {
  document.body.innerHTML = `
    <form method="post" data-submit-once>
      <input id="email">
      <div><input id="password" type="password" aria-invalid="true"><button type="button" data-password-toggle></button></div>
      <button id="send">Send</button>
    </form>`;
});

const field = () => document.querySelector<HTMLInputElement>("#password") as HTMLInputElement;

test("the cursor goes to the first field that was refused", () => {
  focusInvalid(document);

  expect(document.activeElement?.id).toBe("password");
});

test("a password is shown and hidden again", () => {
  const toggle = document.querySelector<HTMLElement>("[data-password-toggle]");
  toggle?.click();
  const shown = [field().type, toggle?.getAttribute("aria-pressed")];
  toggle?.click();

  expect(shown).toEqual(["text", "true"]);
  expect(field().type).toBe("password");
});

test("a form is sent once, however often its button is pressed", () => {
  const button = document.querySelector<HTMLElement>("#send");
  const send = () => {
    const event = new SubmitEvent("submit", { bubbles: true, cancelable: true, submitter: button });
    document.querySelector("form")?.dispatchEvent(event);
    return event.defaultPrevented;
  };

  expect([send(), send()]).toEqual([false, true]);
  expect(button?.getAttribute("aria-busy")).toBe("true");
});

test("a page that comes back from the history can be sent again", () => {
  const button = document.querySelector<HTMLElement>("#send");
  button?.setAttribute("aria-busy", "true");
  window.dispatchEvent(new Event("pageshow"));

  expect(button?.hasAttribute("aria-busy")).toBe(false);
});
