import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { beside } from "./edits";
import { FakeSocket } from "./fake_socket";
import type { History, PageData, ThreadPage } from "./page_data";
import {
  begun,
  created,
  delta,
  final,
  history,
  message,
  pageData,
  row,
  snapshot,
  THREAD,
  threadUpdated,
  updated,
} from "./samples";
import { Session } from "./session";

let session: Session;
let returned: string[];
let notices: string[];
let served: Record<string, History | ThreadPage>;

function start(data: Partial<PageData> = {}): FakeSocket {
  session = new Session(pageData(data), {
    changed: () => undefined,
    streamed: () => undefined,
    returned: ({ content }) => returned.push(content),
    notice: (text) => notices.push(text),
  });
  session.start();
  return FakeSocket.last.opens();
}

const onThread = () => start({ thread_id: THREAD, history: history([message("q1", null), message("a1", "q1")], 4) });

function paths(): string[] {
  return session.thread.path.map((its) => its.id);
}

/** Let fetches and their answers happen. */
const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000_000_000 });
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
  returned = [];
  notices = [];
  served = { "/chat/api/threads/?team=otters": { threads: [], next: null } };
  localStorage.clear();
  vi.stubGlobal("fetch", async (url: string) => {
    const its = served[url];
    return its ? Response.json(its) : new Response("{}", { status: 404 });
  });
});

afterEach(() => {
  session.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a temporary chat", () => {
  const beacons: string[] = [];
  beforeEach(() => {
    beacons.length = 0;
    vi.stubGlobal("navigator", { ...navigator, sendBeacon: (address: string) => beacons.push(address) });
  });
  const temporary = () => {
    const its = history([message("q1", null), message("a1", "q1")], 4);
    return start({ thread_id: THREAD, history: { ...its, thread: { ...its.thread, temporary: true } } });
  };

  it("says so with its first message, and only if it was chosen before", () => {
    const socket = start();
    session.makeTemporary(true);
    session.send("Hush");
    session.newChat();
    session.send("Hello");

    expect(socket.of("message.send").map((sent) => sent.temporary)).toEqual([true, undefined]);
  });

  it("is erased when its person goes to another one, and an ordinary one is not", () => {
    temporary();
    session.newChat();
    session.newChat();
    expect(beacons).toEqual([`/chat/api/threads/${THREAD}/leave/`]);

    onThread();
    session.newChat();
    expect(beacons).toHaveLength(1);
  });

  it("that another tab closed is told that it is still shown here", () => {
    const socket = temporary();
    socket.says(snapshot(4));
    const before = socket.of("thread.subscribe").length;
    socket.says(threadUpdated(THREAD, 4, { left: true }));

    expect(socket.of("thread.subscribe")).toHaveLength(before + 1);
  });

  it("stays out of the list, whatever is told of it", () => {
    const socket = temporary();
    const told = { ...row(THREAD), type: "thread.updated", rev: 5, team_id: "otters", model: null, leaf_id: null };
    socket.says(told as never);

    expect(session.list.rows).toEqual([]);
    expect(session.thread.rev).toBe(5);
  });

  it("cannot be made of one that has begun", () => {
    onThread();
    session.makeTemporary(true);

    expect(session.thread.temporary).toBe(false);
  });
});

describe("a new chat", () => {
  const preset = (model: string, instructions: string) => {
    return { id: "p", name: "Short", model, instructions, parameters: {}, shared: false, is_default: true };
  };

  it("begins with what was made the default in another tab", async () => {
    const urls = { ...pageData().urls, presets: "/chat/api/presets/" };
    start({ urls, preset: preset("openai/other", "Be brief.") });
    expect([session.model, session.thread.settings.instructions]).toEqual(["openai/other", "Be brief."]);

    served["/chat/api/presets/?team=otters"] = { may_share: false, presets: [] } as never;
    session.newChat();
    await settled();
    expect([session.model, session.thread.settings.instructions]).toEqual(["demo/parley", ""]);

    served["/chat/api/presets/?team=otters"] = { presets: [preset("", "Be kind.")] } as never;
    session.newChat();
    session.send("Hello");
    await settled();
    expect(session.thread.settings.instructions).toBe("");
  });

  it("follows the default that another tab changes, until something is chosen in it", async () => {
    const urls = { ...pageData().urls, presets: "/chat/api/presets/" };
    const socket = start({ urls, preset: preset("openai/other", "Be brief.") });
    const becomes = async (standard: object | null) => {
      served["/chat/api/presets/?team=otters"] = { presets: standard ? [standard] : [] } as never;
      socket.says({ type: "presets.changed", team_id: "otters" });
      await settled();
      return [session.model, session.thread.settings.instructions];
    };
    expect(await becomes(preset("openai/other", "Be kind."))).toEqual(["openai/other", "Be kind."]);
    expect(await becomes(null)).toEqual(["demo/parley", ""]);
    expect(await becomes(preset("openai/other", "Be calm."))).toEqual(["openai/other", "Be calm."]);

    session.hold(session.thread.id, { instructions: "Be calm.", parameters: {} }, "");
    expect(await becomes(null)).toEqual(["openai/other", "Be calm."]);

    session.newChat();
    await settled();
    session.chooseModel("openai/other");
    expect(await becomes(preset("demo/parley", "Be quick."))).toEqual(["openai/other", ""]);
  });

  it("finds the default that was changed while the page was away", async () => {
    const urls = { ...pageData().urls, presets: "/chat/api/presets/" };
    const socket = start({ urls, preset: null });
    served["/chat/api/presets/?team=otters"] = { presets: [preset("", "Be kind.")] } as never;
    socket.breaks();
    vi.advanceTimersByTime(2_000);
    FakeSocket.last.opens();
    await settled();

    expect(session.thread.settings.instructions).toBe("Be kind.");
  });

  it("chooses its ids and shows the message until and after it is accepted", () => {
    const socket = start();
    session.send("Hello");
    const [sent] = socket.of("message.send");
    expect(sent).toMatchObject({ text: "Hello", model: "demo/parley", thread_id: session.thread.id });
    expect(session.pending).toHaveLength(1);

    const accepted = {
      type: "message.accepted",
      id: sent?.id ?? "",
      thread_id: session.thread.id,
      turn_id: "t1",
      assistant_message_id: "a1",
      status: "queued",
      rev: 1,
    } as const;
    socket.says(accepted);
    expect(session.pending).toHaveLength(0);
    expect(session.thread.fresh).toBe(false);
    expect(session.thread.queued[0]?.message?.content).toBe("Hello");
  });

  it("is still there after a reload when its first message has not left", () => {
    session = new Session(pageData(), { changed() {}, streamed() {}, returned() {}, notice() {} });
    session.start();
    session.send("Hello");
    const { id } = session.thread;
    session.close();
    const socket = start();

    expect(session.thread.id).toBe(id);
    expect(socket.of("message.send")).toMatchObject([{ text: "Hello", thread_id: id }]);
  });

  it("asks for no snapshot of what does not exist", () => {
    expect(start().of("thread.subscribe")).toEqual([]);
  });

  it("catches up by snapshot when the answer to a resend says it has long begun", () => {
    const first = start();
    session.send("Hello");
    const id = first.of("message.send")[0]?.id ?? "";
    first.breaks();
    vi.advanceTimersByTime(1_000);
    const second = FakeSocket.last.opens();
    expect(second.of("message.send")[0]?.id).toBe(id);

    second.says({
      type: "message.accepted",
      id,
      thread_id: session.thread.id,
      turn_id: "t1",
      assistant_message_id: "a1",
      status: "complete",
      rev: 3,
    });
    expect(second.of("thread.subscribe")).toEqual([
      { type: "thread.subscribe", thread_id: session.thread.id, rev: 0, turn_id: "t1" },
    ]);
  });
});

describe("watching a thread", () => {
  it("subscribes with what the page has", () => {
    expect(onThread().of("thread.subscribe")).toEqual([
      { type: "thread.subscribe", thread_id: THREAD, rev: 4, turn_id: null },
    ]);
  });

  it("asks once for a gap, and again only when unanswered", () => {
    const socket = onThread();
    socket.says(snapshot(4));
    socket.says(updated(9, "t2", message("q2", "a1")));
    socket.says(updated(10, "t2", message("a2", "q2")));
    expect(socket.of("thread.subscribe")).toHaveLength(2);

    socket.says(snapshot(10, { messages: [message("q2", "a1"), message("a2", "q2")] }));
    expect(paths()).toEqual(["q1", "a1", "q2", "a2"]);
  });

  it("loads the history when snapshots do not help", async () => {
    const socket = onThread();
    served[`/chat/api/threads/${THREAD}/messages/`] = history([message("q1", null), message("a9", "q1")], 20);
    for (let rev = 9; rev < 40; rev += 3) {
      socket.says(snapshot(session.thread.rev));
      socket.says(updated(rev, "t2", message("q2", "a1")));
    }
    await settled();

    expect(socket.of("thread.subscribe").length).toBeLessThan(10);
    expect(paths()).toEqual(["q1", "a9"]);
  });

  it("asks when a running turn is silent for ten seconds", () => {
    const socket = onThread();
    socket.says(snapshot(4));
    socket.says(updated(5, "t2", message("q2", "a1")));
    socket.says(updated(5, "t2", message("a2", "q2", { status: "running" })));
    vi.advanceTimersByTime(9_000);
    expect(socket.of("thread.subscribe")).toHaveLength(1);

    vi.advanceTimersByTime(3_000);
    expect(socket.of("thread.subscribe")).toHaveLength(2);
  });

  it("asks again while the server cannot answer, until it does", () => {
    const socket = onThread();
    socket.says({ type: "error", code: "unavailable", message: "Try again in a moment.", id: null, retry_after: 2 });
    vi.advanceTimersByTime(6_000);
    expect(socket.of("thread.subscribe")).toHaveLength(2);

    socket.says(snapshot(4));
    vi.advanceTimersByTime(30_000);
    expect(socket.of("thread.subscribe")).toHaveLength(2);
  });

  it("takes no for an answer about a thread that is gone", () => {
    const socket = onThread();
    socket.says({ type: "error", code: "not_found", message: "No such thread.", id: null, retry_after: null });
    vi.advanceTimersByTime(30_000);
    expect(socket.of("thread.subscribe")).toHaveLength(1);
  });

  it("acknowledges about once a second what has arrived", () => {
    const socket = onThread();
    socket.says(updated(5, "t2", message("q2", "a1")));
    socket.says(updated(5, "t2", message("a2", "q2", { status: "running", content: "" })));
    socket.says(begun("t2", "a2"));
    for (let seq = 2; seq <= 40; seq++) socket.says(delta("t2", seq, "x"));
    vi.advanceTimersByTime(1_000);

    expect(socket.of("turn.ack")).toEqual([{ type: "turn.ack", turn_id: "t2", seq: 40 }]);
  });

  it("leaves the thread it no longer shows and comes back with what it knows", async () => {
    const socket = onThread();
    served["/chat/api/threads/other/messages/"] = history([], 2, {
      thread: row("other", { rev: 2 }),
    });
    session.open("other");
    await settled();
    expect(socket.of("thread.unsubscribe")).toEqual([{ type: "thread.unsubscribe", thread_id: THREAD }]);

    session.open(THREAD);
    expect(paths()).toEqual(["q1", "a1"]);
    expect(socket.of("thread.subscribe").at(-1)).toMatchObject({ thread_id: THREAD, rev: 4 });
  });

  it("says so when a thread is not there", async () => {
    onThread();
    session.open("nowhere");
    expect(session.loading).toBe("loading");
    await settled();

    expect(session.loading).toBe("missing");
  });
});

describe("stopping", () => {
  function queueTwo(socket: FakeSocket): void {
    socket.says(updated(5, "t2", message("q2", "a1")));
    socket.says(updated(5, "t2", message("a2", "q2", { status: "running" })));
    socket.says(created(6, "t3", message("q3", null, { status: "queued" })));
    socket.says(created(6, "t3", message("a3", null, { status: "queued" })));
  }

  it("ends the running turn", () => {
    const socket = onThread();
    queueTwo(socket);
    session.stop();

    expect(socket.of("turn.stop")).toEqual([{ type: "turn.stop", turn_id: "t2" }]);
  });

  it("works before anything was accepted", () => {
    const socket = start();
    session.send("Hello");
    session.stop();
    const id = socket.of("message.send")[0]?.id ?? "";
    socket.says({
      type: "message.accepted",
      id,
      thread_id: session.thread.id,
      turn_id: "t1",
      assistant_message_id: "a1",
      status: "queued",
      rev: 1,
    });

    expect(socket.of("turn.stop")).toEqual([{ type: "turn.stop", turn_id: "t1" }]);
  });

  it("is said again on a new socket", () => {
    const socket = onThread();
    queueTwo(socket);
    session.stop();
    socket.breaks();
    vi.advanceTimersByTime(1_000);

    expect(FakeSocket.last.opens().of("turn.stop")).toEqual([{ type: "turn.stop", turn_id: "t2" }]);
  });

  it("gives the text of a message taken back, here only", () => {
    const socket = onThread();
    queueTwo(socket);
    session.takeBack("t3");
    socket.says(final(7, "t3", 0, message("a3", null, { status: "stopped", content: "" })));

    expect(returned).toEqual(["question q3"]);
    expect(session.thread.queued).toEqual([]);
  });

  it("keeps the text of a message that was answered after all", () => {
    const socket = onThread();
    queueTwo(socket);
    session.takeBack("t3");
    socket.says(final(7, "t2", 3, message("a2", "q2")));
    socket.says(updated(8, "t3", message("q3", "a2")));
    socket.says(updated(8, "t3", message("a3", "q3", { status: "running" })));
    socket.says(final(9, "t3", 2, message("a3", "q3", { status: "stopped" })));

    expect(returned).toEqual([]);
    expect(paths()).toEqual(["q1", "a1", "q2", "a2", "q3", "a3"]);
  });
});

describe("being refused", () => {
  it("stays with the message it is about", () => {
    const socket = onThread();
    session.send("x");
    const id = socket.of("message.send")[0]?.id ?? "";
    socket.says({ type: "error", code: "too_long", message: "Too long.", id, retry_after: null });

    expect(session.pending[0]).toMatchObject({ state: "refused", error: { message: "Too long." } });
    expect(notices).toEqual([]);
  });

  it("is told when it is about no message", () => {
    onThread().says({ type: "error", code: "not_found", message: "No such reply.", id: null, retry_after: null });

    expect(notices).toEqual(["No such reply."]);
  });
});

describe("choosing a model", () => {
  it("holds for the thread's next message and for new chats", () => {
    const socket = onThread();
    session.chooseModel("openai/other");
    session.send("x");
    expect(socket.of("message.send")[0]?.model).toBe("openai/other");

    session.newChat();
    expect(session.model).toBe("openai/other");
  });

  it("falls back to the default where a model is no longer offered", () => {
    start({
      history: history([], 1, { thread: { ...history([], 1).thread, model: "gone/model" } }),
      thread_id: THREAD,
    });

    expect(session.model).toBe("demo/parley");
  });
});

describe("turning to another branch", () => {
  const other = history([message("q1", null), message("a9", "q1", { siblings: ["a1", "a9"] })], 5);
  const address = `/chat/api/threads/${THREAD}/branch/`;

  it("shows what the server answers, and asks for nothing twice", async () => {
    const socket = onThread();
    served[address] = other;
    const asked = vi.spyOn(globalThis, "fetch");
    const chosen = session.branches.choose("a9");
    socket.says(threadUpdated(THREAD, 5, { leaf_id: "a9" }));

    expect(await chosen).toBe(true);
    expect(paths()).toEqual(["q1", "a9"]);
    expect(asked.mock.calls.map(([url]) => url).filter((url) => String(url).includes(THREAD))).toEqual([address]);
  });

  it("in another tab loads the thread anew", async () => {
    const socket = onThread();
    served[`/chat/api/threads/${THREAD}/messages/`] = other;
    socket.says(threadUpdated(THREAD, 5, { leaf_id: "a9" }));
    await settled();

    expect(paths()).toEqual(["q1", "a9"]);
  });

  it("that fails says so and finds out how it stands", async () => {
    onThread();
    served[`/chat/api/threads/${THREAD}/messages/`] = other;

    expect(await session.branches.choose("a9")).toBe(false);
    await settled();
    expect(notices).toEqual(["The other version could not be loaded. Try again in a moment."]);
    expect(paths()).toEqual(["q1", "a9"]);
  });

  it("sends an edit beside the message it is of", () => {
    const socket = onThread();
    session.send("Said better", beside(message("q1", null, { attachments: [{ id: "file" }] })));

    expect(socket.of("message.send")[0]).toMatchObject({ text: "Said better", parent_id: null, attachments: ["file"] });
  });
});

describe("a team", () => {
  const threads = {
    threads: [row(THREAD, { title: "One", rev: 4, last_message_at: "2026-11-20T10:00:00Z" })],
    next: null,
  };
  const { thread_id: _, ...one } = row("t");

  it("is named by each message, so that a new thread belongs to the team the page shows", () => {
    const socket = start();
    session.send("Hello");
    expect(socket.of("message.send")[0]?.team_id).toBe("otters");
  });

  it("has its own threads in the sidebar, whatever happens in others", async () => {
    served["/chat/api/threads/?team=otters"] = threads;
    const socket = start({ threads });
    await settled();
    socket.says({ type: "thread.created", thread_id: "t2", team_id: "newts", ...one });
    socket.says({ type: "thread.created", thread_id: "t3", team_id: "otters", ...one });
    expect(session.list.rows.map((row) => row.thread_id)).toEqual(["t3", THREAD]);
  });

  it("that the person has lost leaves nothing on the screen", () => {
    const socket = onThread();
    socket.says({ type: "team.left", team_id: "otters" });
    expect(session.loading).toBe("left");
    expect(paths()).toEqual([]);
    expect(session.list.rows).toEqual([]);
  });

  it("is another one's matter when it is not the one shown", () => {
    const socket = onThread();
    socket.says({ type: "team.left", team_id: "newts" });
    expect(session.loading).toBe("ready");
    expect(paths()).toEqual(["q1", "a1"]);
  });
});

describe("presets", () => {
  it("may be others after a change in their team, and after the page was away", () => {
    const socket = start();
    const before = session.presetsRev;
    socket.says({ type: "presets.changed", team_id: "elsewhere" });
    expect(session.presetsRev).toBe(before);

    socket.says({ type: "presets.changed", team_id: "otters" });
    expect(session.presetsRev).toBe(before + 1);

    socket.breaks();
    vi.advanceTimersByTime(2_000);
    FakeSocket.last.opens();
    expect(session.presetsRev).toBe(before + 2);
  });
});
