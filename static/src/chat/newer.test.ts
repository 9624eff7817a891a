import { afterEach, describe, expect, it, vi } from "vitest";
import type { OutboxCommand } from "../shared/protocol";
import { NewerMessages } from "./newer";
import { history, message, THREAD } from "./samples";
import { type Thread, threadFromHistory } from "./store";

const Q1 = message("q1", null);
const A1 = message("a1", "q1");
const Q2 = message("q2", "a1");
const A2 = message("a2", "q2");

function thread(...path: Thread["path"]): Thread {
  return threadFromHistory(history([...path], 1));
}

function said(id: string, more: object = {}): OutboxCommand {
  return { type: "message.send", id, thread_id: THREAD, text: "", ...more };
}

const changed = vi.fn();

function watching(): NewerMessages {
  return new NewerMessages({ historyUrl: (id) => `/threads/${id}/messages/` }, { changed });
}

const again = (id: string, message_id: string): OutboxCommand => ({
  type: "message.regenerate",
  id,
  message_id,
  mode: "retry",
});

describe("a message that was sent here", () => {
  it("after the last one shown has nothing newer before it", () => {
    const newer = watching();
    newer.sending(said("q2"), thread(Q1, A1));
    newer.placed(thread(Q1, A1), thread(Q1, A1, Q2));

    expect(newer.of("q2")).toBeUndefined();
  });

  it("after what somebody said meanwhile has", () => {
    const newer = watching();
    newer.sending(said("q3"), thread(Q1, A1));
    newer.placed(thread(Q1, A1, Q2, A2), thread(Q1, A1, Q2, A2, message("q3", "a2")));

    expect(newer.of("q3")).toBe("before");
  });

  it("finds it also when it learns of all of it at once", () => {
    const newer = watching();
    newer.sending(said("q3"), thread(Q1, A1));
    newer.placed(thread(Q1, A1), thread(Q1, A1, Q2, A2, message("q3", "a2")));

    expect(newer.of("q3")).toBe("before");
  });

  it("minds neither its own messages before it nor their replies", () => {
    const newer = watching();
    newer.sending(said("q2"), thread(Q1, A1));
    newer.accepted("a2");
    newer.sending(said("q3"), thread(Q1, A1));
    newer.placed(thread(Q1, A1), thread(Q1, A1, Q2, A2));
    newer.placed(thread(Q1, A1, Q2, A2), thread(Q1, A1, Q2, A2, message("q3", "a2")));

    expect([newer.of("q2"), newer.of("q3")]).toEqual([undefined, undefined]);
  });

  it("knows what was in line when it was sent", () => {
    const newer = watching();
    const waiting = { turn_id: "t", message_id: "a2", message: Q2 };
    newer.sending(said("q3"), { ...thread(Q1, A1), queued: [waiting] });
    newer.placed(thread(Q1, A1), thread(Q1, A1, Q2, A2, message("q3", "a2")));

    expect(newer.of("q3")).toBeUndefined();
  });

  it("follows an answer that was asked for here in place of the last one", () => {
    const newer = watching();
    newer.sending(again("a9", "a1"), thread(Q1, A1));
    newer.sending(said("q2"), thread(Q1, A1));
    const a9 = message("a9", "q1");
    newer.placed(thread(Q1, A1), thread(Q1, a9));
    newer.placed(thread(Q1, a9), thread(Q1, a9, message("q2", "a9")));

    expect([newer.of("a9"), newer.of("q2")]).toEqual([undefined, undefined]);
  });

  it("begins a thread with nothing before it", () => {
    const newer = watching();
    newer.sending(said("q1"), thread());
    newer.placed(thread(), thread(Q1));

    expect(newer.of("q1")).toBeUndefined();
  });
});

describe("a branch that was begun here", () => {
  it("leaves what was shown beside it, and that is no news", () => {
    const newer = watching();
    newer.sending(said("q9", { parent_id: null }), thread(Q1, A1));
    newer.placed(thread(Q1, A1), thread(message("q9", null)));

    expect(newer.of("q9")).toBeUndefined();
  });

  it("says so when it leaves beside it what had not been shown", () => {
    const newer = watching();
    newer.sending(again("a9", "a1"), thread(Q1, A1));
    newer.placed(thread(Q1, A1, Q2, A2), thread(Q1, message("a9", "q1")));

    expect(newer.of("a9")).toBe("beside");
  });

  describe("and learned of with other changes at once", () => {
    const asked: string[] = [];
    afterEach(() => vi.unstubAllGlobals());

    async function learned(...beside: Thread["path"]): Promise<NewerMessages> {
      asked.length = 0;
      changed.mockClear();
      vi.stubGlobal("fetch", async (url: string) => {
        asked.push(url);
        return Response.json({ messages: beside });
      });
      const newer = watching();
      newer.sending(said("q9", { parent_id: null }), thread(Q1, A1));
      newer.accepted("a9");
      newer.placed(thread(Q1, A1), { ...thread(message("q9", null), message("a9", "q9")), rev: 5 });
      await vi.waitFor(() => expect(asked).toEqual([`/threads/${THREAD}/messages/?after=a1`]));
      await new Promise((done) => setTimeout(done));
      return newer;
    }

    it("asks what was said on the branch it left", async () => {
      const newer = await learned(Q2, A2);

      expect([newer.of("q9"), changed.mock.calls.length]).toEqual(["beside", 1]);
    });

    it("is no news where nothing was", async () => {
      const newer = await learned();

      expect([newer.of("q9"), changed.mock.calls.length]).toEqual([undefined, 0]);
    });
  });
});
