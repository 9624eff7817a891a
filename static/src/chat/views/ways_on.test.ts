import { render } from "lit-html";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { MessageError } from "../../shared/protocol";
import type { Edits } from "../edits";
import { history, message, pageData } from "../samples";
import { Session } from "../session";
import { maySayAgain, waysOn } from "./ways_on";

const WHY: MessageError = {
  code: "x",
  message: "No.",
  retryable: false,
  retry_after: null,
  retry_at: null,
  mended_by: [],
};
let session: Session;
let box: HTMLElement;
let edited: string[];

beforeEach(() => {
  const ignored = () => undefined;
  const data = pageData({ history: history([message("q1", null)], 1) });
  session = new Session(data, { changed: ignored, streamed: ignored, returned: ignored, notice: ignored });
  edited = [];
  box = document.body.appendChild(document.createElement("div"));
});

afterEach(() => {
  box.remove();
  session.close();
});

function offered(error: Partial<MessageError>, content = ""): string[] {
  const its = message("a1", "q1", { status: "error", model: "demo/parley", content, error: { ...WHY, ...error } });
  const edits = { begin: ({ id }: { id: string }) => edited.push(id) } as unknown as Edits;
  render(waysOn(its, session, edits), box);
  return [...box.querySelectorAll("button")].map((button) => button.textContent?.trim() ?? "");
}

it("what another try can mend offers it, and to go on where it broke off", () => {
  expect(offered({ retryable: true })).toEqual(["Try again"]);
  expect(offered({ retryable: true }, "The first half")).toEqual(["Try again", "Continue"]);
});

it("what was blocked offers other words, never the same ones again", () => {
  expect(offered({ mended_by: ["edit"] }, "Something that was shown")).toEqual(["Edit the message"]);
  box.querySelector("button")?.click();
  expect(edited).toEqual(["q1"]);
});

it("a model that cannot answer offers another one, where there is one", () => {
  expect(offered({ mended_by: ["model"] })).toEqual(["Another model"]);
  session.data.models.pop();
  expect(offered({ mended_by: ["model"] })).toEqual([]);
});

it("an error that names nothing offers nothing", () => {
  expect(offered({})).toEqual([]);
});

it("the same may be asked again later where somebody else mends it", () => {
  const failed = (error: Partial<MessageError>) =>
    message("a1", "q1", { status: "error", error: { ...WHY, ...error } });

  expect(maySayAgain(failed({ mended_by: ["model"] }))).toBe(true);
  expect(maySayAgain(failed({ mended_by: ["edit"] }))).toBe(false);
  expect(maySayAgain(failed({ retry_after: 3600 }))).toBe(true); // a budget, which an admin may raise meanwhile
});
