import { describe, expect, it } from "vitest";
import type { Message, StreamEvent } from "../shared/protocol";
import { begun, created, delta, final, history, message, snapshot, THREAD, threadUpdated, updated } from "./samples";
import {
  applyEvent,
  applyStream,
  freshThread,
  type Need,
  shown,
  type Thread,
  type ThreadScopedEvent,
  threadFromHistory,
  withAccepted,
  withNewest,
  withOlder,
} from "./store";

type Frame = ThreadScopedEvent | StreamEvent;

function apply(thread: Thread, event: Frame): { thread: Thread; need: Need } {
  return "thread_id" in event ? applyEvent(thread, event) : applyStream(thread, event);
}

function played(thread: Thread, events: readonly Frame[]): Thread {
  return events.reduce((current, event) => apply(current, event).thread, thread);
}

function ids(thread: Thread): string[] {
  return thread.path.map((its) => its.id);
}

const Q1 = message("q1", null);
const A1 = message("a1", "q1");
const Q2 = message("q2", "a1");
const A2 = message("a2", "q2", { content: "Hello there" });
const waitingQ2 = message("q2", null, { status: "queued" });
const waitingA2 = message("a2", null, { status: "queued", content: "" });
const runningA2 = message("a2", "q2", { status: "running", content: "" });

const stored = () => threadFromHistory(history([Q1, A1], 4));

/** One whole turn as the server tells it. */
const TURN: readonly Frame[] = [
  created(5, "t2", waitingQ2),
  created(5, "t2", waitingA2),
  updated(6, "t2", Q2),
  updated(6, "t2", runningA2),
  begun("t2", "a2"),
  delta("t2", 2, "Hello"),
  delta("t2", 3, " there"),
  final(7, "t2", 4, A2),
];
const running = () => played(stored(), TURN.slice(0, 6));

describe("a turn from send to end", () => {
  it("ends in what a fresh load would show", () => {
    const after = played(stored(), TURN);

    expect(after).toEqual({ ...threadFromHistory(history([Q1, A1, Q2, A2], 7)), ended: ["t2"] });
  });

  it("waits beside the path until it is claimed", () => {
    const after = played(stored(), TURN.slice(0, 2));

    expect(ids(after)).toEqual(["q1", "a1"]);
    expect(after.queued).toEqual([{ turn_id: "t2", message_id: "a2", message: waitingQ2 }]);
  });

  it("joins the path and runs once claimed", () => {
    const after = played(stored(), TURN.slice(0, 4));

    expect(ids(after)).toEqual(["q1", "a1", "q2", "a2"]);
    expect(after.queued).toEqual([]);
    expect(after.turn).toMatchObject({ turn_id: "t2", message_id: "a2", seq: 0, text: "" });
  });

  it("shows what has been written so far", () => {
    const thread = running();
    const its = thread.path.at(-1);

    expect(its && shown(thread, its)).toMatchObject({ content: "Hello", status: "running" });
  });

  it("starts a fresh thread with its first message", () => {
    const after = played(freshThread(THREAD, ""), [
      created(1, "t", message("q1", null, { status: "queued" })),
      updated(2, "t", Q1),
      updated(2, "t", message("a1", "q1", { status: "running", content: "" })),
    ]);

    expect(ids(after)).toEqual(["q1", "a1"]);
    expect(after.fresh).toBe(false);
  });

  it("takes the accepted message before its event, and the event once", () => {
    const early = withAccepted(stored(), { turn_id: "t2", message_id: "a2", message: waitingQ2 });

    expect(played(early, TURN)).toEqual(played(stored(), TURN));
    expect(played(early, TURN.slice(0, 2)).queued).toHaveLength(1);
  });

  it("ignores an acceptance that comes after everything", () => {
    const after = played(stored(), TURN);

    expect(withAccepted(after, { turn_id: "t2", message_id: "a2", message: waitingQ2 }).queued).toEqual([]);
  });
});

describe("joining at any moment", () => {
  for (let at = 0; at <= TURN.length; at++) {
    it(`a snapshot after event ${at} and the rest equals having seen it all`, () => {
      const server = played(stored(), TURN.slice(0, at));
      const turn = server.turn && { ...server.turn };
      const joined = apply(
        stored(),
        snapshot(server.rev, {
          messages: server.path.slice(2),
          turn,
          queued: [...server.queued],
        }),
      );
      const after = played(joined.thread, TURN.slice(at));

      expect(joined.need).toBe("nothing");
      expect({ ...after, ended: [] }).toEqual({ ...played(stored(), TURN), ended: [] });
    });
  }
});

describe("order by rev", () => {
  it("ignores what is older", () => {
    const { thread, need } = apply({ ...stored(), rev: 9 }, updated(8, "t", message("a1", "q1", { content: "old" })));

    expect(thread.path.at(-1)?.content).toBe("answer a1");
    expect(need).toBe("nothing");
  });

  it("asks when one is missing and changes nothing", () => {
    const before = stored();
    const { thread, need } = apply(before, updated(6, "t2", Q2));

    expect(need).toBe("subscribe");
    expect(thread).toEqual(before);
  });

  it("applies the same message twice without harm", () => {
    const twice = TURN.flatMap((event) => [event, event]);

    expect(played(stored(), twice)).toEqual(played(stored(), TURN));
  });

  it("takes a rating where the reply is shown, and moves no path for one beside it", () => {
    const thread = stored();
    const shown = thread.path.at(-1) ?? message("a1", null);
    const rated = (rev: number, its: Message) => ({ ...updated(rev, "", its), turn_id: null });
    const here = apply(thread, rated(5, { ...shown, feedback: "up" })).thread;
    const beside = apply(here, rated(6, message("a9", shown.parent_id, { feedback: "down" }))).thread;

    expect(here.path.at(-1)?.feedback).toBe("up");
    expect([beside.path, beside.rev]).toEqual([here.path, 6]);
  });

  it("loads the branch when a message hangs on one that is not shown", () => {
    expect(apply(stored(), updated(5, "t9", message("a9", "unknown"))).need).toBe("reload");
  });

  it("takes titles and models along", () => {
    const after = played(stored(), [
      { type: "thread.title.updated", thread_id: THREAD, rev: 5, title: "Greetings" },
      threadUpdated(THREAD, 6, { model: "openai/other" }),
    ]);

    expect(after).toMatchObject({ title: "Greetings", model: "openai/other", rev: 6 });
  });

  it("loads anew when a message was deleted", () => {
    const event = {
      type: "message.deleted",
      thread_id: THREAD,
      rev: 5,
      message_id: "a1",
      turn_id: null,
      status: null,
    } as const;

    expect(apply(stored(), event).need).toBe("reload");
  });

  it("knows when the thread is gone", () => {
    expect(apply(running(), { type: "thread.deleted", thread_id: THREAD, rev: 9 }).thread).toMatchObject({
      gone: true,
      turn: null,
    });
  });
});

describe("order by seq", () => {
  it("ignores a delta it has", () => {
    expect(apply(running(), delta("t2", 2, "Hello")).thread.turn?.text).toBe("Hello");
  });

  it("asks when a delta is missing and adds nothing", () => {
    const { thread, need } = apply(running(), delta("t2", 4, "!"));

    expect(need).toBe("subscribe");
    expect(thread.turn?.text).toBe("Hello");
  });

  it("asks about a turn it does not know", () => {
    expect(apply(stored(), delta("t9", 1, "x")).need).toBe("subscribe");
  });

  it("ignores late deltas of a turn that ended", () => {
    const after = played(stored(), TURN);

    expect(apply(after, delta("t2", 9, "x"))).toEqual({ thread: after, need: "nothing" });
  });

  it("starts each turn at its own count", () => {
    const after = played(played(stored(), TURN), [
      updated(8, "t3", message("q3", "a2")),
      updated(8, "t3", message("a3", "q3", { status: "running", content: "" })),
      begun("t3", "a3"),
      delta("t3", 2, "New"),
    ]);

    expect(after.turn).toMatchObject({ turn_id: "t3", seq: 2, text: "New" });
  });

  it("folds reasoning, tools and steps", () => {
    const after = played(running(), [
      { type: "response.reasoning_text.delta", turn_id: "t2", seq: 3, delta: "Hm." },
      {
        type: "response.tool_call.started",
        turn_id: "t2",
        seq: 4,
        call_id: "b",
        name: "calc",
        label: "Calculator",
        arguments: "{}",
      },
      {
        type: "response.tool_call.started",
        turn_id: "t2",
        seq: 5,
        call_id: "c",
        name: "web",
        label: "Web",
        arguments: "{}",
      },
      {
        type: "response.tool_call.completed",
        turn_id: "t2",
        seq: 6,
        call_id: "c",
        name: "web",
        label: "Web",
        result: null,
        error: "no",
      },
      {
        type: "response.tool_call.completed",
        turn_id: "t2",
        seq: 7,
        call_id: "b",
        name: "calc",
        label: "Calculator",
        result: "4",
        error: null,
      },
      { type: "response.node.started", turn_id: "t2", seq: 8, node_id: "n", label: "Looking it up" },
    ]);

    expect(after.turn).toMatchObject({ reasoning: "Hm.", seq: 8, step: "Looking it up" });
    expect(after.turn?.tools.map(({ call_id, result, error }) => [call_id, result, error])).toEqual([
      ["b", "4", null],
      ["c", null, "no"],
    ]);
    const ended = {
      type: "response.node.completed",
      turn_id: "t2",
      seq: 9,
      node_id: "n",
      label: "",
      output: "",
    } as const;
    expect(apply(after, ended).thread.turn?.step).toBeNull();
  });
});

describe("the end of a turn", () => {
  it("counts whatever its seq, once", () => {
    const early = apply(running(), final(7, "t2", 99, A2)).thread;

    expect(early.path.at(-1)?.content).toBe("Hello there");
    expect(apply(early, final(7, "t2", 99, message("a2", "q2", { content: "again" }))).thread).toEqual(early);
  });

  it("keeps an error with the message", () => {
    const failed = message("a2", "q2", {
      status: "error",
      error: { code: "x", message: "No.", retryable: true, retry_after: null, retry_at: null, mended_by: [] },
    });
    const { thread } = apply(running(), {
      type: "response.error",
      thread_id: THREAD,
      turn_id: "t2",
      message_id: "a2",
      seq: 3,
      rev: 7,
      code: "x",
      message: failed,
      error: "No.",
      retryable: true,
      retry_after: null,
    });

    expect(thread.turn).toBeNull();
    expect(thread.path.at(-1)).toEqual(failed);
  });

  it("applies over a gap and asks for the rest", () => {
    const { thread, need } = apply(running(), final(9, "t2", 4, A2));

    expect(thread.path.at(-1)).toEqual(A2);
    expect(thread.rev).toBe(6);
    expect(need).toBe("subscribe");
  });

  it("of a turn taken back removes it and leaves the path alone", () => {
    const waiting = played(running(), [
      created(7, "t3", message("q3", null, { status: "queued" })),
      created(7, "t3", message("a3", null, { status: "queued" })),
    ]);
    const stoppedA3 = message("a3", null, { status: "stopped", content: "" });

    for (const events of [
      [final(8, "t3", 0, stoppedA3)],
      [
        updated(8, "t3", message("q3", null, { status: "stopped" })),
        updated(8, "t3", stoppedA3),
        final(8, "t3", 0, stoppedA3),
      ],
    ]) {
      const after = played(waiting, events);
      expect(after.queued).toEqual([]);
      expect(ids(after)).toEqual(["q1", "a1", "q2", "a2"]);
      expect(after.turn?.turn_id).toBe("t2");
    }
  });

  it("of an answer replaced long ago does not cut the path", () => {
    const retried = played(played(stored(), TURN), [
      created(8, "t3", message("a3", null, { status: "queued", content: "" })),
      updated(9, "t3", message("a3", "q2", { status: "running", content: "" })),
      final(10, "t3", 2, message("a3", "q2")),
      { type: "thread.title.updated", thread_id: THREAD, rev: 11, title: "x" },
    ]);

    expect(ids(apply({ ...retried, ended: [] }, final(7, "t2", 4, A2)).thread)).toEqual(["q1", "a1", "q2", "a3"]);
  });
});

describe("regenerating", () => {
  it("replaces what followed when the new answer begins, not before", () => {
    const asked = played(played(stored(), TURN), [
      created(8, "t3", message("a3", "q1", { status: "queued", content: "" })),
    ]);
    expect(ids(asked)).toEqual(["q1", "a1", "q2", "a2"]);

    const begunAgain = played(asked, [updated(9, "t3", message("a3", "q1", { status: "running", content: "" }))]);
    expect(ids(begunAgain)).toEqual(["q1", "a3"]);
  });

  it("continues from the old text", () => {
    const after = played(played(stored(), TURN), [
      updated(8, "t3", message("a3", "q2", { status: "running", content: "Hello there" })),
      begun("t3", "a3"),
      delta("t3", 2, ", friend"),
    ]);

    expect(after.turn?.text).toBe("Hello there, friend");
  });
});

describe("branches", () => {
  const versions = (...ids: string[]) => ({ siblings: ids });
  const answered = () => threadFromHistory(history([Q1, A1, Q2, A2], 7));

  it("an edit ends in what a fresh load would show", () => {
    const Q3 = message("q3", "a1", versions("q2", "q3"));
    const A3 = message("a3", "q3");
    const after = played(answered(), [
      created(8, "t3", message("q3", "a1", { status: "queued" })),
      created(8, "t3", message("a3", "q3", { status: "queued", content: "" })),
      updated(9, "t3", Q3),
      updated(9, "t3", message("a3", "q3", { status: "running", content: "" })),
      begun("t3", "a3"),
      final(10, "t3", 2, A3),
    ]);

    expect({ ...after, ended: [] }).toEqual(threadFromHistory(history([Q1, A1, Q3, A3], 10)));
  });

  it("an edit of the first message leaves nothing older to ask for", () => {
    const thread = threadFromHistory(history([Q2, A2], 7, { older: "q2" }));
    const after = played(thread, [updated(8, "t3", message("q3", null, versions("q1", "q3")))]);

    expect([ids(after), after.older]).toEqual([["q3"], null]);
  });

  it("another answer ends in what a fresh load would show", () => {
    const A3 = message("a3", "q2", versions("a2", "a3"));
    const after = played(answered(), [
      created(8, "t3", message("a3", "q2", { status: "queued", content: "" })),
      updated(9, "t3", { ...A3, status: "running", content: "" }),
      begun("t3", "a3"),
      final(10, "t3", 2, A3),
    ]);

    expect({ ...after, ended: [] }).toEqual(threadFromHistory(history([Q1, A1, Q2, A3], 10)));
  });

  it("a branch that was turned to is loaded, and one that is shown already is not", () => {
    const turned = apply(answered(), threadUpdated(THREAD, 8, { leaf_id: "a9" }));
    expect([turned.need, turned.thread.rev]).toEqual(["reload", 8]);

    expect(apply(answered(), threadUpdated(THREAD, 8, { leaf_id: "a2" })).need).toBe("nothing");
  });

  it("a reply that is written on another branch runs and ends beside the path", () => {
    const loaded = threadFromHistory(
      history([Q1, A1, Q2, A2], 9, {
        turn: { turn_id: "t3", message_id: "a3", seq: 2, text: "Half", reasoning: "", tools: [] },
      }),
    );
    const running = played(loaded, [begun("t3", "a3"), delta("t3", 3, " done")]);
    expect([running.turn?.text, ids(running)]).toEqual(["Half done", ["q1", "a1", "q2", "a2"]]);

    const ended = apply(running, final(10, "t3", 4, message("a3", "q2")));
    expect(ended.need).toBe("nothing");
    expect([ids(ended.thread), ended.thread.turn, ended.thread.rev]).toEqual([["q1", "a1", "q2", "a2"], null, 10]);
  });

  it("what changes about a message of another branch does not bring it back", () => {
    const event = { ...updated(8, "", message("a9", "q2")), turn_id: null };

    expect(ids(apply(answered(), event).thread)).toEqual(["q1", "a1", "q2", "a2"]);
  });
});

describe("a snapshot", () => {
  it("that says reset asks for the history", () => {
    expect(apply(stored(), snapshot(9, { reset: true })).need).toBe("reload");
  });

  it("older than the page is ignored", () => {
    const before = running();

    expect(apply(before, snapshot(5)).thread).toBe(before);
  });

  it("does not take back text this tab already has", () => {
    const behind = { turn_id: "t2", message_id: "a2", seq: 1, text: "", reasoning: "", tools: [] };

    expect(apply(running(), snapshot(6, { turn: behind })).thread.turn?.text).toBe("Hello");
  });

  it("without the turn means it has ended", () => {
    const { thread } = apply(running(), snapshot(7, { messages: [A2] }));

    expect(thread.turn).toBeNull();
    expect(apply(thread, delta("t2", 3, " there")).need).toBe("nothing");
  });

  it("that does not fit asks for the history", () => {
    expect(apply(stored(), snapshot(9, { messages: [message("a9", "unknown")] })).need).toBe("reload");
  });
});

describe("older messages", () => {
  it("can be let go of and asked for again", () => {
    const after = withNewest(threadFromHistory(history([Q1, A1, Q2, A2], 7)), 2);

    expect(ids(after)).toEqual(["q2", "a2"]);
    expect(after.older).toBe("q2");
    expect(ids(withOlder(after, history([Q1, A1], 7)))).toEqual(["q1", "a1", "q2", "a2"]);
  });

  it("go in front, each once", () => {
    const thread = threadFromHistory(history([Q2, A2], 7, { older: "q2" }));
    const after = withOlder(thread, history([Q1, A1, Q2], 7));

    expect(ids(after)).toEqual(["q1", "a1", "q2", "a2"]);
    expect(after.older).toBeNull();
  });
});
