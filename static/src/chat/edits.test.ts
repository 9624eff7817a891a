import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Message } from "../shared/protocol";
import { Edits, editedBy } from "./edits";
import { message } from "./samples";
import { PersonalStorage } from "./storage";

const QUESTION = message("q1", null);
let sent: string[];
let closed: boolean[];
let edits: Edits;

function start(): void {
  edits = new Edits(new PersonalStorage(7), {
    maxText: 40,
    changed: () => undefined,
    resend: (_message: Message, text: string) => sent.push(text),
    closed: (_message, wasSent) => closed.push(wasSent),
  });
}

async function field(): Promise<HTMLTextAreaElement> {
  await vi.waitFor(() => expect(edits.fieldOf(QUESTION)).toBeTruthy());
  const found = edits.fieldOf(QUESTION)?.querySelector("textarea");
  if (!found) throw new Error("There is no field.");
  return found;
}

function type(into: HTMLTextAreaElement, text: string): void {
  into.value = text;
  into.dispatchEvent(new Event("input"));
}

function press(on: HTMLTextAreaElement, key: string, more: KeyboardEventInit = {}): void {
  on.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true, ...more }));
}

beforeEach(() => {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
    },
  );
  localStorage.clear();
  sent = [];
  closed = [];
  start();
});

afterEach(() => vi.unstubAllGlobals());

describe("an own message being edited", () => {
  it("becomes a field with its text, and others do not", async () => {
    edits.begin(QUESTION);

    expect((await field()).value).toBe("question q1");
    expect(edits.fieldOf(message("q2", null))).toBeUndefined();
  });

  it("keeps what was typed when the page is loaded anew", async () => {
    edits.begin(QUESTION);
    type(await field(), "Half a thou");
    start();

    expect((await field()).value).toBe("Half a thou");
  });

  it("keeps its field while messages come and go", async () => {
    edits.begin(QUESTION);
    const before = await field();
    type(before, "Half a thou");

    expect(await field()).toBe(before);
  });

  it("is sent by Enter, and not by one that starts a line or accepts a word", async () => {
    edits.begin(QUESTION);
    const its = await field();
    type(its, "  Said better ");
    press(its, "Enter", { shiftKey: true });
    press(its, "Enter", { isComposing: true });
    expect(sent).toEqual([]);

    press(its, "Enter");
    expect([sent, closed]).toEqual([["Said better"], [true]]);
    expect(edits.fieldOf(QUESTION)).toBeUndefined();
    expect(localStorage).toHaveLength(0);
  });

  it("is left as it was by Escape, but not by one that gives up a word", async () => {
    edits.begin(QUESTION);
    const its = await field();
    type(its, "Half a thou");
    press(its, "Escape", { isComposing: true });
    expect(closed).toEqual([]);

    press(its, "Escape");
    expect([sent, closed]).toEqual([[], [false]]);
    edits.begin(QUESTION);
    expect((await field()).value).toBe("question q1");
  });

  it("opens with the words that could not be sent", async () => {
    edits.begin(QUESTION, "Said better");

    expect((await field()).value).toBe("Said better");
  });

  it("is found by what would be a version of it, wherever that leads", () => {
    const path = [QUESTION, message("a1", "q1"), message("q2", "a1")];
    const send = { type: "message.send", id: "x", thread_id: "t", text: "" } as const;
    const places = [{ parent_id: null }, { parent_id: "a1" }, { parent_id: "a9" }, {}];
    const found = places.map((place) => editedBy({ ...send, ...place }, { path })?.id);

    expect(found).toEqual(["q1", "q2", undefined, undefined]);
  });

  it("is not sent empty or too long", async () => {
    edits.begin(QUESTION);
    const its = await field();
    for (const text of ["   ", "x".repeat(41)]) {
      type(its, text);
      press(its, "Enter");
      expect(its.form?.querySelector<HTMLButtonElement>(".button-primary")?.disabled).toBe(true);
    }

    expect(sent).toEqual([]);
  });
});
