import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type FoundThread, marked, SearchQuery, withMore } from "./search_query";

const thread = (thread_id: string, more = 0): FoundThread => ({
  thread_id,
  title: [[thread_id, false]],
  archived: false,
  last_message_at: "",
  found: [{ message_id: `m-${thread_id}`, role: "user", created_at: "", text: [["otter", true]] }],
  more,
});

type Answer = (page: { results: FoundThread[]; next: string | null } | null) => Promise<void>;
let asked: { url: URL; answer: Answer; signal: AbortSignal }[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  vi.stubGlobal("fetch", (url: string, { signal }: { signal: AbortSignal }) => {
    let resolve: (response: Response) => void = () => undefined;
    let reject: (error: Error) => void = () => undefined;
    const promise = new Promise<Response>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    const answer: Answer = async (page) => {
      const headers = { "content-type": "application/json" };
      resolve(page ? new Response(JSON.stringify(page), { headers }) : new Response("", { status: 500 }));
      await vi.advanceTimersByTimeAsync(0);
    };
    asked.push({ url: new URL(url, "http://localhost"), answer, signal });
    return promise;
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const made = () => new SearchQuery("/search/", "team", () => undefined);
const names = (query: SearchQuery) => query.results.map(({ thread_id }) => thread_id);

it("asks once the person pauses, for the team and the words", async () => {
  const query = made();
  for (const text of ["o", "ot", "otter"]) query.type(text);
  await vi.advanceTimersByTimeAsync(200);

  expect(asked.map(({ url }) => url.search)).toEqual(["?team=team&q=otter"]);
});

it("the answer to what was typed last wins, whatever comes in between", async () => {
  const query = made();
  query.type("first");
  await vi.advanceTimersByTimeAsync(200);
  query.type("second");
  await vi.advanceTimersByTimeAsync(200);
  await asked[1]?.answer({ results: [thread("new")], next: null });
  await asked[0]?.answer({ results: [thread("old")], next: null });

  expect(names(query)).toEqual(["new"]);
  expect(asked[0]?.signal.aborted).toBe(true);
});

it("an emptied field shows nothing, even if an answer is on its way", async () => {
  const query = made();
  query.type("otter");
  await vi.advanceTimersByTimeAsync(200);
  query.type("");
  await asked[0]?.answer({ results: [thread("old")], next: null });

  expect([query.state, names(query)]).toEqual(["idle", []]);
});

it("says that it is slow after a while, and that it failed", async () => {
  const query = made();
  query.type("otter");
  await vi.advanceTimersByTimeAsync(300);
  expect(query.slow).toBe(false);
  await vi.advanceTimersByTimeAsync(300);
  expect(query.slow).toBe(true);
  await asked[0]?.answer(null);

  expect([query.slow, query.state]).toEqual([false, "failed"]);
});

it("goes on by key, once per page, and keeps each conversation in its place", async () => {
  const query = made();
  query.type("otter");
  await vi.advanceTimersByTimeAsync(200);
  await asked[0]?.answer({ results: [thread("a"), thread("b")], next: "17" });
  query.more();
  query.more();
  await asked[1]?.answer({ results: [thread("c"), thread("a", 2)], next: null });
  query.more();

  expect(asked.map(({ url }) => url.searchParams.get("before"))).toEqual([null, "17"]);
  expect(names(query)).toEqual(["a", "b", "c"]);
});

it("does not go on while other words are being typed", async () => {
  const query = made();
  query.type("otter");
  await vi.advanceTimersByTimeAsync(200);
  await asked[0]?.answer({ results: [thread("a")], next: "17" });
  query.type("beaver");
  query.more();
  await vi.advanceTimersByTimeAsync(200);
  await asked[1]?.answer(null);
  query.again();

  expect(asked.map(({ url }) => url.searchParams.get("before"))).toEqual([null, null, null]);
});

it("awaits one answer at a time", async () => {
  const query = made();
  query.type("otter");
  await vi.advanceTimersByTimeAsync(200);
  await asked[0]?.answer({ results: [thread("a")], next: "17" });
  query.type("otters");
  query.type("otter");
  query.more();
  await vi.advanceTimersByTimeAsync(200);
  await asked.at(-1)?.answer({ results: [thread("b")], next: null });
  await vi.advanceTimersByTimeAsync(400);

  expect([names(query), query.slow, asked.length]).toEqual([["a", "b"], false, 2]);
});

it("counts further finds of a conversation that is listed", () => {
  expect(withMore([thread("a", 1)], [thread("a", 2)]).map(({ more }) => more)).toEqual([4]);
});

it("looks in one conversation alone and in all again", async () => {
  const query = made();
  query.type("otter");
  await vi.advanceTimersByTimeAsync(200);
  query.narrow({ threadId: "a", title: "A" });
  query.narrow(null);

  expect(asked.map(({ url }) => url.searchParams.get("thread"))).toEqual([null, "a", null]);
});

it("names the words that were found, once each", () => {
  expect(
    marked([
      ["An ", false],
      ["otter", true],
      [" and an ", false],
      ["otter", true],
    ]),
  ).toEqual(["otter"]);
});
