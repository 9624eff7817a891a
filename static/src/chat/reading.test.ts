import { afterEach, describe, expect, it, vi } from "vitest";
import { joined, Reading } from "./reading";
import { history, message, THREAD } from "./samples";
import { type Thread, threadFromHistory } from "./store";

const line = (number: number) => message(`q${number}`, number ? `q${number - 1}` : null);
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, place) => line(from + place));
const ids = (thread: { path: readonly { id: string }[] } | null) => thread?.path.map(({ id }) => id);

function excerptOf(from: number, to: number, isShown = true) {
  return { threadId: THREAD, path: lines(from, to), older: from ? `q${from}` : null, newer: `q${to - 1}`, isShown };
}

function readingOf(newest: Thread) {
  const host = {
    thread: newest,
    keep: (thread: Thread) => {
      host.thread = thread;
    },
    historyUrl: () => "/messages/",
  };
  const listener = { changed: vi.fn(), notice: vi.fn() };
  return { host, listener, reading: new Reading(host, listener) };
}

function answers(...pages: object[]) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (url: string) => {
    asked.push(url);
    const page = pages.shift();
    return Promise.resolve(
      page
        ? new Response(JSON.stringify(page), { headers: { "content-type": "application/json" } })
        : new Response("", { status: 503 }),
    );
  });
  return asked;
}

const page = (from: number, to: number, newer: string | null, is_shown = true) => ({
  messages: lines(from, to),
  older: from ? `q${from}` : null,
  newer,
  is_shown,
});

afterEach(() => vi.unstubAllGlobals());

const newest = threadFromHistory(history(lines(50, 100), 9, { older: "q50" }));

describe("a thread joined by what was read above it", () => {
  it("is whole when both hold the same message, with what the thread says of it", () => {
    const thread = { ...newest, path: newest.path.with(0, { ...line(50), content: "newer" }) };

    const whole = joined(thread, excerptOf(30, 60));

    expect(ids(whole)).toEqual(lines(30, 100).map(({ id }) => id));
    expect(whole?.older).toBe("q30");
    expect(whole?.path[20]?.content).toBe("newer");
  });

  it("is left as it is where it holds more", () => {
    expect(joined(newest, excerptOf(70, 80))).toBe(newest);
  });

  it("is not joined by what does not touch it, or by another branch", () => {
    expect(joined(newest, excerptOf(0, 40))).toBeNull();
    expect(joined(newest, excerptOf(30, 60, false))).toBeNull();
  });
});

describe("reading around a message", () => {
  it("shows it, goes on downwards, and ends in the thread itself", async () => {
    const { reading, host } = readingOf(newest);
    const asked = answers(page(10, 40, "q39"), page(40, 60, "q59"));

    await reading.goTo(THREAD, "q20");
    expect(ids(reading.over(host.thread))).toEqual(lines(10, 40).map(({ id }) => id));
    expect(ids(host.thread)).toEqual(ids(newest));
    await reading.loadNewer();

    expect(asked).toEqual(["/messages/?around=q20", "/messages/?after=q39"]);
    expect(reading.excerpt).toBeNull();
    expect(ids(host.thread)).toEqual(lines(10, 100).map(({ id }) => id));
  });

  it("loads what is older into what is shown, not into the thread", async () => {
    const { reading, host } = readingOf(newest);
    answers(page(10, 40, "q39"), page(0, 10, null));

    await reading.goTo(THREAD, "q20");
    await reading.loadOlder();

    expect(reading.over(host.thread).path).toHaveLength(40);
    expect(host.thread).toBe(newest);
  });

  it("keeps a changed message up to date, and shows no waiting ones", async () => {
    const { reading, host } = readingOf({
      ...newest,
      queued: [{ turn_id: "t", message_id: "m", message: null }],
    });
    answers(page(10, 40, "q39", false));

    await reading.goTo(THREAD, "q20");
    reading.apply({ ...line(20), content: "changed" });

    expect(reading.over(host.thread).path[10]?.content).toBe("changed");
    expect(reading.over(host.thread).queued).toEqual([]);
  });

  it("says that a message is not there, and where a page could not be loaded", async () => {
    const { reading, listener } = readingOf(newest);
    answers();
    expect(await reading.goTo(THREAD, "gone")).toBe(false);

    answers(page(10, 40, "q39"));
    await reading.goTo(THREAD, "q20");
    await reading.loadNewer();
    expect(listener.notice).toHaveBeenCalledWith("Newer messages could not be loaded. Scroll down to try again.");
    expect(reading.excerpt?.newer).toBe("q39");
  });

  it("is over when another thread is opened before the answer came", async () => {
    const { reading } = readingOf(newest);
    answers(page(10, 40, "q39"));
    const going = reading.goTo(THREAD, "q20");
    reading.leave();
    vi.stubGlobal("fetch", () => Promise.reject(new DOMException("", "AbortError")));

    await going;
    reading.leave();
    expect(reading.excerpt).toBeNull();
  });
});
