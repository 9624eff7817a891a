import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ErrorFrame, OutboxCommand } from "../shared/protocol";
import { HELD_AFTER_MS, Outbox } from "./outbox";
import { PersonalStorage } from "./storage";

let online: boolean;
let wire: string[];
let outbox: Outbox;

const storage = new PersonalStorage(7);

function open(): Outbox {
  return new Outbox({
    storage,
    messageIntervalMs: 1000,
    transmit: (command) => {
      if (online) wire.push(command.id);
      return online;
    },
    onChange: () => undefined,
  });
}

function send(id: string, thread_id = "thread"): void {
  const command: OutboxCommand = { type: "message.send", id, thread_id, text: `text of ${id}` };
  outbox.add(command, thread_id);
}

function refusal(id: string, code: ErrorFrame["code"], retry_after: number | null = null): ErrorFrame {
  return { type: "error", code, message: "No.", id, retry_after };
}

function waiting(): string[] {
  return outbox.entries.map((entry) => entry.command.id);
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000_000_000 });
  localStorage.clear();
  online = true;
  wire = [];
  outbox = open();
});

afterEach(() => {
  outbox.close();
  vi.useRealTimers();
});

describe("sending", () => {
  it("goes out at once and is kept until accepted", () => {
    send("m1");
    expect(wire).toEqual(["m1"]);
    expect(waiting()).toEqual(["m1"]);

    outbox.accepted("m1");
    expect(waiting()).toEqual([]);
    expect(localStorage.length).toBe(0);
  });

  it("keeps the order of a thread: one at a time, no faster than the server allows", () => {
    send("m1");
    send("m2");
    expect(wire).toEqual(["m1"]);

    outbox.accepted("m1");
    vi.advanceTimersByTime(999);
    expect(wire).toEqual(["m1"]);
    vi.advanceTimersByTime(1);
    expect(wire).toEqual(["m1", "m2"]);
  });

  it("does not let one thread wait for another", () => {
    send("m1", "one");
    send("m2", "two");

    expect(wire).toEqual(["m1", "m2"]);
  });

  it("sends again under the same id when no answer comes", () => {
    send("m1");
    vi.advanceTimersByTime(10_000);

    expect(wire).toEqual(["m1", "m1"]);
  });

  it("is accepted once, however often the answer comes", () => {
    send("m1");

    expect(outbox.accepted("m1")?.command.id).toBe("m1");
    expect(outbox.accepted("m1")).toBeNull();
  });
});

describe("offline", () => {
  it("keeps what is typed and sends it in order when the socket is back", () => {
    online = false;
    send("m1");
    send("m2");
    expect(wire).toEqual([]);

    online = true;
    outbox.resend();
    outbox.accepted("m1");
    vi.advanceTimersByTime(1000);
    expect(wire).toEqual(["m1", "m2"]);
  });

  it("survives a reload", () => {
    online = false;
    send("m1");
    outbox.close();

    online = true;
    outbox = open();
    outbox.resend();
    expect(wire).toEqual(["m1"]);
  });

  it("repeats what may have been lost with the old socket", () => {
    send("m1");
    outbox.resend();

    expect(wire).toEqual(["m1", "m1"]);
  });

  it("offers a message of yesterday instead of sending it", () => {
    online = false;
    send("m1");
    outbox.close();
    vi.advanceTimersByTime(HELD_AFTER_MS + 1);
    online = true;
    outbox = open();
    outbox.resend();
    expect(wire).toEqual([]);
    expect(outbox.entries[0]?.state).toBe("held");

    outbox.retry("m1");
    expect(wire).toEqual(["m1"]);
  });
});

describe("refusals", () => {
  it("of the moment keep the place and go out again when the server says", () => {
    send("m1");
    send("m2");
    outbox.refused(refusal("m1", "rate_limited", 2.5));
    vi.advanceTimersByTime(2499);
    expect(wire).toEqual(["m1"]);

    vi.advanceTimersByTime(1);
    expect(wire).toEqual(["m1", "m1"]);
  });

  it("for good stay with the message and let later ones pass", () => {
    send("m1");
    send("m2");
    outbox.refused(refusal("m1", "too_long"));

    expect(outbox.entries[0]).toMatchObject({ state: "refused", error: { code: "too_long", message: "No." } });
    expect(wire).toEqual(["m1", "m2"]);
  });

  it("are sent again changed, when the person wants", () => {
    send("m1");
    outbox.refused(refusal("m1", "id_taken"));
    outbox.retry("m1", (command) => ({ ...command, id: "m9" }));

    expect(wire).toEqual(["m1", "m9"]);
    expect(waiting()).toEqual(["m9"]);
    expect(storage.names("outbox:")).toEqual(["outbox:m9"]);
  });

  it("because nothing works are retried a few times only", () => {
    send("m1");
    for (let count = 0; count < 4; count++) {
      outbox.refused(refusal("m1", "unavailable"));
      vi.advanceTimersByTime(20_000);
    }

    expect(outbox.entries[0]?.state).toBe("refused");
  });

  it("of something unknown are somebody else's business", () => {
    expect(outbox.refused(refusal("other", "too_long"))).toBeNull();
  });
});

describe("several tabs", () => {
  function inOtherTab(change: () => void): void {
    const before = new Map(Object.entries({ ...localStorage }));
    change();
    for (const key of new Set([...before.keys(), ...Object.keys({ ...localStorage })])) {
      const newValue = localStorage.getItem(key);
      if (newValue !== (before.get(key) ?? null)) dispatchEvent(new StorageEvent("storage", { key, newValue }));
    }
  }

  const entry = (id: string) =>
    JSON.stringify({
      command: { type: "message.send", id, thread_id: "thread", text: "x" },
      thread_id: "thread",
      queued_at: Date.now(),
      state: "sent",
      attempts: 1,
      notBefore: 0,
      error: null,
    });

  it("show the same entries and leave sending to the tab they were typed in", () => {
    inOtherTab(() => storage.write("outbox:m5", entry("m5")));

    expect(waiting()).toEqual(["m5"]);
    expect(wire).toEqual([]);
  });

  it("step in when that tab is gone", () => {
    inOtherTab(() => storage.write("outbox:m5", entry("m5")));
    vi.advanceTimersByTime(15_000);

    expect(wire).toEqual(["m5"]);
  });

  it("forget what was accepted elsewhere", () => {
    send("m1");
    inOtherTab(() => storage.write("outbox:m1", null));

    expect(waiting()).toEqual([]);
  });

  it("never lose each other's entries", () => {
    online = false;
    inOtherTab(() => storage.write("outbox:m5", entry("m5")));
    send("m1");

    expect(storage.names("outbox:").sort()).toEqual(["outbox:m1", "outbox:m5"]);
  });
});

describe("storage", () => {
  it("belongs to one person", () => {
    send("m1");

    expect(new PersonalStorage(8).names("")).toEqual([]);
  });

  it("is emptied at sign-out", () => {
    online = false;
    send("m1");
    const leaving = new PersonalStorage(7);
    leaving.write("draft:new", "half a thought");
    leaving.clear();
    leaving.write("draft:new", "half a thought");

    expect(localStorage.length).toBe(0);
  });

  it("may be refused by the browser without harm", () => {
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    send("m1");

    expect(wire).toEqual(["m1"]);
    expect(waiting()).toEqual(["m1"]);
  });
});
