import { html, render } from "lit-html";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Message, MessageError } from "../../shared/protocol";
import { message, pageData } from "../samples";
import { Session } from "../session";
import { retry } from "./retry";

const NOW = Date.parse("2026-11-21T10:00:00Z");
let session: Session;
let box: HTMLElement;
let tried: string[];
let next = 0;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  localStorage.clear();
  const ignored = () => undefined;
  session = new Session(pageData(), { changed: ignored, streamed: ignored, returned: ignored, notice: ignored });
  tried = [];
  session.regenerate = (id, mode) => tried.push(`${id} ${mode}`);
  box = document.body.appendChild(document.createElement("div"));
});

afterEach(() => {
  box.remove();
  session.close();
  vi.useRealTimers();
});

function failed(retry_after: number | null, change: Partial<Message> = {}): Message {
  next += 1;
  return message(`a${next}`, "q1", { status: "error", model: "demo/parley", error: why({ retry_after }), ...change });
}

function why(change: Partial<MessageError>): MessageError {
  return {
    ...{ code: "rate_limited", message: "Busy.", retryable: true },
    ...{ retry_after: null, retry_at: null, mended_by: [], ...change },
  };
}

/** An instant, in seconds from now. */
const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();

const draw = (its: Message) => render(html`<span ${retry(its, session)}></span>`, box);
const button = () => box.querySelector("button") as HTMLButtonElement;
const label = () => button().textContent?.trim();
const said = () => box.querySelector("[role=status]")?.textContent;
const after = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);

it("an error that names no time is tried again at once", () => {
  const its = failed(null);
  draw(its);

  expect(label()).toBe("Try again");
  button().click();

  expect(tried).toEqual([`${its.id} retry`]);
});

it("the button counts down, and says once when trying again makes sense", () => {
  draw(failed(12));
  expect(label()).toBe("Try again in 12 s");

  after(4);
  expect(label()).toBe("Try again in 8 s");
  expect(said()).toBe("");

  after(8);
  expect(label()).toBe("Try again");
  expect(said()).toBe("You can try again now.");
  after(60);
  expect(tried).toEqual([]);
});

it("minutes are counted as minutes", () => {
  draw(failed(125));

  expect(label()).toBe("Try again in 2 min 5 s");
});

it("pressed early, it tries once, when the time has come, and keeps the focus until then", () => {
  const its = failed(3);
  draw(its);
  button().focus();
  button().click();

  expect(label()).toBe("Cancel");
  expect(document.activeElement).toBe(button());
  expect(said()).toBe("Trying again by itself in 3 s");
  after(2);
  expect(tried).toEqual([]);
  after(10);
  expect(tried).toEqual([`${its.id} retry`]);
});

it("cancelled, it goes on counting and tries nothing", () => {
  draw(failed(3));
  button().click();
  button().click();

  expect(label()).toBe("Try again in 3 s");
  expect(said()).toBe("Not tried again by itself");
  after(10);
  expect(tried).toEqual([]);
});

it("whoever sends something else meanwhile has it tried no more", () => {
  draw(failed(5));
  button().click();
  session.send("Something else");
  after(10);

  expect(label()).toBe("Try again");
  expect(tried).toEqual([]);
});

it("whoever leaves the conversation has it tried no more", () => {
  draw(failed(5));
  button().click();
  render(html`<p>Another conversation</p>`, box);
  after(10);

  expect(tried).toEqual([]);
});

it("another model need not wait", () => {
  draw(failed(5));
  session.chooseModel("openai/other");
  after(1);

  expect(label()).toBe("Try again");
});

it("leaving and coming back does not begin the wait anew", () => {
  const its = failed(10);
  draw(its);
  render(html`<p>Another conversation</p>`, box);
  after(6);
  draw(its);

  expect(label()).toBe("Try again in 4 s");
});

it("a wait that was over long before the page was opened is none", () => {
  draw(failed(10, { created_at: "2026-11-21T09:00:00Z" }));

  expect(label()).toBe("Try again");
});

it("hours are not counted: the time of day is named, and the button works", () => {
  const its = failed(7200);
  draw(its);

  expect(box.textContent).toContain("Trying again makes sense from Nov 21, 2026");
  expect(label()).toBe("Try again");
  button().click();
  expect(tried).toEqual([`${its.id} retry`]);
});

it("after a reload, and in another tab, it counts on from where it was", () => {
  draw(failed(30, { error: why({ retry_after: 30, retry_at: at(12) }) }));

  expect(label()).toBe("Try again in 12 s");
});

it("a time that passed before a reload is none, and nothing is tried by itself", () => {
  draw(failed(30, { error: why({ retry_after: 30, retry_at: at(-5) }) }));

  expect(label()).toBe("Try again");
  after(60);
  expect(tried).toEqual([]);
});

it("a clock that differs from the server's counts the same", () => {
  session.data.clock_ahead = -3_600_000;
  draw(failed(30, { error: why({ retry_after: 30, retry_at: at(3_600 + 12) }) }));

  expect(label()).toBe("Try again in 12 s");
});

it("whatever the clocks say, nobody waits longer than was said", () => {
  draw(failed(30, { error: why({ retry_after: 30, retry_at: at(3_600) }) }));

  expect(label()).toBe("Try again in 30 s");
});

it("on a computer that slept over the time, nothing is tried by itself", () => {
  draw(failed(5));
  button().click();
  vi.setSystemTime(NOW + 3_600_000);
  after(1);

  expect(label()).toBe("Try again");
  expect(tried).toEqual([]);
});

it("what another try cannot mend offers none", () => {
  draw(failed(null, { error: why({ code: "blocked", retryable: false, mended_by: ["edit"] }) }));

  expect(box.querySelector("button")).toBeNull();
});

it("a budget offers another try once it starts anew", () => {
  const error = why({ code: "budget_exceeded", retryable: false, retry_after: 7200, retry_at: at(7200) });
  draw(failed(null, { error }));
  expect(box.querySelector("button")).toBeNull();

  after(7200);
  expect(label()).toBe("Try again");
});
