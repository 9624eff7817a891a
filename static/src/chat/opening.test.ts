import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Message } from "../shared/protocol";
import { Opening } from "./opening";
import { freshThread, type Thread } from "./store";

const MESSAGE_PX = 100;

function threadOf(count: number, id = "a"): Thread {
  const path = Array.from({ length: count }, (_, number) => ({ id: `${id}${number}` }) as Message);
  return { ...freshThread(id, ""), path };
}

/** A box 500 px high in which a message is 100, and each drawing takes `drawMs`. */
function page(drawMs = 10) {
  const box = document.createElement("div");
  const drawn: number[] = [];
  let shown: Thread = threadOf(0);
  const draw = () => {
    drawn.push(shown.path.length - opening.withheld);
    vi.setSystemTime(Date.now() + drawMs);
  };
  const opening = new Opening(box, draw);
  Object.defineProperty(box, "clientHeight", { value: 500 });
  Object.defineProperty(box, "scrollHeight", {
    get: () => Math.max(500, (shown.path.length - opening.withheld) * MESSAGE_PX),
  });
  const show = (thread: Thread, whole = false) => {
    shown = thread;
    opening.follow(thread, whole);
    draw();
    opening.drawn();
  };
  return { box, drawn, opening, show };
}

describe("opening a conversation", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(performance, "now").mockImplementation(() => Date.now());
  });

  afterEach(() => vi.useRealTimers());

  it("draws the end first and the rest in tasks of a few messages", async () => {
    const { drawn, show } = page();
    show(threadOf(9));
    expect(drawn).toEqual([2]);
    await vi.runAllTimersAsync();
    expect(drawn).toEqual([2, 4, 6, 8, 9]);
  });

  it("shows nothing until the screen is full", async () => {
    const { box, show } = page();
    show(threadOf(9));
    const isHidden: boolean[] = [];
    for (let task = 0; task < 3; task += 1) {
      isHidden.push(box.classList.contains("chat-scroll-filling"));
      await vi.advanceTimersToNextTimerAsync();
    }
    expect(isHidden).toEqual([true, true, false]);
  });

  it("tells when the screen is full, and goes on", async () => {
    const { drawn, opening, show } = page();
    let atFull = 0;
    void opening.full.then(() => {
      atFull = drawn.at(-1) ?? 0;
    });
    show(threadOf(40));
    await vi.runAllTimersAsync();
    expect([atFull, drawn.at(-1)]).toEqual([6, 40]);
  });

  it("fills the screen at once where drawing is quick", () => {
    const { box, drawn, show } = page(0.5);
    show(threadOf(40));
    expect(drawn).toEqual([2, 4, 6]);
    expect(box.classList.contains("chat-scroll-filling")).toBe(false);
  });

  it("draws all of it when a message in it is looked for", () => {
    const { drawn, show } = page();
    show(threadOf(40), true);
    expect(drawn).toEqual([40]);
  });

  it("withholds nothing of a conversation that is drawn, however it grows", async () => {
    const { drawn, show } = page();
    show(threadOf(4));
    await vi.runAllTimersAsync();
    show(threadOf(54));
    expect(drawn.at(-1)).toBe(54);
  });

  it("goes on with another conversation when that is opened meanwhile", async () => {
    const { drawn, show } = page();
    show(threadOf(40));
    show(threadOf(3, "b"));
    await vi.runAllTimersAsync();
    expect(drawn).toEqual([2, 2, 3]);
  });
});
