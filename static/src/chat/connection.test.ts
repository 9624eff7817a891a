import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ServerEvent } from "../shared/protocol";
import { Connection, type ConnectionState } from "./connection";
import { FakeSocket } from "./fake_socket";

let states: ConnectionState["kind"][];
let frames: ServerEvent[];
let connection: Connection;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
  states = [];
  frames = [];
  connection = new Connection({
    url: "ws://host/ws/chat/",
    onFrame: (frame) => frames.push(frame),
    onState: ({ kind }) => states.push(kind),
    jitter: () => 0.5,
  });
  connection.start();
});

afterEach(() => {
  connection.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Fail every attempt from here on, `times` of them. */
function keepFailing(times: number): void {
  for (let count = 0; count < times; count++) {
    FakeSocket.last.breaks();
    vi.advanceTimersToNextTimer();
  }
}

describe("opening", () => {
  it("goes from connecting to online", () => {
    FakeSocket.last.opens();

    expect(states).toEqual(["connecting", "online"]);
  });

  it("gives up on a socket that never opens and tries again", () => {
    vi.advanceTimersByTime(10_000);
    expect(states.at(-1)).toBe("waiting");

    vi.advanceTimersByTime(1_000);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("passes frames on, keeps pongs and garbage to itself", () => {
    const socket = FakeSocket.last.opens();
    socket.says({ type: "pong" });
    socket.onmessage?.({ data: "{half" });
    socket.says({ type: "thread.deleted", thread_id: "t", rev: 1 });

    expect(frames.map(({ type }) => type)).toEqual(["thread.deleted"]);
  });

  it("sends only while online", () => {
    expect(connection.send({ type: "ping" })).toBe(false);
    FakeSocket.last.opens();

    expect(connection.send({ type: "ping" })).toBe(true);
  });
});

describe("heartbeat", () => {
  it("asks after 20 quiet seconds and trusts any answer", () => {
    const socket = FakeSocket.last.opens();
    vi.advanceTimersByTime(20_000);
    expect(socket.of("ping")).toHaveLength(1);

    socket.says({ type: "pong" });
    vi.advanceTimersByTime(15_000);
    expect(states.at(-1)).toBe("online");
  });

  it("drops a socket that does not answer", () => {
    FakeSocket.last.opens();
    vi.advanceTimersByTime(30_000);

    expect(states.at(-1)).toBe("waiting");
  });

  it("asks at once when the tab wakes, with less patience", () => {
    const socket = FakeSocket.last.opens();
    dispatchEvent(new Event("online"));
    expect(socket.of("ping")).toHaveLength(1);

    vi.advanceTimersByTime(3_000);
    expect(states.at(-1)).toBe("waiting");
  });

  it("hears nothing more from a socket it dropped", () => {
    const socket = FakeSocket.last.opens();
    vi.advanceTimersByTime(30_000);
    socket.says({ type: "thread.deleted", thread_id: "t", rev: 1 });

    expect(frames).toEqual([]);
  });
});

describe("reconnecting", () => {
  it("waits longer each time", () => {
    const delays: number[] = [];
    for (let count = 0; count < 5; count++) {
      FakeSocket.last.breaks();
      const before = Date.now();
      vi.advanceTimersToNextTimer();
      delays.push(Date.now() - before);
    }

    expect(delays).toEqual([500, 1000, 2000, 4000, 8000]);
  });

  it("offers a button after five quick tries and keeps trying slowly", () => {
    keepFailing(5);
    FakeSocket.last.breaks();
    expect(states.at(-1)).toBe("lost");
    const before = FakeSocket.all.length;

    vi.advanceTimersByTime(10_000);
    expect(FakeSocket.all.length).toBe(before + 1);
    expect([states.at(-1), connection.isLost]).toEqual(["connecting", true]);
    FakeSocket.last.opens();
    expect(connection.isLost).toBe(false);
  });

  it("asks less often when the server has been away for minutes", () => {
    keepFailing(25);
    const before = FakeSocket.all.length;
    FakeSocket.last.breaks();
    vi.advanceTimersByTime(29_000);
    expect(FakeSocket.all.length).toBe(before);

    vi.advanceTimersByTime(1_000);
    expect(FakeSocket.all.length).toBe(before + 1);
  });

  it("tries at once when somebody types or presses, but not with every key", () => {
    keepFailing(5);
    FakeSocket.last.breaks();
    vi.advanceTimersByTime(4_000);
    const before = FakeSocket.all.length;
    dispatchEvent(new Event("keydown"));
    expect(FakeSocket.all.length).toBe(before + 1);

    FakeSocket.last.breaks();
    dispatchEvent(new Event("keydown"));
    expect(FakeSocket.all.length).toBe(before + 1);
  });

  it("tries at once when the button is pressed or the tab comes online", () => {
    keepFailing(5);
    FakeSocket.last.breaks();
    const before = FakeSocket.all.length;
    connection.reconnect();
    expect(FakeSocket.all.length).toBe(before + 1);

    FakeSocket.last.breaks();
    expect(states.at(-1)).toBe("waiting");
    dispatchEvent(new Event("online"));
    expect(FakeSocket.all.length).toBe(before + 2);
  });

  it("starts counting anew after a good connection", () => {
    keepFailing(4);
    FakeSocket.last.opens().says({ type: "pong" });
    FakeSocket.last.breaks();
    vi.advanceTimersByTime(500);

    expect(FakeSocket.all).toHaveLength(6);
  });
});

describe("close codes", () => {
  for (const code of [4401, 4404]) {
    it(`${code} is final`, () => {
      FakeSocket.last.opens().breaks(code);
      vi.advanceTimersByTime(600_000);
      dispatchEvent(new Event("online"));

      expect(connection.state).toEqual({ kind: "refused", code });
      expect(FakeSocket.all).toHaveLength(1);
    });
  }

  it("4503 is retried at once", () => {
    FakeSocket.last.opens().breaks(4503);
    vi.advanceTimersByTime(300);

    expect(FakeSocket.all).toHaveLength(2);
  });

  it("4503 again and again falls back to the ordinary rhythm", () => {
    for (let count = 0; count < 3; count++) {
      FakeSocket.last.breaks(4503);
      vi.advanceTimersByTime(300);
    }
    FakeSocket.last.breaks(4503);
    vi.advanceTimersByTime(300);

    expect(FakeSocket.all).toHaveLength(4);
  });

  it("4429 waits as long as the server says", () => {
    FakeSocket.last.opens().breaks(4429, "too many frames, retry in 7 s");
    vi.advanceTimersByTime(6_900);
    expect(FakeSocket.all).toHaveLength(1);

    vi.advanceTimersByTime(200);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("4408 waits a little", () => {
    FakeSocket.last.opens().breaks(4408);
    vi.advanceTimersByTime(1_900);
    expect(FakeSocket.all).toHaveLength(1);

    vi.advanceTimersByTime(1_200);
    expect(FakeSocket.all).toHaveLength(2);
  });
});
